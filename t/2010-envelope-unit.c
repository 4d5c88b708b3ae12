/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mailq/envelope.h"
#include "t/repeat.h"

static const char *const sound[] = {
	"a",
	"root",
	"a@x",
	"-f@x",
	"<a@x>",
	"j\xc3\xb6rg@x",
	"\"a b\"@x",
	"\"a b\"",
	"\" \"@x",
	"\"a\\\" b\"@x",
	"\"a\\\\\"@x",
	"",
};

static const char *const unsound[] = {
	" ",
	"a b@x",
	" a@x",
	"a@x ",
	"\"a\" b@x",
	"\"a\\\\\" b@x",
	"a\\\" b@x\\",
	"\"a\"@x y",
	"\"a b@x",
	"a@x\" SIZE=1",
	"a\nb@x",
	"a@x\r",
	"a@x\r\nRCPT TO:<b@y>",
	"a\tb@x",
	"a\x01@x",
	"a@x\x7f",
	"\"a\nb\"@x",
	"\"a\\\nb\"@x",
	"\"\t\"@x",
	"\"\x7f\"@x",
};

/* Addresses parted by commas, and those that stay. */
static const struct {
	const char *list;
	const char *want;
} twins[] = {
	{ "a@x", "a@x" },
	{ "a@x,a@x", "a@x" },
	{ "a@x,a@X", "a@x" },
	{ "a@X.Org,a@x.oRG", "a@X.Org" },
	{ "a@x,A@x", "a@x,A@x" },
	{ "root,root", "root" },
	{ "root,Root", "root,Root" },
	{ "root,root@x", "root,root@x" },
	{ "b@x,a@x,b@X,c@x,a@x,a@X", "b@x,a@x,c@x" },
	{ "ab@x,b@x,a@bx,a@b", "ab@x,b@x,a@bx,a@b" },
	{ "\"a@b\"@x,\"a@b\"@X", "\"a@b\"@x" },
	{ "\"a@b\"@x,\"a@B\"@x", "\"a@b\"@x,\"a@B\"@x" },
	{ "\"a@b\",\"a@B\",\"a@b\"", "\"a@b\",\"a@B\"" },
	{ "a@x,a@y,a@z,a@x,a@y,a@z,a@X,a@Y", "a@x,a@y,a@z" },
};

static const struct {
	const char *words;
	unsigned notify; /* 0: it is refused */
} notifies[] = {
	{ "never", NOTIFY_NEVER },
	{ "NEVER", NOTIFY_NEVER },
	{ "success", NOTIFY_SUCCESS },
	{ "failure", NOTIFY_FAILURE },
	{ "delay", NOTIFY_DELAY },
	{ "failure,delay", NOTIFY_FAILURE | NOTIFY_DELAY },
	{ "Delay,FAILURE,success",
	    NOTIFY_SUCCESS | NOTIFY_FAILURE | NOTIFY_DELAY },
	{ "delay,delay", NOTIFY_DELAY },
	{ "", 0 },
	{ ",", 0 },
	{ "nev", 0 },
	{ "neverx", 0 },
	{ "failure,", 0 },
	{ ",failure", 0 },
	{ "failure,,delay", 0 },
	{ "failure delay", 0 },
	{ "failure, delay", 0 },
	{ " failure", 0 },
	{ "never,failure", 0 },
	{ "failure,never", 0 },
	{ "success,delay,never,failure", 0 },
};

static void
add(struct envelope *env, const char *list)
{
	char *copy = strdup(list), *rest = copy, *addr;
	struct fault f = { 0 };

	assert_non_null(copy);
	while ((addr = strsep(&rest, ",")) != NULL)
		assert_int_equal(envelope_to(env, addr, &f), EX_OK);
	free(copy);
}

static struct envelope
make(const char *from, const char *host, const char *list)
{
	struct envelope env = { 0 };
	struct fault f = { 0 };

	assert_int_equal(envelope_from(&env, from, &f), EX_OK);
	assert_int_equal(envelope_host(&env, host, &f), EX_OK);
	add(&env, list);
	return env;
}

static void
assert_list(const struct envelope *env, const char *want)
{
	char got[512];
	FILE *out = fmemopen(got, sizeof(got), "w");
	size_t i;

	assert_non_null(out);
	for (i = 0; i < env->count; i++)
		fprintf(out, "%s%s", i > 0 ? "," : "", env->to[i].addr);
	fclose(out);
	assert_string_equal(got, want);
}

