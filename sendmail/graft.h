/*
 * graft - other addresses in an address list, the rest as it was written
 *
 * Display names, comments, groups and folds around an address are its writer's,
 * and are copied octet for octet.  Only where an address grows, so that its
 * line would be longer than lines should be (RFC 5322, 2.1.1), is that broken
 * ahead of it, at a blank which is there.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_GRAFT_H
#define SENDMAIL_GRAFT_H

#include <stddef.h>
#include <stdio.h>

#define GRAFT_LINE 78 /* columns */

/* Begins as { .out = ..., .list = ..., .size = ..., .column = ... }. */
struct graft {
	FILE *out; /* which remembers whether writing failed */
	const char *list;
	size_t size;
	size_t column; /* where the list goes on in its line */
	size_t at;     /* what of the list was not written yet */
};

/* Write the list up to the start of an address that will have that width. */
void graft_reach(struct graft *, size_t start, size_t width);

/* Write it up to start, then text instead of what goes up to end. */
void graft_put(struct graft *, size_t start, size_t end, const char *text);

/* Write the rest of it. */
void graft_end(struct graft *);

#endif
