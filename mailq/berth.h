/*
 * berth - a place kept for a queue that may never be needed
 *
 * A message that goes at once leaves no name; but a process in a sandbox can make
 * nothing beside what was there when it entered.  So where there is no queue, its
 * directory is made ahead, in which the folders can be made from inside.  When all
 * who count on it have left, it is removed, unless it has become a queue by then:
 *
 *	~/.queue/hold	who counts on it holds a shared lock (flock) of this folder;
 *			who removes both has the only lock
 *
 * Whoever gets his lock looks whether the path still leads there.  Who makes a
 * queue needs no lock: where the directory goes beneath him, he begins anew
 * (queue).  It is a queue that has the folder active.  What a kill leaves behind
 * the next one takes over.  A folder in SPOOL_PARENT stays: it tells root's run of
 * a queue in the home (spool), and nobody else can lay anything there.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_BERTH_H
#define MAILQ_BERTH_H

#include "mailq/spool.h"

struct berth {
	const char *path; /* borrowed; NULL: none is needed, or can be had */
	int lock;
};

/*
 * Have one in the home, and a folder in SPOOL_PARENT, where there is that: for a
 * home that is full, or is not ours.  Nothing, if there is a queue.
 */
void berth_take(struct berth *, const struct spool *, const struct caller *);

/* Count on it no longer. */
void berth_leave(struct berth *);

/* Remove it, if nobody counts on it and it is no queue by now; takes a NULL. */
void berth_remove(const char *path);

#endif
