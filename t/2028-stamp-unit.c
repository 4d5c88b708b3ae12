/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <sys/stat.h>

#include "mailq/stamp.h"
#include "t/place.h"

/* What is read from one line: a stamp, or nothing. */
static const struct {
	const char *line;
	size_t count;
	const char *user, *why;
} lines[] = {
	{ "10 20 30 4 h 25 off u why\n", 1, "u", "why" },
	{ "10 20 30 4 h 25 off <> <>\n", 1, "", "" },
	{ "10 20 30 4 h 25 off u a+20word\n", 1, "u", "a word" },
	{ "10 20 30 4 h 25 off u why", 1, "u", "why" },
	{ "", 0, NULL, NULL },
	{ "\n", 0, NULL, NULL },
	{ "10 20 30 4 h 25 off u\n", 0, NULL, NULL },
	{ "10 20 30 4 h 25 off u why more\n", 0, NULL, NULL },
	{ "x 20 30 4 h 25 off u why\n", 0, NULL, NULL },
	{ "10 20x 30 4 h 25 off u why\n", 0, NULL, NULL },
	{ "10 20 -30 4 h 25 off u why\n", 0, NULL, NULL },
	{ "10 20 30  h 25 off u why\n", 0, NULL, NULL },
	{ "10 20 30 4 h 25 off u +zz\n", 0, NULL, NULL },
	{ "\001\377\n10 20 30 4 h 25 off u why\n", 1, "u", "why" },
};

/* When one keeps us from asking, at the time 1000. */
static const struct {
	time_t tried, next;
	bool is_fresh;
} times[] = {
	{ 990, 1001, true },
	{ 1000, 1001, true },
	{ 990, 1000, false },
	{ 990, 999, false },
	{ 1001, 1002, false },
	{ 990, 1000 + STAMP_STRAY, true },
	{ 990, 1001 + STAMP_STRAY, false },
	{ 0, 0, false },
};

static int
open_home(const struct place *p)
{
	int dir = open(p->home, O_RDONLY | O_DIRECTORY);

	assert_true(dir >= 0);
	return dir;
}

static void
what_is_no_line_tells_nothing(void **state)
{
	struct place *p = *state;
	struct stamps all;
	struct fault f;
	int dir = open_home(p);
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		all = (struct stamps){ 0 };
		f = (struct fault){ 0 };
		write_in(p, STAMP_FILE, lines[i].line);
		assert_int_equal(stamps_read(&all, dir, &f), EX_OK);
		assert_int_equal(all.count, lines[i].count);
		if (all.count == 1) {
			assert_int_equal(all.stamp->since, 10);
			assert_int_equal(all.stamp->tried, 20);
			assert_int_equal(all.stamp->next, 30);
			assert_int_equal(all.stamp->probes, 4);
			assert_string_equal(all.stamp->user, lines[i].user);
			assert_string_equal(all.stamp->why, lines[i].why);
		}
		stamps_free(&all);
	}
	close(dir);
}

static void
what_is_written_is_read(void **state)
{
	const char *why = "certificate of 'h': \xc3\xa4 b+c =\n<>";
	struct place *p = *state;
	struct stamps all = { 0 }, again = { 0 };
	struct fault f = { 0 };
	struct stamp *s;
	int dir = open_home(p);

	s = stamps_put(&all, "h", "", "starttls", "joe doe");
	assert_non_null(s);
	assert_int_equal(stamp_say(s, why, &f), EX_OK);
	s->probes = 7;
	s->next = 1234567890;
	assert_non_null(stamps_put(&all, "other", "25", "off", ""));
	assert_int_equal(stamps_write(&all, dir, &f), EX_OK);
	assert_int_equal(stamps_read(&again, dir, &f), EX_OK);
	assert_int_equal(again.count, 2);
	s = stamps_find(&again, "h", "", "starttls", "joe doe");
	assert_non_null(s);
	assert_string_equal(s->why, why);
	assert_int_equal(s->probes, 7);
	assert_int_equal(s->next, 1234567890);
	assert_null(stamps_find(&again, "h", "25", "starttls", "joe doe"));
	assert_null(stamps_find(&again, "h", "", "off", "joe doe"));
	assert_null(stamps_find(&again, "h", "", "starttls", ""));
	stamps_free(&all);
	stamps_free(&again);
	close(dir);
}

