/* SPDX-License-Identifier: ISC */
#include <sys/resource.h>

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mailq/text.h"

static const struct {
	const char *octets;
	const char *lines; /* each in brackets */
	bool is_torn;
} examples[] = {
	{ "", "", false },
	{ "a\n", "[a]", false },
	{ "a", "[a]", true },
	{ "\n", "[]", false },
	{ "\n\na\n", "[][][a]", false },
	{ "a\nb", "[a][b]", true },
	{ "a\r\nb\n", "[a\r][b]", false },
	{ "a\n\n", "[a][]", false },
};

/* The same octets in memory, and in a file behind others. */
struct pair {
	struct text text[2];
	FILE *file;
	char *mem;
};

static void
begin(struct pair *p, const char *octets, size_t size)
{
	*p = (struct pair){ .file = tmpfile(), .mem = malloc(size + 1) };
	assert_non_null(p->file);
	assert_non_null(p->mem);
	memcpy(p->mem, octets, size);
	fputs("ahead", p->file);
	assert_int_equal(fwrite(octets, 1, size, p->file), size);
	fputs("behind\n", p->file);
	assert_int_equal(fflush(p->file), 0);
	p->text[0] =
	    (struct text){ .mem = p->mem, .fd = -1, .size = (off_t)size };
	p->text[1] = (struct text){
		.fd = fileno(p->file), .start = 5, .size = (off_t)size
	};
}

static void
end(struct pair *p)
{
	free(p->mem);
	fclose(p->file);
}

static void
wherever_a_text_lies_it_reads_the_same(void **state)
{
	static const char octets[] = "From: x\r\n\r\nbody\r\n";
	size_t size = sizeof(octets) - 1, at, want, got;
	char buf[sizeof(octets) + 8];
	struct fault f = { 0 };
	struct pair p;
	int i;

	(void)state;
	begin(&p, octets, size);
	for (i = 0; i < 2; i++) {
		for (at = 0; at <= size; at++) {
			for (want = 0; want < sizeof(buf); want++) {
				assert_int_equal(
				    text_read(p.text + i, (off_t)at, buf, want,
					&got, &f),
				    EX_OK);
				assert_int_equal(
				    got, want < size - at ? want : size - at);
				assert_memory_equal(buf, octets + at, got);
			}
		}
	}
	end(&p);
}

static void
a_file_that_ends_too_early_is_an_error(void **state)
{
	struct fault f = { 0 }, other = { 0 };
	struct pair p;
	char buf[64];
	size_t got;

	(void)state;
	begin(&p, "abc", 3);
	p.text[1].size = 20;
	assert_int_equal(text_read(p.text + 1, 0, buf, 20, &got, &f), EX_OK);
	assert_int_equal(got, 10);
	assert_int_equal(
	    text_read(p.text + 1, 10, buf, 10, &got, &f), EX_IOERR);
	assert_int_equal(got, 0);
	p.text[1].fd = -1;
	assert_int_equal(
	    text_read(p.text + 1, 0, buf, 20, &got, &other), EX_IOERR);
	end(&p);
}

static void
all_of_a_text_is_copied_to_a_stream(void **state)
{
	char octets[3 * TEXT_LINE + 5], *copy = NULL;
	struct fault f = { 0 };
	struct pair p;
	size_t i, size;
	FILE *out;

	(void)state;
	for (i = 0; i < sizeof(octets); i++)
		octets[i] = (char)(i * 7);
	begin(&p, octets, sizeof(octets));
	for (i = 0; i < 2; i++) {
		out = open_memstream(&copy, &size);
		assert_non_null(out);
		assert_int_equal(text_copy(p.text + i, out, &f), EX_OK);
		assert_int_equal(fclose(out), 0);
		assert_int_equal(size, sizeof(octets));
		assert_memory_equal(copy, octets, size);
		free(copy);
	}
	out = fopen("/dev/null", "w");
	assert_non_null(out);
	p.text[1].fd = -1;
	assert_int_equal(text_copy(p.text + 1, out, &f), EX_IOERR);
	fclose(out);
	end(&p);
}

