/* SPDX-License-Identifier: ISC */
#include <fcntl.h>

#include "t/desk.h"

/* To two recipients these lines were written, and so they fare. */
static const struct {
	const char *lines;
	const char *fates;
} told[] = {
	{ "attempt - <>", "waiting waiting" },
	{ "delivered 1 250+20ok", "delivered=250 ok waiting" },
	{ "delivered 2 <>", "waiting delivered" },
	{ "delivered 1,2 ok", "delivered=ok delivered=ok" },
	{ "delivered 2,1 ok", "delivered=ok delivered=ok" },
	{ "refused 1 no;deferred 2 later", "refused=no deferred=later" },
	{ "unknown 1 lost", "unknown=lost waiting" },
	{ "deferred 1 a;deferred 1 b", "deferred=b waiting" },
	{ "deferred 1 a;delivered 1 b", "delivered=b waiting" },
	{ "unknown 1 a;delivered 1 b", "delivered=b waiting" },
	{ "unknown 1 a;deferred 1 b", "deferred=b waiting" },
	{ "unknown 1 a;refused 1 b", "refused=b waiting" },

	/* What was delivered stays delivered. */
	{ "delivered 1 a;deferred 1 b", "delivered=a waiting" },
	{ "delivered 1 a;unknown 1 b", "delivered=a waiting" },
	{ "delivered 1 a;refused 1 b", "delivered=a waiting" },
	{ "delivered 1 a;delivered 1 b", "delivered=a waiting" },
	{ "delivered 1 a;released 1 <>", "delivered=a waiting" },
	{ "delivered 1 a;released - <>", "delivered=a waiting" },
	{ "delivered 1 a;held - <>", "delivered=a waiting" },
	{ "delivered 1 a;reported 1 failed", "delivered=a waiting" },
	{ "delivered 1 a;expanded 1 c;delivered 3 b",
	    "delivered=a waiting c<1:delivered=b" },

	/* What was refused stays so until it is released. */
	{ "refused 1 a;deferred 1 b", "refused=a waiting" },
	{ "refused 1 a;unknown 1 b", "refused=a waiting" },
	{ "refused 1 a;delivered 1 b", "refused=a waiting" },
	{ "refused 1 a;reported 1 failed", "refused=a waiting" },
	{ "refused 1 a;released - <>", "refused=a waiting" },
	{ "refused 1 a;released 2 <>", "refused=a waiting" },
	{ "refused 1 a;released 1 <>", "waiting=a waiting" },
	{ "refused 1,2 a;released 1,2 <>", "waiting=a waiting=a" },
	{ "refused 1 a;released 1 <>;delivered 1 b", "delivered=b waiting" },
	{ "refused 1 a;released 1 <>;refused 1 b", "refused=b waiting" },
	{ "deferred 1 a;released 1 <>", "deferred=a waiting" },

	/* Children are numbered on, and stand for their parent once one of
	 * them met an end. */
	{ "expanded 1 c", "waiting waiting c<1:waiting" },
	{ "expanded 1 c;deferred 3 a", "waiting waiting c<1:deferred=a" },
	{ "expanded 1 c;deferred 1,3 a", "deferred=a waiting c<1:deferred=a" },
	{ "expanded 1 c;delivered 3 a", "expanded waiting c<1:delivered=a" },
	{ "expanded 1 c;unknown 3 a", "expanded waiting c<1:unknown=a" },
	{ "expanded 1 c;refused 3 a", "expanded waiting c<1:refused=a" },
	{ "deferred 1 x;expanded 1 c;refused 3 a",
	    "expanded=x waiting c<1:refused=a" },
	{ "expanded 1 c;delivered 3 a;deferred 1 b",
	    "expanded waiting c<1:delivered=a" },
	{ "expanded 1 c;delivered 3 a;delivered 1 b",
	    "expanded waiting c<1:delivered=a" },
	{ "expanded 1 c;refused 3 a;released 3 <>",
	    "expanded waiting c<1:waiting=a" },
	{ "expanded 2 c;expanded 2 d;delivered 4 a",
	    "waiting expanded c<2:waiting d<2:delivered=a" },
	{ "expanded 1 c;expanded 3 d;expanded 2 e;delivered 4 a",
	    "expanded waiting c<1:expanded d<3:delivered=a e<2:waiting" },

	/* Who was there already stands for it. */
	{ "expanded 1 <>", "expanded waiting" },
	{ "deferred 1 x;expanded 1,2 <>", "expanded=x expanded" },
	{ "delivered 1 x;refused 2 y;expanded 1,2 <>",
	    "delivered=x refused=y" },
	{ "expanded 1 c;expanded 3 <>;deferred 3 a",
	    "expanded waiting c<1:expanded" },
	{ "expanded 1 c;expanded 1 <>;deferred 3 a",
	    "expanded waiting c<1:deferred=a" },
	{ "expanded 7 <>;expanded - <>", "waiting waiting" },

	/* What means nothing to us is passed over, and no more than that. */
	{ "delivered 0 a;delivered 3 b;delivered 2 c", "waiting delivered=c" },
	{ "delivered 99999999999999999999 a", "waiting waiting" },
	{ "delivered 18446744073709551617 a", "waiting waiting" },
	{ "delivered -1 a", "waiting waiting" },
	{ "delivered - a", "waiting waiting" },
	{ "delivered  a", "waiting waiting" },
	{ "delivered ,,2, a", "waiting delivered=a" },
	{ "delivered", "waiting waiting" },
	{ "delivered 1", "waiting waiting" },
	{ "delivered 1 ", "waiting waiting" },
	{ "delivered 1 a b", "waiting waiting" },
	{ "delivered 1 a=b", "waiting waiting" },
	{ "delivered 1 a+0", "waiting waiting" },
	{ "Delivered 1 a", "waiting waiting" },
	{ "expanded - c;expanded 7 d", "waiting waiting" },
	{ "waiting 1 a;eaten 2 b", "waiting waiting" },
	{ " 1 a", "waiting waiting" },
	{ "", "waiting waiting" },
};

