/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "mailq/crc.h"
#include "mailq/journal.h"
#include "mailq/text.h"
#include "mailq/word.h"

#define SUM 8 /* octets of a line's sum */

const char *
journal_op(enum fate fate)
{
	static const char *const ops[] = {
		[FATE_WAITING] = "released",
		[FATE_DEFERRED] = "deferred",
		[FATE_UNKNOWN] = "unknown",
		[FATE_DELIVERED] = "delivered",
		[FATE_REFUSED] = "refused",
		[FATE_EXPANDED] = "expanded",
	};

	return ops[fate];
}

const char *
journal_report(enum report report)
{
	return report == REPORT_FAILED ? "failed" : "delayed";
}

void
journal_begin(struct journal *j, int fd, off_t end, struct envelope *env)
{
	struct rcpt *to;

	*j = (struct journal){ .fd = fd, .end = end };
	for (to = env->to; to < env->to + env->count; to++) {
		to->is_changed = to->fate != FATE_WAITING;
		to->is_noted = false;
		to->number = 0;
	}
}

/* One line, taken apart in place. */
struct event {
	time_t when;
	uint32_t sum;
	char *op, *numbers, *words;
};

/* Whether it is sound; words are decoded. */
static bool
take_apart(char *line, size_t size, struct event *e)
{
	struct fault none = { 0 };
	char sum[SUM + 1], *when;

	if (size < SUM + 1 || strlen(line) != size)
		return false;
	e->sum = crc_of(line + SUM + 1, size - SUM - 1);
	snprintf(sum, sizeof(sum), "%08" PRIx32, e->sum);
	if (memcmp(line, sum, SUM) != 0 || line[SUM] != ' ')
		return false;
	line += SUM + 1;
	when = strsep(&line, " ");
	e->when = (time_t)strtoimax(when, NULL, 10);
	e->op = strsep(&line, " ");
	e->numbers = strsep(&line, " ");
	e->words = line;
	return line != NULL && word_decode(line, &none) == EX_OK;
}

static bool
has_met_an_end(const struct rcpt *to)
{
	return to->fate == FATE_DELIVERED || to->fate == FATE_REFUSED;
}

/*
 * A crash may have kept some of the lines that expand a name and lost others.
 * Results stand behind all of them (note): only with one of those do the
 * children replace their parent, else it waits beside them and is expanded
 * again.
 */
static int
replay_fate(struct envelope *env, size_t n, enum fate fate, const char *words,
    struct fault *f)
{
	size_t up = env->to[n].parent;
	int rc;

	rc = envelope_fate(env, n, fate, words, f);
	if (fate == FATE_DEFERRED)
		return rc;
	for (; rc == EX_OK && up != ENVELOPE_NONE; up = env->to[up].parent)
		if (!has_met_an_end(env->to + up))
			rc = envelope_fate(env, up, FATE_EXPANDED, NULL, f);
	return rc;
}

/* What a name asked for holds for who stands for it, be it a name itself. */
static void
replay_notify(struct envelope *env, size_t n, const char *words)
{
	struct fault none = { 0 };
	unsigned notify;
	size_t i, up;

	if (notify_parse(words, &notify, &none) != EX_OK)
		return;
	for (i = n; i < env->count; i++) {
		for (up = i; up != ENVELOPE_NONE && up != n;)
			up = env->to[up].parent;
		if (up == n)
			env->to[i].notify =
			    notify_join(env->to[i].notify, notify);
	}
}

