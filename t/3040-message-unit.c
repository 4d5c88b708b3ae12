/* SPDX-License-Identifier: ISC */
#include "t/trial.h"

/* Words, standard input, text, envelope; without text the fault's words. */
struct example {
	char *argv[TRIAL_WORDS];
	const char *in;
	const char *out;
	const char *env;
};

static const struct example lines[] = {
	{ { "a@x" }, GIVEN "\nhi\n", HEAD "hi\r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "\nhi", HEAD "hi\r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "\n", HEAD, "joe > a@x" },
	{ { "a@x" }, GIVEN, HEAD, "joe > a@x" },
	{ { "a@x" }, "Date: d\nMessage-ID: i\nFrom: f",
	    "Date: d\r\nMessage-ID: i\r\nFrom: f\r\n\r\n", "joe > a@x" },
	{ { "a@x" }, SENT "\r\nhi\r\n", HEAD "hi\r\n", "joe > a@x" },
	{ { "a@x" }, SENT "\nhi\r\nho\n\n", HEAD "hi\r\nho\r\n\r\n",
	    "joe > a@x" },
	{ { "a@x" }, GIVEN "\na\rb\n", HEAD "a b\r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "\na\r\r\nb\r\r\r\n", HEAD "a\r\nb\r\n",
	    "joe > a@x" },
	{ { "a@x" }, GIVEN "\n\ra\r", HEAD " a\r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "\na\r\rb\r \r\n", HEAD "a  b  \r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "\n\r", HEAD "\r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "\n\n\n", HEAD "\r\n\r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "\r\r\n\r\r\nhi\r\r\n", SENT "\r\n\r\nhi\r\n",
	    "joe > a@x" },
	{ { "a@x" }, GIVEN "\na\n.\r\nb", HEAD "a\r\n", "joe > a@x" },
};

static const struct example dots[] = {
	{ { "a@x" }, GIVEN "\na\n.\nb\n", HEAD "a\r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "\na\n.", HEAD "a\r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "\na\n.\r\r\nb\n", HEAD "a\r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "\na\n.\rb\n", HEAD "a\r\n. b\r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "\na\n..\nb\n", HEAD "a\r\n.\r\nb\r\n",
	    "joe > a@x" },
	{ { "a@x" }, GIVEN "\na\n..", HEAD "a\r\n.\r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "\na\n..\r\nb\n", HEAD "a\r\n.\r\nb\r\n",
	    "joe > a@x" },
	{ { "a@x" }, GIVEN "\n..b\n...\n.b\n. \n",
	    HEAD "..b\r\n...\r\n.b\r\n. \r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "\n\r.\nb\n", HEAD " .\r\nb\r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "\na.\n.\n", HEAD "a.\r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "\n ..\n..\r.\n", HEAD " ..\r\n.. .\r\n",
	    "joe > a@x" },
	{ { "a@x" }, GIVEN ".\nb\n", HEAD, "joe > a@x" },
	{ { "-i", "a@x" }, GIVEN "\na\n.\nb\n", HEAD "a\r\n.\r\nb\r\n",
	    "joe > a@x" },
	{ { "-i", "a@x" }, GIVEN "\n..\n.", HEAD "..\r\n.\r\n", "joe > a@x" },
	{ { "-oi", "a@x" }, GIVEN "\n.\r\n", HEAD ".\r\n", "joe > a@x" },
	{ { "-i", "a@x" }, GIVEN ".\nb\n", HEAD ".\r\nb\r\n", "joe > a@x" },
};