/* The last line of a journal of two to one recipient, damaged. */
static const char *const unsound[] = {
	"00000000 1700000000 delivered 2 ok\n",
	"5e5f5f5d 1700000000 delivered 2 ok\n",
	"1700000000 delivered 2 ok\n",
	"delivered 2 ok\n",
	"\n",
	"\n\n\n",
	"x\n",
	"12345678\n",
	"12345678 \n",
	"123456789\n",
	"        \n",
};

static void
a_line_is_read_as_the_design_has_it(void **state)
{
	struct desk *d = *state;

	/* Its sum was made by another program. */
	desk_put(d, BYTES("7d0bbdd3 1700000000 delivered 1 250+20ok\n"));
	desk_again(d, "a b");
	assert_fates(d, "delivered=250 ok waiting");
	assert_false(d->journal.is_torn);
	assert_false(d->journal.is_dirty);
	assert_int_equal(d->journal.fd, fileno(d->file));
	assert_int_equal(d->journal.end, START + 41);
}

static void
each_line_says_how_somebody_fares(void **state)
{
	struct desk *d = *state;
	size_t i;

	for (i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		desk_put(d, "", 0);
		desk_lines(d, told[i].lines);
		desk_again(d, "a b");
		if (strcmp(desk_fates(d), told[i].fates) != 0)
			fail_msg("'%s': %s", told[i].lines, d->told);
		assert_false(d->env.to[0].is_changed);
		assert_false(d->journal.is_torn);
	}
}

static void
attempts_are_counted_and_the_last_one_is_dated(void **state)
{
	struct desk *d = *state;

	desk_again(d, "a");
	assert_int_equal(d->journal.attempts, 0);
	assert_int_equal(d->journal.attempted, 0);
	desk_lines(d, "attempt - <>;deferred 1 x;attempt - <>;held - <>");
	desk_again(d, "a");
	assert_int_equal(d->journal.attempts, 2);
	assert_int_equal(d->journal.attempted, WHEN);
}

static void
the_first_attempt_by_a_sane_clock_is_dated(void **state)
{
	struct desk *d = *state;

	desk_lines_at(d, 5, "attempt - <>");
	desk_again(d, "a");
	assert_int_equal(d->journal.attempts, 1);
	assert_int_equal(d->journal.begun, 0);
	desk_lines_at(d, WHEN, "attempt - <>");
	desk_lines_at(d, WHEN + 7, "attempt - <>");
	desk_again(d, "a");
	assert_int_equal(d->journal.attempts, 3);
	assert_int_equal(d->journal.begun, WHEN);
	assert_int_equal(d->journal.attempted, WHEN + 7);
}

/* Half an append may have told it: what bears repetition is repeated. */
static void
a_refusal_told_twice_has_its_last_line(void **state)
{
	struct desk *d = *state;
	uint32_t sum;

	desk_lines(d, "refused 1 x");
	desk_again(d, "a");
	sum = d->env.to[0].sum;
	assert_int_equal(d->env.to[0].when, WHEN);
	desk_lines_at(d, WHEN + 7, "refused 1 x;deferred 1 y");
	desk_again(d, "a");
	assert_fates(d, "refused=x");
	assert_int_equal(d->env.to[0].when, WHEN + 7);
	assert_int_not_equal(d->env.to[0].sum, sum);
}

