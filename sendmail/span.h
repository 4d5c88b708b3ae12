/*
 * span - a text, line by line, however long its lines are
 *
 * A line comes in one piece up to SPAN_ROOM octets, a longer one in several; no
 * piece parts a character of UTF-8 or the CRLF that ends a line.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_SPAN_H
#define SENDMAIL_SPAN_H

#include <stdbool.h>
#include <stddef.h>

#include "mailq/text.h"

#define SPAN_ROOM 65536 /* octets that are read at once */

struct piece {
	const char *at; /* lives until the next one is asked for */
	size_t size;    /* 0: the text is over */
	bool begins;    /* a line, */
	bool ends;      /* and one, with the line feed */
};

/* Begins with its text, the rest zero. */
struct span {
	const struct text *text;
	off_t next; /* of what comes behind buf */
	size_t have, given;
	bool in_line;
	char buf[SPAN_ROOM];
};

/* The next piece; EX_IOERR. */
int span_next(struct span *, struct piece *, struct fault *);

/* Where the next piece begins; go on with the line that begins there. */
off_t span_at(const struct span *);
void span_go(struct span *, off_t at);

/*
 * What there is from an offset on, where a line begins, without looking at each
 * octet: lines over 998 octets, and, if eight asks for it, octets above 127.
 */
int span_look(const struct text *, off_t from, bool *is_long, bool *eight,
    struct fault *);

#endif
