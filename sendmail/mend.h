/*
 * mend - a header as a server can take it
 *
 * Field by field; one that needs nothing stays octet for octet.  Octets that may
 * not go become:
 *
 *	in texts, Subject and whatever is not named below, encoded words
 *	in addresses, encoded words in names and comments, A-labels of domains
 *	in parameters of Content fields, RFC 2231
 *	in comments of all that programs read, Date and others, encoded words
 *	in Message-ID, References and their like, which have room for nothing
 *	    else, a field Downgraded-NAME of encoded words (RFC 6857, 3.1.10)
 *
 * So does, as Downgraded-Field, a field whose name alone fills a line.
 *
 * A list of addresses that cannot be read is a text.  A line over 998 octets is
 * folded: at blanks, behind a comma of addresses, and where there is neither the
 * word is encoded, or, where that may not be, cut by a fold.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_MEND_H
#define SENDMAIL_MEND_H

#include <stdbool.h>
#include <stddef.h>

#include "sendmail/field.h"
#include "sendmail/paper.h"
#include "sendmail/wording.h"

struct mend {
	enum octets keeps;
	bool is_inner; /* of a message within: an address that has no other
			* form is shown as text, for nobody sends there */
};

/* Whether anything in a header, or in a field, has to change. */
bool mend_is_due(const char *header, size_t size, enum octets keeps);

/*
 * Write a field, or all of a header, which ends where there is no field any
 * more.  EX_DATAERR: an address needs SMTPUTF8.  EX_TEMPFAIL.
 */
int mend_field(
    const struct mend *, const struct field *, struct paper *, struct fault *);
int mend(const struct mend *, const char *header, size_t size, struct paper *,
    struct fault *);

#endif
