/* SPDX-License-Identifier: ISC */
#include <sys/resource.h>

#include <fcntl.h>
#include <signal.h>
#include <time.h>

#include "mailq/kin.h"
#include "t/desk.h"

#define MANY 100000

/*
 * A name that gave b and c, the latter of whom gave d and e; how each of the
 * five fares, by a letter, in the words of its place; what is noted of that.
 */
static const struct {
	const char *fates;
	const char *told;
} families[] = {
	{ "XWXWW", "" },
	{ "XDXWW", "deferred 1 1;" },
	{ "XDXDD", "deferred 1 1;" },
	{ "XWXDD", "deferred 1 3;" },
	{ "XWXWD", "deferred 1 4;" },

	/* Once one of them met an end its kin is known. */
	{ "XdXWW", "expanded 1 b;expanded 1 c;delivered 2 1;" },
	{ "XrXWW", "expanded 1 b;expanded 1 c;refused 2 1;" },
	{ "XuXWW", "expanded 1 b;expanded 1 c;unknown 2 1;" },
	{ "XdXWD", "expanded 1 b;expanded 1 c;deferred 3 4;delivered 2 1;" },
	{ "XWXdW",
	    "expanded 1 b;expanded 1 c;expanded 3 d;expanded 3 e;"
	    "delivered 4 3;" },
	{ "XDXrD",
	    "expanded 1 b;expanded 1 c;expanded 3 d;expanded 3 e;"
	    "deferred 2 1;deferred 5 4;refused 4 3;" },
	{ "XuXWd",
	    "expanded 1 b;expanded 1 c;expanded 3 d;expanded 3 e;"
	    "unknown 2 1;delivered 5 4;" },
};

static enum fate
fate_of(char c)
{
	switch (c) {
	case 'D':
		return FATE_DEFERRED;
	case 'u':
		return FATE_UNKNOWN;
	case 'd':
		return FATE_DELIVERED;
	case 'r':
		return FATE_REFUSED;
	case 'X':
		return FATE_EXPANDED;
	default:
		return FATE_WAITING;
	}
}

static void
be_a_family(struct desk *d, const char *fates)
{
	char why[] = "0";
	size_t n;

	desk_child(d, 0, "b");
	desk_child(d, 0, "c");
	desk_child(d, 2, "d");
	desk_child(d, 2, "e");
	for (n = 0; n < d->env.count; n++) {
		why[0] = (char)('0' + n);
		if (fates[n] != 'W' && fates[n] != 'X')
			desk_fate(d, n, fate_of(fates[n]), why);
	}
}

static void
a_line_is_written_as_the_design_has_it(void **state)
{
	struct desk *d = *state;
	time_t before = time(NULL), when;
	char want[128], body[100];
	const char *text;

	desk_begin(d, "a b");
	desk_fate(d, 1, FATE_DELIVERED, "250 2.0.0 ok");
	desk_note(d);
	text = desk_text(d);
	when = (time_t)strtol(text + 9, NULL, 10);
	assert_true(when >= before && when <= time(NULL));
	snprintf(body, sizeof(body), "%jd delivered 2 250+202.0.0+20ok",
	    (intmax_t)when);
	snprintf(
	    want, sizeof(want), "%08x %s\n", crc_of(body, strlen(body)), body);
	assert_string_equal(text, want);
	assert_int_equal(d->journal.end, START + (off_t)strlen(want));
}

static void
only_what_the_journal_lacks_is_noted(void **state)
{
	struct desk *d = *state;

	desk_begin(d, "a b c");
	desk_note(d);
	assert_told(d, "");
	desk_fate(d, 0, FATE_DEFERRED, "450 later");
	desk_note(d);
	desk_note(d);
	assert_told(d, "deferred 1 450+20later;");
	desk_fate(d, 0, FATE_DEFERRED, "450 later");
	desk_fate(d, 1, FATE_DEFERRED, "450 later");
	desk_note(d);
	assert_told(d, "deferred 1 450+20later;deferred 2 450+20later;");
	desk_again(d, "a b c");
	desk_fate(d, 0, FATE_DEFERRED, "450 later");
	desk_note(d);
	desk_fate(d, 0, FATE_DEFERRED, "451 later");
	desk_fate(d, 2, FATE_REFUSED, NULL);
	desk_note(d);
	assert_told(d,
	    "deferred 1 450+20later;deferred 2 450+20later;"
	    "deferred 1 451+20later;refused 3 <>;");
	desk_again(d, "a b c");
	assert_fates(d, "deferred=451 later deferred=450 later refused");
}

