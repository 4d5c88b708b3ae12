/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mailq/kin.h"
#include "mailq/note.h"
#include "mailq/pen.h"

/* Where a list of recipients ends, so that words fit behind it as xtext. */
#define LIST (JOURNAL_LINE - 3 * JOURNAL_WORDS - 64)

/* What a line is to say of one recipient. */
struct note {
	struct kin *kin; /* gets to know the line; or NULL */
	size_t number;
	enum fate fate;
	const char *op;
	const char *why;
};

static size_t
number(const struct envelope *env, size_t n)
{
	return env->to[n].parent == ENVELOPE_NONE ? n + 1 : env->to[n].number;
}

/* Those who stand for others that have met an end, and are not known yet. */
static void
write_children(struct pen *pen, struct envelope *env, struct kin *kin)
{
	size_t i, last = 0;
	struct rcpt *to;

	for (i = 0; i < env->count; i++)
		last +=
		    env->to[i].parent == ENVELOPE_NONE || env->to[i].is_noted;
	for (i = 0; i < env->count; i++) {
		to = env->to + i;
		if (to->parent == ENVELOPE_NONE || to->is_noted ||
		    to->twin != ENVELOPE_NONE ||
		    !(kin[to->parent].is_settled || kin[i].is_bound))
			continue;
		to->number = ++last;
		pen_begin(pen, "expanded");
		fprintf(pen->body, "%zu", number(env, to->parent));
		pen_end(pen, to->addr);
		pen->is_lasting = true;

		/* To be read it need not have its line feed. */
		kin[i].end = pen->end - 1;
	}
}

/*
 * Who stands for a settled name is to be told of as that one asked, too, after
 * the name has given way.
 */
static void
write_wishes(struct pen *pen, const struct envelope *env, const struct kin *kin)
{
	const struct rcpt *to;
	unsigned notify;
	size_t i;

	for (i = 0; i < env->count; i++) {
		to = env->to + i;
		if (to->twin == ENVELOPE_NONE || !to->is_changed ||
		    !kin[to->parent].is_settled || to->notify == NOTIFY_NEVER ||
		    env->to[to->twin].notify == 0)
			continue;
		notify = to->notify != 0 ? to->notify
					 : NOTIFY_FAILURE | NOTIFY_DELAY;
		pen_begin(pen, "notify");
		fprintf(pen->body, "%zu", number(env, to->twin));
		pen_end(pen, notify_words(notify));
		pen->is_lasting = true;
	}
}

/* Whether there is something to note of recipient n. */
static bool
make_note(
    struct note *note, const struct envelope *env, struct kin *kin, size_t n)
{
	const struct rcpt *to = env->to + n;
	const bool is_tied = to->fate == FATE_EXPANDED && kin[n].is_tied;

	*note = (struct note){ .kin = kin + n,
		.number = number(env, n),
		.fate = to->fate,
		.why = to->why };
	if (note->number == 0 || !(to->is_changed || is_tied) ||
	    to->fate == FATE_WAITING)
		return false;
	if (is_tied) {
		note->why = NULL;
	} else if (to->fate == FATE_EXPANDED) {
		if (kin[n].is_settled || !kin[n].is_deferred)
			return false;
		note->fate = FATE_DEFERRED;
		note->why = kin[n].why;
	}
	note->op = journal_op(note->fate);
	if (note->why == NULL)
		note->why = "";
	return true;
}

static int
alike(const struct note *a, const struct note *b)
{
	if (a->fate != b->fate)
		return a->fate < b->fate ? -1 : 1;
	return a->why == b->why ? 0 : strcmp(a->why, b->why);
}

