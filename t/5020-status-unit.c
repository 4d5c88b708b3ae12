/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sendmail/status.h"

#define WHEN 1700000000

/* The value of a field, unfolded; NULL if there is none. */
static char *
field(const char *text, const char *name)
{
	static char value[8192];
	const char *at = text;
	size_t used = 0;

	while (
	    strncmp(at, name, strlen(name)) != 0 || at[strlen(name)] != ':') {
		at = strstr(at, "\r\n");
		if (at == NULL)
			return NULL;
		at += 2;
	}
	for (at += strlen(name) + 2; *at != '\0'; at++) {
		if (strncmp(at, "\r\n", 2) != 0)
			value[used++] = *at;
		else if (at[2] != ' ')
			break;
		else
			at++;
	}
	value[used] = '\0';
	return value;
}

/* What is said of the last recipient of an envelope. */
static char *
tell(enum report kind, const struct envelope *env)
{
	const struct item origin = { .id = "0123456789ABCDEF",
		.env = *env,
		.created = WHEN,
		.journal.attempted = WHEN + 60 };
	const struct status status = { .kind = kind,
		.origin = &origin,
		.host = "web1.example.org",
		.expires = WHEN + 86400 };
	char *text = NULL, *line;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	status_message(out, &status);
	status_recipient(out, &status, env->count - 1);
	assert_int_equal(fclose(out), 0);
	for (line = text; *line != '\0'; line = strstr(line, "\r\n") + 2)
		assert_true(strcspn(line, "\r\n") <= 998);
	return text;
}

static void
statuses_and_words(void **state)
{
	static const struct {
		enum report kind;
		const char *why, *status, *words;
	} cases[] = {
		{ REPORT_FAILED, "550 5.1.1 who", "5.1.1",
		    "smtp; 550 5.1.1 who" },
		{ REPORT_FAILED, "550 who", "5.0.0", "smtp; 550 who" },
		{ REPORT_FAILED, "550", "5.0.0", "smtp; 550" },
		{ REPORT_FAILED, "550 5.10.123 x", "5.10.123",
		    "smtp; 550 5.10.123 x" },
		{ REPORT_FAILED, "550 5.-1.1 x", "5.0.0",
		    "smtp; 550 5.-1.1 x" },
		{ REPORT_FAILED, "550 5.1234.1 x", "5.0.0",
		    "smtp; 550 5.1234.1 x" },
		{ REPORT_FAILED, "550 4.2.1 x", "5.0.0", "smtp; 550 4.2.1 x" },
		{ REPORT_FAILED, STATUS_EXPIRED "451 4.2.1 x", "4.4.7",
		    "smtp; 451 4.2.1 x" },
		{ REPORT_FAILED, STATUS_EXPIRED "no route", "4.4.7", NULL },
		{ REPORT_FAILED, "127.0.0.1 hung up", "5.0.0", NULL },
		{ REPORT_FAILED, "250 2.0.0 Ok", "5.0.0", NULL },
		{ REPORT_FAILED, "5501 x", "5.0.0", NULL },
		{ REPORT_FAILED, "55", "5.0.0", NULL },
		{ REPORT_FAILED, "", "5.0.0", NULL },
		{ REPORT_FAILED, NULL, "5.0.0", NULL },
		{ REPORT_DELAYED, "451 4.2.1 x", "4.2.1", "smtp; 451 4.2.1 x" },
		{ REPORT_DELAYED, "550 5.4.5 x", "4.4.5", "smtp; 550 5.4.5 x" },
		{ REPORT_DELAYED, "lost", "4.0.0", NULL },
		{ REPORT_DELAYED, NULL, "4.0.0", NULL },
	};
	struct rcpt to = { .addr = (char[]){ "a@b" }, .parent = ENVELOPE_NONE };
	const struct envelope env = { .to = &to, .count = 1 };
	char *text, *words;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		to.why = cases[i].why;
		text = tell(cases[i].kind, &env);
		assert_string_equal(field(text, "Status"), cases[i].status);
		words = field(text, "Diagnostic-Code");
		if (cases[i].words == NULL)
			assert_null(words);
		else
			assert_string_equal(words, cases[i].words);
		free(text);
	}
}

