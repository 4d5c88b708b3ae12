/*
 * folk - who stands in an address field
 *
 * A field is read whole before anything of it is changed: how many in it are of
 * this host, and whether one of them may not send as who he is.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_FOLK_H
#define SENDMAIL_FOLK_H

#include <stddef.h>

#include "mailq/envelope.h"
#include "sendmail/field.h"
#include "sendmail/policy.h"

#define FOLK_NAME 1000 /* octets of a display name; a longer one is none */

/* Begins with its first three, ends in folk_free(). */
struct folk {
	const struct policy *policy;
	const struct smarthost *smarthost; /* NULL for any */
	const struct envelope *env;

	size_t count;
	size_t local, routable; /* of them, as policy has it */
	const char *address;    /* the stead of one of them or more, or NULL */

	/* The first of them. */
	size_t start, end; /* of its address in the body of the field */
	char *addr, *name; /* or NULL: nobody is in it */
};

/*
 * Read the body of a field.  Nobody is in what is no address list.
 * EX_TEMPFAIL: memory.
 */
int folk_find(struct folk *, const struct field *, struct fault *);
void folk_free(struct folk *);

#endif
