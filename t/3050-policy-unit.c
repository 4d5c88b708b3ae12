/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sendmail/policy.h"
#include "sendmail/route.h"

/* A policy whose answers do not hang on the machine that runs the test. */
static void
make(struct policy *policy, const struct conf *conf)
{
	*policy = (struct policy){ .conf = conf,
		.name = "web1",
		.fqdn = "web1.example.org",
		.domain = "example.org" };
}

static void
completes(void **state)
{
	static const struct {
		const char *addr, *recorded, *full;
	} cases[] = {
		{ "root", NULL, "root@example.org" },
		{ "root@localhost", NULL, "root@example.org" },
		{ "root@localhost.localdomain", NULL, "root@example.org" },
		{ "root@WEB1", NULL, "root@example.org" },
		{ "root@web1.example.org", NULL, "root@example.org" },
		{ "root@c0ffee", "c0ffee", "root@example.org" },
		{ "root@c0ffee", NULL, "root@c0ffee" },
		{ "\"a b\"", NULL, "\"a b\"@example.org" },
		{ "\"a@b\"", NULL, "\"a@b\"@example.org" },
		{ "bob@example.net", "c0ffee", "bob@example.net" },
		{ "", NULL, "" },
	};
	struct conf conf = { 0 };
	struct policy policy;
	struct fault f = { 0 };
	char *full;
	size_t i;

	(void)state;
	make(&policy, &conf);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(policy_complete(&policy, cases[i].addr,
				     cases[i].recorded, &full, &f),
		    EX_OK);
		assert_string_equal(full, cases[i].full);
		free(full);
	}
}

static void
names_the_key_without_a_domain(void **state)
{
	struct conf conf = { 0 };
	struct policy policy;
	struct fault f = { 0 };
	char *full;

	(void)state;
	make(&policy, &conf);
	policy.domain[0] = '\0';
	assert_int_equal(
	    policy_complete(&policy, "root", NULL, &full, &f), EX_CONFIG);
	assert_non_null(strstr(f.text, "[sender] domain"));
}

static void
changes_the_sender(void **state)
{
	static const struct {
		enum rewrite rewrite;
		const char *from, *full;
		bool is_ours;
	} cases[] = {
		{ REWRITE_LOCAL, "root", "ops@x.example", true },
		{ REWRITE_LOCAL, "root@localhost", "ops@x.example", true },
		{ REWRITE_LOCAL, "root@c0ffee", "ops@x.example", true },
		{ REWRITE_LOCAL, "a@intranet", "ops@x.example", true },
		{ REWRITE_LOCAL, "a@y.example", "a@y.example", false },
		{ REWRITE_LOCAL, "", "", false },
		{ REWRITE_ALL, "a@y.example", "ops@x.example", true },
		{ REWRITE_ALL, "", "", false },
		{ REWRITE_NEVER, "root", "root@example.org", true },
		{ REWRITE_NEVER, "root@web1", "root@example.org", true },
		{ REWRITE_NEVER, "root@example.org", "root@example.org",
		    false },
		{ REWRITE_NEVER, "a@y.example", "a@y.example", false },
	};
	struct conf conf = { .address = (char *)"ops@x.example" };
	struct smarthost smarthost = { 0 };
	struct envelope env = { .host = (char *)"c0ffee" };
	struct policy policy;
	struct fault f = { 0 };
	bool is_ours;
	char *full;
	size_t i;

	(void)state;
	make(&policy, &conf);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		conf.rewrite = cases[i].rewrite;
		env.from = (char *)cases[i].from;
		assert_int_equal(policy_sender(&policy, &smarthost, &env, &full,
				     &is_ours, &f),
		    EX_OK);
		assert_string_equal(full, cases[i].full);
		assert_int_equal(is_ours, cases[i].is_ours);
		free(full);
	}
}

static void
a_smarthost_has_its_own_address(void **state)
{
	struct conf conf = { .address = (char *)"ops@x.example" };
	struct smarthost smarthost = { .address = (char *)"me@y.example" };
	struct envelope env = { .from = (char *)"root" };
	struct policy policy;
	struct fault f = { 0 };
	bool is_ours;
	char *full;

	(void)state;
	make(&policy, &conf);
	assert_int_equal(
	    policy_sender(&policy, &smarthost, &env, &full, &is_ours, &f),
	    EX_OK);
	assert_string_equal(full, "me@y.example");
	free(full);
}

static void
fits_senders(void **state)
{
	char *word[] = { (char *)"bob@x.org", (char *)"@y.org", NULL };
	struct smarthost some = { .senders = { word, 2 } }, any = { 0 };

	(void)state;
	assert_true(route_fits(&any, "z@z.org"));
	assert_true(route_fits(&some, "bob@X.ORG"));
	assert_false(route_fits(&some, "Bob@x.org"));
	assert_false(route_fits(&some, "bobby@x.org"));
	assert_true(route_fits(&some, "any@y.org"));
	assert_false(route_fits(&some, "any@z.y.org"));
	assert_false(route_fits(&some, "bob"));
	assert_true(route_fits(&some, ""));
}

