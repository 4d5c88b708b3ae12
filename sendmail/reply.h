/*
 * reply - what a server said
 *
 * Three digits, maybe an enhanced code (RFC 2034), and text, on one line or
 * several (RFC 5321, 4.2).  Lines of one reply carry the same code, or it is
 * none.  The text is kept up to a limit, in one line, and what is no printable
 * ASCII becomes a question mark.  What the digits mean for a recipient is told
 * in verdict.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_REPLY_H
#define SENDMAIL_REPLY_H

#include <stdbool.h>

#include "conf/fault.h"
#include "sendmail/net.h"

#define REPLY_TEXT 512  /* octets, with the NUL */
#define REPLY_LINES 128 /* of one reply */

struct reply {
	int code; /* 200 to 599; 0: none was read */
	/* Enhanced; all 0: none, or one whose class is not code's digit. */
	int class, subject, detail;
	/* "250 2.1.5 Ok": code and all, lines joined by /; printable ASCII. */
	char text[REPLY_TEXT];
};

/*
 * Read one.  each, if not NULL, gets every line behind its code.  EX_PROTOCOL:
 * that was no reply; EX_IOERR: none came.  The code is 0 then.
 */
int reply_read(struct reply *, struct net *,
    void (*each)(void *ctx, const char *line), void *ctx, struct fault *);

/* One that we give in the server's stead: "553 5.6.7 text". */
void reply_make(struct reply *, const char *text);

bool reply_is(const struct reply *, int first_digit);
bool reply_has(const struct reply *, int class, int subject, int detail);

#endif