/* One recipient, or with ENVELOPE_NONE the message as a whole. */
static int
replay_one(struct journal *j, struct envelope *env, const struct event *e,
    size_t n, struct fault *f)
{
	struct rcpt *to = n == ENVELOPE_NONE ? NULL : env->to + n;
	enum fate fate;

	if (strcmp(e->op, "held") == 0 || strcmp(e->op, "released") == 0)
		j->is_held = e->op[0] == 'h';
	if (to == NULL)
		return EX_OK;
	if (strcmp(e->op, "released") == 0 && to->fate == FATE_REFUSED) {
		to->is_reported = false;
		return envelope_fate(env, n, FATE_WAITING, to->why, f);
	}
	if (strcmp(e->op, "notify") == 0)
		replay_notify(env, n, e->words);
	if (strcmp(e->op, "reported") == 0) {
		to->is_reported = to->is_reported ||
		    strcmp(e->words, journal_report(REPORT_FAILED)) == 0;
		to->is_delayed = to->is_delayed ||
		    strcmp(e->words, journal_report(REPORT_DELAYED)) == 0;
	}
	if (to->fate == FATE_REFUSED &&
	    strcmp(e->op, journal_op(FATE_REFUSED)) == 0) {
		/* Noted again, for it was not known to be noted (note). */
		to->when = e->when;
		to->sum = e->sum;
	}
	if (to->fate == FATE_EXPANDED || has_met_an_end(to))
		return EX_OK;
	for (fate = FATE_DEFERRED; fate <= FATE_REFUSED; fate++)
		if (strcmp(e->op, journal_op(fate)) == 0) {
			to->when = e->when;
			to->sum = e->sum;
			return replay_fate(env, n, fate, e->words, f);
		}
	return EX_OK;
}

static int
replay_child(
    struct envelope *env, const struct event *e, size_t parent, struct fault *f)
{
	struct rcpt *to;
	int rc;

	if (parent == ENVELOPE_NONE)
		return EX_OK;
	if (e->words[0] == '\0')
		return has_met_an_end(env->to + parent)
		    ? EX_OK
		    : replay_fate(env, parent, FATE_EXPANDED, NULL, f);
	rc = envelope_child(env, parent, e->words, f);
	if (rc != EX_OK)
		return rc;
	to = env->to + env->count - 1;
	to->is_noted = true;
	to->number = env->count;
	return EX_OK;
}

/* ENVELOPE_NONE for -, and for one that is not there. */
static size_t
recipient(const struct envelope *env, const char *number)
{
	uintmax_t n = strtoumax(number, NULL, 10);

	return n == 0 || n > env->count ? ENVELOPE_NONE : (size_t)n - 1;
}

/* From 1970 to now, or from now to 2076, is a leap; what waits must not age. */
unsigned
journal_steady(const struct journal *j, time_t when)
{
	bool has_leapt = when < j->attempted - JOURNAL_LEAP ||
	    when > j->attempted + JOURNAL_LEAP;

	return has_leapt ? 0 : j->steady;
}

void
journal_attempt(struct journal *j, time_t when)
{
	j->steady = journal_steady(j, when) + 1;
	j->attempts++;
	j->attempted = when;
	if (j->begun == 0 && when >= JOURNAL_SANE)
		j->begun = when;
}

static int
replay(
    struct journal *j, struct envelope *env, struct event *e, struct fault *f)
{
	size_t n;
	int rc = EX_OK;

	if (strcmp(e->op, "attempt") == 0) {
		journal_attempt(j, e->when);
		return EX_OK;
	}
	while (rc == EX_OK && e->numbers != NULL) {
		n = recipient(env, strsep(&e->numbers, ","));
		if (strcmp(e->op, "expanded") == 0)
			rc = replay_child(env, e, n, f);
		else
			rc = replay_one(j, env, e, n, f);
	}
	return rc;
}

int
journal_read(struct journal *j, int fd, off_t start, off_t end,
    struct envelope *env, struct fault *f)
{
	struct text text = { .fd = fd, .start = start, .size = end - start };
	struct text_lines in = { .text = &text };
	struct event e;
	struct rcpt *to;
	char *line;
	size_t size;
	int rc;

	*j = (struct journal){ .fd = fd, .end = end };
	rc = text_line(&in, &line, &size, f);
	while (rc == EX_OK && line != NULL) {
		if (take_apart(line, size, &e))
			rc = replay(j, env, &e, f);
		if (rc == EX_OK)
			rc = text_line(&in, &line, &size, f);
	}
	j->is_torn = in.is_torn;
	for (to = env->to; to < env->to + env->count; to++)
		to->is_changed = false;
	return rc;
}
