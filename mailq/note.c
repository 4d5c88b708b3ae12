/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mailq/crc.h"
#include "mailq/note.h"
#include "mailq/text.h"
#include "mailq/word.h"

#define SUM 8 /* octets of a line's sum */

/* Where a list of recipients ends, so that words fit behind it as xtext. */
#define LIST (JOURNAL_LINE - 3 * JOURNAL_WORDS - 64)

/* What is known of a recipient and of those who stand for it. */
struct sight {
	bool is_settled;  /* one has met an end, or may have */
	bool is_deferred; /* one has been put off, */
	const char *why;  /* and this is why the first was */
	size_t end;       /* of the line that names it; 0: there is none */
};

/* What a line is to say of one recipient. */
struct note {
	struct rcpt *to;
	size_t number;
	enum fate fate;
	const char *why;
};

/* Who writes the lines. */
struct pen {
	FILE *out, *body;
	char *mem, *body_mem; /* all lines; one, from behind its sum */
	size_t size, body_size;
	size_t end; /* of what should lie in out by now */
	intmax_t now;
	bool is_lasting; /* something is among it that must survive */
};

/* Children follow their parents: going backwards, each is seen complete. */
static void
look(const struct envelope *env, struct sight *sights)
{
	const struct rcpt *to;
	struct sight *own, *parent;
	size_t i;

	for (i = env->count; i-- > 0;) {
		to = env->to + i;
		own = sights + i;
		own->is_settled = own->is_settled ||
		    to->fate == FATE_DELIVERED || to->fate == FATE_REFUSED ||
		    to->fate == FATE_UNKNOWN;
		if (to->fate == FATE_DEFERRED) {
			own->is_deferred = true;
			own->why = to->why;
		}
		if (to->parent == ENVELOPE_NONE)
			continue;
		parent = sights + to->parent;
		parent->is_settled = parent->is_settled || own->is_settled;
		if (own->is_deferred) {
			parent->is_deferred = true;
			parent->why = own->why;
		}
	}
}

static size_t
number(const struct envelope *env, size_t n)
{
	return env->to[n].parent == ENVELOPE_NONE ? n + 1 : env->to[n].number;
}

static void
begin_line(struct pen *pen, const char *op)
{
	/* Not rewind(3), which forgets that a write failed. */
	fseek(pen->body, 0, SEEK_SET);
	fprintf(pen->body, "%jd %s ", pen->now, op);
}

static void
end_line(struct pen *pen, const char *words)
{
	putc(' ', pen->body);
	word_write(pen->body, words);
	fflush(pen->body);
	fprintf(
	    pen->out, "%08" PRIx32 " ", crc_of(pen->body_mem, pen->body_size));
	fwrite(pen->body_mem, 1, pen->body_size, pen->out);
	putc('\n', pen->out);
	pen->end += SUM + 1 + pen->body_size + 1;
}

/* Those who stand for others that have met an end, and are not known yet. */
static void
write_children(struct pen *pen, struct envelope *env, struct sight *sights)
{
	size_t i, last = 0;
	struct rcpt *to;

	for (i = 0; i < env->count; i++)
		last +=
		    env->to[i].parent == ENVELOPE_NONE || env->to[i].is_noted;
	for (i = 0; i < env->count; i++) {
		to = env->to + i;
		if (to->parent == ENVELOPE_NONE || to->is_noted ||
		    !sights[to->parent].is_settled)
			continue;
		to->number = ++last;
		begin_line(pen, "expanded");
		fprintf(pen->body, "%zu", number(env, to->parent));
		end_line(pen, to->addr);
		pen->is_lasting = true;

		/* To be read it need not have its line feed. */
		sights[i].end = pen->end - 1;
	}
}

/* Whether there is something to note of recipient n. */
static bool
make_note(struct note *note, const struct envelope *env,
    const struct sight *sights, size_t n)
{
	struct rcpt *to = env->to + n;

	*note = (struct note){ .to = to,
		.number = number(env, n),
		.fate = to->fate,
		.why = to->why };
	if (note->number == 0 || !to->is_changed || to->fate == FATE_WAITING)
		return false;
	if (to->fate == FATE_EXPANDED) {
		if (sights[n].is_settled || !sights[n].is_deferred)
			return false;
		note->fate = FATE_DEFERRED;
		note->why = sights[n].why;
	}
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
static void
write_words(struct pen *pen, const char *why)
{
	char cut[JOURNAL_WORDS + 1];
	size_t len = strnlen(why, JOURNAL_WORDS);

	while (len > 0 && ((unsigned char)why[len] & 0xc0) == 0x80)
		len--;
	memcpy(cut, why, len);
	cut[len] = '\0';
	end_line(pen, cut);
}

/* A line for each stretch of notes that are alike. */
static void
write_fates(struct pen *pen, const struct note *notes, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (i == 0 || alike(notes + i - 1, notes + i) != 0 ||
		    ftell(pen->body) > LIST) {
			if (i > 0)
				write_words(pen, notes[i - 1].why);
			begin_line(pen, journal_op(notes[i].fate));
		} else {
			putc(',', pen->body);
		}
		fprintf(pen->body, "%zu", notes[i].number);
	}
	if (count > 0)
		write_words(pen, notes[count - 1].why);
}

