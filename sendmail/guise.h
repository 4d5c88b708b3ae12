/*
 * guise - the header as this smarthost may see it
 *
 * A stored header says root, for so it was given; no smarthost takes mail from
 * root.  Bare names and names of this host get the domain (policy) in From,
 * Sender, Reply-To, To and Cc and in their Resent forms: the address alone, all
 * else in the field stays octet for octet, comments, groups, quotes and folds.
 *
 * With `address' a From that `rewrite' means becomes that address, as its
 * envelope sender does:
 *
 *	From: root (Cron Daemon)	From: Cron Daemon <noreply@example.org>
 *					X-Original-From: root (Cron Daemon)
 *	From: root@localhost		From: root on web1 <noreply@example.org>
 *					X-Original-From: root@localhost
 *	From: "Joe D." <joe@x.example>	From: "Joe D." <noreply@example.org>
 *					X-Original-From: "Joe D." <joe@x.example>
 *					Reply-To: "Joe D." <joe@x.example>
 *
 * The last of them only with `rewrite = all'.  Of several authors one is enough
 * to replace them all, for the smarthost asks that each be allowed.  A From
 * without any @, empty or no address list at all, is of this host.  Any other
 * that cannot be read stays as it is, save with `all', and so does every other
 * field that cannot be read: it may mean something to somebody.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_GUISE_H
#define SENDMAIL_GUISE_H

#include <stdbool.h>
#include <stddef.h>

#include "mailq/envelope.h"
#include "sendmail/policy.h"

#define GUISE_NAMES 10000 /* more local ones in a field stay as they are */

/* Begins with its first three, ends in guise_free(). */
struct guise {
	const struct policy *policy;
	const struct smarthost *smarthost; /* NULL for any */
	const struct envelope *env;

	char *header; /* as it goes out; NULL: as it stands */
	size_t size;
	bool is_ours; /* an author or sender in it is not as it was written */
};

/*
 * Make it of a stored header, in wire form, which goes up to the empty line,
 * with or without that.  EX_TEMPFAIL: memory.
 */
int guise_make(struct guise *, const char *header, size_t size, struct fault *);
void guise_free(struct guise *);

#endif
