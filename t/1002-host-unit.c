/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conf/host.h"

/* What this machine is called, and its files, stand before those of libc. */
static const char *called;

int
gethostname(char *name, size_t size)
{
	snprintf(name, size, "%s", called);
	return 0;
}

FILE *
fopen(const char *path, const char *mode)
{
	static char hosts[] = "127.0.0.1\tlocalhost\n"
			      "# 192.0.2.9 web.example.org web\n"
			      "\n"
			      "192.0.2.1\n"
			      "nothing web1.bad.example web1 web7\n"
			      "fe80::1%lo web8.example.org web8\n"
			      " 192.0.2.1\t web1.example.org  w web1 # web5\n"
			      "192.0.2.1 web1.example.net w web1\n"
			      "192.0.2.2 web2\r\n"
			      "192.0.2.3 web3.local web3\n"
			      "192.0.2.4 bad_name.x web4\n"
			      "::1 web6.example.org web6";

	(void)mode;
	assert_string_equal(path, "/etc/hosts");
	return fmemopen(hosts, strlen(hosts), "r");
}

static void
hosts_is_asked_before_the_resolver(void **state)
{
	static const struct {
		const char *called, *want;
		bool is_at_hand;
	} cases[] = {
		{ "web1", "web1.example.org", true },
		{ "WEB1", "web1.example.org", true },
		{ "w", "web1.example.org", true },
		{ "web2", "", true },
		{ "web3", "", true },
		{ "web4", "", true },
		{ "localhost", "", true },
		{ "web6", "web6.example.org", true },
		{ "web", "", false },
		{ "web5", "", false },
		{ "web7", "", false },
		{ "web8", "web8.example.org", true },
		{ "192", "", false },
		{ "web9.example.com", "web9.example.com", true },
		{ "web9.local", "", true },
	};
	char name[HOST_NAME + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		called = cases[i].called;
		assert_int_equal(host_fqdn_at_hand(name), cases[i].is_at_hand);
		assert_string_equal(name, cases[i].want);
		if (!cases[i].is_at_hand)
			continue;
		host_fqdn(name);
		assert_string_equal(name, cases[i].want);
	}
}

static void
names_of_hosts_are_judged(void **state)
{
	static const char *const good[] = { "a", "web1", "web-1.example.org",
		"123456789012", "xn--bcher-kva.example" };
	static const char *const bad[] = { "", ".", "a.", ".a", "a..b", "-a",
		"a-", "a_b", "a b", "192.0.2.1", "b\xc3\xbc", "[192.0.2.1]",
		"a\r\nb",
		("a123456789012345678901234567890123456789012345678901234567890"
		 "123") };
	char name[HOST_NAME + 1], copy[HOST_NAME + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(host_is_name(good[i]));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(host_is_name(bad[i]));
	called = "web1";
	host_name(name);
	assert_true(host_is_name(name));
	assert_true(host_is_own(name, NULL));
	assert_true(host_is_own("LocalHost", NULL));
	assert_true(host_is_own("c0ffee", "C0FFEE"));
	assert_false(host_is_own("c0ffee.example.org", "c0ffee"));
	assert_false(host_is_own("", NULL));
	snprintf(copy, sizeof(copy), "%.*s", (int)strcspn(name, "."), name);
	assert_true(host_is_own(copy, NULL));
	host_fqdn(name);
	assert_true(*name == '\0' || strchr(name, '.') != NULL);
	assert_true(*name == '\0' || host_is_own(name, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_is_asked_before_the_resolver),
		cmocka_unit_test(names_of_hosts_are_judged),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
