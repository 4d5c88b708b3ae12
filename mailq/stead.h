/*
 * stead - a piece of work, done in the stead of each user
 *
 * Root's mailq and root's run look into everybody's queue, and root opens
 * nothing that lies in a directory of somebody else.  So each user's part is
 * done by a child that becomes that user for good, groups and all, before it
 * does anything else; its environment is emptied but for the time zone, HOME,
 * USER and LOGNAME are the user's own by the passwd file, and it is not
 * dumpable, for it still knows what root knew.
 *
 * STEAD_CHILDREN work at once, each as long as it may and no longer: a home
 * that hangs costs itself alone, and who stops his process ends it.  A signal that
 * ends us is passed on to them.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_STEAD_H
#define MAILQ_STEAD_H

#include <stdbool.h>
#include <stdio.h>

#include "conf/fault.h"
#include "mailq/caller.h"
#include "mailq/text.h"
#include "mailq/users.h"

#define STEAD_CHILDREN 10

struct stead {
	/*
	 * In the child, as that user: its exit code is what this returns.
	 * What it writes to out goes back to over(); NULL without has_out.
	 */
	int (*work)(void *ctx, const struct caller *, FILE *out);

	/* In either: somebody's work could not be begun, or came to no end. */
	void (*trouble)(void *ctx, const struct user *, const struct fault *);

	/*
	 * In the parent, when one is over: what work() returned, and wrote.
	 * After trouble it is the fault's code, and out may be NULL.
	 */
	void (*over)(
	    void *ctx, const struct user *, int code, const struct text *out);
	void *ctx;
	unsigned seconds; /* that each may take */
	bool has_out;
	bool in_order; /* over() is called as users has them, not as they end */
};

/*
 * Call work() for each user.  What happens to one is told to the functions
 * above; so there is nothing to return.
 */
void stead_each(const struct stead *, const struct users *);

#endif
