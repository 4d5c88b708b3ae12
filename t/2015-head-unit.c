/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mailq/head.h"
#include "t/repeat.h"

#define ROOM 65536
#define FROM "from a@x\n"
#define HOST "host h\n"
#define TO "to b@x\n"

static const char whole[] =
    "from alice@example.org\n"
    "host web1.example.org\n"
    "option utf8\n"
    "option ret=hdrs\n"
    "option envid=QQ+20314159\n"
    "option report-of=19F2C6A7B0101234\n"
    "to bob@example.net notify=failure,delay orcpt=rfc822;bob@example.net\n"
    "to root\n"
    "to \"c+20d\"@x notify=never\n"
    "to j+C3+B6rg@x orcpt=utf-8;j+2Bx@x\n"
    "to e+2Bf@x notify=success,failure,delay\n"
    "\n";

/* Nobody wrote these. */
static const char *const strange[] = {
	"",
	"\n",
	"\n" FROM HOST TO "\n",
	FROM HOST "\n",
	FROM TO "\n",
	HOST TO "\n",
	HOST FROM TO "\n",
	TO FROM HOST "\n",
	FROM TO HOST "\n",
	FROM FROM HOST TO "\n",
	FROM HOST HOST TO "\n",
	FROM HOST TO HOST "\n",
	FROM HOST TO FROM "\n",
	FROM HOST TO "option utf8\n\n",
	FROM "option utf8\n" HOST TO "\n",
	"option utf8\n" FROM HOST TO "\n",
	FROM HOST "option utf8\noption utf8\n" TO "\n",
	FROM HOST "option ret=full\noption utf8\n" TO "\n",
	FROM HOST "option envid=e\noption ret=full\n" TO "\n",
	FROM HOST "option report-of=A\noption envid=e\n" TO "\n",
	FROM HOST "option ret=full\noption ret=hdrs\n" TO "\n",
	FROM HOST "option envid=<>\noption envid=<>\n" TO "\n",
	FROM HOST "option\n" TO "\n",
	FROM HOST "option \n" TO "\n",
	FROM HOST "option utf8=1\n" TO "\n",
	FROM HOST "option UTF8\n" TO "\n",
	FROM HOST "option ret\n" TO "\n",
	FROM HOST "option ret=\n" TO "\n",
	FROM HOST "option ret=hdrs5\n" TO "\n",
	FROM HOST "option ret=f=l\n" TO "\n",
	FROM HOST "option report-of=19F2C6A7B01012345\n" TO "\n",
	FROM HOST "option other=x\n" TO "\n",
	"from\n" HOST TO "\n",
	"from \n" HOST TO "\n",
	"from a b\n" HOST TO "\n",
	"from  a\n" HOST TO "\n",
	"from a+0Ab\n" HOST TO "\n",
	"from a=b\n" HOST TO "\n",
	"FROM a@x\n" HOST TO "\n",
	" from a@x\n" HOST TO "\n",
	"from a@x \n" HOST TO "\n",
	"from a@x\r\n" HOST TO "\n",
	FROM "host \n" TO "\n",
	FROM "host h h\n" TO "\n",
	FROM HOST "to\n\n",
	FROM HOST "to \n\n",
	FROM HOST "to <>\n\n",
	FROM HOST "to b+20c\n\n",
	FROM HOST "to b+0D\n\n",
	FROM HOST "to b c\n\n",
	FROM HOST "to b \n\n",
	FROM HOST "to  b\n\n",
	FROM HOST "to b  notify=never\n\n",
	FROM HOST "to b notify=never \n\n",
	FROM HOST "to b notify=\n\n",
	FROM HOST "to b notify\n\n",
	FROM HOST "to b notify=NEVER\n\n",
	FROM HOST "to b notify=often\n\n",
	FROM HOST "to b notify=never,delay\n\n",
	FROM HOST "to b notify=delay,failure\n\n",
	FROM HOST "to b notify=delay,delay\n\n",
	FROM HOST "to b notify=delay notify=delay\n\n",
	FROM HOST "to b orcpt=x;b notify=delay\n\n",
	FROM HOST "to b orcpt=x;b orcpt=x;b\n\n",
	FROM HOST "to b orcpt=\n\n",
	FROM HOST "to b orcpt=x;b=\n\n",
	FROM HOST "to b orcpt\n\n",
	FROM HOST "to b other=x\n\n",
	FROM HOST TO "other x\n\n",
	FROM HOST TO "\n\n",
	FROM HOST TO "\n" TO,
	FROM HOST TO "\n" TO "\n",
	FROM HOST TO "\nx",
};

