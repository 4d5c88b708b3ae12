/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sendmail/address.h"
#include "sendmail/field.h"
#include "sendmail/header.h"

#define FROM strlen("From: ")
#define FIFTY "Joe, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "
#define LONG 3000 /* octets of a name */

static char *
mailbox(const char *name, const char *addr)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	header_mailbox(out, FROM, name, addr);
	fclose(out);
	assert_int_equal(size, strlen(text));
	return text;
}

static void
test_names(void **state)
{
	static const char *const cases[][2] = {
		{ "", "a@x" },
		{ "   ", "a@x" },
		{ "\r\n\t", "a@x" },
		{ "Joe", "Joe <a@x>" },
		{ "Joe Doe", "Joe Doe <a@x>" },
		{ " Joe  Doe ", "Joe Doe <a@x>" },
		{ "O'Hara", "O'Hara <a@x>" },
		{ "Joe Q. Public", "\"Joe Q. Public\" <a@x>" },
		{ "Doe, Joe", "\"Doe, Joe\" <a@x>" },
		{ "Joe \"X\" Doe", "\"Joe \\\"X\\\" Doe\" <a@x>" },
		{ "Joe \\ Doe", "\"Joe \\\\ Doe\" <a@x>" },
		{ "(Cron Daemon)", "\"(Cron Daemon)\" <a@x>" },
		{ "<b@y>", "\"<b@y>\" <a@x>" },
		{ "a@b", "\"a@b\" <a@x>" },
		{ "A\nBcc: b@y", "\"A Bcc: b@y\" <a@x>" },
		{ "A\r\nBcc: b@y", "\"A Bcc: b@y\" <a@x>" },
		{ "A\001B\177C", "A B C <a@x>" },
		{ "J\303\266rg", "=?UTF-8?Q?J=C3=B6rg?= <a@x>" },
		{ "J\303\266rg D\303\266",
		    "=?UTF-8?Q?J=C3=B6rg_D=C3=B6?= "
		    "<a@x>" },
		{ "J\303\266 \"X\", Y",
		    "=?UTF-8?Q?J=C3=B6_=22X=22=2C_Y?= "
		    "<a@x>" },
		{ "J\366rg", "=?UNKNOWN-8BIT?Q?J=F6rg?= <a@x>" },
		{ "=?UTF-8?Q?x?=",
		    "=?UTF-8?Q?=3D=3FUTF-8=3FQ=3Fx=3F=3D?= "
		    "<a@x>" },
		{ "a=b?", "a=b? <a@x>" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = mailbox(cases[i][0], "a@x");

		assert_int_equal(strlen(text), strlen(cases[i][1]) + 2);
		assert_memory_equal(text, cases[i][1], strlen(cases[i][1]));
		assert_string_equal(text + strlen(text) - 2, "\r\n");
		free(text);
	}
}

/* Each line but the last begins where it should, and is short enough. */
static void
check_lines(const char *text)
{
	size_t column = FROM;
	const char *end;

	for (; *text != '\0'; text = end + 2, column = 0) {
		end = strstr(text, "\r\n");
		assert_non_null(end);
		assert_true(column + (size_t)(end - text) <= 76);
		if (end[2] != '\0')
			assert_int_equal(end[2], ' ');
	}
}

static int
count(void *ctx, const struct mailbox *box, struct fault *f)
{
	(void)f;
	++*(size_t *)ctx;
	assert_string_equal(box->addr, "someone@example.org");
	return EX_OK;
}

static void
test_long(void **state)
{
	static const char *const seeds[] = { "Joe ", "Joe, ", "x", "\"", "\\ ",
		"\303\266", "J\303\266rg ", "\366", "\360\237\230\200", "a  ",
		"    ", "=?", FIFTY,
		"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\" " };
	char name[LONG + 1], *text;
	size_t i, at, size, boxes;

	(void)state;
	for (i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		for (size = 1; size <= LONG; size += size < 200 ? 1 : 500) {
			struct fault f = { 0 };

			for (at = 0; at < size; at++)
				name[at] = seeds[i][at % strlen(seeds[i])];
			name[size] = '\0';
			text = mailbox(name, "someone@example.org");
			check_lines(text);
			boxes = 0;
			assert_int_equal(
			    address_list(text, strlen(text), count, &boxes, &f),
			    EX_OK);
			assert_int_equal(boxes, 1);
			free(text);
		}
	}
}

static void
test_date(void **state)
{
	static const struct {
		const char *zone;
		time_t time;
		const char *want;
	} cases[] = {
		{ "UTC", 0, "Thu, 01 Jan 1970 00:00:00 +0000" },
		{ "UTC", 1795494232, "Tue, 24 Nov 2026 04:23:52 +0000" },
		{ "XXX-5:30", 1795494232, "Tue, 24 Nov 2026 09:53:52 +0530" },
		{ "XXX8", 1795494232, "Mon, 23 Nov 2026 20:23:52 -0800" },
		{ "", 951782400, "Tue, 29 Feb 2000 00:00:00 +0000" },
	};
	char date[HEADER_DATE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(setenv("TZ", cases[i].zone, 1), 0);
		header_date(date, cases[i].time);
		assert_string_equal(date, cases[i].want);
	}
}

static void
test_fields(void **state)
{
	static const char header[] = "To: a@x\r\n"
				     "subject :\tone\r\n"
				     " two\r\n"
				     "\tthree\r\n"
				     "X-Empty:\r\n"
				     "CC:b@y\r\n";
	struct field field;
	size_t at = 0, size = strlen(header);

	(void)state;
	assert_true(field_next(header, size, &at, &field));
	assert_true(field_is(&field, "to"));
	assert_false(field_is(&field, "t"));
	assert_int_equal(field.size, 9);
	assert_int_equal(field.body_size, 4);
	assert_memory_equal(field.body, " a@x", 4);
	assert_true(field_next(header, size, &at, &field));
	assert_true(field_is(&field, "Subject"));
	assert_int_equal(field.body_size, strlen("\tone\r\n two\r\n\tthree"));
	assert_true(field_next(header, size, &at, &field));
	assert_true(field_is(&field, "X-Empty"));
	assert_int_equal(field.body_size, 0);
	assert_true(field_next(header, size, &at, &field));
	assert_true(field_is(&field, "Cc"));
	assert_false(field_next(header, size, &at, &field));
	assert_int_equal(at, size);
}

static void
test_begins(void **state)
{
	static const char *const fields[] = { "To:", "To: x", "To :x",
		"To \t : x", "X-#!~: y", "From : x" };
	static const char *const others[] = { "", ":", ": x", " To: x", "To",
		"To x: y", "\tx", "T\303\266: x", "From joe Mon Jan  1",
		"T\001:", "\r\n" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		assert_true(field_begins(fields[i], strlen(fields[i])) > 0);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(field_begins(others[i], strlen(others[i])), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a name is written in the plainest way that is right",
		    test_names, NULL, NULL, NULL },
		{ "no name makes a long line, or a second address", test_long,
		    NULL, NULL, NULL },
		{ "dates are of here and now, in English", test_date, NULL,
		    NULL, NULL },
		{ "fields are found one by one, with their folds", test_fields,
		    NULL, NULL, NULL },
		{ "a field is told from what is none", test_begins, NULL, NULL,
		    NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("header", tests, NULL, NULL);
}
