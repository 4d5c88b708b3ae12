/*
 * field - the header of a message, one field after another
 *
 * A header is fields in wire form, and a field is a name, a colon, a body, with
 * lines that begin with a blank going on with it (RFC 5322, 2.2).  Blanks before
 * the colon are old, but sound (4.5).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_FIELD_H
#define SENDMAIL_FIELD_H

#include <stdbool.h>
#include <stddef.h>

/* All of it is borrowed from the header. */
struct field {
	const char *start; /* of its first line */
	size_t size;       /* with the last line end */
	size_t name;       /* octets of the name */
	const char *body;  /* behind the colon */
	size_t body_size;  /* with folding, without the last line end */
};

/* Octets of a name, blanks and colon that a line begins with; 0: no field. */
size_t field_begins(const char *line, size_t size);

/*
 * The field at *at, which moves on; false at the end of the header, or where
 * there is none.
 */
bool field_next(const char *header, size_t size, size_t *at, struct field *);

/* Whether it has that name, in whatever case. */
bool field_is(const struct field *, const char *name);

/* What a room makes of the fields that it knows. */
struct field_kind {
	const char *name;
	unsigned kind;
};

/* The kind of a field among so many that are known, or that of all others. */
unsigned field_kind(const struct field *, const struct field_kind *known,
    size_t count, unsigned others);

#endif