static void
a_fresh_file_gets_all_that_the_envelope_knows(void **state)
{
	struct desk *d = *state;
	size_t n;

	desk_begin(d, "a b c d e");
	for (n = FATE_DEFERRED; n <= FATE_REFUSED; n++)
		desk_fate(d, n, (enum fate)n, "x");
	desk_note(d);

	/* The same in the next place, where that one did not do. */
	assert_int_equal(ftruncate(fileno(d->file), START), 0);
	journal_begin(&d->journal, fileno(d->file), START, &d->env);
	desk_note(d);
	assert_told(d, "deferred 2 x;unknown 3 x;delivered 4 x;refused 5 x;");
}

static void
an_attempt_is_counted_and_comes_last(void **state)
{
	struct desk *d = *state;

	desk_begin(d, "a");
	assert_int_equal(note(&d->journal, &d->env, true, &d->f), EX_OK);
	desk_fate(d, 0, FATE_DEFERRED, "x");
	assert_int_equal(note(&d->journal, &d->env, true, &d->f), EX_OK);
	assert_told(d, "attempt - <>;deferred 1 x;attempt - <>;");
	assert_int_equal(d->journal.attempts, 2);
	assert_true(d->journal.attempted >= time(NULL) - 60);
	desk_again(d, "a");
	assert_int_equal(d->journal.attempts, 2);
}

static void
only_what_must_survive_calls_for_a_sync(void **state)
{
	struct desk *d = *state;
	size_t n;

	desk_begin(d, "a b c d");
	assert_false(d->journal.is_dirty);
	desk_fate(d, 0, FATE_DEFERRED, "x");
	assert_int_equal(note(&d->journal, &d->env, true, &d->f), EX_OK);
	assert_false(d->journal.is_dirty);
	for (n = FATE_UNKNOWN; n <= FATE_REFUSED; n++) {
		desk_fate(d, 0, (enum fate)n, "x");
		desk_note(d);
		assert_true(d->journal.is_dirty);

		/* It stays so until somebody synced. */
		desk_fate(d, 1, FATE_DEFERRED, n % 2 != 0 ? "x" : "y");
		desk_note(d);
		assert_true(d->journal.is_dirty);
		d->journal.is_dirty = false;
		desk_note(d);
		assert_false(d->journal.is_dirty);
	}
	desk_child(d, 1, "e");
	desk_fate(d, 4, FATE_DEFERRED, "z");
	desk_note(d);
	assert_false(d->journal.is_dirty);
	desk_fate(d, 4, FATE_DELIVERED, "z");
	desk_note(d);
	assert_true(d->journal.is_dirty);
}

static void
an_expansion_is_noted_when_one_it_gave_met_an_end(void **state)
{
	struct desk *d = *state;
	size_t i;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		desk_begin(d, "a");
		be_a_family(d, families[i].fates);
		desk_note(d);
		desk_told(d);
		if (strcmp(d->told, families[i].told) != 0)
			fail_msg("%s: %s", families[i].fates, d->told);
		assert_int_equal(
		    d->journal.is_dirty, strstr(d->told, "expanded") != NULL);
		desk_note(d);
		assert_told(d, families[i].told);
	}
}

static void
children_that_are_noted_later_are_numbered_on(void **state)
{
	struct desk *d = *state;

	desk_begin(d, "a b");
	desk_child(d, 0, "c");
	desk_child(d, 1, "d");
	desk_child(d, 1, "e");
	desk_fate(d, 2, FATE_DEFERRED, "x");
	desk_fate(d, 4, FATE_DELIVERED, "y");
	desk_note(d);
	desk_fate(d, 2, FATE_DELIVERED, "z");
	desk_fate(d, 3, FATE_REFUSED, "n");
	desk_note(d);
	assert_told(d,
	    "expanded 2 d;expanded 2 e;deferred 1 x;"
	    "delivered 4 y;expanded 1 c;delivered 5 z;"
	    "refused 3 n;");
	desk_again(d, "a b");
	assert_fates(d,
	    "expanded=x expanded d<2:refused=n e<2:delivered=y "
	    "c<1:delivered=z");

	/* Who was read back has his number still. */
	desk_put(d, "", 0);
	desk_lines(d, "expanded 2 d;expanded 2 e;delivered 4 y");
	desk_again(d, "a b");
	desk_child(d, 0, "c");
	desk_fate(d, 2, FATE_DELIVERED, "w");
	desk_fate(d, 4, FATE_DELIVERED, "w");
	desk_note(d);
	assert_told(d,
	    "expanded 2 d;expanded 2 e;delivered 4 y;"
	    "expanded 1 c;delivered 3,5 w;");
}