static int
by_fate(const void *a, const void *b)
{
	const struct note *x = a, *y = b;
	int order = alike(x, y);

	if (order != 0)
		return order;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* Cut, though not in the middle of a character of UTF-8. */
static uint32_t
end_words(struct pen *pen, const char *why)
{
	char cut[JOURNAL_WORDS + 1];
	size_t len = strnlen(why, JOURNAL_WORDS);

	while (len > 0 && ((unsigned char)why[len] & 0xc0) == 0x80)
		len--;
	memcpy(cut, why, len);
	cut[len] = '\0';
	return pen_end(pen, cut);
}

/* One line, of as many as it holds of those that are alike; how many. */
static size_t
write_line(struct pen *pen, const struct note *notes, size_t count)
{
	uint32_t sum;
	size_t i, used;

	pen_begin(pen, notes[0].op);
	fprintf(pen->body, "%zu", notes[0].number);
	for (used = 1; used < count; used++) {
		if (alike(notes, notes + used) != 0 || ftell(pen->body) > LIST)
			break;
		fprintf(pen->body, ",%zu", notes[used].number);
	}
	sum = end_words(pen, notes[0].why);
	for (i = 0; i < used; i++) {
		if (notes[i].kin == NULL)
			continue;
		notes[i].kin->when = (time_t)pen->now;
		notes[i].kin->sum = sum;
	}
	return used;
}

static void
write_all(struct pen *pen, const struct note *notes, size_t count)
{
	size_t used;

	for (used = 0; used < count;)
		used += write_line(pen, notes + used, count - used);
}

static int
no_memory(struct fault *f)
{
	return fault_errno(f, EX_TEMPFAIL, "cannot note results");
}

static int
write_notes(
    struct pen *pen, struct envelope *env, struct kin *kin, struct fault *f)
{
	struct note *notes = calloc(env->count, sizeof(*notes));
	size_t i, count = 0;

	if (notes == NULL)
		return no_memory(f);
	write_children(pen, env, kin);
	write_wishes(pen, env, kin);
	for (i = 0; i < env->count; i++) {
		if (!make_note(notes + count, env, kin, i))
			continue;
		if (notes[count++].fate != FATE_DEFERRED)
			pen->is_lasting = true;
	}
	qsort(notes, count, sizeof(*notes), by_fate);
	write_all(pen, notes, count);
	free(notes);
	return EX_OK;
}

/*
 * Half an append may have given numbers to children: those keep them, or what
 * is appended next would mean others.  What was said of fates bears repetition;
 * but the line of a refusal is what its report is known by (bounce): it counts
 * only when it is there.
 */
static void
mark(struct envelope *env, const struct kin *kin, size_t written, bool is_whole)
{
	struct rcpt *to;
	size_t i;

	for (i = 0; i < env->count; i++) {
		to = env->to + i;
		if (kin[i].end > written)
			to->number = 0;
		to->is_noted = to->number != 0;
		if (is_whole && to->twin != ENVELOPE_NONE &&
		    kin[to->parent].is_settled)
			to->is_changed = false;
		if (!is_whole || number(env, i) == 0)
			continue;
		if (to->is_changed && to->fate == FATE_REFUSED) {
			to->when = kin[i].when;
			to->sum = kin[i].sum;
		}
		if (to->fate != FATE_EXPANDED || kin[i].is_settled ||
		    kin[i].is_deferred)
			to->is_changed = false;
	}
}

/* A line about the message as a whole. */
static void
write_whole(struct pen *pen, const char *op)
{
	pen_begin(pen, op);
	putc('-', pen->body);
	pen_end(pen, "");
}

static int
note_seen(struct journal *j, struct envelope *env, struct kin *kin,
    bool is_attempt, struct fault *f)
{
	struct pen pen;
	size_t written = 0;
	int rc;

	kin_look(env, kin);
	rc = pen_open(&pen, j, f);
	if (rc == EX_OK)
		rc = write_notes(&pen, env, kin, f);
	if (rc == EX_OK && is_attempt)
		write_whole(&pen, "attempt");
	rc = pen_close(&pen, j, rc, &written, f);
	mark(env, kin, written, rc == EX_OK);
	return rc;
}

int
note(struct journal *j, struct envelope *env, bool is_attempt, struct fault *f)
{
	struct kin *kin = calloc(env->count, sizeof(*kin));
	int rc;

	if (kin == NULL)
		return no_memory(f);
	rc = note_seen(j, env, kin, is_attempt, f);
	free(kin);
	if (rc == EX_OK && is_attempt)
		journal_attempt(j, time(NULL));
	return rc;
}

/* One that the journal does not know is told of by whom it came from. */
static int
write_reported(
    struct pen *pen, struct envelope *env, enum report report, struct fault *f)
{
	struct note *notes = calloc(env->count, sizeof(*notes));
	size_t i, n, count = 0;

	if (notes == NULL)
		return no_memory(f);
	for (i = 0; i < env->count; i++) {
		if (!rcpt_is_untold(env->to + i, report))
			continue;
		for (n = i; number(env, n) == 0;)
			n = env->to[n].parent;
		notes[count++] = (struct note){ .number = number(env, n),
			.op = "reported",
			.why = journal_report(report) };
	}
	write_all(pen, notes, count);
	pen->is_lasting = count > 0;
	free(notes);
	return EX_OK;
}

int
note_reported(struct journal *j, struct envelope *env, enum report report,
    struct fault *f)
{
	struct pen pen;
	size_t written = 0;
	int rc;

	rc = pen_open(&pen, j, f);
	if (rc == EX_OK)
		rc = write_reported(&pen, env, report, f);
	rc = pen_close(&pen, j, rc, &written, f);
	if (rc == EX_OK)
		envelope_told(env, report);
	return rc;
}

int
note_held(struct journal *j, bool is_held, struct fault *f)
{
	struct pen pen;
	size_t written = 0;
	int rc;

	rc = pen_open(&pen, j, f);
	if (rc == EX_OK)
		write_whole(&pen, is_held ? "held" : "released");
	rc = pen_close(&pen, j, rc, &written, f);
	if (rc == EX_OK)
		j->is_held = is_held;
	return rc;
}

static int
write_released(struct pen *pen, const struct envelope *env, struct fault *f)
{
	struct note *notes = calloc(env->count, sizeof(*notes));
	size_t i, count = 0;

	if (notes == NULL)
		return no_memory(f);
	for (i = 0; i < env->count; i++)
		if (env->to[i].fate == FATE_REFUSED)
			notes[count++] =
			    (struct note){ .number = number(env, i),
				    .op = journal_op(FATE_WAITING),
				    .why = "" };
	write_all(pen, notes, count);
	pen->is_lasting = count > 0;
	free(notes);
	return EX_OK;
}

int
note_released(struct journal *j, struct envelope *env, struct fault *f)
{
	struct pen pen;
	struct rcpt *to;
	size_t written = 0;
	int rc;

	rc = pen_open(&pen, j, f);
	if (rc == EX_OK)
		rc = write_released(&pen, env, f);
	rc = pen_close(&pen, j, rc, &written, f);
	if (rc != EX_OK)
		return rc;
	for (to = env->to; to < env->to + env->count; to++) {
		if (to->fate != FATE_REFUSED)
			continue;
		to->fate = FATE_WAITING;
		to->is_reported = false;
	}
	return EX_OK;
}
