/*
 * spool - where queues lie
 *
 * The first of these that is, or can be made, a directory of ours with mode
 * 0700: .queue in the home of the effective uid by the passwd file, or of $HOME
 * where that uid has no entry (caller); /var/spool/onehop/UID, if its parent
 * exists, root-owned, mode 1777.  On a network file system the second comes
 * first, for several machines share that home.  What somebody else has laid there
 * under our UID is no place of ours, and no trouble of ours.
 *
 * Who stores takes the first; who lists or sends visits all that exist.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_SPOOL_H
#define MAILQ_SPOOL_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/fault.h"
#include "mailq/caller.h"

#define SPOOL_PARENT "/var/spool/onehop"
#define SPOOL_PLACES 2

struct spool {
	char *path[SPOOL_PLACES]; /* in order of preference */
	size_t count;             /* 0: nowhere */
	bool is_squatted;         /* SPOOL_PARENT/UID is somebody else's */
	bool is_common_first;     /* SPOOL_PARENT/UID is ahead of the home */
};

/* Which places there are for this user; nothing is made, or need exist. */
int spool_find(struct spool *, const struct caller *, struct fault *);
void spool_free(struct spool *);

/*
 * What is stored now waits for root's run.  That finds a home by the passwd file
 * alone: who is not listed there has SPOOL_PARENT/UID first.
 */
void spool_for_root(struct spool *, const struct caller *);

/*
 * An empty SPOOL_PARENT/UID beside a queue in a home tells root's run that
 * there is one.  Best effort; called after the first use of a home's queue, and
 * whenever what is stored waits for that run.
 */
void spool_mark(const struct caller *);

#endif