static void
an_address_is_kept_as_it_is(void **state)
{
	struct envelope env = { 0 };
	struct fault f = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sound) / sizeof(sound[0]); i++) {
		assert_int_equal(envelope_from(&env, sound[i], &f), EX_OK);
		assert_string_equal(env.from, sound[i]);
		if (sound[i][0] == '\0')
			continue;
		assert_int_equal(envelope_to(&env, sound[i], &f), EX_OK);
		assert_string_equal(env.to[env.count - 1].addr, sound[i]);
	}
	envelope_free(&env);
	envelope_free(&env);
}

static void
no_control_and_no_blank_gets_into_an_address(void **state)
{
	struct envelope env = make("a@x", "h", "b@x");
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(unsound) / sizeof(unsound[0]); i++) {
		struct fault f = { 0 }, other = { 0 };

		if (envelope_from(&env, unsound[i], &f) != EX_DATAERR ||
		    envelope_to(&env, unsound[i], &other) != EX_DATAERR)
			fail_msg("'%s' is taken", unsound[i]);
		assert_null(strpbrk(f.text, "\r\n\t\x7f"));
	}
	assert_string_equal(env.from, "a@x");
	assert_list(&env, "b@x");
	envelope_free(&env);
}

static void
addresses_and_names_have_a_limit(void **state)
{
	char *longest = repeat('a', ENVELOPE_ADDR);
	char *longer = repeat('a', ENVELOPE_ADDR + 1);
	struct envelope env = { 0 };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(envelope_from(&env, longest, &f), EX_OK);
	assert_int_equal(envelope_to(&env, longest, &f), EX_OK);
	assert_int_equal(envelope_child(&env, 0, longest, &f), EX_OK);
	assert_int_equal(
	    envelope_host(&env, longest + ENVELOPE_ADDR - ENVELOPE_HOST, &f),
	    EX_OK);
	assert_int_equal(envelope_from(&env, longer, &f), EX_DATAERR);
	f = (struct fault){ 0 };
	assert_int_equal(envelope_to(&env, longer, &f), EX_DATAERR);
	f = (struct fault){ 0 };
	assert_int_equal(envelope_child(&env, 0, longer, &f), EX_DATAERR);
	f = (struct fault){ 0 };
	assert_int_equal(
	    envelope_host(&env, longer + ENVELOPE_ADDR - ENVELOPE_HOST, &f),
	    EX_DATAERR);
	f = (struct fault){ 0 };
	assert_int_equal(envelope_to(&env, "", &f), EX_DATAERR);
	f = (struct fault){ 0 };
	assert_int_equal(envelope_from(&env, "", &f), EX_OK);
	assert_string_equal(env.from, "");
	assert_int_equal(env.count, 2);
	envelope_free(&env);
	free(longest);
	free(longer);
}

static void
whoever_stands_twice_goes_once(void **state)
{
	struct fault f = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(twins) / sizeof(twins[0]); i++) {
		struct envelope env = { 0 };

		add(&env, twins[i].list);
		assert_int_equal(envelope_unique(&env, &f), EX_OK);
		assert_list(&env, twins[i].want);
		envelope_free(&env);
	}
}

static void
of_twins_the_first_stays_with_all_it_has(void **state)
{
	struct envelope env = make("a@x", "h", "b@x,a@x,b@X,b@x");
	struct fault f = { 0 };

	(void)state;
	env.to[0].notify = NOTIFY_DELAY;
	env.to[0].orcpt = strdup("rfc822;b@x");
	env.to[2].orcpt = strdup("rfc822;b@X");
	assert_int_equal(
	    envelope_fate(&env, 2, FATE_DEFERRED, "why", &f), EX_OK);
	assert_int_equal(envelope_unique(&env, &f), EX_OK);
	assert_list(&env, "b@x,a@x");
	assert_int_equal(env.to[0].notify, NOTIFY_DELAY);
	assert_string_equal(env.to[0].orcpt, "rfc822;b@x");
	assert_int_equal(env.to[0].fate, FATE_WAITING);
	add(&env, "c@x");
	assert_list(&env, "b@x,a@x,c@x");
	envelope_free(&env);
}