static const struct example headers[] = {
	{ { "a@x" }, GIVEN "Subject: a\n  b\n\tc\n\nhi\n",
	    SENT "Subject: a\r\n  b\r\n\tc\r\n\r\nhi\r\n", "joe > a@x" },
	{ { "a@x" }, "From root Mon Jan  1\n" GIVEN "\nhi\n", HEAD "hi\r\n",
	    "joe > a@x" },
	{ { "a@x" }, "From root Mon\n>From joe\n>From ann\n" GIVEN "\nhi\n",
	    HEAD "hi\r\n", "joe > a@x" },
	{ { "a@x" }, "From : f\nDate: d\nMessage-ID: i\n\nhi\n",
	    "From : f\r\nDate: d\r\nMessage-ID: i\r\n\r\nhi\r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "From root Mon\nhi\n",
	    HEAD "From root Mon\r\nhi\r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "no field\nTo: b@y\n",
	    HEAD "no field\r\nTo: b@y\r\n", "joe > a@x" },
	{ { "-t", "a@x" }, GIVEN "no field\nTo: b@y\n",
	    HEAD "no field\r\nTo: b@y\r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "Subject: a\n \n b\n\nhi\n",
	    SENT "Subject: a\r\n \r\n b\r\n\r\nhi\r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "Bcc: b@y\n\nhi\n", HEAD "hi\r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "bCC : b@y,\n c@z\nX: y\n\nhi\n",
	    SENT "X: y\r\n\r\nhi\r\n", "joe > a@x" },
	{ { "a@x" },
	    "Return-Path: <b@y>\nContent-Length: 4\n" GIVEN
	    "BCC:\n b@y\n\tc@z\n\nhi\n",
	    HEAD "hi\r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "X-Bcc: b\nBcc-X: c\n\n",
	    SENT "X-Bcc: b\r\nBcc-X: c\r\n\r\n", "joe > a@x" },
	{ { "a@x" },
	    GIVEN "Resent-Bcc: b@y\nResent-Date: d\n"
		  "resent-message-id: i\n\n",
	    SENT "Resent-Date: d\r\nresent-message-id: i\r\n\r\n",
	    "joe > a@x" },
	{ { "a@x" }, GIVEN "Bcc: b@y\nbad\nBcc: c@z\n",
	    HEAD "bad\r\nBcc: c@z\r\n", "joe > a@x" },
	{ { "a@x" }, GIVEN "To: success@x>\n\n", SENT "To: success@x>\r\n\r\n",
	    "joe > a@x" },
};

