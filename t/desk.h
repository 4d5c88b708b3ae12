/*
 * desk - one message's journal, to be written and read again
 *
 * For units: a file without a name, an envelope as its header would give it,
 * and what the journal made of both.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef T_DESK_H
#define T_DESK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mailq/crc.h"
#include "mailq/note.h"
#include "mailq/word.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define BYTES(text) text, sizeof(text) - 1
#define MESSAGE "Subject: x\r\n\r\nx\r\n"
#define START ((off_t)sizeof(MESSAGE) - 1)
#define WHEN 1700000000 /* of lines that we write by hand */

struct desk {
	FILE *file;
	struct envelope env;
	struct journal journal;
	struct fault f;
	char *text; /* of the journal, as desk_text() found it */
	char *told; /* what desk_told() and desk_fates() said last */
};

static inline int
set_up(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));

	assert_non_null(d);
	d->file = tmpfile();
	assert_non_null(d->file);
	assert_int_equal(
	    pwrite(fileno(d->file), MESSAGE, (size_t)START, 0), START);
	*state = d;
	return 0;
}

static inline int
tear_down(void **state)
{
	struct desk *d = *state;

	fclose(d->file);
	envelope_free(&d->env);
	free(d->text);
	free(d->told);
	free(d);
	return 0;
}

/* Only the header is known: recipients parted by blanks. */
static inline void
desk_header(struct desk *d, const char *list)
{
	char *copy = strdup(list), *rest = copy, *addr;

	assert_non_null(copy);
	envelope_free(&d->env);
	d->f = (struct fault){ 0 };
	while ((addr = strsep(&rest, " ")) != NULL)
		assert_int_equal(envelope_to(&d->env, addr, &d->f), EX_OK);
	free(copy);
}

static inline void
desk_begin(struct desk *d, const char *list)
{
	desk_header(d, list);
	assert_int_equal(ftruncate(fileno(d->file), START), 0);
	journal_begin(&d->journal, fileno(d->file), START, &d->env);
}

static inline off_t
desk_end(const struct desk *d)
{
	off_t end = lseek(fileno(d->file), 0, SEEK_END);

	assert_true(end >= START);
	return end;
}

/* As after a crash: who the header names, and what the file tells. */
static inline int
desk_read(struct desk *d, const char *list)
{
	desk_header(d, list);
	return journal_read(
	    &d->journal, fileno(d->file), START, desk_end(d), &d->env, &d->f);
}

static inline void
desk_again(struct desk *d, const char *list)
{
	assert_int_equal(desk_read(d, list), EX_OK);
}

/* So many octets, at the end of the file or in the stead of all. */
static inline void
desk_add(struct desk *d, const void *octets, size_t size)
{
	assert_int_equal(
	    pwrite(fileno(d->file), octets, size, desk_end(d)), size);
}

static inline void
desk_put(struct desk *d, const void *octets, size_t size)
{
	assert_int_equal(ftruncate(fileno(d->file), START), 0);
	desk_add(d, octets, size);
}

/* Lines without their sums and times, parted by semicolons. */
static inline void
desk_lines_at(struct desk *d, int when, const char *lines)
{
	char *copy = strdup(lines), *rest = copy, *line, body[8192];
	int len;

	assert_non_null(copy);
	while ((line = strsep(&rest, ";")) != NULL) {
		len = snprintf(body, sizeof(body), "%d %s", when, line);
		snprintf(body, sizeof(body), "%08x %d %s\n",
		    crc_of(body, (size_t)len), when, line);
		desk_add(d, body, strlen(body));
	}
	free(copy);
}

static inline void
desk_lines(struct desk *d, const char *lines)
{
	desk_lines_at(d, WHEN, lines);
}

static inline const char *
desk_text(struct desk *d)
{
	size_t size = (size_t)(desk_end(d) - START);

	free(d->text);
	d->text = malloc(size + 1);
	assert_non_null(d->text);
	assert_int_equal(pread(fileno(d->file), d->text, size, START), size);
	d->text[size] = '\0';
	return d->text;
}

/* What the lines of the journal tell, each one sound and short enough. */
static inline void
desk_told(struct desk *d)
{
	const char *line = desk_text(d), *end, *body;
	size_t size;
	FILE *out;

	free(d->told);
	d->told = NULL;
	out = open_memstream(&d->told, &size);
	assert_non_null(out);
	for (; *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		assert_true(end - line < JOURNAL_LINE);
		if (end == line)
			continue;
		body = strchr(line, ' ') + 1;
		assert_int_equal(body - line, 9);
		assert_int_equal(strtoul(line, NULL, 16),
		    crc_of(body, (size_t)(end - body)));
		body = strchr(body, ' ') + 1;
		fprintf(out, "%.*s;", (int)(end - body), body);
	}
	assert_int_equal(fclose(out), 0);
}

static inline void
assert_told(struct desk *d, const char *want)
{
	desk_told(d);
	assert_string_equal(d->told, want);
}

/* How each recipient fares, and in what words: "deferred=later waiting". */
static inline const char *
desk_fates(struct desk *d)
{
	const struct rcpt *to;
	const char *op;
	size_t size;
	FILE *out;

	free(d->told);
	d->told = NULL;
	out = open_memstream(&d->told, &size);
	assert_non_null(out);
	for (to = d->env.to; to < d->env.to + d->env.count; to++) {
		op =
		    to->fate == FATE_WAITING ? "waiting" : journal_op(to->fate);
		if (to > d->env.to)
			fputs(" ", out);
		if (to->parent != ENVELOPE_NONE)
			fprintf(out, "%s<%zu:", to->addr, to->parent + 1);
		fputs(op, out);
		if (to->why != NULL && to->why[0] != '\0')
			fprintf(out, "=%s", to->why);
	}
	assert_int_equal(fclose(out), 0);
	return d->told;
}

static inline void
assert_fates(struct desk *d, const char *want)
{
	assert_string_equal(desk_fates(d), want);
}

static inline void
desk_fate(struct desk *d, size_t n, enum fate fate, const char *why)
{
	assert_int_equal(envelope_fate(&d->env, n, fate, why, &d->f), EX_OK);
}

static inline void
desk_child(struct desk *d, size_t parent, const char *addr)
{
	assert_int_equal(envelope_child(&d->env, parent, addr, &d->f), EX_OK);
	desk_fate(d, parent, FATE_EXPANDED, NULL);
}

static inline void
desk_note(struct desk *d)
{
	assert_int_equal(note(&d->journal, &d->env, false, &d->f), EX_OK);
	assert_int_equal(d->journal.end, desk_end(d));
}

#endif
