/*
 * draft - a message on its way into the queue
 *
 * A message that is delivered at once costs no fsync and leaves no name.  So it
 * begins as a draft: in memory up to DRAFT_MEMORY octets, beyond that in a file
 * without a name in the first queue that takes it, or in /tmp where there is no
 * queue.  Only draft_keep() makes it ours for good, by the calls of DESIGN 4 in
 * their order: write, first line, reserve, time, fsync, name, fsync the folder.
 *
 * The header of its record is written when the draft outgrows memory, or when
 * it is kept; the envelope must be whole by then.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_DRAFT_H
#define MAILQ_DRAFT_H

#include "mailq/queue.h"
#include "mailq/spool.h"

#define DRAFT_MEMORY ((size_t)256 << 10)
#define DRAFT_RESERVE 4096     /* octets for the journal, and for each */
#define DRAFT_RESERVE_RCPT 160 /* recipient so many more */

struct draft {
	const struct spool *spool; /* where it may be kept */
	const struct caller *caller;
	struct queue queue;      /* the one that holds its file */
	size_t place;            /* which of spool that is */
	char name[QUEUE_ID + 8]; /* .t-ID, where files cannot be unnamed */
	bool is_open;            /* queue is open */
	bool is_tmp;             /* the file is in /tmp: cannot be kept */
};

/* Begin: the item is zeroed, gets an ID, and takes octets. */
int draft_begin(struct draft *, struct item *, const struct spool *,
    const struct caller *, struct fault *);

/*
 * More of the message; item->text follows.  EX_TEMPFAIL if it outgrows memory
 * and no file can be had.
 */
int draft_add(
    struct draft *, struct item *, const void *, size_t, struct fault *);

/*
 * Keep it, to be tried again at due.  Afterwards the item is as if claimed:
 * named and locked; what its envelope knows of fates is in the journal too.
 * Nothing more happens if it is kept already.  Tries each place in turn, with
 * a fresh file; EX_TEMPFAIL if none takes it, and then no trace is left.
 */
int draft_keep(struct draft *, struct item *, time_t due, struct fault *);

/* The item is the caller's still. */
void draft_free(struct draft *);

#endif
