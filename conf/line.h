/*
 * line - the configuration as it lies in its file, line by line
 *
 * Nothing is joined, cut or guessed at.  A line is a comment (# or ; begins
 * it), blank, "[section]" or "key = value"; whatever else it is, is a fault
 * that says what to do.  The first = parts key and value, blanks around both
 * go, and the value is the rest of the line, with whatever is in it; of one that
 * begins and ends with " that pair is taken off.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef CONF_LINE_H
#define CONF_LINE_H

#include <stdio.h>

#include "conf/fault.h"

#define LINE_OCTETS 65536 /* without its end; a password fits many times */

enum line_kind { LINE_NONE, LINE_SECTION, LINE_KEY };

/* Begins as { .in = ... }. */
struct line {
	FILE *in;
	unsigned number; /* counted from 1 */
	enum line_kind kind;
	char *section;     /* what stands between [ and ] */
	char *key, *value; /* in text, as all three */
	char text[LINE_OCTETS + 1];
};

/*
 * Go to the next line that is not blank and no comment; LINE_NONE at the end
 * of the file.  EX_CONFIG: number says which line it is.  EX_TEMPFAIL: it
 * cannot be read.
 */
int line_next(struct line *, struct fault *);

/* Wipe what was read; the stream is its opener's. */
void line_wipe(struct line *);

#endif