static void
a_message_is_held_until_it_is_released(void **state)
{
	struct desk *d = *state;

	desk_again(d, "a b");
	assert_false(d->journal.is_held);
	desk_lines(d, "held - <>;deferred 1 x");
	desk_again(d, "a b");
	assert_true(d->journal.is_held);
	desk_lines(d, "released - <>");
	desk_again(d, "a b");
	assert_false(d->journal.is_held);
	desk_lines(d, "held 1,2 <>");
	desk_again(d, "a b");
	assert_true(d->journal.is_held);
	desk_lines(d, "released 1,2 <>");
	desk_again(d, "a b");
	assert_false(d->journal.is_held);
}

static void
only_failed_is_the_report_that_a_refusal_calls_for(void **state)
{
	struct desk *d = *state;

	desk_lines(d, "reported 1,2 delayed;refused 1,2 no");
	desk_again(d, "a b");
	assert_false(d->env.to[0].is_reported);
	desk_lines(d, "reported 2 failed");
	desk_again(d, "a b");
	assert_false(d->env.to[0].is_reported);
	assert_true(d->env.to[1].is_reported);
	desk_lines(d, "released 2 <>;refused 2 no");
	desk_again(d, "a b");
	assert_false(d->env.to[1].is_reported);
}

static void
children_have_the_numbers_of_their_lines(void **state)
{
	struct desk *d = *state;

	desk_lines(d, "expanded 2 c@x;expanded 3 d;delivered 4 x");
	desk_again(d, "a b");
	assert_int_equal(d->env.count, 4);
	assert_string_equal(d->env.to[2].addr, "c@x");
	assert_int_equal(d->env.to[2].number, 3);
	assert_int_equal(d->env.to[3].number, 4);
	assert_true(d->env.to[2].is_noted);
	assert_false(d->env.to[1].is_noted);
}

static void
an_unsound_line_is_passed_over_wherever_it_is(void **state)
{
	struct desk *d = *state;
	size_t i;

	for (i = 0; i < sizeof(unsound) / sizeof(unsound[0]); i++) {
		desk_put(d, unsound[i], strlen(unsound[i]));
		desk_lines(d, "delivered 1 ok");
		desk_add(d, unsound[i], strlen(unsound[i]));
		desk_lines(d, "deferred 3 x");
		desk_again(d, "a b c");
		assert_fates(d, "delivered=ok waiting deferred=x");
	}
}

static void
no_damaged_octet_gives_a_line_another_meaning(void **state)
{
	struct desk *d = *state;
	size_t size, at;
	char *text;
	int bit;

	desk_lines(d, "deferred 2 y;delivered 1 250+20ok");
	size = (size_t)(desk_end(d) - START);
	text = strdup(desk_text(d));
	assert_non_null(text);
	for (at = strcspn(text, "\n") + 1; at < size; at++) {
		for (bit = 0; bit < 8; bit++) {
			text[at] ^= (char)(1 << bit);
			desk_put(d, text, size);
			desk_again(d, "a b");
			if (at < size - 1)
				assert_fates(d, "waiting deferred=y");
			text[at] ^= (char)(1 << bit);
		}
	}
	free(text);
}

static void
a_tail_of_zeros_or_of_anything_is_passed_over(void **state)
{
	static const char *const tails[] = { "", "x", "0123", "\n", "\xff\n",
		"delivered 2 ok" };
	struct desk *d = *state;
	char zeros[10000] = { 0 };
	size_t i;

	for (i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		desk_put(d, "", 0);
		desk_lines(d, "delivered 1 ok");
		desk_add(d, zeros, sizeof(zeros) >> 2 * i);
		desk_add(d, tails[i], strlen(tails[i]));
		desk_again(d, "a b");
		assert_fates(d, "delivered=ok waiting");
		assert_int_equal(
		    d->journal.is_torn, strchr(tails[i], '\n') == NULL);
		desk_fate(d, 1, FATE_DELIVERED, "yes");
		desk_note(d);
		desk_again(d, "a b");
		assert_fates(d, "delivered=ok delivered=yes");
	}
}

