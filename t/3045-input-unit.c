/* SPDX-License-Identifier: ISC */
#include <fcntl.h>

#include "t/trial.h"

#define BIG (3 << 20) /* octets of a body that outgrows memory */

static void
test_nul(void **state)
{
	static char *const argv[] = { "-t", NULL };
	static const char in[] = GIVEN "T\0o: b\nTo\0: a@x\n\nx\0y\0\n\0";
	struct trial t;
	size_t step;

	(void)state;
	for (step = 1; step < 60; step += 29) {
		trial_parse(&t, argv);
		trial_feed(&t, in, sizeof(in) - 1, step);
		assert_int_equal(t.rc, EX_USAGE);
		trial_end(&t);
	}
	trial_parse(&t, argv);
	trial_feed(&t, in + strlen(GIVEN) + strlen("T.o: b\n"),
	    sizeof(in) - 1 - strlen(GIVEN) - strlen("T.o: b\n"), 3);
	assert_int_equal(t.rc, EX_OK);
	assert_string_equal(t.item.env.to[0].addr, "a@x");
	assert_int_equal(strlen(t.out), t.item.text.size);
	assert_non_null(strstr(t.out, "\r\n\r\nx y \r\n \r\n"));
	trial_end(&t);
}

/* size octets of a pattern behind a beginning. */
static char *
make(const char *begin, const char *pattern, size_t size)
{
	size_t at, head = strlen(begin), len = strlen(pattern);
	char *in = malloc(head + size + 1);

	assert_non_null(in);
	memcpy(in, begin, head);
	for (at = 0; at < size; at++)
		in[head + at] = pattern[at % len];
	in[head + size] = '\0';
	return in;
}

static void
test_big_header(void **state)
{
	static char *const argv[] = { "-t", "a@x", NULL };
	static const struct {
		const char *begin, *pattern;
		size_t size;
		int rc;
	} cases[] = {
		{ "X: ", "y", 5000000, EX_DATAERR },
		{ GIVEN "X: ", "y", MESSAGE_HEADER, EX_DATAERR },
		{ GIVEN "X: y\n", " z", MESSAGE_HEADER, EX_DATAERR },
		{ GIVEN, "X: y\n", MESSAGE_HEADER + 5, EX_DATAERR },
		{ GIVEN, "Xxxxxxxxxxxxxxxxxxxxxxxxxxxx: y\n", 2000000,
		    EX_DATAERR },
		{ GIVEN "X: ", "y", MESSAGE_HEADER - 200, EX_OK },
		{ GIVEN, "nofield", 3000000, EX_OK },
		{ GIVEN, "no field\n", 3000000, EX_OK },
		{ "", "From x\n", 2000000, EX_OK },
		{ "From ", "y", 1000000, EX_OK },
		{ "From ", "y", 2000000, EX_DATAERR },
		{ ">From ", "y", 2000000, EX_DATAERR },
		{ "", "\r", 3000000, EX_OK },
		{ GIVEN "To: ", "u@x,\n ", 3000000, EX_DATAERR },
	};
	struct trial t;
	size_t i;
	char *in;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		in = make(cases[i].begin, cases[i].pattern, cases[i].size);
		trial_parse(&t, argv);
		trial_feed(&t, in, strlen(in), 30000);
		if (t.rc != cases[i].rc)
			fail_msg("%s: %d %s", cases[i].pattern, t.rc, t.f.text);
		if (t.rc == EX_DATAERR)
			assert_int_equal(t.item.text.size, 0);
		free(in);
		trial_end(&t);
	}
}

/* Whatever the chunks, the same octets; -i so that dots are text. */
static void
test_big_body(void **state)
{
	static char *const argv[] = { "-i", "a@x", NULL };
	static const char *const patterns[] = { "x", "a line of text\n", "\n",
		"\r\n", ".\n", "..\r\n.", "x\r", "\303\266\r\r\n" };
	static const size_t steps[] = { 4096, 50000, SOURCE_CHUNK };
	char *in, *first;
	struct trial t;
	size_t i, n, at;

	(void)state;
	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		in = make(GIVEN "\n", patterns[i], BIG);
		first = NULL;
		for (n = 0; n < sizeof(steps) / sizeof(steps[0]); n++) {
			trial_parse(&t, argv);
			trial_feed(&t, in, strlen(in), steps[n]);
			assert_int_equal(t.rc, EX_OK);
			if (first == NULL)
				first = strdup(t.out);
			assert_non_null(first);
			assert_int_equal(strcmp(first, t.out), 0);
			trial_end(&t);
		}
		for (at = 0; first[at] != '\0'; at++) {
			if (first[at] == '\r')
				assert_int_equal(first[at + 1], '\n');
			if (first[at] == '\n')
				assert_int_equal(first[at - 1], '\r');
		}
		assert_string_equal(first + at - 2, "\r\n");
		free(first);
		free(in);
	}
}

