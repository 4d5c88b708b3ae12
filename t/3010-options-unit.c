/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sendmail/options.h"

#define WORDS 10

/* A command line, and what was understood: all that is not the default. */
struct example {
	char *argv[WORDS];
	const char *want;
};

/* What the callers of facts really pass. */
static const struct example callers[] = {
	{ { "/usr/sbin/sendmail", "-FCronDaemon", "-i", "-B8BITMIME", "-oem",
	      "a@x,b@y" },
	    "i errors=mail name=CronDaemon body=8BITMIME : a@x,b@y" },
	{ { "sendmail", "-FCronDaemon", "-i", "-odi", "-oem", "-oi", "-t", "-f",
	      "root" },
	    "t i errors=mail when=now from=root name=CronDaemon :" },
	{ { "sendmail", "-FAnacron", "-odi", "root" },
	    "when=now name=Anacron : root" },
	{ { "sendmail", "-ti" }, "t i :" },
	{ { "sendmail", "-i", "-B", "8BITMIME", "root" },
	    "i body=8BITMIME : root" },
	{ { "sendmail", "-FCronDaemon", "-odi", "-oem", "-or0s", "joe" },
	    "errors=mail when=now name=CronDaemon : joe" },
	{ { "sendmail", "-G", "-oee", "-odi", "-oi", "-fjoe", "-psmtp:h",
	      "<a@x>" },
	    "i relayed errors=berknet when=now from=joe : <a@x>" },
	{ { "sendmail", "-t", "-i", "-ODeliveryMode=d" }, "t i when=queue :" },
	{ { "sendmail", "-fme@x", "-i", "-t" }, "t i from=me@x :" },
	{ { "sendmail", "-i", "-f", "--", "a@x" }, "i from=-- : a@x" },
	{ { "sendmail", "-t", "-i", "-f" }, "t i from= :" },
	{ { "sendmail", "-t", "-i", "-r" }, "t i from= :" },
	{ { "sendmail", "-i", "-f", "", "--", "a@x" }, "i from= : a@x" },
	{ { "sendmail", "-i", "-t", "a@x" }, "t i : a@x" },
	{ { "sendmail", "-i", "-f", "j@x", "--", "a@x", "b@x" },
	    "i from=j@x : a@x b@x" },
	{ { "sendmail", "-t", "-oi" }, "t i :" },
	{ { "sendmail", "-t", "-oi", "-oem", "-fme@x" },
	    "t i errors=mail from=me@x :" },
	{ { "sendmail", "-oi", "-t", "-f", "<>", "-f", "q@x" },
	    "t i from=q@x :" },
	{ { "sendmail", "-oi", "-ODeliveryMode=b", "-OErrorMode=m" },
	    "i errors=mail when=background :" },
	{ { "sendmail", "-oi", "-odi", "-oem", "-N", "success,delay,failure",
	      "-V00000042", "-f", "" },
	    "i errors=mail when=now from= notify=success,delay,failure "
	    "envid=00000042 :" },
	{ { "sendmail", "-oi", "-oee", "-fm@x" },
	    "i errors=berknet from=m@x :" },
	{ { "sendmail", "-oem", "-oi", "-B8BITMIME", "-f", "a@x", "--", "b@y" },
	    "i errors=mail from=a@x body=8BITMIME : b@y" },
	{ { "sendmail", "-i", "-t", "-m", "-v" }, "t i v :" },
	{ { "sendmail", "-i", "-F", "Full Name", "--", "b@y" },
	    "i name=Full Name : b@y" },
	{ { "sendmail", "-oi", "-f", "e@x", "-oA/x", "-oem", "-odb", "-t",
	      "-Nnever" },
	    "t i errors=mail when=background from=e@x notify=never :" },
	{ { "sendmail", "-oi", "-oep", "-odi", "F N <a@x>, b@y" },
	    "i when=now : F N <a@x>, b@y" },
	{ { "sendmail", "-t" }, "t :" },
	{ { "sendmail", "-f", "fail2ban", "root" }, "from=fail2ban : root" },
	{ { "sendmail", "-oi", "a@x,", "b@x" }, "i : a@x, b@x" },
	{ { "sendmail", "-eq", "root" }, "errors=quiet : root" },
	{ { "send-mail", "root" }, ": root" },
};