static void
many_who_fare_alike_go_in_one_line(void **state)
{
	struct desk *d = *state;

	desk_begin(d, "a b c d e f g h");
	desk_fate(d, 7, FATE_DELIVERED, "ok");
	desk_fate(d, 0, FATE_DELIVERED, "ok");
	desk_fate(d, 3, FATE_REFUSED, "ok");
	desk_fate(d, 4, FATE_DELIVERED, "other");
	desk_fate(d, 2, FATE_DELIVERED, "ok");
	desk_fate(d, 6, FATE_REFUSED, "ok");
	desk_note(d);
	assert_told(d, "delivered 1,3,8 ok;delivered 5 other;refused 4,7 ok;");
}

static void
a_list_is_cut_before_its_line_is_too_long(void **state)
{
	struct desk *d = *state;
	char why[JOURNAL_WORDS + 1], addr[16];
	size_t n, lines = 0;
	const char *at;

	memset(why, '\x01', JOURNAL_WORDS);
	why[JOURNAL_WORDS] = '\0';
	desk_begin(d, "a0");
	for (n = 1; n < MANY; n++) {
		snprintf(addr, sizeof(addr), "a%zu", n);
		assert_int_equal(envelope_to(&d->env, addr, &d->f), EX_OK);
	}
	for (n = 0; n < MANY; n++)
		if (n != 77777)
			desk_fate(d, n, FATE_DELIVERED, why);
	desk_note(d);
	desk_told(d);
	for (at = d->told; *at != '\0'; at++)
		lines += *at == ';';
	assert_in_range(lines, 2, 600000 / 2000);
	for (n = 0; n < MANY; n++) {
		d->env.to[n].fate = FATE_WAITING;
		d->env.to[n].is_changed = true;
	}
	assert_int_equal(journal_read(&d->journal, fileno(d->file), START,
			     desk_end(d), &d->env, &d->f),
	    EX_OK);
	assert_int_equal(envelope_count(&d->env, FATE_DELIVERED), MANY - 1);
	assert_int_equal(d->env.to[77777].fate, FATE_WAITING);
	assert_string_equal(d->env.to[99999].why, why);
}

static void
the_longest_address_fits_in_a_line(void **state)
{
	struct desk *d = *state;
	char addr[ENVELOPE_ADDR + 1];

	memset(addr, '\xff', ENVELOPE_ADDR);
	addr[ENVELOPE_ADDR] = '\0';
	desk_begin(d, "a");
	desk_child(d, 0, addr);
	desk_fate(d, 1, FATE_DELIVERED, "ok");
	desk_note(d);
	desk_told(d);
	desk_again(d, "a");
	assert_string_equal(d->env.to[1].addr, addr);
	assert_int_equal(d->env.to[1].fate, FATE_DELIVERED);
}

static void
words_are_cut_between_characters(void **state)
{
	static const struct {
		size_t before; /* octets ahead of the character */
		const char *character;
		size_t kept;
	} cases[] = {
		{ JOURNAL_WORDS - 1, "x", JOURNAL_WORDS },
		{ JOURNAL_WORDS, "x", JOURNAL_WORDS },
		{ JOURNAL_WORDS - 2, "\xc3\xb6", JOURNAL_WORDS },
		{ JOURNAL_WORDS - 1, "\xc3\xb6", JOURNAL_WORDS - 1 },
		{ JOURNAL_WORDS, "\xc3\xb6", JOURNAL_WORDS },
		{ JOURNAL_WORDS - 3, "\xe2\x82\xac", JOURNAL_WORDS },
		{ JOURNAL_WORDS - 2, "\xe2\x82\xac", JOURNAL_WORDS - 2 },
		{ JOURNAL_WORDS - 1, "\xe2\x82\xac", JOURNAL_WORDS - 1 },
		{ JOURNAL_WORDS - 4, "\xf0\x9f\x98\x80", JOURNAL_WORDS },
		{ JOURNAL_WORDS - 3, "\xf0\x9f\x98\x80", JOURNAL_WORDS - 3 },
		{ JOURNAL_WORDS - 1, "\xf0\x9f\x98\x80", JOURNAL_WORDS - 1 },
	};
	struct desk *d = *state;
	char why[3 * JOURNAL_WORDS];
	size_t i, at;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		at = cases[i].before;
		memset(why, 'x', sizeof(why) - 1);
		why[sizeof(why) - 1] = '\0';
		memcpy(
		    why + at, cases[i].character, strlen(cases[i].character));
		desk_begin(d, "a");
		desk_fate(d, 0, FATE_DEFERRED, why);
		desk_note(d);
		desk_again(d, "a");
		assert_int_equal(strlen(d->env.to->why), cases[i].kept);
		assert_memory_equal(d->env.to->why, why, cases[i].kept);
	}
}

