/*
 * parameter - what stands between the semicolons of a MIME field
 *
 * The first piece of Content-Type or Content-Disposition is its value, the
 * others are NAME=VALUE (RFC 2045, 5.1).  Read as tolerantly as people write
 * them: without quotes, with blanks, beyond ASCII.  What may not go so is
 * written as RFC 2231 has it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_PARAMETER_H
#define SENDMAIL_PARAMETER_H

#include <stdbool.h>
#include <stddef.h>

#include "sendmail/wording.h"

#define PARAMETER_BOUNDARY 256 /* octets with the NUL; RFC 2046, 5.1.1 has 70 */

/* All of it is borrowed. */
struct parameter {
	const char *start; /* with the blanks around it, without semicolon */
	size_t size;
	const char *name; /* of size 0: it is the value of the field */
	size_t name_size;
	const char *value; /* without quotes, with its backslashes */
	size_t value_size;
	bool is_quoted;
};

/* The piece at *at, which moves behind its semicolon; false at the end. */
bool parameter_next(
    const char *body, size_t size, size_t *at, struct parameter *);

bool parameter_is(const struct parameter *, const char *name);

/*
 * A value without comment and blanks behind it, and without backslashes; "" if
 * it is longer than room, which counts its NUL.
 */
void parameter_read(const struct parameter *, char *value, size_t room);

/* The boundary of a multipart, if it is one that can be looked for. */
bool parameter_boundary(
    const struct parameter *, char boundary[PARAMETER_BOUNDARY]);

/* The body of a field. */
void parameter_put(struct wording *, const char *body, size_t size);

#endif