static void
who_is_there_already_is_known_in_the_same_way(void **state)
{
	struct envelope env = make("a@x", "h", "b@x.org,root");

	(void)state;
	assert_true(envelope_find(&env, "b@x.org") != ENVELOPE_NONE);
	assert_true(envelope_find(&env, "b@X.ORG") != ENVELOPE_NONE);
	assert_true(envelope_find(&env, "root") != ENVELOPE_NONE);
	assert_true(envelope_find(&env, "B@x.org") == ENVELOPE_NONE);
	assert_true(envelope_find(&env, "Root") == ENVELOPE_NONE);
	assert_true(envelope_find(&env, "b@x") == ENVELOPE_NONE);
	assert_true(envelope_find(&env, "a@x") == ENVELOPE_NONE);
	assert_true(envelope_find(&env, "") == ENVELOPE_NONE);
	envelope_free(&env);
}

static void
a_hundred_thousand_recipients_fit_and_no_more(void **state)
{
	struct envelope env = { 0 };
	struct fault f = { 0 };
	char addr[32];
	size_t i;

	(void)state;
	for (i = 0; i < ENVELOPE_RCPTS; i++) {
		snprintf(addr, sizeof(addr), "r%zu@x", i * 7919 % 100003);
		assert_int_equal(envelope_to(&env, addr, &f), EX_OK);
	}
	assert_int_equal(envelope_unique(&env, &f), EX_OK);
	assert_int_equal(env.count, ENVELOPE_RCPTS);
	assert_string_equal(env.to[1].addr, "r7919@x");
	assert_int_equal(envelope_to(&env, "one@more", &f), EX_DATAERR);
	assert_string_equal(f.text, "more than 100000 recipients");
	f = (struct fault){ 0 };
	assert_int_equal(envelope_child(&env, 0, "one@more", &f), EX_DATAERR);
	assert_int_equal(env.count, ENVELOPE_RCPTS);
	envelope_free(&env);
}

static void
a_child_takes_after_its_parent(void **state)
{
	struct envelope env = make("a@x", "h", "b@x,root");
	struct fault f = { 0 };

	(void)state;
	env.to[1].notify = NOTIFY_SUCCESS | NOTIFY_DELAY;
	env.to[1].orcpt = strdup("rfc822;root");
	assert_int_equal(envelope_child(&env, 1, "c@x", &f), EX_OK);
	assert_int_equal(envelope_child(&env, 2, "d@x", &f), EX_OK);
	assert_int_equal(envelope_child(&env, 0, env.to[1].addr, &f), EX_OK);
	assert_list(&env, "b@x,root,c@x,d@x,root");
	assert_int_equal(env.to[1].parent, ENVELOPE_NONE);
	assert_int_equal(env.to[2].parent, 1);
	assert_int_equal(env.to[3].parent, 2);
	assert_int_equal(env.to[3].notify, NOTIFY_SUCCESS | NOTIFY_DELAY);
	assert_string_equal(env.to[3].orcpt, "rfc822;root");
	assert_int_equal(env.to[3].fate, FATE_WAITING);
	assert_int_equal(env.to[3].number, 0);
	assert_false(env.to[3].is_noted);
	assert_int_equal(env.to[4].parent, 0);
	assert_null(env.to[4].orcpt);
	envelope_free(&env);
}

static void
each_recipient_fares_its_own_way(void **state)
{
	struct envelope env = make("a@x", "h", "a,b,c,d,e,f");
	struct fault f = { 0 };
	char why[] = "250 ok";
	size_t n;

	(void)state;
	assert_int_equal(envelope_waiting(&env), 6);
	for (n = FATE_DEFERRED; n <= FATE_EXPANDED; n++)
		assert_int_equal(
		    envelope_fate(&env, n, (enum fate)n, why, &f), EX_OK);
	why[0] = '5';
	for (n = FATE_WAITING; n <= FATE_EXPANDED; n++)
		assert_int_equal(envelope_count(&env, (enum fate)n), 1);
	assert_int_equal(envelope_waiting(&env), 3);
	assert_null(env.to[FATE_WAITING].why);
	assert_string_equal(env.to[FATE_DELIVERED].why, "250 ok");
	assert_true(rcpt_waits(env.to + FATE_WAITING));
	assert_true(rcpt_waits(env.to + FATE_DEFERRED));
	assert_true(rcpt_waits(env.to + FATE_UNKNOWN));
	assert_false(rcpt_waits(env.to + FATE_DELIVERED));
	assert_false(rcpt_waits(env.to + FATE_REFUSED));
	assert_false(rcpt_waits(env.to + FATE_EXPANDED));
	envelope_free(&env);
}

