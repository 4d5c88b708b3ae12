/*
 * nest - the boundaries of parts within parts
 *
 * A stack of those that are open, NEST_DEPTH at most.  A line is a boundary by
 * two hyphens, the text of one, two more if it is the last, and blanks (RFC
 * 2046, 5.1.1).  That of an outer multipart ends the inner ones, closed or not.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_NEST_H
#define SENDMAIL_NEST_H

#include <stdbool.h>
#include <stddef.h>

#include "sendmail/entity.h"
#include "sendmail/span.h"

#define NEST_DEPTH 32

struct nest_level {
	char boundary[PARAMETER_BOUNDARY];
	size_t size;
	bool is_digest;
};

struct nest {
	struct nest_level level[NEST_DEPTH];
	size_t depth;
};

/* A multipart begins; it must not be full. */
void nest_enter(struct nest *, const struct entity *);

/* The level whose boundary that is, from 1 on; 0: it is none. */
size_t nest_find(const struct nest *, const struct piece *, bool *is_last);

/* Whether a part at hand is one of a multipart/digest. */
bool nest_in_digest(const struct nest *);

#endif