static const struct example forms[] = {
	{ { NULL }, ":" },
	{ { "sendmail" }, ":" },
	{ { "sendmail", "a@x", "-f", "s@x" }, ": a@x -f s@x" },
	{ { "sendmail", "--", "-f" }, ": -f" },
	{ { "sendmail", "-" }, ": -" },
	{ { "sendmail", "-i", "" }, "i : " },
	{ { "sendmail", "-tioi" }, "t i :" },
	{ { "sendmail", "-tif", "a@x" }, "t i from=a@x :" },
	{ { "sendmail", "-tifa@x" }, "t i from=a@x :" },
	{ { "sendmail", "-itv" }, "t i v :" },
	{ { "sendmail", "-nsmcTx", "root" }, ": root" },
	{ { "sendmail", "-GU", "root" }, "utf8 relayed : root" },
	{ { "sendmail", "-r", "a@x", "b@y" }, "from=a@x : b@y" },
	{ { "sendmail", "-f", "a@x", "-r", "b@x" }, "from=b@x :" },
	{ { "sendmail", "-F", "", "root" }, "name= : root" },
	{ { "sendmail", "-bm", "root" }, ": root" },
	{ { "sendmail", "-b", "m", "root" }, ": root" },
	{ { "sendmail", "-bp" }, "list :" },
	{ { "sendmail", "-b", "p" }, "list :" },
	{ { "sendmail", "-bs" }, "server :" },
	{ { "sendmail", "-bs", "-i" }, "server i :" },
	{ { "sendmail", "-t", "-bs" }, "server t :" },
	{ { "sendmail", "-bs", "-odb", "-oem" },
	    "server errors=mail when=background :" },
	{ { "sendmail", "-bs", "-odi", "-oem", "-om", "-ov" },
	    "server v errors=mail when=now :" },
	{ { "sendmail", "-bi" }, "nothing :" },
	{ { "sendmail", "-I" }, "nothing :" },
	{ { "sendmail", "-bv", "root" }, "verify : root" },
	{ { "sendmail", "-t", "-i", "-bv" }, "verify t i :" },
	{ { "sendmail", "-bC" }, "check :" },
	{ { "sendmail", "-bC", "root" }, "check : root" },
	{ { "sendmail", "-q" }, "run :" },
	{ { "sendmail", "-qf" }, "run :" },
	{ { "sendmail", "-vq" }, "run v :" },
	{ { "sendmail", "-q", "-v" }, "run v :" },
	{ { "sendmail", "-q15m" }, "run every=900 :" },
	{ { "sendmail", "-q15" }, "run every=900 :" },
	{ { "sendmail", "-qp15m" }, "run every=900 :" },
	{ { "sendmail", "-qp" }, "run :" },
	{ { "sendmail", "-q1h30m" }, "run every=5400 :" },
	{ { "sendmail", "-q10s" }, "run every=10 :" },
	{ { "sendmail", "-bD", "-q1m" }, "run every=60 here :" },
	{ { "sendmail", "-q1m", "-bD" }, "run every=60 here :" },
	{ { "sendmail", "-qI0123" }, "run id=0123 :" },
	{ { "sendmail", "-qI", "0123" }, "run id=0123 :" },
	{ { "sendmail", "-qRbob@x" }, "run recipient=bob@x :" },
	{ { "sendmail", "-qSann" }, "run sender=ann :" },
	{ { "sendmail", "-qS", "ann", "-v" }, "run v sender=ann :" },
	{ { "sendmail", "-q!Rbob@x" }, "run recipient!=bob@x :" },
	{ { "sendmail", "-q!S", "ann" }, "run sender!=ann :" },
	{ { "sendmail", "-q!I01", "-qRb" }, "run id!=01 recipient=b :" },
	{ { "sendmail", "-qGmain" }, "run :" },
	{ { "sendmail", "-qQ" }, "nothing :" },
	{ { "sendmail", "-qL" }, "nothing :" },
	{ { "sendmail", "-ba", "root" }, ": root" },
	{ { "sendmail", "-bP" }, "count :" },
	{ { "sendmail", "-bh" }, "nothing :" },
	{ { "sendmail", "-bH" }, "nothing :" },
	{ { "sendmail", "-bV" }, "version :" },
	{ { "/usr/bin/hoststat" }, "nothing :" },
	{ { "purgestat" }, "nothing :" },
	{ { "/usr/sbin/runq", "-v" }, "run v :" },
	{ { "/usr/bin/mailq" }, "list :" },
	{ { "mailq", "-v", "-Ac" }, "list v :" },
	{ { "mailq", "-C", "/etc/mail" }, "list :" },
	{ { "/usr/bin/newaliases" }, "nothing :" },
	{ { "newaliases", "-bp" }, "list :" },
	{ { "mailqq", "root" }, ": root" },
	{ { "sendmail", "--version" }, "version :" },
	{ { "sendmail", "--help" }, "help :" },
	{ { "sendmail", "--version", "-Z" }, "version :" },
	{ { "sendmail", "-d0.1" }, "version :" },
	{ { "sendmail", "-d0.1", "-bv", "root" }, "verify : root" },
	{ { "sendmail", "-d0.1", "-t" }, "t :" },
	{ { "sendmail", "-d0.1", "root" }, ": root" },
	{ { "sendmail", "-d", "root" }, ": root" },
	{ { "sendmail", "-d0-99.1", "root" }, ": root" },
	{ { "sendmail", "-Q", "root" }, ": root" },
	{ { "sendmail", "-Qbad", "root" }, ": root" },
	{ { "sendmail", "-E", "-J", "root" }, ": root" },
	{ { "sendmail", "-M", "rx", "-Msy", "root" }, ": root" },
	{ { "sendmail", "-A", "c", "-Am", "root" }, ": root" },
	{ { "sendmail", "-D", "/x", "-X", "/y", "-L", "tag", "root" },
	    "tag=tag : root" },
	{ { "sendmail", "-h", "17", "-p", "smtp", "root" }, ": root" },
	{ { "sendmail", "-oQ/tmp/x", "-oA/x", "-oT5d", "-om", "-oo", "root" },
	    ": root" },
};

