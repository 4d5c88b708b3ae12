/*
 * policy - whom a message is really from and to: aliases, domains, sender, route
 *
 * The queue keeps what the caller gave; here it becomes what the smarthost may
 * see, anew at each attempt, so that mending the configuration mends what
 * waits.  A name is local if it is bare, or its domain is this machine's, or
 * was when the message was stored.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_POLICY_H
#define SENDMAIL_POLICY_H

#include <stdbool.h>

#include "conf/conf.h"
#include "conf/host.h"
#include "mailq/envelope.h"

#define POLICY_DEPTH 10 /* alias behind alias */

/* What is the same for every message of one process. */
struct policy {
	const struct conf *conf;
	char domain[HOST_NAME + 1]; /* completes bare names */
	struct alias *alias;        /* of the aliases file, sorted by name */
	size_t aliases;
};

/*
 * EX_CONFIG where a bare name could not be completed (no [sender] domain, no
 * /etc/mailname, no full host name) is found by policy_complete(), not here.
 * A line of the aliases file that names a program, a file or an include, or
 * cannot be read, is passed over.
 */
int policy_open(struct policy *, const struct conf *, struct fault *);
void policy_close(struct policy *);

/*
 * Put those who stand behind local names into the envelope: the name becomes
 * `expanded', its targets its children.  A name that maps to itself stays.
 */
int policy_expand(const struct policy *, struct envelope *, struct fault *);

/* With its domain, *full being the caller's to free(); EX_CONFIG: none known. */
int policy_complete(const struct policy *, const char *addr,
    const char *recorded, char **full, struct fault *);

/*
 * The sender as this smarthost gets it.  *is_ours: we made it up, or changed
 * it, so that a refusal of it is the account's fault, not the message's.
 */
int policy_sender(const struct policy *, const struct smarthost *,
    const struct envelope *, char **full, bool *is_ours, struct fault *);

/*
 * Whether a smarthost takes mail of this completed sender ("" fits every one).
 */
bool policy_fits(const struct smarthost *, const char *sender);

#endif
