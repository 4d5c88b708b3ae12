/*
 * added - fields that a message was given without
 *
 * Date, Message-ID and From a message must have or should (RFC 5322, 3.6);
 * callers leave them to sendmail.  They are made once, when the message is
 * read, so that each attempt sends the same: one copy too many is known by it.
 *
 * A Message-ID that ends in a bare host name smells of spam, and what stores a
 * message knows no configuration.  So it ends in the first full name of: what
 * this machine is called, /etc/mailname, the domain of the sender, that of the
 * author, what /etc/hosts calls this machine.  Only where there is none it ends
 * in the name as it is.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_ADDED_H
#define SENDMAIL_ADDED_H

#include "mailq/caller.h"
#include "mailq/item.h"
#include "sendmail/options.h"

enum added {
	ADDED_RESENT_DATE = 1,
	ADDED_RESENT_ID = 2,
	ADDED_DATE = 4,
	ADDED_FROM = 8,
	ADDED_ID = 16
};

/* What they are made of. */
struct added_to {
	const struct options *options;
	const struct caller *caller;
	const char *host; /* what this machine is called */
	const struct item *item;
	const char *header; /* so far */
	size_t size;
};

/*
 * Make those of a set of enum added, in that order.  *text is the caller's to
 * free().  EX_TEMPFAIL: memory.
 */
int added_make(const struct added_to *, unsigned set, char **text, size_t *size,
    struct fault *);

#endif