static void
zeros_within_a_line_make_it_unsound(void **state)
{
	struct desk *d = *state;

	desk_lines(d, "delivered 1 ok");
	desk_add(d, BYTES("\0\0\0\0\0\0\0\0\0\0\n"));
	desk_add(d, BYTES("7d0bbdd3 1700000000 delivered 1\000250+20ok\n"));
	desk_add(d, BYTES("7d0bbdd3 1700000000 delivered 1 250+20ok\0\n"));
	desk_lines(d, "deferred 2 x");
	desk_again(d, "a b");
	assert_fates(d, "delivered=ok deferred=x");
}

/* It was not ours, as ours are shorter. */
static void
a_line_without_end_is_passed_over(void **state)
{
	struct desk *d = *state;
	char *line = malloc(100000);
	size_t size;

	assert_non_null(line);
	memset(line, 'x', 100000);
	for (size = 4000; size < 100000; size += 1 + size / 3) {
		desk_put(d, line, size);
		desk_add(d, "\n", 1);
		desk_lines(d, "delivered 1 ok");
		desk_add(d, line, size);
		desk_again(d, "a b");
		assert_fates(d, "delivered=ok waiting");
		assert_true(d->journal.is_torn);
	}
	free(line);
}

static void
what_was_torn_is_behind_the_line_feed_of_the_next_append(void **state)
{
	struct desk *d = *state;
	off_t first, end, cut;

	desk_lines(d, "delivered 1 ok");
	first = desk_end(d);
	desk_lines(d, "delivered 2 250+20ok");
	end = desk_end(d);
	for (cut = first; cut <= end; cut++) {
		desk_put(d, "", 0);
		desk_lines(d, "delivered 1 ok;delivered 2 250+20ok");
		assert_int_equal(ftruncate(fileno(d->file), cut), 0);
		desk_again(d, "a b c");

		/* The line feed alone tells nothing. */
		assert_fates(d,
		    cut < end - 1 ? "delivered=ok waiting waiting"
				  : "delivered=ok delivered=250 ok waiting");
		assert_int_equal(
		    d->journal.is_torn, cut != first && cut != end);
		desk_fate(d, 2, FATE_REFUSED, "no");
		desk_note(d);
		assert_false(d->journal.is_torn);
		desk_again(d, "a b c");
		assert_fates(d,
		    cut < end - 1 ? "delivered=ok waiting refused=no"
				  : "delivered=ok delivered=250 ok refused=no");
		assert_false(d->journal.is_torn);
	}
}

static void
a_read_error_is_an_error(void **state)
{
	struct desk *d = *state;
	int dir = open("/", O_RDONLY | O_CLOEXEC);

	assert_int_not_equal(dir, -1);
	desk_lines(d, "delivered 1 ok");
	desk_header(d, "a");
	assert_int_equal(
	    journal_read(&d->journal, dir, 0, 99, &d->env, &d->f), EX_IOERR);
	close(dir);
	desk_header(d, "a");
	assert_int_equal(
	    journal_read(&d->journal, -1, 0, 99, &d->env, &d->f), EX_IOERR);

	/* Somebody cut it while we read: that is no end of a journal. */
	desk_header(d, "a");
	assert_int_equal(journal_read(&d->journal, fileno(d->file), START,
			     desk_end(d) + 1, &d->env, &d->f),
	    EX_IOERR);
}

static void
an_empty_journal_tells_nothing(void **state)
{
	struct desk *d = *state;

	desk_again(d, "a b");
	assert_fates(d, "waiting waiting");
	assert_int_equal(d->journal.end, START);
	assert_false(d->journal.is_torn);
	assert_false(d->journal.is_held);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_line_is_read_as_the_design_has_it),
		CASE(each_line_says_how_somebody_fares),
		CASE(attempts_are_counted_and_the_last_one_is_dated),
		CASE(the_first_attempt_by_a_sane_clock_is_dated),
		CASE(a_refusal_told_twice_has_its_last_line),
		CASE(a_message_is_held_until_it_is_released),
		CASE(only_failed_is_the_report_that_a_refusal_calls_for),
		CASE(children_have_the_numbers_of_their_lines),
		CASE(an_unsound_line_is_passed_over_wherever_it_is),
		CASE(no_damaged_octet_gives_a_line_another_meaning),
		CASE(a_tail_of_zeros_or_of_anything_is_passed_over),
		CASE(zeros_within_a_line_make_it_unsound),
		CASE(a_line_without_end_is_passed_over),
		CASE(what_was_torn_is_behind_the_line_feed_of_the_next_append),
		CASE(a_read_error_is_an_error),
		CASE(an_empty_journal_tells_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