static const struct example values[] = {
	{ { "sendmail", "-o", "i" }, "i :" },
	{ { "sendmail", "-oitrue" }, "i :" },
	{ { "sendmail", "-oiYes" }, "i :" },
	{ { "sendmail", "-oifalse" }, ":" },
	{ { "sendmail", "-i", "-oif" }, ":" },
	{ { "sendmail", "-oi0" }, ":" },
	{ { "sendmail", "-ov" }, "v :" },
	{ { "sendmail", "-O", "IgnoreDots" }, "i :" },
	{ { "sendmail", "-O", "ignoredots=true" }, "i :" },
	{ { "sendmail", "-i", "-OIgnoreDots=no" }, ":" },
	{ { "sendmail", "-O", "deliverymode=interactive" }, "when=now :" },
	{ { "sendmail", "-ODELIVERYMODE=background" }, "when=background :" },
	{ { "sendmail", "-OErrorMode=quiet" }, "errors=quiet :" },
	{ { "sendmail", "-OErrorMode" }, ":" },
	{ { "sendmail", "-O", "ErrorMode = m" }, "errors=mail :" },
	{ { "sendmail", "-OSMTPUTF8=yes" }, "utf8 :" },
	{ { "sendmail", "-O", "= x" }, ":" },
	{ { "sendmail", "-O", "" }, ":" },
	{ { "sendmail", "-Lweb/php" }, "tag=web/php :" },
	{ { "sendmail", "-L", "a\nb" }, ":" },
	{ { "sendmail", "-L", "a b" }, ":" },
	{ { "sendmail", "-L", "a[1]:" }, ":" },
	{ { "sendmail", "-L", "" }, ":" },
	{ { "sendmail", "-OQueueDirectory=/tmp" }, ":" },
	{ { "sendmail", "-O", "MaxRecipientsPerMessage=3" }, ":" },
	{ { "sendmail", "-O", "Delivery=b" }, ":" },
	{ { "sendmail", "-odi" }, "when=now :" },
	{ { "sendmail", "-odf" }, "when=now :" },
	{ { "sendmail", "-odb" }, "when=background :" },
	{ { "sendmail", "-odq" }, "when=queue :" },
	{ { "sendmail", "-odqs" }, "when=queue :" },
	{ { "sendmail", "-odd" }, "when=queue :" },
	{ { "sendmail", "-odx" }, ":" },
	{ { "sendmail", "-od" }, ":" },
	{ { "sendmail", "-odq", "-odx" }, "when=queue :" },
	{ { "sendmail", "-odq", "-v" }, "v when=queue :" },
	{ { "sendmail", "-oep" }, ":" },
	{ { "sendmail", "-oem" }, "errors=mail :" },
	{ { "sendmail", "-oew" }, "errors=mail :" },
	{ { "sendmail", "-oeq" }, "errors=quiet :" },
	{ { "sendmail", "-oee" }, "errors=berknet :" },
	{ { "sendmail", "-oez" }, ":" },
	{ { "sendmail", "-oeq", "-oep" }, ":" },
	{ { "sendmail", "-em" }, "errors=mail :" },
	{ { "sendmail", "-e", "q" }, "errors=quiet :" },
	{ { "sendmail", "-N", "never" }, "notify=never :" },
	{ { "sendmail", "-NFAILURE,Delay" }, "notify=FAILURE,Delay :" },
	{ { "sendmail", "-N", "never,delay" }, "doubt :" },
	{ { "sendmail", "-N", "sometimes" }, "doubt :" },
	{ { "sendmail", "-N", "" }, "doubt :" },
	{ { "sendmail", "-R", "hdrs" }, "ret=hdrs :" },
	{ { "sendmail", "-RFULL" }, "ret=full :" },
	{ { "sendmail", "-Rnone" }, "doubt :" },
	{ { "sendmail", "-V", "id+2B1" }, "envid=id+2B1 :" },
	{ { "sendmail", "-V", "id+2b1" }, "doubt :" },
	{ { "sendmail", "-V", "a b" }, "doubt :" },
	{ { "sendmail", "-V", "a=b" }, "doubt :" },
	{ { "sendmail", "-V", "a+0Ab" }, "doubt :" },
	{ { "sendmail", "-V", "a+7F" }, "doubt :" },
	{ { "sendmail", "-V", "a+2" }, "doubt :" },
	{ { "sendmail", "-V", "+=" }, "doubt :" },
	{ { "sendmail", "-V", "" }, "doubt :" },
	{ { "sendmail", "-B7BIT" }, "body=7BIT :" },
};

