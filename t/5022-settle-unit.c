/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sendmail/settle.h"

#define NOW 1700000000

static void
each_attempt_has_its_step_give_or_take_a_tenth(void **state)
{
	static const struct {
		unsigned attempts;
		int wait;
	} steps[] = { { 0, 60 }, { 1, 60 }, { 2, 300 }, { 3, 7 }, { 4, 7 },
		{ 1000, 7 } };
	struct conf conf = { .retry = { 60, 300, 7 }, .retries = 3 };
	int spread, least, most;
	size_t i, tries;
	time_t in;

	(void)state;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		spread = steps[i].wait / 10;
		least = steps[i].wait + spread;
		most = steps[i].wait - spread;
		for (tries = 0; tries < 5000; tries++) {
			in = settle_next(&conf, steps[i].attempts, NOW) - NOW;
			assert_true(in >= steps[i].wait - spread);
			assert_true(in <= steps[i].wait + spread);
			least = (int)in < least ? (int)in : least;
			most = (int)in > most ? (int)in : most;
		}
		assert_int_equal(least, steps[i].wait - spread);
		assert_int_equal(most, steps[i].wait + spread);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_attempt_has_its_step_give_or_take_a_tenth),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("settle", tests, NULL, NULL);
}