/* From memory of just that size, for the sanitizers to watch. */
static int
read_octets(
    struct envelope *env, const char *octets, size_t size, struct fault *f)
{
	char *copy = malloc(size > 0 ? size : 1);
	struct text text = { .mem = copy, .fd = -1, .size = (off_t)size };
	int rc;

	assert_non_null(copy);
	memcpy(copy, octets, size);
	*env = (struct envelope){ 0 };
	rc = head_read(env, &text, f);
	free(copy);
	return rc;
}

static int
read_head(struct envelope *env, const char *head, struct fault *f)
{
	return read_octets(env, head, strlen(head), f);
}

static void
write_head(const struct envelope *env, char got[ROOM])
{
	FILE *out = fmemopen(got, ROOM, "w");
	struct fault f = { 0 };

	assert_non_null(out);
	assert_int_equal(head_write(env, out, &f), EX_OK);
	assert_int_equal(fclose(out), 0);
}

static struct envelope
make(void)
{
	struct envelope env = { 0 };
	struct fault f = { 0 };

	assert_int_equal(envelope_from(&env, "alice@example.org", &f), EX_OK);
	assert_int_equal(envelope_host(&env, "web1.example.org", &f), EX_OK);
	assert_int_equal(envelope_to(&env, "bob@example.net", &f), EX_OK);
	assert_int_equal(envelope_to(&env, "root", &f), EX_OK);
	assert_int_equal(envelope_to(&env, "\"c d\"@x", &f), EX_OK);
	assert_int_equal(envelope_to(&env, "j\xc3\xb6rg@x", &f), EX_OK);
	assert_int_equal(envelope_to(&env, "e+f@x", &f), EX_OK);
	env.is_utf8 = true;
	env.ret = strdup("hdrs");
	env.envid = strdup("QQ 314159");
	env.report_of = strdup("19F2C6A7B0101234");
	env.to[0].notify = NOTIFY_FAILURE | NOTIFY_DELAY;
	env.to[0].orcpt = strdup("rfc822;bob@example.net");
	env.to[2].notify = NOTIFY_NEVER;
	env.to[3].orcpt = strdup("utf-8;j+x@x");
	env.to[4].notify = NOTIFY_SUCCESS | NOTIFY_FAILURE | NOTIFY_DELAY;
	return env;
}

static void
a_header_is_written_as_the_design_has_it(void **state)
{
	struct envelope env = make();
	char got[ROOM];

	(void)state;
	write_head(&env, got);
	assert_string_equal(got, whole);
	envelope_free(&env);
}

static void
what_is_not_there_is_not_written(void **state)
{
	struct envelope env = { 0 };
	struct fault f = { 0 };
	char got[ROOM];

	(void)state;
	assert_int_equal(envelope_from(&env, "", &f), EX_OK);
	assert_int_equal(envelope_host(&env, "", &f), EX_OK);
	assert_int_equal(envelope_to(&env, "<>", &f), EX_OK);
	env.envid = strdup("");
	write_head(&env, got);
	assert_string_equal(
	    got, "from <>\nhost <>\noption envid=<>\nto +3C+3E\n\n");
	envelope_free(&env);
}

static void
fates_and_children_are_left_to_the_journal(void **state)
{
	struct envelope env = make();
	struct fault f = { 0 };
	char got[ROOM];

	(void)state;
	assert_int_equal(envelope_child(&env, 1, "joe@x", &f), EX_OK);
	assert_int_equal(envelope_child(&env, 5, "jim@x", &f), EX_OK);
	assert_int_equal(
	    envelope_fate(&env, 1, FATE_EXPANDED, NULL, &f), EX_OK);
	assert_int_equal(envelope_fate(&env, 0, FATE_REFUSED, "no", &f), EX_OK);
	write_head(&env, got);
	assert_string_equal(got, whole);
	envelope_free(&env);
}

static void
what_was_written_is_read_back(void **state)
{
	struct envelope env, want = make();
	struct fault f = { 0 };
	char got[ROOM];
	size_t i;

	(void)state;
	assert_int_equal(read_head(&env, whole, &f), EX_OK);
	assert_string_equal(env.from, want.from);
	assert_string_equal(env.host, want.host);
	assert_true(env.is_utf8);
	assert_string_equal(env.ret, want.ret);
	assert_string_equal(env.envid, want.envid);
	assert_string_equal(env.report_of, want.report_of);
	assert_int_equal(env.count, want.count);
	for (i = 0; i < env.count; i++) {
		assert_string_equal(env.to[i].addr, want.to[i].addr);
		assert_int_equal(env.to[i].notify, want.to[i].notify);
		assert_int_equal(env.to[i].parent, ENVELOPE_NONE);
		assert_int_equal(env.to[i].fate, FATE_WAITING);
		assert_false(env.to[i].is_changed);
	}
	assert_string_equal(env.to[0].orcpt, want.to[0].orcpt);
	assert_null(env.to[1].orcpt);
	assert_string_equal(env.to[3].orcpt, want.to[3].orcpt);
	write_head(&env, got);
	assert_string_equal(got, whole);
	envelope_free(&env);
	envelope_free(&want);
}