static const struct example refused[] = {
	{ { "sendmail", "-Z", "root" }, "'-Z'" },
	{ { "sendmail", "-tZ" }, "'-Z'" },
	{ { "sendmail", "-S" }, "'-S'" },
	{ { "sendmail", "-l" }, "'-l'" },
	{ { "sendmail", "-t", "--version" }, "'--'" },
	{ { "sendmail", "--verbose" }, "'--'" },
	{ { "sendmail", "-C", "/x", "root" }, "ONEHOP_CONF" },
	{ { "sendmail", "-C/x", "-t" }, "ONEHOP_CONF" },
	{ { "sendmail", "-bs", "root" }, "no recipients go with -bs" },
	{ { "sendmail", "-bd" }, "'-bd'" },
	{ { "sendmail", "-bD" }, "-bD -q15m" },
	{ { "sendmail", "-bD", "-q" }, "-bD -q15m" },
	{ { "sendmail", "-bt" }, "'-bt'" },
	{ { "sendmail", "-bS" }, "'-bS'" },
	{ { "sendmail", "-bV", "root" }, "no recipients" },
	{ { "sendmail", "-bh", "root" }, "no recipients" },
	{ { "sendmail", "-bP", "root" }, "no recipients" },
	{ { "runq", "root" }, "no recipients" },
	{ { "hoststat", "root" }, "no recipients" },
	{ { "sendmail", "-qI" }, "'-qI'" },
	{ { "sendmail", "-q!I" }, "'-q!I'" },
	{ { "sendmail", "-q!" }, "'-q!'" },
	{ { "sendmail", "-bz" }, "'-bz'" },
	{ { "sendmail", "-bpx" }, "'-bpx'" },
	{ { "sendmail", "-b" }, "'-b' needs a value" },
	{ { "sendmail", "-b", "" }, "'-b'" },
	{ { "sendmail", "-t", "-F" }, "'-F' needs a value" },
	{ { "sendmail", "-o" }, "'-o' needs a value" },
	{ { "sendmail", "-q15x" }, "'-q15x'" },
	{ { "sendmail", "-q0" }, "'-q0'" },
	{ { "sendmail", "-q9999999999m" }, "'-q9999999999m'" },
	{ { "sendmail", "-q15m-" }, "'-q15m-'" },
	{ { "sendmail", "-qI" }, "'-qI'" },
	{ { "sendmail", "-qX" }, "'-qX'" },
	{ { "sendmail", "-q15m", "root" }, "no recipients" },
	{ { "sendmail", "-q", "15m" }, "no recipients" },
	{ { "sendmail", "-q", "-t" }, "no recipients" },
	{ { "sendmail", "-bp", "root" }, "no recipients" },
	{ { "mailq", "root" }, "no recipients" },
	{ { "newaliases", "-t" }, "no recipients" },
};