/* What a run may find of the message: nobody is lost, none served twice. */
static void
assert_nobody_is_lost(struct desk *d)
{
	const struct rcpt *to = d->env.to;
	bool has_c = false, has_d = false;
	size_t n;

	assert_true(rcpt_waits(to) || to->fate == FATE_EXPANDED);
	assert_true(rcpt_waits(to + 1) || to[1].fate == FATE_DELIVERED);
	for (n = 2; n < d->env.count; n++) {
		assert_int_equal(to[n].parent, 0);
		if (strcmp(to[n].addr, "c") == 0) {
			assert_false(has_c);
			has_c = true;
			assert_true(rcpt_waits(to + n));
		} else {
			assert_string_equal(to[n].addr, "d");
			assert_false(has_d);
			has_d = true;
			assert_true(
			    rcpt_waits(to + n) || to[n].fate == FATE_DELIVERED);
		}
	}
	assert_true(rcpt_waits(to) || (has_c && has_d));
}

/* a gave c, who is put off, and d, who has it, as has b. */
static void
have_results(struct desk *d)
{
	desk_begin(d, "a b");
	desk_child(d, 0, "c");
	desk_child(d, 0, "d");
	desk_fate(d, 2, FATE_DEFERRED, "later");
	desk_fate(d, 3, FATE_DELIVERED, "ok");
	desk_fate(d, 1, FATE_DELIVERED, "ok");
}

static void
wherever_a_crash_cuts_a_journal_nobody_is_lost(void **state)
{
	struct desk *d = *state;
	off_t cut, end;

	have_results(d);
	desk_note(d);
	end = desk_end(d);
	for (cut = end; cut >= START; cut--) {
		assert_int_equal(ftruncate(fileno(d->file), cut), 0);
		desk_again(d, "a b");
		assert_nobody_is_lost(d);
		if (cut >= end - 1)
			assert_fates(d,
			    "expanded delivered=ok c<1:deferred=later "
			    "d<1:delivered=ok");
	}
}

/* A name that gave the second recipient, and maybe c and d, who gave him too. */
static void
who_was_there_before_settles_a_name_too(void **state)
{
	struct desk *d = *state;
	off_t cut, end;

	desk_begin(d, "a b");
	assert_int_equal(kin_add(&d->env, 0, "b", &d->f), EX_OK);
	desk_fate(d, 0, FATE_EXPANDED, NULL);
	assert_int_equal(envelope_waiting(&d->env), 1);
	desk_note(d);
	assert_told(d, "");
	desk_fate(d, 1, FATE_DEFERRED, "later");
	desk_note(d);
	assert_told(d, "deferred 1,2 later;");
	assert_false(d->journal.is_dirty);
	desk_fate(d, 1, FATE_REFUSED, "no");
	desk_note(d);
	desk_note(d);
	assert_told(d, "deferred 1,2 later;refused 2 no;expanded 1 <>;");
	desk_again(d, "a b");
	assert_fates(d, "expanded=later refused=no");

	desk_begin(d, "a b");
	assert_int_equal(kin_add(&d->env, 0, "c", &d->f), EX_OK);
	assert_int_equal(kin_add(&d->env, 0, "d", &d->f), EX_OK);
	assert_int_equal(kin_add(&d->env, 3, "b", &d->f), EX_OK);
	desk_fate(d, 0, FATE_EXPANDED, NULL);
	desk_fate(d, 3, FATE_EXPANDED, NULL);
	desk_fate(d, 1, FATE_UNKNOWN, "?");
	desk_note(d);
	assert_told(d, "expanded 1 c;expanded 1 d;unknown 2 ?;expanded 4 <>;");
	assert_true(d->journal.is_dirty);
	end = desk_end(d);
	for (cut = end; cut >= START; cut--) {
		assert_int_equal(ftruncate(fileno(d->file), cut), 0);
		desk_again(d, "a b");
		if (cut >= end - 1)
			assert_fates(
			    d, "expanded unknown=? c<1:waiting d<1:expanded");
		else
			assert_true(rcpt_waits(d->env.to));
	}
}