static const struct example recipients[] = {
	{ { "-t" }, GIVEN "To: a@x\n\n", SENT "To: a@x\r\n\r\n", "joe > a@x" },
	{ { "-t" }, GIVEN "To: a@x, Bob <b@x>\nCc: c\nBcc: d@x\n\n",
	    SENT "To: a@x, Bob <b@x>\r\nCc: c\r\n\r\n", "joe > a@x b@x c d@x" },
	{ { "-t" }, GIVEN "To: a@x\nTo: b@x\ntO :c@x,\n d@x\n\n",
	    SENT "To: a@x\r\nTo: b@x\r\ntO :c@x,\r\n d@x\r\n\r\n",
	    "joe > a@x b@x c@x d@x" },
	{ { "-t", "z@x" }, GIVEN "To: a@x\n\n", SENT "To: a@x\r\n\r\n",
	    "joe > z@x a@x" },
	{ { "-t", "A@X" }, GIVEN "To: a@x, A@x\n\n",
	    SENT "To: a@x, A@x\r\n\r\n", "joe > A@X a@x" },
	{ { "-t" }, GIVEN "To: a@x\nCc: a@X\nBcc: a@x\n\n",
	    SENT "To: a@x\r\nCc: a@X\r\n\r\n", "joe > a@x" },
	{ { "-t" }, GIVEN "To: u:;\nBcc: a@x\n\n", SENT "To: u:;\r\n\r\n",
	    "joe > a@x" },
	{ { "-t" },
	    "Resent-Date: d\nResent-Message-ID: i\nResent-To: r@x\n" GIVEN
	    "To: a@x\nBcc: b@x\nResent-Cc: s@x\n\n",
	    "Resent-Date: d\r\nResent-Message-ID: i\r\nResent-To: r@x\r\n" SENT
	    "To: a@x\r\nResent-Cc: s@x\r\n\r\n",
	    "joe > r@x s@x" },
	{ { "-t" },
	    GIVEN "Resent-Date: d\nResent-Message-ID: i\n"
		  "Resent-From: r@x\nTo: a@x\n\n",
	    SENT "Resent-Date: d\r\nResent-Message-ID: i\r\n"
		 "Resent-From: r@x\r\nTo: a@x\r\n\r\n",
	    "joe > a@x" },
	{ { "-t" }, GIVEN "To:\nCc: a@x\n\nTo: b@x\n",
	    SENT "To:\r\nCc: a@x\r\n\r\nTo: b@x\r\n", "joe > a@x" },
	{ { "a@x,b@y", "N N <c@z>, d@z,", "e@z," }, GIVEN "To: q@q\n\n",
	    SENT "To: q@q\r\n\r\n", "joe > a@x b@y c@z d@z e@z" },
	{ { "root" }, GIVEN "\n", HEAD, "joe > root" },
	{ { "--", "-x@y" }, GIVEN "\n", HEAD, "joe > -x@y" },
	{ { "-f", "b@y", "a@x" }, GIVEN "\n", HEAD, "b@y > a@x" },
	{ { "-f", "Bob <b@y>", "a@x" }, GIVEN "\n", HEAD, "b@y > a@x" },
	{ { "-f", "", "a@x" }, GIVEN "\n", HEAD, " > a@x" },
	{ { "-f<>", "a@x" }, GIVEN "\n", HEAD, " > a@x" },
	{ { "-f", "root", "a@x" }, GIVEN "\n", HEAD, "root > a@x" },
	{ { "-Nfailure,delay", "-Rhdrs", "-Va+2Bb", "a@x" }, GIVEN "\n", HEAD,
	    "joe ret=hdrs envid=a+b > a@x/12" },
	{ { "-N", "never", "a@x", "b" }, GIVEN "\n", HEAD, "joe > a@x/1 b/1" },
	{ { "j\303\266@x" }, GIVEN "\n", HEAD, "joe > j\303\266@x" },
	{ { "-f", "j\303\266@x", "a" }, GIVEN "\n", HEAD, "j\303\266@x > a" },
	{ { "a" }, GIVEN "Subject: \303\266\n\nx\n",
	    SENT "Subject: \303\266\r\n\r\nx\r\n", "joe 8bit > a" },
	{ { "a" }, GIVEN "\n\303\266\n", HEAD "\303\266\r\n", "joe 8bit > a" },
	{ { "a" }, GIVEN "Bcc: \303\266\n\nx\n", HEAD "x\r\n", "joe > a" },
};

static const struct example refused[] = {
	{ { "-t" }, "", NULL, "64 no recipients" },
	{ { "-t" }, "junk", NULL, "64 no recipients" },
	{ { "-t" }, "Subject: x\n\nTo: a@x\n", NULL, "64 no recipients" },
	{ { "-t" }, "To: u:;\n\n", NULL, "64 no recipients" },
	{ { "-t" }, "To: a@x\nResent-To:\n\n", NULL, "64 no recipients" },
	{ { "-t" }, "bad\nTo: a@x\n", NULL, "64 no recipients" },
	{ { NULL }, "To: a@x\n\n", NULL, "64 no recipients" },
	{ { "," }, "To: a@x\n\n", NULL, "64 no recipients" },
	{ { "" }, "To: a@x\n\n", NULL, "64 no recipients" },
	{ { "-t" }, "To: a@b@c\n\n", NULL,
	    "65 cannot read the recipients in 'To'" },
	{ { "-t" }, "To: x@y>\n\n", NULL,
	    "65 cannot read the recipients in 'To': stray '>'" },
	{ { "-t" }, "To: a@x\ncC : \"b\n\n", NULL,
	    "65 cannot read the recipients in 'cC': a quote" },
	{ { "-t", "a@x" }, "Bcc: |prog\n\n", NULL,
	    "65 cannot read the recipients in 'Bcc': no mail to a program" },
	{ { "a b@c" }, "x\n", NULL, "65 cannot read the recipient 'a b@c'" },
	{ { "a@x", "/dev/null" }, "x\n", NULL,
	    "65 cannot read the recipient '/dev/null'" },
	{ { "a@x\nRCPT TO:<b>" }, "x\n", NULL, "65 cannot read the recipient" },
	{ { "-" }, "x\n", NULL, "65 cannot read the recipient '-'" },
	{ { "a@x\r" }, "x\n", NULL, "65 cannot read the recipient" },
	{ { "-f", "a b", "a@x" }, "x\n", NULL,
	    "65 cannot read the sender 'a b'" },
	{ { "-f", "a@x\nb", "a@x" }, "x\n", NULL, "65 cannot read the sender" },
	{ { "-f", "a@x, b@x", "a@x" }, "x\n", NULL,
	    "65 cannot read the sender" },
};