static void
describe(const struct options *o, FILE *out)
{
	static const char *const modes[] = { "", "server ", "list ", "count ",
		"nothing ", "verify ", "check ", "run ", "help ", "version " };
	static const char *const errors[] = { "", "errors=mail ",
		"errors=quiet ", "errors=berknet " };
	static const char *const when[] = { "", "when=now ", "when=background ",
		"when=queue " };
	const char *const names[] = { "from", "name", "body", "notify", "ret",
		"envid", "tag" };
	const char *const texts[] = { o->from, o->name, o->body, o->notify,
		o->ret, o->envid, o->tag };
	const char *const kinds[] = { "id", "recipient", "sender" };
	const struct pick picks[] = { o->run_id, o->run_recipient,
		o->run_sender };
	size_t i;
	int n;

	fputs(modes[o->mode], out);
	fputs(o->recipients_in_header ? "t " : "", out);
	fputs(o->dot_is_text ? "i " : "", out);
	fputs(o->is_verbose ? "v " : "", out);
	fputs(o->is_utf8 ? "utf8 " : "", out);
	fputs(o->is_relayed ? "relayed " : "", out);
	fputs(errors[o->errors], out);
	fputs(when[o->when], out);
	if (o->run_every > 0)
		fprintf(out, "every=%d ", o->run_every);
	fputs(o->stays_here ? "here " : "", out);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (texts[i] != NULL)
			fprintf(out, "%s=%s ", names[i], texts[i]);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (picks[i].part != NULL)
			fprintf(out, "%s%s=%s ", kinds[i],
			    picks[i].is_not ? "!" : "", picks[i].part);
	fputs(o->doubt.code != EX_OK ? "doubt " : "", out);
	fputs(":", out);
	for (n = 0; n < o->count; n++)
		fprintf(out, " %s", o->words[n]);
}

static int
parse(const struct example *example, struct options *o, char **argv,
    struct fault *f)
{
	int argc = 0;

	for (; argc < WORDS - 1 && example->argv[argc] != NULL; argc++)
		argv[argc] = example->argv[argc];
	argv[argc] = NULL;
	return options_parse(o, argc, argv, f);
}

static void
understand(const struct example *examples, size_t count)
{
	char *argv[WORDS], got[512];
	struct options o;
	struct fault f;
	FILE *out;
	size_t i;

	for (i = 0; i < count; i++) {
		f = (struct fault){ 0 };
		out = fmemopen(got, sizeof(got), "w");
		assert_non_null(out);
		if (parse(examples + i, &o, argv, &f) == EX_OK)
			describe(&o, out);
		else
			fputs(f.text, out);
		fclose(out);
		assert_string_equal(got, examples[i].want);
	}
}

static void
test_callers(void **state)
{
	(void)state;
	understand(callers, sizeof(callers) / sizeof(callers[0]));
}

static void
test_forms(void **state)
{
	(void)state;
	understand(forms, sizeof(forms) / sizeof(forms[0]));
}

static void
test_values(void **state)
{
	(void)state;
	understand(values, sizeof(values) / sizeof(values[0]));
}

static void
test_refused(void **state)
{
	char *argv[WORDS];
	struct options o;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct fault f = { 0 };

		if (parse(refused + i, &o, argv, &f) != EX_USAGE ||
		    strstr(f.text, refused[i].want) == NULL)
			fail_msg("%s: %s", refused[i].want, f.text);
	}
}

/* Every octet as a letter: it is known, or it is 64; never anything else. */
static void
test_letters(void **state)
{
	static const char known[] = "ABCDEFGIJLMNOQRTUVXbcdefhimnopqrstvx";
	char word[] = "-?", name[] = "sendmail", one[] = "1", two[] = "2";
	struct options o;
	int c, rc;

	(void)state;
	for (c = 1; c < 256; c++) {
		struct fault f = { 0 };
		char *argv[] = { name, word, one, two, NULL };

		word[1] = (char)c;
		rc = options_parse(&o, 4, argv, &f);
		if (c == 'b' || c == 'C' || c == 'q' || c == 'I' || c == '-')
			continue;
		assert_int_equal(
		    rc, strchr(known, c) != NULL ? EX_OK : EX_USAGE);
		assert_null(strpbrk(f.text, "\n\r\033"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{ "what callers pass is understood", test_callers, NULL, NULL,
		    NULL },
		{ "options come attached, apart, bundled, and end", test_forms,
		    NULL, NULL, NULL },
		{ "values count if they are sound", test_values, NULL, NULL,
		    NULL },
		{ "what never was an option is 64, and named", test_refused,
		    NULL, NULL, NULL },
		{ "every historical letter is taken, no other", test_letters,
		    NULL, NULL, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