/* The crash left one child of two; the alias is there still. */
static void
what_a_crash_left_of_an_expansion_is_completed(void **state)
{
	struct desk *d = *state;

	desk_lines(d, "expanded 1 c");
	desk_add(d, BYTES("00000000 17"));
	desk_again(d, "a b");
	assert_fates(d, "waiting waiting c<1:waiting");
	desk_child(d, 0, "d");
	desk_fate(d, 2, FATE_DEFERRED, "x");
	desk_fate(d, 3, FATE_DEFERRED, "y");
	desk_note(d);
	desk_again(d, "a b");
	assert_fates(d, "deferred=x waiting c<1:deferred=x");
	desk_child(d, 0, "d");
	desk_fate(d, 2, FATE_DELIVERED, "ok");
	desk_fate(d, 3, FATE_DEFERRED, "y");
	desk_note(d);
	desk_again(d, "a b");
	assert_fates(d, "expanded=x waiting c<1:delivered=ok d<1:deferred=y");
}

/* So that the file holds that many octets of its journal and no more. */
static int
note_within(struct desk *d, rlim_t octets)
{
	struct rlimit old, less;
	int rc;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	less = old;
	less.rlim_cur = (rlim_t)START + octets;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
	rc = note(&d->journal, &d->env, true, &d->f);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	return rc;
}

static void
after_a_write_that_failed_the_next_note_writes_all(void **state)
{
	struct desk *d = *state;
	rlim_t octets, size;
	off_t end;

	signal(SIGXFSZ, SIG_IGN);
	have_results(d);
	assert_int_equal(note(&d->journal, &d->env, true, &d->f), EX_OK);
	size = (rlim_t)(desk_end(d) - START);
	for (octets = 0; octets < size; octets++) {
		have_results(d);
		assert_int_equal(note_within(d, octets), EX_CANTCREAT);
		assert_int_equal(d->journal.end, desk_end(d));
		assert_int_equal(d->journal.end, START + (off_t)octets);
		assert_int_equal(d->journal.attempts, 0);
		assert_false(d->journal.is_dirty);
		assert_true(d->env.to[3].is_changed);

		/* There is room again. */
		d->f = (struct fault){ 0 };
		desk_note(d);
		assert_true(d->journal.is_dirty);
		end = desk_end(d);
		desk_note(d);
		assert_int_equal(desk_end(d), end);
		desk_again(d, "a b");
		assert_fates(d,
		    "expanded delivered=ok c<1:deferred=later "
		    "d<1:delivered=ok");

		/* There is none, and we die. */
		assert_int_equal(
		    ftruncate(fileno(d->file), START + (off_t)octets), 0);
		desk_again(d, "a b");
		assert_nobody_is_lost(d);
	}
	signal(SIGXFSZ, SIG_DFL);
}

/* A report is known by the line that refused: no other, and none that is not
 * there, may pass for it. */
static void
a_refusal_is_known_by_its_line(void **state)
{
	struct desk *d = *state;
	struct rlimit old, none;
	struct rcpt *to;
	uint32_t sum;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	none = old;
	none.rlim_cur = START;
	desk_begin(d, "a b");
	to = d->env.to;
	desk_fate(d, 0, FATE_REFUSED, "550 no");
	assert_int_equal(note_within(d, 0), EX_CANTCREAT);
	assert_int_equal(to->when, 0);
	assert_int_equal(to->sum, 0);
	d->f = (struct fault){ 0 };
	desk_note(d);
	sum = to->sum;
	assert_int_not_equal(sum, 0);

	/* As of another day, so that a new time would be seen. */
	to->when = WHEN;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_int_equal(
	    note_reported(&d->journal, &d->env, REPORT_FAILED, &d->f),
	    EX_CANTCREAT);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(to->when, WHEN);
	assert_int_equal(to->sum, sum);
	d->f = (struct fault){ 0 };
	assert_int_equal(
	    note_reported(&d->journal, &d->env, REPORT_FAILED, &d->f), EX_OK);
	assert_int_equal(to->when, WHEN);
	assert_int_equal(to->sum, sum);
	desk_again(d, "a b");
	assert_int_equal(d->env.to[0].sum, sum);
	signal(SIGXFSZ, SIG_DFL);
}

