/*
 * policy - whom a message is really from and to: aliases, domains, sender, route
 *
 * The queue keeps what the caller gave; here it becomes what the smarthost may
 * see, anew at each attempt, so that mending the configuration mends what
 * waits.  A name is local if it is bare, or its domain is localhost (also
 * localhost.localdomain), or what this machine is called, or was called when it
 * stored the message.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_POLICY_H
#define SENDMAIL_POLICY_H

#include <stdbool.h>

#include "conf/conf.h"
#include "conf/host.h"
#include "mailq/kin.h"
#include "sendmail/aliases.h"
#include "sendmail/patience.h"

#define POLICY_DEPTH 10 /* alias behind alias */

/* What is the same for every message of one process.  Begins as { 0 }. */
struct policy {
	const struct conf *conf;
	char name[HOST_NAME + 1];   /* of this machine */
	char fqdn[HOST_NAME + 1];   /* the same in full, or "" */
	char domain[HOST_NAME + 1]; /* completes bare names, or "" */
	struct aliases file;
};

/*
 * Find out what this machine is called (which may ask the DNS) and read the
 * aliases file.  EX_CONFIG and the like: an aliases_file that was set cannot
 * be used.
 */
int policy_open(
    struct policy *, const struct conf *, struct patience *, struct fault *);
void policy_close(struct policy *);

/*
 * Put those who stand behind local names into the envelope: the name becomes
 * `expanded', its targets its children (kin).  First [aliases], then the file, then
 * the name * of [aliases].  A name that maps to itself stays; an expansion that
 * the journal knows stays as it is.  Who has no way, for an alias is none or no
 * domain is known, is stuck, deferred for that reason; the others are not.
 */
int policy_expand(const struct policy *, struct envelope *, struct fault *);

/* Whether each alias leads to an address list; EX_CONFIG names one. */
int policy_check(const struct policy *, struct fault *);

/*
 * An address with its domain; "" stays.  recorded is the host that stored it.
 * *full is the caller's to free().  EX_CONFIG: no domain is known.
 */
int policy_complete(const struct policy *, const char *addr,
    const char *recorded, char **full, struct fault *);

/* Whether a name is local; an aliases file may know it, a domain completes it. */
bool policy_is_local(
    const struct policy *, const char *addr, const char *recorded);

/* Whether an answer to it could arrive: it is not local, its domain has a dot. */
bool policy_is_routable(
    const struct policy *, const char *addr, const char *recorded);

/* What a smarthost (NULL for any) lets us send as, or NULL: `address'. */
const char *policy_address(const struct conf *, const struct smarthost *);

/* The same, if `rewrite' puts it in the stead of that sender or author. */
const char *policy_replacement(const struct policy *, const struct smarthost *,
    const char *addr, const char *recorded);

/*
 * The sender as this smarthost gets it.  *is_ours: we made it up, or changed
 * it, so that a refusal of it is the account's fault, not the message's.
 */
int policy_sender(const struct policy *, const struct smarthost *,
    const struct envelope *, char **full, bool *is_ours, struct fault *);

/*
 * The same as its writer gave it, completed where that can be, for route_fits().
 */
int policy_writer(const struct policy *, const struct envelope *, char **full,
    struct fault *);

#endif