static void
addresses(void **state)
{
	static const struct {
		const char *addr, *told;
	} cases[] = {
		{ "a@b.example", "rfc822; a@b.example" },
		{ "a+c=d@b.example", "rfc822; a+c=d@b.example" },
		{ "\"a b\"@c", "rfc822; \"a b\"@c" },
		{ "\303\251@b", "utf-8; \\x{E9}@b" },
		{ "\342\202\254+x=y\\z@b",
		    "utf-8; \\x{20AC}\\x{2B}x\\x{3D}y\\x{5C}z@b" },
		{ "\360\237\230\200@b", "utf-8; \\x{1F600}@b" },
		{ "\"\303\251 x\"@b", "utf-8; \"\\x{E9}\\x{20}x\"@b" },

		/* No character: whatever it is, it is bounded and ASCII. */
		{ "\200@b", "utf-8; \\x{80}@b" },
		{ "\303", "utf-8; \\x{03}" },
	};
	struct rcpt to = { .parent = ENVELOPE_NONE };
	const struct envelope env = { .to = &to, .count = 1 };
	char addr[ENVELOPE_ADDR + 1], *text;
	size_t i;

	(void)state;
	to.addr = addr;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(addr, sizeof(addr), "%s", cases[i].addr);
		text = tell(REPORT_FAILED, &env);
		assert_string_equal(
		    field(text, "Final-Recipient"), cases[i].told);
		assert_null(field(text, "Original-Recipient"));
		free(text);
	}
	memset(addr, 'x', ENVELOPE_ADDR);
	addr[ENVELOPE_ADDR] = '\0';
	free(tell(REPORT_FAILED, &env));
	for (i = 0; i + 1 < ENVELOPE_ADDR; i += 2)
		memcpy(addr + i, "\303\251", 2);
	free(tell(REPORT_FAILED, &env));
}

static void
orcpt_comes_back_decoded(void **state)
{
	static const struct {
		const char *orcpt, *told;
	} cases[] = {
		{ "rfc822;a@b", "rfc822; a@b" },
		{ "rfc822;a+2Bc@b", "rfc822; a+c@b" },
		{ "rfc822;a+0D+0AX:+20y", "rfc822; a??X: y" },
		{ "rfc822;a+00+C3+A9", "rfc822; a???" },
		{ "rfc822;a+", "rfc822; a+" },
		{ "rfc822;a+2", "rfc822; a+2" },
		{ "rfc822;a+zz", "rfc822; a+zz" },
		{ "utf-8;\\x{E9}@b", "utf-8; \\x{E9}@b" },
	};
	struct rcpt to = { .addr = (char[]){ "x@y" }, .parent = ENVELOPE_NONE };
	const struct envelope env = { .to = &to, .count = 1 };
	char orcpt[100], *text;
	size_t i;

	(void)state;
	to.orcpt = orcpt;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(orcpt, sizeof(orcpt), "%s", cases[i].orcpt);
		text = tell(REPORT_FAILED, &env);
		assert_string_equal(
		    field(text, "Original-Recipient"), cases[i].told);
		free(text);
	}
}

static void
who_stands_behind_a_name_is_told_with_it(void **state)
{
	struct rcpt to[] = {
		{ .addr = (char[]){ "team" }, .parent = ENVELOPE_NONE },
		{ .addr = (char[]){ "inner" }, .parent = 0 },
		{ .addr = (char[]){ "a@b" }, .parent = 1 },
	};
	const struct envelope env = { .to = to, .count = 3 };
	char *text = tell(REPORT_FAILED, &env);

	(void)state;
	assert_string_equal(field(text, "Original-Recipient"), "rfc822; team");
	assert_string_equal(field(text, "Final-Recipient"), "rfc822; a@b");
	free(text);
}

