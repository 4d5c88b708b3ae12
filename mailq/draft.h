/*
 * draft - a message on its way into the queue
 *
 * A message that is delivered at once costs no fsync and leaves no name.  So it
 * begins as a draft: in memory up to DRAFT_MEMORY octets, beyond that in a file
 * without a name in the first queue that takes it, or in /tmp where there is no
 * queue (scratch).  Only draft_keep() makes it ours for good, by these calls:
 *
 *	open without a name, flock, write, first line, reserve, mtime,
 *	fsync, linkat to its ID, fsync of the folder
 *
 * The room reserved is for results, so that they can be noted on a full disk.
 *
 * The header of its record is written when the draft outgrows memory, or when
 * it is kept; the envelope must be whole by then.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_DRAFT_H
#define MAILQ_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "conf/fault.h"
#include "mailq/item.h"
#include "mailq/record.h"
#include "mailq/scratch.h"
#include "mailq/spool.h"

#define DRAFT_MEMORY ((size_t)256 << 10)
#define DRAFT_RESERVE 4096     /* octets for the journal, and for each */
#define DRAFT_RESERVE_RCPT 160 /* recipient so many more */

struct draft {
	const struct spool *spool; /* where it may be kept */
	const struct caller *caller;
	struct scratch scratch;      /* its file, once it has one */
	struct record_writer record; /* what was written there */
	size_t place; /* which of spool that is; spool->count is /tmp */
	size_t room;  /* octets at item->mem */
};

/* Begin: the item is zeroed, gets an ID, and takes octets. */
int draft_begin(struct draft *, struct item *, const struct spool *,
    const struct caller *, struct fault *);

/*
 * More of the message; item->text follows, save for is_8bit, which is the
 * caller's to say.  EX_TEMPFAIL if it outgrows memory and no file can be had.
 */
int draft_add(
    struct draft *, struct item *, const void *, size_t, struct fault *);

/*
 * Keep it, to be tried again at due.  Afterwards the item is as if claimed:
 * named and locked; what its envelope knows of fates is in the journal too, and
 * with is_attempt a failed attempt.  Nothing happens if it is kept already.
 * Tries each place in turn, with a fresh file, at most once without a name and
 * once with one; EX_TEMPFAIL if none takes it, and then no trace is left.
 */
int draft_keep(
    struct draft *, struct item *, time_t due, bool is_attempt, struct fault *);

/* The item is the caller's still, and borrows from the draft: free it first. */
void draft_free(struct draft *);

#endif