static void
what_changes_is_marked_for_the_journal(void **state)
{
	static const struct {
		const char *why;
		enum fate fate;
		bool is_changed;
	} steps[] = {
		{ NULL, FATE_WAITING, false },
		{ "a", FATE_DEFERRED, true },
		{ "a", FATE_DEFERRED, false },
		{ "b", FATE_DEFERRED, true },
		{ NULL, FATE_DEFERRED, true },
		{ NULL, FATE_DEFERRED, false },
		{ "b", FATE_UNKNOWN, true },
		{ NULL, FATE_EXPANDED, true },
		{ "c", FATE_EXPANDED, false },
		{ "b", FATE_DELIVERED, true },
		{ "b", FATE_DELIVERED, false },
	};
	struct envelope env = make("a@x", "h", "a");
	struct fault f = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		env.to->is_changed = false;
		assert_int_equal(
		    envelope_fate(&env, 0, steps[i].fate, steps[i].why, &f),
		    EX_OK);
		assert_int_equal(env.to->fate, steps[i].fate);
		assert_int_equal(env.to->is_changed, steps[i].is_changed);
		if (steps[i].fate == FATE_EXPANDED)
			assert_string_equal(env.to->why, "b");
	}
	envelope_free(&env);
}

static void
words_are_shared_and_live_as_long_as_anyone_uses_them(void **state)
{
	struct envelope env = make("a@x", "h", "a,b,c,d");
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(envelope_fate(&env, 0, FATE_DEFERRED, "x", &f), EX_OK);
	assert_int_equal(envelope_fate(&env, 1, FATE_REFUSED, "x", &f), EX_OK);
	assert_ptr_equal(env.to[0].why, env.to[1].why);
	assert_int_equal(envelope_fate(&env, 2, FATE_DEFERRED, "y", &f), EX_OK);
	assert_int_equal(
	    envelope_fate(&env, 3, FATE_DEFERRED, env.to[0].why, &f), EX_OK);
	assert_int_equal(envelope_fate(&env, 0, FATE_DEFERRED, "z", &f), EX_OK);
	assert_int_equal(
	    envelope_fate(&env, 0, FATE_WAITING, env.to[0].why, &f), EX_OK);
	assert_int_equal(
	    envelope_fate(&env, 1, FATE_DELIVERED, NULL, &f), EX_OK);
	assert_string_equal(env.to[0].why, "z");
	assert_null(env.to[1].why);
	assert_string_equal(env.to[2].why, "y");
	assert_string_equal(env.to[3].why, "x");
	envelope_free(&env);
}

static void
notify_is_read_as_rfc_3461_has_it(void **state)
{
	unsigned notify;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(notifies) / sizeof(notifies[0]); i++) {
		struct fault f = { 0 };
		int rc;

		notify = 77;
		rc = notify_parse(notifies[i].words, &notify, &f);
		if (rc != (notifies[i].notify == 0 ? EX_DATAERR : EX_OK))
			fail_msg("'%s': %d", notifies[i].words, rc);
		assert_int_equal(notify, rc == EX_OK ? notifies[i].notify : 77);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_kept_as_it_is),
		cmocka_unit_test(no_control_and_no_blank_gets_into_an_address),
		cmocka_unit_test(addresses_and_names_have_a_limit),
		cmocka_unit_test(whoever_stands_twice_goes_once),
		cmocka_unit_test(of_twins_the_first_stays_with_all_it_has),
		cmocka_unit_test(who_is_there_already_is_known_in_the_same_way),
		cmocka_unit_test(a_hundred_thousand_recipients_fit_and_no_more),
		cmocka_unit_test(a_child_takes_after_its_parent),
		cmocka_unit_test(each_recipient_fares_its_own_way),
		cmocka_unit_test(what_changes_is_marked_for_the_journal),
		cmocka_unit_test(
		    words_are_shared_and_live_as_long_as_anyone_uses_them),
		cmocka_unit_test(notify_is_read_as_rfc_3461_has_it),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("envelope", tests, NULL, NULL);
}