static void
names_get_their_domain(void **state)
{
	const struct conf conf = { 0 };
	const struct policy policy = {
		.conf = &conf, .name = "web1", .domain = "example.org"
	};
	struct rcpt to = { .addr = (char[]){ "bob" }, .parent = ENVELOPE_NONE };
	const struct item origin = { .env = { .to = &to, .count = 1 } };
	const struct status status = {
		.origin = &origin, .policy = &policy, .host = "web1"
	};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	status_recipient(out, &status, 0);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(
	    field(text, "Final-Recipient"), "rfc822; bob@example.org");
	free(text);
}

static void
times_are_those_of_the_journal(void **state)
{
	struct rcpt to = { .addr = (char[]){ "a@b" },
		.parent = ENVELOPE_NONE,
		.when = WHEN + 10 };
	const struct envelope env = { .to = &to, .count = 1 };
	char *text;

	(void)state;
	setenv("TZ", "UTC", 1);
	text = tell(REPORT_FAILED, &env);
	assert_string_equal(
	    field(text, "Arrival-Date"), "Tue, 14 Nov 2023 22:13:20 +0000");
	assert_string_equal(field(text, "Last-Attempt-Date"),
	    "Tue, 14 Nov 2023 22:13:30 +0000");
	assert_null(field(text, "Will-Retry-Until"));
	free(text);
	text = tell(REPORT_DELAYED, &env);
	assert_string_equal(field(text, "Last-Attempt-Date"),
	    "Tue, 14 Nov 2023 22:14:20 +0000");
	assert_string_equal(
	    field(text, "Will-Retry-Until"), "Wed, 15 Nov 2023 22:13:20 +0000");
	free(text);
}

static void
envid_breaks_no_line(void **state)
{
	struct rcpt to = { .addr = (char[]){ "a@b" }, .parent = ENVELOPE_NONE };
	struct envelope env = { .to = &to,
		.count = 1,
		.envid = (char[]){ "x\r\nAction: relayed" } };
	char *text = tell(REPORT_FAILED, &env);

	(void)state;
	assert_string_equal(
	    field(text, "Original-Envelope-Id"), "x??Action: relayed");
	assert_string_equal(field(text, "Action"), "failed");
	free(text);
	env.envid[0] = '\0';
	text = tell(REPORT_FAILED, &env);
	assert_null(field(text, "Original-Envelope-Id"));
	free(text);
	env.envid = (char[]){ " a  b   c-d " };
	text = tell(REPORT_FAILED, &env);
	assert_string_equal(
	    field(text, "Original-Envelope-Id"), " a  b   c-d ");
	free(text);
}

static void
words_are_folded_at_blanks(void **state)
{
	char *text = NULL, *line, words[1001];
	size_t size, i, lines = 0;
	FILE *out;

	(void)state;
	for (i = 0; i < 1000; i++)
		words[i] = i % 7 == 0 || (i > 300 && i < 600) ? ' ' : 'x';
	words[1000] = '\0';
	out = open_memstream(&text, &size);
	status_words(out, 30, words);
	assert_int_equal(fclose(out), 0);
	for (line = text; *line != '\0'; line = strstr(line, "\r\n") + 2) {
		size = strcspn(line, "\r");
		assert_true(size < (lines == 0 ? 50 : 80));
		assert_true(strspn(line, " ") < size);
		assert_true(lines == 0 || line[0] == ' ');
		lines++;
	}
	assert_true(lines > 5);
	free(text);
	out = open_memstream(&text, &size);
	status_words(out, 0, "   ");
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, "\r\n");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statuses_and_words),
		cmocka_unit_test(addresses),
		cmocka_unit_test(orcpt_comes_back_decoded),
		cmocka_unit_test(who_stands_behind_a_name_is_told_with_it),
		cmocka_unit_test(names_get_their_domain),
		cmocka_unit_test(times_are_those_of_the_journal),
		cmocka_unit_test(envid_breaks_no_line),
		cmocka_unit_test(words_are_folded_at_blanks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
