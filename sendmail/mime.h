/*
 * mime - text that this server can take: long lines, 8-bit, raw headers
 *
 * Lines are at most 998 octets (RFC 5322, 2.1.1), and octets above 127 need
 * 8BITMIME, in a header SMTPUTF8 (RFC 6152, RFC 6532).  What is not so becomes:
 *
 *	a header	as mend says
 *	a body		quoted-printable, part by part (RFC 2045, 6.7), and a
 *			message without MIME fields gets them
 *	base64 and quoted-printable with a line too long
 *			the same in shorter lines
 *	what stands before and behind the parts of a multipart
 *			the same as a body, though nothing says so: nobody is
 *			shown it
 *
 * What is signed or encrypted, a report for programs (message/...), an encoding
 * that has octets it cannot have, and a multipart that is not to be understood
 * are sealed: never changed, and if they cannot go as they are nothing goes.
 * So the outcome means what the text meant, to every octet.
 *
 * Parts within parts are a stack of boundaries, NEST_DEPTH at most: what is
 * deeper is sealed.  Each octet is looked at a few times, however it is nested.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_MIME_H
#define SENDMAIL_MIME_H

#include <stdbool.h>

#include "mailq/text.h"
#include "sendmail/paper.h"
#include "sendmail/wording.h"

#define MIME_HEADER ((size_t)2 << 20) /* octets of one */

/* What a server takes. */
struct mime_takes {
	bool has_8bit;
	bool has_utf8; /* in a header; not without the other */
};

/* What may stand in the header of a message. */
enum octets mime_octets(const struct mime_takes *);

/* Whether the body, which begins there, cannot go as it is; EX_IOERR. */
int mime_body_is_due(const struct text *, off_t body, const struct mime_takes *,
    bool *is_due, struct fault *);

/*
 * Write all of it, header and body, as it can go.  EX_DATAERR: it cannot; the
 * text is a reply in the server's stead.  EX_TEMPFAIL, EX_IOERR.
 */
int mime_write(const struct text *, const struct mime_takes *, struct paper *,
    struct fault *);

#endif
