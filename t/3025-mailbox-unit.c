/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "mailq/envelope.h"
#include "sendmail/address.h"

#define MANY 1000000 /* octets of a hostile list */

static int
put_place(void *ctx, const struct mailbox *box, struct fault *f)
{
	size_t *place = ctx;

	(void)f;
	place[0] = box->start;
	place[1] = box->end;
	return EX_OK;
}

static void
test_place(void **state)
{
	static const char *const lists[][2] = {
		{ "a@x", "a@x" },
		{ " root (Cron) ", "root" },
		{ "Joe <a . b@x.> (home)", "a . b@x." },
		{ "<@a:\"a b\"@x >", "\"a b\"@x" },
		{ "a@x, \\joe", "\\joe" },
		{ "team: a@[1.2.3.4] ;", "a@[1.2.3.4]" },
		{ "(Joe) a@x", "a@x" },
	};
	size_t i, place[2];

	(void)state;
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct fault f = { 0 };
		const char *want = lists[i][1];

		assert_int_equal(address_list(lists[i][0], strlen(lists[i][0]),
				     put_place, place, &f),
		    EX_OK);
		assert_int_equal(place[1] - place[0], strlen(want));
		assert_memory_equal(lists[i][0] + place[0], want, strlen(want));
	}
}

static int
stop(void *ctx, const struct mailbox *box, struct fault *f)
{
	(void)ctx;
	return fault_set(f, EX_IOERR, "enough of %s", box->addr);
}

static void
test_taker(void **state)
{
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(address_list("a@x, \"", 6, stop, NULL, &f), EX_IOERR);
	assert_string_equal(f.text, "enough of a@x");
}

static void
test_long(void **state)
{
	char word[2 * ENVELOPE_ADDR], *addr;
	struct fault f = { 0 };

	(void)state;
	memset(word, 'a', sizeof(word));
	memcpy(word + ENVELOPE_ADDR - 2, "@x", 3);
	assert_int_equal(address_one(word, &addr, &f), EX_OK);
	assert_string_equal(addr, word);
	free(addr);
	memset(word, 'a', ENVELOPE_ADDR);
	memcpy(word + ENVELOPE_ADDR - 1, "@x", 3);
	assert_int_equal(address_one(word, &addr, &f), EX_DATAERR);
	assert_non_null(strstr(f.text, "too long"));

	/* Quotes and backslashes count. */
	f = (struct fault){ 0 };
	memset(word, '\\', ENVELOPE_ADDR + 100);
	word[0] = word[ENVELOPE_ADDR + 1] = '"';
	word[ENVELOPE_ADDR + 2] = '\0';
	assert_int_equal(address_one(word, &addr, &f), EX_DATAERR);
	assert_non_null(strstr(f.text, "too long"));
}

static void
test_hostile(void **state)
{
	static const char *const seeds[] = { "(", ")", "(a", "(\\", "\"", "\\",
		"<", ">", "@", ".", ",", ":", ";", "[", "a@x,", "a@x ",
		"a:", "<@a:", "<@a,", "a.", "\"a\" ", "a ", "((()))", "a@b.",
		"\303\274", "\200", "=?", "a (b) " };
	char *list = malloc(MANY);
	size_t i, at;
	clock_t start;

	(void)state;
	assert_non_null(list);
	for (i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		struct fault f = { 0 };
		size_t place[2];
		int rc;

		for (at = 0; at < MANY; at++)
			list[at] = seeds[i][at % strlen(seeds[i])];
		start = clock();
		rc = address_list(list, MANY, put_place, place, &f);
		assert_true(rc == EX_OK || rc == EX_DATAERR);
		assert_true(clock() - start < 2 * CLOCKS_PER_SEC);
	}
	free(list);
}

static void
test_one(void **state)
{
	static const char *const good[][2] = {
		{ "", "" },
		{ "<>", "" },
		{ "a@x", "a@x" },
		{ "<a@x>", "a@x" },
		{ "Joe Doe <a@x>", "a@x" },
		{ "root", "root" },
		{ "--", "--" },
		{ "\"a b\"@x", "\"a b\"@x" },
		{ "a@x (Joe)", "a@x" },
		{ "b+joe=x.org@y", "b+joe=x.org@y" },
	};
	static const char *const bad[] = { "a@x, b@y", "a b", "a@x\n", "a\r@x",
		"s@q\r\nRCPT TO:<evil>", ",", "team:;", "a@b@c", "\"", "<", " ",
		"a@x\001", "|x", "<> x" };
	char *addr;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct fault f = { 0 };

		assert_int_equal(address_one(good[i][0], &addr, &f), EX_OK);
		assert_string_equal(addr, good[i][1]);
		free(addr);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fault f = { 0 };

		if (address_one(bad[i], &addr, &f) != EX_DATAERR)
			fail_msg("'%s' is taken", bad[i]);
		assert_null(addr);
	}
}

static void
test_domain(void **state)
{
	(void)state;
	assert_string_equal(address_domain("a@x.org"), "x.org");
	assert_string_equal(address_domain("\"a@b\"@x.org"), "x.org");
	assert_string_equal(address_domain("a@[IPv6:::1]"), "[IPv6:::1]");
	assert_null(address_domain("root"));
	assert_null(address_domain("\"a@b\""));
	assert_null(address_domain(""));
	assert_true(address_is_ascii("a@x"));
	assert_false(address_is_ascii("a@b\303\274cher"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{ "each address is found where it stands", test_place, NULL,
		    NULL, NULL },
		{ "whoever takes them may stop it", test_taker, NULL, NULL,
		    NULL },
		{ "an address has a limit, with its quotes", test_long, NULL,
		    NULL, NULL },
		{ "hostile lists cost no more than their length", test_hostile,
		    NULL, NULL, NULL },
		{ "a sender is one address, or none", test_one, NULL, NULL,
		    NULL },
		{ "domain and name are parted", test_domain, NULL, NULL, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mailbox", tests, NULL, NULL);
}
