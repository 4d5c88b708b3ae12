/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sendmail/verdict.h"

static struct reply
reply(const char *text)
{
	struct reply r = { 0 };

	if (text != NULL)
		reply_make(&r, text);
	return r;
}

/* A letter of one recipient, by what was said to MAIL, RCPT, DATA, the dot. */
struct said {
	const char *mail, *rcpt, *data, *end;
	bool is_committed, is_ours, lacks_user;
	enum fate fate;
	int code;
};

static const struct said cases[] = {
	/* The first digit decides. */
	{ "250 2.1.0 Ok", "250 2.1.5 Ok", "354 go", "250 2.0.0 Ok", true, false,
	    false, FATE_DELIVERED, EX_OK },
	{ "250 Ok", "251 forwarded", "354 go", "250 Ok", true, false, false,
	    FATE_DELIVERED, EX_OK },
	{ "250 Ok", "450 4.2.0 greylisted", NULL, NULL, false, false, false,
	    FATE_DEFERRED, EX_OK },
	{ "451 later", "503 no MAIL", "503 no RCPT", NULL, false, false, false,
	    FATE_DEFERRED, EX_OK },
	{ "550 no", "503 no MAIL", "503 no RCPT", NULL, false, false, false,
	    FATE_REFUSED, EX_UNAVAILABLE },
	{ "250 Ok", "250 Ok", "451 no", NULL, false, false, false,
	    FATE_DEFERRED, EX_OK },
	{ "250 Ok", "250 Ok", "354 go", "452 4.3.1 full", true, false, false,
	    FATE_DEFERRED, EX_OK },
	{ "250 Ok", "250 Ok", "250 what", NULL, false, false, false,
	    FATE_DEFERRED, EX_OK },

	/* 67 only for RCPT with 550, 551, 553. */
	{ "250 Ok", "550 5.1.1 who", "503", NULL, false, false, false,
	    FATE_REFUSED, EX_NOUSER },
	{ "250 Ok", "551 gone", NULL, NULL, false, false, false, FATE_REFUSED,
	    EX_NOUSER },
	{ "250 Ok", "553 bad name", NULL, NULL, false, false, false,
	    FATE_REFUSED, EX_NOUSER },
	{ "250 Ok", "554 no", NULL, NULL, false, false, false, FATE_REFUSED,
	    EX_UNAVAILABLE },
	{ "250 Ok", "250 Ok", "354 go", "550 spam", true, false, false,
	    FATE_REFUSED, EX_UNAVAILABLE },

	/* 65 for size, content, syntax. */
	{ "552 5.3.4 too big", NULL, NULL, NULL, false, false, false,
	    FATE_REFUSED, EX_DATAERR },
	{ "250 Ok", "250 Ok", "354 go", "552 too big", true, false, false,
	    FATE_REFUSED, EX_DATAERR },
	{ "250 Ok", "552 5.2.2 mailbox full", NULL, NULL, false, false, false,
	    FATE_REFUSED, EX_UNAVAILABLE },
	{ "250 Ok", "250 Ok", "354 go", "554 5.6.0 bad", true, false, false,
	    FATE_REFUSED, EX_DATAERR },
	{ "501 5.1.7 bad sender", NULL, NULL, NULL, false, false, false,
	    FATE_REFUSED, EX_DATAERR },
	{ NULL, "553 5.6.7 needs SMTPUTF8", NULL, NULL, false, false, false,
	    FATE_REFUSED, EX_DATAERR },

	/* Silence: before the dot it waits, after it nobody knows. */
	{ NULL, NULL, NULL, NULL, false, false, false, FATE_DEFERRED, EX_OK },
	{ "250 Ok", NULL, NULL, NULL, false, false, false, FATE_DEFERRED,
	    EX_OK },
	{ "250 Ok", "250 Ok", "354 go", NULL, false, false, false,
	    FATE_DEFERRED, EX_OK },
	{ "250 Ok", "250 Ok", "354 go", NULL, true, false, false, FATE_UNKNOWN,
	    EX_OK },

	/* A sender that we made: wait for a key. */
	{ "553 5.7.1 not owned by user", NULL, NULL, NULL, false, true, false,
	    FATE_DEFERRED, EX_OK },
	{ "553 5.7.1 not owned by user", NULL, NULL, NULL, false, false, false,
	    FATE_REFUSED, EX_UNAVAILABLE },
	{ "250 Ok", "250 Ok", "354 go",
	    "554 Message rejected: Email address is not verified.", true, true,
	    false, FATE_DEFERRED, EX_OK },
	{ "250 Ok", "550 5.7.60 SendAsDenied", NULL, NULL, false, true, false,
	    FATE_DEFERRED, EX_OK },
	{ "250 Ok", "550 5.1.8 Domain of sender not found", NULL, NULL, false,
	    true, false, FATE_DEFERRED, EX_OK },
	{ "250 Ok", "553 5.1.7 Bad sender", NULL, NULL, false, true, false,
	    FATE_DEFERRED, EX_OK },
	{ "250 Ok", "550 5.1.8 Domain of sender not found", NULL, NULL, false,
	    false, false, FATE_REFUSED, EX_NOUSER },
	{ "250 Ok", "250 Ok", "354 go", "554 5.2.252 SendAsDenied; STOREDRV",
	    true, true, false, FATE_DEFERRED, EX_OK },
	{ "250 Ok", "250 Ok", "354 go", "554 5.2.252 SendAsDenied; STOREDRV",
	    true, false, false, FATE_REFUSED, EX_UNAVAILABLE },
	{ "250 Ok", "550 5.1.1 who", NULL, NULL, false, true, false,
	    FATE_REFUSED, EX_NOUSER },
	{ "552 5.3.4 too big", NULL, NULL, NULL, false, true, false,
	    FATE_REFUSED, EX_DATAERR },

	/* AUTH was offered and no user is set. */
	{ "250 Ok", "554 5.7.1 relay denied", NULL, NULL, false, false, true,
	    FATE_DEFERRED, EX_OK },

	/* Classes that mislead. */
	{ "550 5.4.5 Daily user sending limit exceeded", NULL, NULL, NULL,
	    false, false, false, FATE_DEFERRED, EX_OK },
	{ "250 Ok", "250 Ok", "354 go", "554 5.2.0 STOREDRV.Submission", true,
	    false, false, FATE_DEFERRED, EX_OK },
	{ "250 Ok", "250 Ok", "354 go", "554 5.2.2 mailbox full", true, false,
	    false, FATE_DEFERRED, EX_OK },
	{ "250 Ok", "554 Recipients' domain disabled", NULL, NULL, false, false,
	    false, FATE_DEFERRED, EX_OK },
	{ "250 Ok", "250 Ok", "354 go", "554 5.2.0 other", true, false, false,
	    FATE_REFUSED, EX_UNAVAILABLE },
};

