/*
 * crlf - octets of any kind as lines that end in CRLF
 *
 * Callers end lines in LF, in CRLF, or in both within one message (PHP), and
 * leave the last one open.  A CR that ends no line and a NUL become blanks: on
 * the wire either would let a message pretend to end (RFC 5321, 2.3.8).  Unless
 * dot_is_text, a line of one dot ends the message, and one of two dots is a
 * line of one dot.
 *
 * The machine keeps its state from chunk to chunk, holds back two dots and
 * counts CRs, and looks at each octet a few times, however long a line is.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_CRLF_H
#define SENDMAIL_CRLF_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/fault.h"

#define CRLF_LONG 998   /* octets of a line without CRLF, RFC 5322, 2.1.1 */
#define CRLF_ROOM 65536 /* octets that are handed on at once, at most */

/* Begins with the first three set, the rest zero. */
struct crlf {
	int (*take)(void *ctx, const char *, size_t, struct fault *);
	void *ctx;
	bool dot_is_text;
	bool is_over;   /* the lone dot came; what follows is no message */
	bool in_line;   /* octets of this line went by */
	bool has_long;  /* some line may be longer than CRLF_LONG */
	size_t line;    /* octets of this one, if it came in pieces, or more */
	unsigned dots;  /* held back: all that is in this line so far */
	size_t returns; /* CRs held back behind them or it */
	size_t used;
	char out[CRLF_ROOM];
};

/*
 * More octets, which are worked on in place; take() gets what they make, in
 * pieces that need not be lines.  Nothing happens once it is over.
 */
int crlf_put(struct crlf *, char *octets, size_t, struct fault *);

/* There are no more: end the last line, hand on what is left. */
int crlf_end(struct crlf *, struct fault *);

#endif
