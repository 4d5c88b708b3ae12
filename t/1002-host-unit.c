/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conf/host.h"

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
		cmocka_unit_test(names_of_hosts_are_judged),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