/* Who is left to send to, in order, with blanks between. */
static void
who(const struct envelope *env, char *out, size_t size)
{
	size_t n, len = 0;

	out[0] = '\0';
	for (n = 0; n < env->count; n++)
		if (rcpt_waits(env->to + n))
			len += (size_t)snprintf(out + len, size - len, "%s%s",
			    len > 0 ? " " : "", env->to[n].addr);
}

/* As alias_find() wants it: in the order of their names. */
static struct alias table[] = {
	{ (char *)"admin", (char *)"Ann <ann@x.example>" },
	{ (char *)"joe", (char *)"joe" },
	{ (char *)"mia", (char *)"mia, mia@y.example" },
	{ (char *)"nobody", (char *)"undisclosed:;" },
	{ (char *)"ping", (char *)"pong" },
	{ (char *)"pong", (char *)"ping" },
	{ (char *)"root", (char *)"admin, boss@x.example" },
};

static void
expands_aliases(void **state)
{
	static const struct {
		const char *to, *who;
	} cases[] = {
		{ "root", "boss@x.example ann@x.example" },
		{ "ROOT@localhost", "boss@x.example ann@x.example" },
		{ "root@web1", "boss@x.example ann@x.example" },
		{ "root@y.example", "root@y.example" },
		{ "joe", "joe" },
		{ "mia", "mia mia@y.example" },
		{ "ping", "ping" },
		{ "nobody", "nobody" },
		{ "stranger", "stranger" },
	};
	struct conf conf = { .alias = table,
		.aliases = sizeof(table) / sizeof(table[0]) };
	struct policy policy;
	struct fault f = { 0 };
	char out[256];
	size_t i;

	(void)state;
	make(&policy, &conf);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct envelope env = { 0 };

		assert_int_equal(envelope_to(&env, cases[i].to, &f), EX_OK);
		assert_int_equal(policy_expand(&policy, &env, &f), EX_OK);
		who(&env, out, sizeof(out));
		assert_string_equal(out, cases[i].who);
		envelope_free(&env);
	}
}

static void
a_star_takes_the_rest(void **state)
{
	struct alias star[] = { { (char *)"*", (char *)"admin" },
		{ (char *)"root", (char *)"r@x.example" } };
	struct conf conf = { .alias = star, .aliases = 2 };
	struct envelope env = { 0 };
	struct policy policy;
	struct fault f = { 0 };
	char out[256];

	(void)state;
	make(&policy, &conf);
	assert_int_equal(envelope_to(&env, "root", &f), EX_OK);
	assert_int_equal(envelope_to(&env, "cron", &f), EX_OK);
	assert_int_equal(envelope_to(&env, "a@y.example", &f), EX_OK);
	assert_int_equal(policy_expand(&policy, &env, &f), EX_OK);
	who(&env, out, sizeof(out));
	assert_string_equal(out, "a@y.example r@x.example admin");
	envelope_free(&env);
}

static void
a_recipient_twice_goes_once(void **state)
{
	struct conf conf = { .alias = table,
		.aliases = sizeof(table) / sizeof(table[0]) };
	struct envelope env = { 0 };
	struct policy policy;
	struct fault f = { 0 };
	char out[256];

	(void)state;
	make(&policy, &conf);
	assert_int_equal(envelope_to(&env, "ann@X.example", &f), EX_OK);
	assert_int_equal(envelope_to(&env, "root", &f), EX_OK);
	assert_int_equal(policy_expand(&policy, &env, &f), EX_OK);
	who(&env, out, sizeof(out));
	assert_string_equal(out, "ann@X.example boss@x.example");
	envelope_free(&env);
}

static void
a_broken_alias_is_the_account_s_fault(void **state)
{
	struct alias bad[] = { { (char *)"root", (char *)"a@b@c" } };
	struct conf conf = { .alias = bad, .aliases = 1 };
	struct envelope env = { 0 };
	struct policy policy;
	struct fault f = { 0 };

	(void)state;
	make(&policy, &conf);
	assert_int_equal(envelope_to(&env, "root", &f), EX_OK);
	assert_int_equal(envelope_to(&env, "ok@y.example", &f), EX_OK);
	assert_int_equal(policy_expand(&policy, &env, &f), EX_OK);
	assert_true(env.to[0].is_stuck);
	assert_non_null(strstr(env.to[0].why, "alias 'root'"));
	assert_non_null(strstr(env.to[0].why, "[aliases]"));
	assert_false(env.to[1].is_stuck);
	assert_int_equal(policy_check(&policy, &f), EX_CONFIG);
	assert_non_null(strstr(f.text, "alias 'root'"));
	envelope_free(&env);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(completes),
		cmocka_unit_test(names_the_key_without_a_domain),
		cmocka_unit_test(changes_the_sender),
		cmocka_unit_test(a_smarthost_has_its_own_address),
		cmocka_unit_test(fits_senders),
		cmocka_unit_test(expands_aliases),
		cmocka_unit_test(a_star_takes_the_rest),
		cmocka_unit_test(a_recipient_twice_goes_once),
		cmocka_unit_test(a_broken_alias_is_the_account_s_fault),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