static void
without_a_stamp_there_is_no_file(void **state)
{
	struct place *p = *state;
	struct stamps all = { 0 };
	struct fault f = { 0 };
	int dir = open_home(p);

	assert_int_equal(stamps_read(&all, dir, &f), EX_OK);
	assert_int_equal(stamps_write(&all, dir, &f), EX_OK);
	assert_non_null(stamps_put(&all, "h", "25", "off", ""));
	assert_int_equal(stamps_write(&all, dir, &f), EX_OK);
	assert_int_equal(faccessat(dir, STAMP_FILE, F_OK, 0), 0);
	stamps_drop(&all, all.stamp);
	assert_int_equal(all.count, 0);
	assert_int_equal(stamps_write(&all, dir, &f), EX_OK);
	assert_int_equal(faccessat(dir, STAMP_FILE, F_OK, 0), -1);
	stamps_free(&all);
	close(dir);
}

static void
a_new_one_takes_the_place_of_the_oldest(void **state)
{
	struct stamps all = { 0 };
	struct stamp *s;
	char host[32];
	int i;

	(void)state;
	for (i = 0; i < STAMP_COUNT; i++) {
		snprintf(host, sizeof(host), "h%d", i);
		s = stamps_put(&all, host, "25", "off", "");
		assert_non_null(s);
		s->tried = i == 5 ? 1 : 100 + i;
	}
	assert_non_null(stamps_put(&all, "h5", "25", "off", ""));
	assert_int_equal(all.count, STAMP_COUNT);
	assert_non_null(stamps_put(&all, "new", "25", "off", ""));
	assert_int_equal(all.count, STAMP_COUNT);
	assert_null(stamps_find(&all, "h5", "25", "off", ""));
	assert_non_null(stamps_find(&all, "h6", "25", "off", ""));
	assert_non_null(stamps_find(&all, "new", "25", "off", ""));
	stamps_free(&all);
}

static void
no_other_file_is_read_or_written(void **state)
{
	struct place *p = *state;
	struct stamps all = { 0 };
	struct fault f = { 0 };
	struct stat st;
	int dir = open_home(p);

	write_in(p, "elsewhere", "10 20 30 4 h 25 off u why\n");
	assert_int_equal(symlinkat("elsewhere", dir, STAMP_FILE), 0);
	assert_int_equal(stamps_read(&all, dir, &f), EX_IOERR);
	assert_int_equal(all.count, 0);
	assert_non_null(stamps_put(&all, "h", "25", "off", ""));
	f = (struct fault){ 0 };
	assert_int_equal(stamps_write(&all, dir, &f), EX_OK);
	assert_int_equal(fstatat(dir, "elsewhere", &st, 0), 0);
	assert_int_equal(st.st_size, 26);
	assert_int_equal(fstatat(dir, STAMP_FILE, &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0600);
	stamps_free(&all);
	assert_int_equal(unlinkat(dir, STAMP_FILE, 0), 0);
	assert_int_equal(mkfifoat(dir, STAMP_FILE, 0600), 0);
	assert_int_equal(stamps_read(&all, dir, &f), EX_IOERR);
	close(dir);
}

static void
one_is_fresh_until_its_next_try(void **state)
{
	struct stamp s = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		s.tried = times[i].tried;
		s.next = times[i].next;
		assert_int_equal(stamp_is_fresh(&s, 1000), times[i].is_fresh);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_is_no_line_tells_nothing),
		CASE(what_is_written_is_read),
		CASE(without_a_stamp_there_is_no_file),
		CASE(a_new_one_takes_the_place_of_the_oldest),
		CASE(no_other_file_is_read_or_written),
		CASE(one_is_fresh_until_its_next_try),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("stamp", tests, NULL, NULL);
}
