/*
 * status - how a message fares, as fields for programs
 *
 * The fields of a message/delivery-status (RFC 3464, 2): a group about the
 * message, then one for each recipient, each with an empty line behind it.
 * They are ASCII: an address beyond that goes as RFC 6533, 3 has it, what a
 * server or a caller wrote without control characters.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_STATUS_H
#define SENDMAIL_STATUS_H

#include <stdio.h>
#include <time.h>

#include "mailq/item.h"
#include "sendmail/policy.h"

#define STATUS_EXPIRED "4.4.7 given up: " /* before the last word there was */
#define STATUS_ADDRESS 900 /* octets of an address: its line stays below 998 */

struct status {
	enum report kind;
	const struct item *origin;   /* the message it is about */
	const char *host;            /* who reports */
	const struct policy *policy; /* completes bare names; NULL: they stay */
	time_t expires;              /* when we give up; 0: nobody knows */
};

void status_message(FILE *, const struct status *);

/* Of recipient n of the origin, who is untold. */
void status_recipient(FILE *, const struct status *, size_t n);

/*
 * Words of a server, or of ours, and CRLF: ASCII, folded at blanks, no line of
 * blanks alone.  The first line begins at that column.
 */
void status_words(FILE *, size_t column, const char *words);

/* The last word on a recipient, never NULL. */
const char *status_why(const struct rcpt *);

/* Whether that is about the text, which fares no better within a report. */
bool status_is_about_text(const struct rcpt *);

#endif