static void
judges(void **state)
{
	struct letter_rcpt to = { .addr = "a@b" };
	struct letter letter = { .from = "c@d", .to = &to, .count = 1 };
	struct verdict_facts facts = { .lost = "connection lost" };
	struct verdict v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		to.reply = reply(cases[i].rcpt);
		letter.mail = reply(cases[i].mail);
		letter.data = reply(cases[i].data);
		letter.end = reply(cases[i].end);
		letter.is_committed = cases[i].is_committed;
		facts.sender_is_ours = cases[i].is_ours;
		facts.has_user = !cases[i].lacks_user;
		facts.offers_auth = true;
		verdict(&letter, 0, &facts, &v);
		if (v.fate != cases[i].fate || v.code != cases[i].code)
			fail_msg("case %zu: fate %d code %d, %s", i, v.fate,
			    v.code, v.why);
		assert_true(v.why[0] != '\0');
		assert_false(v.is_account);
	}
}

static void
some_replies_blame_the_account(void **state)
{
	static const struct {
		const char *mail, *rcpt, *key;
		bool has_user;
	} blames[] = {
		{ "530 5.7.0 Authentication required", NULL, "[smarthost] user",
		    false },
		{ "530 5.7.0 Authentication required", NULL, "[smarthost] auth",
		    true },
		{ "530 5.7.0 Must issue a STARTTLS command first", NULL,
		    "[smarthost] tls", false },
		{ "550 5.2.251 Sender throttled", NULL, "throttled", true },
		{ "250 Ok", "550 5.2.255 Sender throttled", "throttled", true },
		{ "250 Ok", "504 5.5.2 <web1>: need fully-qualified hostname",
		    "[smarthost] hello", true },
	};
	struct letter_rcpt to = { .addr = "a@b" };
	struct letter letter = { .from = "c@d", .to = &to, .count = 1 };
	struct verdict_facts facts = { 0 };
	struct verdict v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(blames) / sizeof(blames[0]); i++) {
		facts.has_user = blames[i].has_user;
		letter.mail = reply(blames[i].mail);
		to.reply = reply(blames[i].rcpt);
		verdict(&letter, 0, &facts, &v);
		assert_true(v.is_account);
		assert_int_equal(v.fate, FATE_DEFERRED);
		assert_non_null(strstr(v.why, blames[i].key));
	}
}