/* Part of a family is known already when the disk is full: numbers go on. */
static void
numbers_hold_however_often_a_write_fails(void **state)
{
	struct desk *d = *state;
	char children[][2] = { "c", "d", "e", "f", "g" };
	rlim_t octets;
	size_t i;

	signal(SIGXFSZ, SIG_IGN);
	for (octets = 1; octets < 150; octets++) {
		desk_begin(d, "a b");
		for (i = 0; i < sizeof(children) / sizeof(children[0]); i++)
			desk_child(d, 0, children[i]);
		desk_fate(d, 2, FATE_DEFERRED, "c");
		desk_fate(d, 3, FATE_DEFERRED, "d");
		desk_fate(d, 5, FATE_DELIVERED, "f");
		desk_fate(d, 6, FATE_DELIVERED, "g");
		assert_int_equal(note_within(d, octets), EX_CANTCREAT);
		d->f = (struct fault){ 0 };
		assert_int_equal(note_within(d, octets + 40), EX_CANTCREAT);
		d->f = (struct fault){ 0 };
		desk_note(d);
		desk_again(d, "a b");
		assert_fates(d,
		    "expanded waiting c<1:deferred=c d<1:deferred=d "
		    "e<1:waiting f<1:delivered=f g<1:delivered=g");
	}
	signal(SIGXFSZ, SIG_DFL);
}

static void
a_full_disk_is_noticed_and_forgets_nothing(void **state)
{
	struct desk *d = *state;
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	if (full == -1)
		return;
	have_results(d);
	d->journal.fd = full;
	assert_int_equal(note(&d->journal, &d->env, true, &d->f), EX_CANTCREAT);
	assert_int_equal(d->journal.end, START);
	assert_false(d->journal.is_torn);
	assert_false(d->journal.is_dirty);
	d->journal.fd = -1;
	d->f = (struct fault){ 0 };
	assert_int_equal(note(&d->journal, &d->env, true, &d->f), EX_IOERR);
	assert_int_equal(d->journal.attempts, 0);
	d->journal.fd = fileno(d->file);
	d->f = (struct fault){ 0 };
	desk_note(d);
	assert_told(d,
	    "expanded 1 c;expanded 1 d;deferred 3 later;"
	    "delivered 2,4 ok;");
	close(full);
}

static void
a_message_is_held_and_released(void **state)
{
	struct desk *d = *state;

	desk_begin(d, "a b");
	desk_fate(d, 0, FATE_REFUSED, "x");
	desk_note(d);
	d->journal.is_dirty = false;
	assert_int_equal(note_held(&d->journal, true, &d->f), EX_OK);
	assert_true(d->journal.is_held);
	assert_told(d, "refused 1 x;held - <>;");
	assert_int_equal(note_held(&d->journal, false, &d->f), EX_OK);
	assert_false(d->journal.is_held);
	assert_told(d, "refused 1 x;held - <>;released - <>;");
	assert_int_equal(d->journal.end, desk_end(d));

	/* Its folder says so, and nobody fares otherwise. */
	assert_false(d->journal.is_dirty);
	assert_fates(d, "refused=x waiting");
	desk_again(d, "a b");
	assert_false(d->journal.is_held);
	assert_fates(d, "refused=x waiting");
}

static void
release(struct desk *d)
{
	assert_int_equal(note_released(&d->journal, &d->env, &d->f), EX_OK);
	assert_int_equal(d->journal.end, desk_end(d));
}