static int
no_memory(struct fault *f)
{
	return fault_errno(f, EX_TEMPFAIL, "cannot note results");
}

static int
write_notes(struct pen *pen, struct envelope *env, struct sight *sights,
    struct fault *f)
{
	struct note *notes = calloc(env->count, sizeof(*notes));
	size_t i, count = 0;

	if (notes == NULL)
		return no_memory(f);
	write_children(pen, env, sights);
	for (i = 0; i < env->count; i++) {
		if (!make_note(notes + count, env, sights, i))
			continue;
		if (notes[count++].fate != FATE_DEFERRED)
			pen->is_lasting = true;
	}
	qsort(notes, count, sizeof(*notes), by_fate);
	write_fates(pen, notes, count);
	free(notes);
	return EX_OK;
}

static int
write_lines(struct pen *pen, struct envelope *env, struct sight *sights,
    bool is_attempt, struct fault *f)
{
	int rc;

	pen->body = open_memstream(&pen->body_mem, &pen->body_size);
	if (pen->body == NULL)
		return no_memory(f);
	rc = write_notes(pen, env, sights, f);
	if (rc == EX_OK && is_attempt) {
		begin_line(pen, "attempt");
		putc('-', pen->body);
		end_line(pen, "");
	}
	if (rc == EX_OK && (ferror(pen->body) || ferror(pen->out)))
		rc = no_memory(f);
	fclose(pen->body);
	free(pen->body_mem);
	return rc;
}

/* Nothing that was written is ever altered, not even half a line. */
static int
append(struct journal *j, const char *lines, size_t size, size_t *written,
    struct fault *f)
{
	off_t end;

	if (text_write(j->fd, j->end, lines, size, f) == EX_OK) {
		*written = size;
		j->end += (off_t)size;
		j->is_torn = false;
		return EX_OK;
	}
	end = lseek(j->fd, 0, SEEK_END);
	if (end > j->end) {
		*written = (size_t)(end - j->end);
		j->end = end;
		j->is_torn = true;
	}
	return f->code;
}

/*
 * Half an append may have given numbers to children: those keep them, or what
 * is appended next would mean others.  What was said of fates bears repetition.
 */
static void
mark(struct envelope *env, const struct sight *sights, size_t written,
    bool is_whole)
{
	struct rcpt *to;
	size_t i;

	for (i = 0; i < env->count; i++) {
		to = env->to + i;
		if (sights[i].end > written)
			to->number = 0;
		to->is_noted = to->number != 0;
		if (!is_whole || number(env, i) == 0)
			continue;
		if (to->fate != FATE_EXPANDED || sights[i].is_settled ||
		    sights[i].is_deferred)
			to->is_changed = false;
	}
}

static int
note_seen(struct journal *j, struct envelope *env, struct sight *sights,
    bool is_attempt, struct fault *f)
{
	struct pen pen = { .now = time(NULL), .end = j->is_torn };
	size_t written = 0;
	int rc;

	pen.out = open_memstream(&pen.mem, &pen.size);
	if (pen.out == NULL)
		return no_memory(f);
	if (j->is_torn)
		putc('\n', pen.out);
	look(env, sights);
	rc = write_lines(&pen, env, sights, is_attempt, f);

	/* Out of memory glibc's stream drops octets and reports nothing. */
	if (fclose(pen.out) != 0 || pen.size != pen.end)
		rc = no_memory(f);
	if (rc == EX_OK && pen.size > j->is_torn)
		rc = append(j, pen.mem, pen.size, &written, f);
	mark(env, sights, written, rc == EX_OK);
	j->is_dirty = j->is_dirty || (pen.is_lasting && rc == EX_OK);
	free(pen.mem);
	return rc;
}

int
note(struct journal *j, struct envelope *env, bool is_attempt, struct fault *f)
{
	struct sight *sights = calloc(env->count, sizeof(*sights));
	int rc;

	if (sights == NULL)
		return no_memory(f);
	rc = note_seen(j, env, sights, is_attempt, f);
	free(sights);
	if (rc == EX_OK && is_attempt) {
		j->attempts++;
		j->attempted = time(NULL);
	}
	return rc;
}