static void
one_policy_refusal_among_others_is_its_own(void **state)
{
	struct letter_rcpt to[2] = { { .addr = "a@b" }, { .addr = "e@f" } };
	struct letter letter = { .from = "c@d", .to = to, .count = 2 };
	const struct verdict_facts facts = { .sender_is_ours = true,
		.has_user = true };
	struct verdict v;

	(void)state;
	letter.mail = reply("250 Ok");
	to[0].reply = reply("550 5.7.1 denied");
	to[1].reply = reply("250 Ok");
	verdict(&letter, 0, &facts, &v);
	assert_int_equal(v.fate, FATE_REFUSED);
}

static void
tells_what_may_be_about_the_sender(void **state)
{
	static const struct {
		const char *mail, *one, *other;
		bool is_so;
	} told[] = {
		{ "550 5.7.1 no", "503 what", "503 what", true },
		{ "553 no", NULL, NULL, true },
		{ "501 5.1.7 bad sender", NULL, NULL, true },
		{ "552 5.3.4 too large", NULL, NULL, false },
		{ "530 5.7.0 log in", NULL, NULL, false },
		{ "451 later", NULL, NULL, false },
		{ NULL, NULL, NULL, false },
		{ "250 Ok", "550 5.7.1 no", "553 5.7.2 no", true },
		{ "250 Ok", "554 no", "550 5.7.1 no", true },
		{ "250 Ok", "550 5.7.1 no", "250 Ok", false },
		{ "250 Ok", "550 5.7.1 no", "550 5.1.1 who", true },
		{ "250 Ok", "550 5.1.1 who", "553 5.1.8 no", true },
		{ "250 Ok", "553 5.1.7 no", "553 5.1.8 no", true },
		{ "250 Ok", "550 5.7.1 no", "451 later", false },
		{ "250 Ok", "550 no", "550 no", true },
		{ "250 Ok", "550 5.1.1 who", "550 5.1.1 who", false },
		{ "250 Ok", "530 5.7.0 log in", "530 5.7.0 log in", false },
		{ "250 Ok", "552 5.2.2 full", "552 5.2.2 full", true },
		{ "250 Ok", "250 Ok", "250 Ok", false },
	};
	struct letter_rcpt to[2] = { { .addr = "a@b" }, { .addr = "e@f" } };
	struct letter letter = { .from = "", .to = to, .count = 2 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		letter.mail = reply(told[i].mail);
		to[0].reply = reply(told[i].one);
		to[1].reply = reply(told[i].other);
		if (verdict_may_be_about_sender(&letter) != told[i].is_so)
			fail_msg("case %zu", i);
	}

	/* A text is refused for its own sake, or for its sender's. */
	letter.mail = to[0].reply = to[1].reply = reply("250 Ok");
	letter.data = reply("354 go");
	letter.end = reply("550 5.6.0 bad content");
	assert_false(verdict_may_be_about_sender(&letter));
	letter.end = reply("552 5.3.4 too large");
	assert_false(verdict_may_be_about_sender(&letter));
	letter.end = reply("550 not yours");
	assert_true(verdict_may_be_about_sender(&letter));
	letter.end = reply("550 5.7.1 not yours");
	assert_true(verdict_may_be_about_sender(&letter));

	/* Who is unknown keeps nobody else from getting it. */
	to[0].reply = reply("550 5.1.1 who");
	assert_true(verdict_may_be_about_sender(&letter));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges),
		cmocka_unit_test(some_replies_blame_the_account),
		cmocka_unit_test(one_policy_refusal_among_others_is_its_own),
		cmocka_unit_test(tells_what_may_be_about_the_sender),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