static void
describe(const struct trial *t, char *text, size_t size)
{
	FILE *out = fmemopen(text, size, "w");
	const struct envelope *env = &t->item.env;
	size_t i;

	assert_non_null(out);
	if (t->rc != EX_OK) {
		fprintf(out, "%d %s", t->rc, t->f.text);
		fclose(out);
		return;
	}
	assert_string_equal(env->host, "web1");
	fputs(env->from, out);
	if (env->is_utf8)
		fputs(" utf8", out);
	if (t->item.text.is_8bit)
		fputs(" 8bit", out);
	if (env->ret != NULL)
		fprintf(out, " ret=%s", env->ret);
	if (env->envid != NULL)
		fprintf(out, " envid=%s", env->envid);
	fputs(" >", out);
	for (i = 0; i < env->count; i++) {
		fprintf(out, " %s", env->to[i].addr);
		if (env->to[i].notify != 0)
			fprintf(out, "/%u", env->to[i].notify);
	}
	fclose(out);
}

static void
check_one(const struct example *example, size_t step)
{
	struct trial t;
	char env[2048];

	trial_parse(&t, example->argv);
	trial_feed(&t, example->in, strlen(example->in), step);
	describe(&t, env, sizeof(env));
	if (example->out == NULL) {
		if (strncmp(env, example->env, strlen(example->env)) != 0)
			fail_msg("%s: %s", example->env, env);
	} else {
		assert_string_equal(env, example->env);
		assert_string_equal(t.out, example->out);
	}
	trial_end(&t);
}

static void
check(const struct example *examples, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		check_one(examples + i, 1);
		check_one(examples + i, 2);
		check_one(examples + i, 7);
		check_one(examples + i, SOURCE_CHUNK);
	}
}

static void
test_lines(void **state)
{
	(void)state;
	check(lines, sizeof(lines) / sizeof(lines[0]));
}

static void
test_dots(void **state)
{
	(void)state;
	check(dots, sizeof(dots) / sizeof(dots[0]));
}

static void
test_headers(void **state)
{
	(void)state;
	check(headers, sizeof(headers) / sizeof(headers[0]));
}

static void
test_recipients(void **state)
{
	(void)state;
	check(recipients, sizeof(recipients) / sizeof(recipients[0]));
}

static void
test_refused(void **state)
{
	(void)state;
	check(refused, sizeof(refused) / sizeof(refused[0]));
}

/* A line of so many octets between two short ones, or the last, or never ended.
 */
static const struct {
	const char *format;
	bool dot_is_text;
} PLACES[] = {
	{ GIVEN "\na\n%s\nb\n", true },
	{ GIVEN "\n%s\n", false },
	{ GIVEN "\na\n%s", false },
	{ GIVEN "\n%s\r\nb\n", true },
	{ GIVEN "X: %s\n\na\n", true },
};

/* Whether it is known to be short; what is, must be. */
static bool
is_short(size_t place, size_t octets, char first, size_t step)
{
	static char *const dot[] = { "a@x", NULL };
	static char *const text[] = { "-i", "a@x", NULL };
	char line[2000] = "", in[3000];
	struct trial t;
	bool is_so;

	memset(line, 'a', octets);
	line[0] = first;
	snprintf(in, sizeof(in), PLACES[place].format, line);
	trial_parse(&t, PLACES[place].dot_is_text ? text : dot);
	trial_feed(&t, in, strlen(in), step);
	assert_int_equal(t.rc, EX_OK);
	is_so = t.item.text.is_short;
	trial_end(&t);
	return is_so;
}

