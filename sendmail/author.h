/*
 * author - a From field of whom the smarthost lets us send as
 *
 * With `address' it names us instead of somebody of this host, by the display
 * name that he had, or by where he is: root on web1.  Who wrote it stays readable
 * in X-Original-From, and gets the answers (Reply-To) if any of them could arrive.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_AUTHOR_H
#define SENDMAIL_AUTHOR_H

#include <stdbool.h>
#include <stdio.h>

#include "sendmail/field.h"
#include "sendmail/folk.h"

#define AUTHOR_ORIGINAL "X-Original-From"
#define AUTHOR_REPLY "Reply-To"

/* Begins as { .out = ..., ... }. */
struct author {
	FILE *out;                    /* of memory */
	bool has_original, has_reply; /* the header has such a field */
};

/* The address that takes the place of the author, or NULL. */
const char *author_of(const struct folk *, const struct field *);

/* Whether it is there already. */
bool author_is(const struct folk *, const char *address);

/* Write it as his, with what goes with it.  EX_TEMPFAIL: memory. */
int author_put(struct author *, const struct folk *, const struct field *,
    const char *address, struct fault *);

#endif
