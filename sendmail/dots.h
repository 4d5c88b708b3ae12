/*
 * dots - a text as SMTP sends it, up to the dot that ends it
 *
 * A line of one dot ends the text, and of any other line that begins with a dot
 * that one goes (RFC 5321, 4.5.2).  What a line is, the client has shown by how
 * it ended DATA: CRLF, or else LF, as some local programs write.  Who stuffs the
 * lines of one kind must not be taken at those of another: a text that holds
 * LF . LF would end early, and what follows would be commands.  So where CRLF
 * ends lines nothing else does, and LF . LF is text (crlf).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_DOTS_H
#define SENDMAIL_DOTS_H

#include <stdbool.h>
#include <stddef.h>

enum dots_state {
	DOTS_BEGIN,   /* of a line */
	DOTS_DOT,     /* held back: the dot that began it */
	DOTS_DOT_CR,  /* held back: that dot, and a CR */
	DOTS_TEXT,    /* within a line */
	DOTS_TEXT_CR, /* behind a CR */
	DOTS_OVER     /* the lone dot came */
};

/* Begins as { .by_feed = ... }. */
struct dots {
	bool by_feed; /* LF ends lines, with a CR before it or without */
	enum dots_state state;
};

/*
 * More octets: their text goes to a place that has room for one more than there
 * are.  Returns how many were taken, which are all unless it is over.
 */
size_t dots_take(
    struct dots *, const char *octets, size_t, char *text, size_t *used);

#endif