static void
test_long(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(PLACES) / sizeof(PLACES[0]); i++) {
		assert_true(is_short(i, 70, 'a', SOURCE_CHUNK));
		assert_false(is_short(i, 999, 'a', SOURCE_CHUNK));
		assert_false(is_short(i, 999, '.', SOURCE_CHUNK));
		assert_false(is_short(i, 999, 'a', 7));
		assert_false(is_short(i, 999, '.', 900));
		assert_false(is_short(i, 1999, 'a', 1));
	}
	assert_true(is_short(0, 998, 'a', SOURCE_CHUNK));
	assert_true(is_short(2, 998, 'a', 7));
}

/* A header, and lines of 0 to 60 octets with one flaw amid them. */
static size_t
flawed(char in[4000], const char *flaw, size_t size, size_t at)
{
	static const char words[] =
	    "an ordinary line of words, which goes on for quite a long time";
	size_t used = (size_t)snprintf(in, 4000, "%s\r\n", SENT), i;

	for (i = 0; used < 900; i++)
		used += (size_t)snprintf(in + used, 4000 - used, "%.*s\r\n",
		    (int)(i * 17 % 61), words);
	memmove(in + at + size, in + at, used - at);
	memcpy(in + at, flaw, size);
	return used + size;
}

/* Much at once becomes what few octets after each other do. */
static void
test_chunks(void **state)
{
	static char *const argv[] = { "-i", "a@x", NULL };
	static char in[4000], line[1100];
	static const struct {
		const char *octets;
		size_t size;
	} flaws[] = { { "", 1 }, { "\r", 1 }, { "\n", 1 }, { "\r\n.", 3 },
		{ "\n.", 2 }, { ".", 1 }, { "\r\n\n", 3 }, { "\r\r\n", 3 },
		{ "\xc3\xa9", 2 }, { line, 999 } };
	const size_t count = sizeof(flaws) / sizeof(flaws[0]);
	struct trial fast, slow;
	size_t i, place, size, at;

	(void)state;
	memset(line, 'a', sizeof(line));
	for (i = 0; i < 150 * count; i++) {
		place = i / count;
		at = 60 + place * 5;
		size = flawed(
		    in, flaws[i % count].octets, flaws[i % count].size, at);
		/* All of it, or a read ends ahead of the flaw's last octet. */
		trial_parse(&fast, argv + (place & 1));
		trial_feed(&fast, in, size,
		    place & 2 ? SOURCE_CHUNK : at + flaws[i % count].size - 1);
		trial_parse(&slow, argv + (place & 1));
		trial_feed(&slow, in, size, 31);
		assert_int_equal(fast.item.text.size, slow.item.text.size);
		assert_string_equal(fast.out, slow.out);
		assert_int_equal(
		    fast.item.text.is_8bit, slow.item.text.is_8bit);
		assert_true(
		    slow.item.text.is_short || !fast.item.text.is_short);
		trial_end(&fast);
		trial_end(&slow);
	}
}

/* Its lines, without what is new each time. */
static void
check_added(const char *in, char *const *argv, const char *want)
{
	struct trial t;
	char *at, *stop, got[1024] = "";
	size_t used = 0;

	trial_parse(&t, argv);
	trial_feed(&t, in, strlen(in), 100);
	assert_int_equal(t.rc, EX_OK);
	for (at = t.out; *at != '\0'; at = stop + 2) {
		stop = strstr(at, "\r\n");
		assert_non_null(stop);
		*stop = '\0';
		if (strstr(at, "ate: ") != NULL && strlen(at) > 20)
			at[strcspn(at, " ") + 1] = '\0';
		if (strstr(at, "essage-ID: <") != NULL && strlen(at) > 20) {
			assert_non_null(strchr(at, '@'));
			assert_int_equal(at[strlen(at) - 1], '>');
			at[strcspn(at, "<")] = '\0';
		}
		used +=
		    (size_t)snprintf(got + used, sizeof(got) - used, "%s|", at);
	}
	assert_string_equal(got, want);
	trial_end(&t);
}

