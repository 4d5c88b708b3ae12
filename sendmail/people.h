/*
 * people - a field of addresses, in what its line may hold
 *
 * Phrases and comments get encoded words (RFC 2047, 5), domains their A-labels;
 * a local part beyond ASCII has no other form (RFC 6530, 4.1).  A line that is
 * too long is folded behind a comma.  What need not change stays octet for octet.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_PEOPLE_H
#define SENDMAIL_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "sendmail/wording.h"

enum people {
	PEOPLE_FIT,  /* it can be written so */
	PEOPLE_UTF8, /* an address in it is UTF-8, and has to stay so */
	PEOPLE_TEXT  /* it is no address list */
};

/* Which of these the body of a field is; EX_TEMPFAIL. */
int people_judge(const char *list, size_t size, enum octets keeps,
    enum people *, struct fault *);

/* Write one that fits; folds: also at commas where that makes no difference. */
void people_put(struct wording *, const char *list, size_t size);

#endif