/* Each octet but NUL where it may stand, and all that is as long as can be. */
static void
the_longest_comes_back_too(void **state)
{
	struct envelope env = { 0 }, back;
	struct fault f = { 0 };
	char *addr = repeat('\xff', ENVELOPE_ADDR), got[ROOM];
	int c;

	(void)state;
	assert_int_equal(envelope_from(&env, addr, &f), EX_OK);
	addr[ENVELOPE_HOST] = '\0';
	for (c = 1; c <= ENVELOPE_HOST; c++)
		addr[c - 1] = (char)c;
	assert_int_equal(envelope_host(&env, addr, &f), EX_OK);
	assert_int_equal(envelope_to(&env, env.from, &f), EX_OK);
	env.ret = repeat(' ', 4);
	env.envid = repeat('\n', ENVELOPE_ENVID);
	env.report_of = repeat('=', 16);
	env.to->orcpt = repeat('\x01', ENVELOPE_ORCPT);
	env.to->notify = NOTIFY_SUCCESS | NOTIFY_FAILURE | NOTIFY_DELAY;
	write_head(&env, got);
	assert_int_equal(read_head(&back, got, &f), EX_OK);
	assert_string_equal(back.from, env.from);
	assert_string_equal(back.host, env.host);
	assert_string_equal(back.ret, env.ret);
	assert_string_equal(back.envid, env.envid);
	assert_string_equal(back.report_of, env.report_of);
	assert_string_equal(back.to->addr, env.to->addr);
	assert_string_equal(back.to->orcpt, env.to->orcpt);
	assert_int_equal(back.to->notify, env.to->notify);
	envelope_free(&back);
	envelope_free(&env);
	free(addr);
}

/* One thing is wrong with it: it is neither written nor, if it was, read. */
static void
assert_unfit(struct envelope *env, char **word, char *unfit)
{
	char *old = *word, got[ROOM];
	FILE *out = fmemopen(got, ROOM, "w");
	struct fault f = { 0 };

	assert_non_null(out);
	*word = unfit;
	assert_int_equal(head_write(env, out, &f), EX_DATAERR);
	assert_int_equal(ftell(out), 0);
	fclose(out);
	*word = old;
	free(unfit);
}

static void
what_could_not_be_read_back_is_not_written(void **state)
{
	struct envelope env = make();
	size_t count = env.count;

	(void)state;
	assert_unfit(&env, &env.from, NULL);
	assert_unfit(&env, &env.host, NULL);
	assert_unfit(&env, &env.ret, repeat('x', 5));
	assert_unfit(&env, &env.envid, repeat('x', ENVELOPE_ENVID + 1));
	assert_unfit(&env, &env.report_of, repeat('x', 17));
	assert_unfit(&env, &env.to[4].orcpt, repeat('x', ENVELOPE_ORCPT + 1));
	env.count = 0;
	assert_unfit(&env, &env.envid, NULL);
	env.count = count;
	envelope_free(&env);
}

static void
a_write_that_fails_is_a_fault(void **state)
{
	FILE *out = fopen("/dev/full", "w");
	struct envelope env;
	struct fault f = { 0 };

	(void)state;
	if (out == NULL)
		return;
	env = make();
	assert_int_equal(head_write(&env, out, &f), EX_IOERR);
	fclose(out);
	envelope_free(&env);
}

static void
a_header_cut_short_is_refused_wherever_it_was_cut(void **state)
{
	size_t size;

	(void)state;
	for (size = 0; size < sizeof(whole) - 1; size++) {
		struct envelope env;
		struct fault f = { 0 };

		assert_int_equal(
		    read_octets(&env, whole, size, &f), EX_DATAERR);
		envelope_free(&env);
	}
}

static void
a_line_that_nobody_wrote_is_refused(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
		struct envelope env;
		struct fault f = { 0 };

		if (read_head(&env, strange[i], &f) != EX_DATAERR)
			fail_msg("'%s' is taken", strange[i]);
		envelope_free(&env);
	}
}