static void
who_was_refused_is_released(void **state)
{
	struct desk *d = *state;

	desk_begin(d, "a b c d");
	desk_fate(d, 0, FATE_REFUSED, "x");
	desk_fate(d, 1, FATE_DELIVERED, "ok");
	desk_fate(d, 2, FATE_DEFERRED, "y");
	desk_fate(d, 3, FATE_REFUSED, "z");
	desk_note(d);
	assert_int_equal(
	    note_reported(&d->journal, &d->env, REPORT_FAILED, &d->f), EX_OK);
	d->journal.is_dirty = false;
	release(d);
	assert_true(d->journal.is_dirty);
	assert_told(d,
	    "deferred 3 y;delivered 2 ok;refused 1 x;refused 4 z;"
	    "reported 1,4 failed;released 1,4 <>;");
	assert_fates(d, "waiting=x delivered=ok deferred=y waiting=z");
	assert_false(d->env.to[0].is_reported);
	assert_false(d->env.to[3].is_reported);
	desk_again(d, "a b c d");
	assert_fates(d, "waiting=x delivered=ok deferred=y waiting=z");
	assert_false(d->env.to[3].is_reported);

	/* Nobody is left to be released. */
	release(d);
	assert_false(d->journal.is_dirty);
	desk_note(d);
	assert_told(d,
	    "deferred 3 y;delivered 2 ok;refused 1 x;refused 4 z;"
	    "reported 1,4 failed;released 1,4 <>;");

	/* Refused once more in the same words he is to be told of again. */
	desk_fate(d, 3, FATE_REFUSED, "z");
	desk_note(d);
	assert_true(rcpt_is_untold(d->env.to + 3, REPORT_FAILED));
	desk_again(d, "a b c d");
	assert_fates(d, "waiting=x delivered=ok deferred=y refused=z");
	assert_true(rcpt_is_untold(d->env.to + 3, REPORT_FAILED));
}

static void
who_came_from_a_name_is_released_by_his_number(void **state)
{
	struct desk *d = *state;

	desk_begin(d, "a b");
	desk_child(d, 1, "c");
	desk_child(d, 1, "d");
	desk_fate(d, 2, FATE_DELIVERED, "ok");
	desk_fate(d, 3, FATE_REFUSED, "no");
	desk_note(d);
	desk_again(d, "a b");
	release(d);
	assert_told(d,
	    "expanded 2 c;expanded 2 d;delivered 3 ok;refused 4 no;"
	    "released 4 <>;");
	desk_again(d, "a b");
	assert_fates(d, "waiting expanded c<2:delivered=ok d<2:waiting=no");
}

static void
on_a_full_disk_nobody_is_released(void **state)
{
	struct desk *d = *state;
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	if (full == -1)
		return;
	desk_begin(d, "a");
	desk_fate(d, 0, FATE_REFUSED, "x");
	desk_note(d);
	d->journal.is_dirty = false;
	d->journal.fd = full;
	assert_int_equal(
	    note_released(&d->journal, &d->env, &d->f), EX_CANTCREAT);
	d->f = (struct fault){ 0 };
	assert_int_equal(note_held(&d->journal, true, &d->f), EX_CANTCREAT);
	assert_false(d->journal.is_held);
	assert_false(d->journal.is_dirty);
	assert_fates(d, "refused=x");
	close(full);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_line_is_written_as_the_design_has_it),
		CASE(only_what_the_journal_lacks_is_noted),
		CASE(a_fresh_file_gets_all_that_the_envelope_knows),
		CASE(an_attempt_is_counted_and_comes_last),
		CASE(only_what_must_survive_calls_for_a_sync),
		CASE(an_expansion_is_noted_when_one_it_gave_met_an_end),
		CASE(children_that_are_noted_later_are_numbered_on),
		CASE(many_who_fare_alike_go_in_one_line),
		CASE(a_list_is_cut_before_its_line_is_too_long),
		CASE(the_longest_address_fits_in_a_line),
		CASE(words_are_cut_between_characters),
		CASE(wherever_a_crash_cuts_a_journal_nobody_is_lost),
		CASE(who_was_there_before_settles_a_name_too),
		CASE(what_a_crash_left_of_an_expansion_is_completed),
		CASE(after_a_write_that_failed_the_next_note_writes_all),
		CASE(a_refusal_is_known_by_its_line),
		CASE(numbers_hold_however_often_a_write_fails),
		CASE(a_full_disk_is_noticed_and_forgets_nothing),
		CASE(a_message_is_held_and_released),
		CASE(who_was_refused_is_released),
		CASE(who_came_from_a_name_is_released_by_his_number),
		CASE(on_a_full_disk_nobody_is_released),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("note", tests, NULL, NULL);
}
