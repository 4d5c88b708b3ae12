/*
 * token - the next piece of an address list
 *
 * An address list (RFC 5322, 3.4) is atoms, quoted strings, domain literals and
 * specials, with blanks, folding and comments anywhere in between (4.4).  This
 * room parts them in one pass, each octet looked at once: comments may lie in
 * comments, but are counted, not entered.  Octets above 127 are letters like
 * any other (RFC 6532, 3.2); whether they are UTF-8 is judged where it matters.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_TOKEN_H
#define SENDMAIL_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/fault.h"

#define TOKEN_DEPTH 100 /* comments within comments */

/* A special is its own kind: one of < > @ , ; : . \ */
enum token_kind { TOKEN_END = 256, TOKEN_ATOM, TOKEN_QUOTED, TOKEN_LITERAL };

/* Begins as { .list = ..., .size = ... }. */
struct token {
	const char *list;
	size_t size;
	size_t at;         /* where reading goes on */
	int kind;          /* enum token_kind, or the special */
	size_t start, end; /* of it in the list, quotes or brackets included */
	bool is_apart;     /* a blank or a comment stood before it */
	size_t comment;    /* where the inside of the last comment begins */
	size_t comment_end;
};

/*
 * Read on to the next one.  EX_DATAERR, with the octet, counted from 1: what
 * was opened is not closed, what was not opened is closed, or a control
 * character stands where none may.
 */
int token_next(struct token *, struct fault *);

/*
 * What is meant by the inside of a quoted string or of a comment: without the
 * backslashes of quoted pairs, and unfolded.  Returns its octets; there are
 * never more than before.  No NUL is added.
 */
size_t token_plain(const char *raw, size_t size, char *plain);

/* Whether it may stand in an atom; octets above 127 may. */
bool token_is_atext(char c);

/* Octets of the UTF-8 character (RFC 3629) that stands there; 0: none does. */
size_t token_utf8(const char *at, size_t left);
bool token_is_utf8(const char *text, size_t size);
bool token_is_ascii(const char *text, size_t size);

#endif
