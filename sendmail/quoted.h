/*
 * quoted - the body of a part as 7-bit lines of moderate length
 *
 * Quoted-printable (RFC 2045, 6.7); a body that is that already, or base64, only
 * gets shorter lines: there a line that ends softly means nothing.  A line that
 * we begin in the middle of another never begins with a hyphen, or it could be
 * taken for a boundary.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_QUOTED_H
#define SENDMAIL_QUOTED_H

#include <stdbool.h>
#include <stddef.h>

#include "sendmail/paper.h"

enum quoted_from { QUOTED_FROM_PLAIN, QUOTED_FROM_QUOTED, QUOTED_FROM_BASE64 };

/* Begins with the first two set, the rest zero. */
struct quoted {
	struct paper *out;
	enum quoted_from from;
	size_t column;
	size_t escaped; /* octets of =XX that are still to come */
	bool is_soft;   /* this line goes on with the last */
	char blank;     /* held back, for it may end the line; or NUL */
};

/* Octets of a line, without CRLF; */
void quoted_put(struct quoted *, const char *octets, size_t);

/* its end, with or without one. */
void quoted_end(struct quoted *, bool has_crlf);

#endif