static void
test_added(void **state)
{
	static char *const plain[] = { "a@x", NULL };
	static char *const named[] = { "-FBob B. Bob", "-fb@y", "a@x", NULL };
	static char *const nobody[] = { "-F", "", "-f<>", "a@x", NULL };
	static char *const evil[] = { "-FA\nBcc: b@y", "a@x", NULL };

	(void)state;
	check_added("", plain, "Date: |From: Joe Doe <joe>|Message-ID: ||");
	check_added(
	    "junk\n", plain, "Date: |From: Joe Doe <joe>|Message-ID: ||junk|");
	check_added("To: a\n\nhi\n", named,
	    "To: a|Date: |From: \"Bob B. Bob\" <b@y>|Message-ID: ||hi|");
	check_added(
	    "To: a\n\n", nobody, "To: a|Date: |From: joe|Message-ID: ||");
	check_added("To: a\n\n", evil,
	    "To: a|Date: |From: \"A Bcc: b@y\" <joe>|Message-ID: ||");
	check_added("from: f\nDATE : d\nTo: a\n\n", plain,
	    "from: f|DATE : d|To: a|Message-ID: ||");
	check_added("Resent-To: a\n" GIVEN "\n", plain,
	    "Resent-Date: |Resent-Message-ID: |Resent-To: a|Date: d|From: f@x|"
	    "Message-ID: <i@x>||");
	check_added("Resent-Bcc: a\nResent-Date: d\n" GIVEN "\n", plain,
	    "Resent-Message-ID: |Resent-Date: d|Date: d|From: f@x|"
	    "Message-ID: <i@x>||");
}

static void
test_ids(void **state)
{
	static char *const argv[] = { "a@x", NULL };
	struct trial one, two;

	(void)state;
	trial_parse(&one, argv);
	trial_feed(&one, "", 0, 1);
	trial_parse(&two, argv);
	trial_feed(&two, "", 0, 1);
	assert_non_null(strstr(one.out, "Message-ID: <"));
	assert_string_not_equal(
	    strstr(one.out, "Message-ID: <"), strstr(two.out, "Message-ID: <"));
	trial_end(&one);
	trial_end(&two);
}

static void
test_login(void **state)
{
	static char *const argv[] = { "a@x", NULL };
	char login[] = "DOMAIN\\joe", name[] = "", huge[1200];
	struct trial t;

	(void)state;
	trial_parse(&t, argv);
	t.caller.login = login;
	t.caller.name = name;
	trial_feed(&t, "", 0, 1);
	assert_int_equal(t.rc, EX_OK);
	assert_string_equal(t.item.env.from, "\"DOMAIN\\\\joe\"");
	assert_non_null(strstr(t.out, "From: \"DOMAIN\\\\joe\"\r\n"));
	trial_end(&t);
	memset(huge, 'j', sizeof(huge));
	huge[sizeof(huge) - 1] = '\0';
	trial_parse(&t, argv);
	t.caller.login = huge;
	trial_feed(&t, "", 0, 1);
	assert_int_equal(t.rc, EX_DATAERR);
	trial_end(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{ "line ends of all kinds become CRLF", test_lines, NULL, NULL,
		    NULL },
		{ "a lone dot ends it, unless -i", test_dots, NULL, NULL,
		    NULL },
		{ "a line that is too long is seen", test_long, NULL, NULL,
		    NULL },
		{ "much at once is no other than octets", test_chunks, NULL,
		    NULL, NULL },
		{ "what must go goes, the rest stays as it is", test_headers,
		    NULL, NULL, NULL },
		{ "sender, recipients and DSN are as asked", test_recipients,
		    NULL, NULL, NULL },
		{ "what cannot be read is refused, and named", test_refused,
		    NULL, NULL, NULL },
		{ "what is missing is added, once, where it belongs",
		    test_added, NULL, NULL, NULL },
		{ "no two messages have one Message-ID", test_ids, NULL, NULL,
		    NULL },
		{ "a strange login name is quoted", test_login, NULL, NULL,
		    NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
