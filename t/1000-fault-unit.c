/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conf/fault.h"

static void
a_fault_is_one_harmless_line_and_the_first_one_stays(void **state)
{
	struct fault f = { 0 };
	char text[2 * FAULT_TEXT];

	(void)state;
	assert_int_equal(
	    fault_set(&f, EX_CONFIG, "a\n\x1b[2J\x7f\xc2\x9b '%s'", "\r"),
	    EX_CONFIG);
	assert_string_equal(f.text, "a??[2J??? '?'");
	assert_int_equal(fault_set(&f, EX_TEMPFAIL, "b"), EX_CONFIG);
	assert_string_equal(f.text, "a??[2J??? '?'");
	f = (struct fault){ 0 };
	memset(text, 'x', sizeof(text));
	text[FAULT_TEXT - 2] = '\xc3';
	text[FAULT_TEXT - 1] = '\xbc';
	text[sizeof(text) - 1] = '\0';
	fault_set(&f, EX_CONFIG, "%s", text);
	assert_int_equal(strlen(f.text), FAULT_TEXT - 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_fault_is_one_harmless_line_and_the_first_one_stays),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