static void
a_line_beyond_its_limit_is_refused(void **state)
{
	static const struct {
		const char *before, *behind;
		size_t most;
	} cases[] = {
		{ "from ", "\n" HOST TO "\n", ENVELOPE_ADDR },
		{ FROM "host ", "\n" TO "\n", ENVELOPE_HOST },
		{ FROM HOST "option envid=", "\n" TO "\n", ENVELOPE_ENVID },
		{ FROM HOST "to ", "\n\n", ENVELOPE_ADDR },
		{ FROM HOST "to b orcpt=", "\n\n", ENVELOPE_ORCPT },
	};
	char head[ROOM];
	size_t i, size;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size = cases[i].most - 1;
		     size<20000; size = size> cases[i].most ? size + 797
							    : size + 1) {
			char *word = repeat('w', size);
			struct envelope env;
			struct fault f = { 0 };

			snprintf(head, sizeof(head), "%s%s%s", cases[i].before,
			    word, cases[i].behind);
			assert_int_equal(read_head(&env, head, &f),
			    size <= cases[i].most ? EX_OK : EX_DATAERR);
			envelope_free(&env);
			free(word);
		}
	}
}

/* Whatever is read despite the damage is what would be written for it. */
static void
each_octet_may_be_damaged(void **state)
{
	char head[sizeof(whole)], got[ROOM];
	struct envelope env;
	size_t at;
	int c;

	(void)state;
	memcpy(head, whole, sizeof(whole));
	for (at = 0; at < sizeof(whole) - 1; at++) {
		for (c = 0; c < 256; c += c < 128 ? 1 : 61) {
			struct fault f = { 0 };

			head[at] = (char)c;
			if (read_octets(&env, head, sizeof(whole) - 1, &f) ==
			    EX_OK) {
				write_head(&env, got);
				assert_string_equal(got, head);
			} else {
				assert_int_equal(f.code, EX_DATAERR);
			}
			envelope_free(&env);
		}
		head[at] = whole[at];
	}
}

static void
a_header_lies_in_a_file_between_other_things(void **state)
{
	FILE *file = tmpfile();
	struct text text = { .fd = fileno(file), .start = 96 };
	struct fault f = { 0 }, other = { 0 };
	struct envelope env = { 0 };
	char got[ROOM];

	(void)state;
	fprintf(file, "%96s%sFrom: x\r\n", "\n", whole);
	assert_int_equal(fflush(file), 0);
	text.size = sizeof(whole) - 1;
	assert_int_equal(head_read(&env, &text, &f), EX_OK);
	write_head(&env, got);
	assert_string_equal(got, whole);
	envelope_free(&env);

	/* A file that ends before its header does; one that is none. */
	text.start += sizeof(whole);
	assert_int_equal(head_read(&env, &text, &f), EX_DATAERR);
	envelope_free(&env);
	text.start += sizeof(whole);
	assert_int_equal(head_read(&env, &text, &other), EX_IOERR);
	envelope_free(&env);
	text.fd = -1;
	other = (struct fault){ 0 };
	assert_int_equal(head_read(&env, &text, &other), EX_IOERR);
	envelope_free(&env);
	fclose(file);
}

static void
a_header_of_all_recipients_is_read(void **state)
{
	FILE *file = tmpfile();
	struct text text = { .fd = fileno(file) };
	struct envelope env = { 0 };
	struct fault f = { 0 };
	size_t i;

	(void)state;
	fputs(FROM HOST, file);
	for (i = 0; i < ENVELOPE_RCPTS; i++)
		fprintf(file, "to r%zu@x\n", i);
	fputs("\n", file);
	text.size = ftell(file);
	assert_int_equal(fflush(file), 0);
	assert_int_equal(head_read(&env, &text, &f), EX_OK);
	assert_int_equal(env.count, ENVELOPE_RCPTS);
	assert_string_equal(env.to[99999].addr, "r99999@x");
	envelope_free(&env);
	fseek(file, -1, SEEK_END);
	fputs(TO "\n", file);
	text.size = ftell(file);
	assert_int_equal(fflush(file), 0);
	assert_int_equal(head_read(&env, &text, &f), EX_DATAERR);
	envelope_free(&env);
	fclose(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_is_written_as_the_design_has_it),
		cmocka_unit_test(what_is_not_there_is_not_written),
		cmocka_unit_test(fates_and_children_are_left_to_the_journal),
		cmocka_unit_test(what_was_written_is_read_back),
		cmocka_unit_test(the_longest_comes_back_too),
		cmocka_unit_test(what_could_not_be_read_back_is_not_written),
		cmocka_unit_test(a_write_that_fails_is_a_fault),
		cmocka_unit_test(
		    a_header_cut_short_is_refused_wherever_it_was_cut),
		cmocka_unit_test(a_line_that_nobody_wrote_is_refused),
		cmocka_unit_test(a_line_beyond_its_limit_is_refused),
		cmocka_unit_test(each_octet_may_be_damaged),
		cmocka_unit_test(a_header_lies_in_a_file_between_other_things),
		cmocka_unit_test(a_header_of_all_recipients_is_read),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("head", tests, NULL, NULL);
}