static void
test_many(void **state)
{
	static char *const argv[] = { "-t", NULL };
	char *text = NULL;
	size_t size = 0, i;
	struct trial t;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	fputs(GIVEN "To: ", out);
	for (i = 0; i < ENVELOPE_RCPTS; i++)
		fprintf(out, "u%05zu,%s", i, i % 10 == 0 ? "\n " : "");
	fflush(out);
	trial_parse(&t, argv);
	trial_feed(&t, text, size, 60000);
	assert_int_equal(t.rc, EX_OK);
	assert_int_equal(t.item.env.count, ENVELOPE_RCPTS);
	trial_end(&t);
	fputs("onemore\n\n", out);
	fclose(out);
	trial_parse(&t, argv);
	trial_feed(&t, text, size, 60000);
	assert_int_equal(t.rc, EX_DATAERR);
	trial_end(&t);
	free(text);
}

static void
test_input(void **state)
{
	static char *const argv[] = { "a@x", NULL };
	struct trial t;
	int fd;

	(void)state;
	trial_parse(&t, argv);
	trial_read(&t, -1);
	assert_int_equal(t.rc, EX_NOINPUT);
	trial_end(&t);
	fd = open("/", O_RDONLY);
	trial_parse(&t, argv);
	trial_read(&t, fd);
	assert_int_equal(t.rc, EX_IOERR);
	trial_end(&t);
	close(fd);
	fd = open("/dev/null", O_RDONLY);
	trial_parse(&t, argv);
	trial_read(&t, fd);
	assert_int_equal(t.rc, EX_OK);
	trial_end(&t);
	close(fd);
}

static void
test_nonblocking(void **state)
{
	static char *const argv[] = { "a@x", NULL };
	static const char in[] = GIVEN "\nlate\n";
	struct trial t;
	int ends[2], status;
	pid_t pid;
	size_t at;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		for (at = 0; at < strlen(in); at += 9) {
			usleep(20000);
			if (write(ends[1], in + at,
				strlen(in) - at < 9 ? strlen(in) - at : 9) < 0)
				_exit(1);
		}
		_exit(0);
	}
	close(ends[1]);
	trial_parse(&t, argv);
	trial_read(&t, ends[0]);
	assert_int_equal(t.rc, EX_OK);
	assert_string_equal(t.out, HEAD "late\r\n");
	trial_end(&t);
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

/* Whoever writes on after our refusal must live to see our exit code. */
static void
test_drain(void **state)
{
	static char *const argv[] = { "-t", NULL };
	struct trial t;
	int ends[2], status;
	char *in = make("To: a@b@c\n\n", "body\n", 1000000);
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ends[0]);
		_exit(write(ends[1], in, strlen(in)) != (ssize_t)strlen(in));
	}
	close(ends[1]);
	trial_parse(&t, argv);
	trial_read(&t, ends[0]);
	assert_int_equal(t.rc, EX_DATAERR);
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	trial_end(&t);
	free(in);
}

/* Who writes the lone dot and waits must not wait for ever. */
static void
test_dot_ends(void **state)
{
	static char *const argv[] = { "a@x", NULL };
	static const char in[] = GIVEN "\nhi\n.\n";
	struct trial t;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], in, strlen(in)), strlen(in));
	trial_parse(&t, argv);
	trial_read(&t, ends[0]);
	assert_int_equal(t.rc, EX_OK);
	assert_string_equal(t.out, HEAD "hi\r\n");
	trial_end(&t);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a NUL is a blank", test_nul, NULL, NULL, NULL },
		{ "a header has a limit, a body line has none", test_big_header,
		    NULL, NULL, NULL },
		{ "chunks make no difference to a large body", test_big_body,
		    NULL, NULL, NULL },
		{ "100000 recipients are read, one more is refused", test_many,
		    NULL, NULL, NULL },
		{ "a closed input is 66, a directory 74, nothing is fine",
		    test_input, NULL, NULL, NULL },
		{ "a non-blocking input is waited for", test_nonblocking, NULL,
		    NULL, NULL },
		{ "a refused writer is read to his end", test_drain, NULL, NULL,
		    NULL },
		{ "behind the lone dot nothing is waited for", test_dot_ends,
		    NULL, NULL, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("input", tests, NULL, NULL);
}