static void
lines_are_given_one_by_one(void **state)
{
	char *line, all[64];
	size_t i, size, used;
	struct pair p;
	int kind;

	(void)state;
	for (i = 0; i < 2 * sizeof(examples) / sizeof(examples[0]); i++) {
		const char *octets = examples[i / 2].octets;
		struct text_lines in = { 0 };
		struct fault f = { 0 };

		begin(&p, octets, strlen(octets));
		kind = i % 2;
		in.text = p.text + kind;
		all[0] = '\0';
		for (used = 0;; used = strlen(all)) {
			assert_int_equal(
			    text_line(&in, &line, &size, &f), EX_OK);
			if (line == NULL)
				break;
			assert_int_equal(strlen(line), size);
			snprintf(all + used, sizeof(all) - used, "[%s]", line);
		}
		assert_string_equal(all, examples[i / 2].lines);
		assert_int_equal(in.is_torn, examples[i / 2].is_torn);
		assert_int_equal(text_line(&in, &line, &size, &f), EX_OK);
		assert_null(line);
		end(&p);
	}
}

/* Around the limit, each length twice, with a short line behind. */
static void
a_line_too_long_comes_in_pieces(void **state)
{
	static const char tail[] = "\nend\n";
	char *octets = malloc((size_t)3 * TEXT_LINE), *line;
	size_t length, size, whole;
	struct pair p;
	int kind;

	(void)state;
	assert_non_null(octets);
	for (length = TEXT_LINE - 3; length < TEXT_LINE + 3; length++) {
		memset(octets, 'x', length);
		memcpy(octets + length, tail, sizeof(tail));
		begin(&p, octets, length + strlen(tail));
		for (kind = 0; kind < 2; kind++) {
			struct text_lines in = { .text = p.text + kind };
			struct fault f = { 0 };

			whole = 0;
			do {
				assert_int_equal(
				    text_line(&in, &line, &size, &f), EX_OK);
				assert_non_null(line);
				assert_true(size < TEXT_LINE);
				whole += size;
			} while (in.is_torn);
			assert_int_equal(whole, length);
			assert_int_equal(
			    text_line(&in, &line, &size, &f), EX_OK);
			assert_string_equal(line, "end");
			assert_int_equal(
			    text_line(&in, &line, &size, &f), EX_OK);
			assert_null(line);
		}
		end(&p);
	}
	free(octets);
}

static void
all_is_written_or_it_is_a_fault(void **state)
{
	FILE *file = tmpfile();
	int fd = fileno(file);
	char got[8] = "";
	struct rlimit old, less;
	struct fault f = { 0 }, full = { 0 }, bad = { 0 };

	(void)state;
	assert_int_equal(text_write(fd, 2, "abc", 3, &f), EX_OK);
	assert_int_equal(text_write(fd, 0, "xy", 2, &f), EX_OK);
	assert_int_equal(text_write(fd, 9, "", 0, &f), EX_OK);
	assert_int_equal(pread(fd, got, sizeof(got), 0), 5);
	assert_string_equal(got, "xyabc");
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	less = old;
	less.rlim_cur = 7;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
	text_write(fd, 5, "defg", 4, &full);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(full.code, EX_CANTCREAT);
	assert_int_equal(text_write(-1, 0, "x", 1, &bad), EX_IOERR);
	fclose(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wherever_a_text_lies_it_reads_the_same),
		cmocka_unit_test(a_file_that_ends_too_early_is_an_error),
		cmocka_unit_test(all_of_a_text_is_copied_to_a_stream),
		cmocka_unit_test(lines_are_given_one_by_one),
		cmocka_unit_test(a_line_too_long_comes_in_pieces),
		cmocka_unit_test(all_is_written_or_it_is_a_fault),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
