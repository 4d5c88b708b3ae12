/*
 * scratch - a file that is no message yet
 *
 * It is made without a name (O_TMPFILE) and locked before it gets one, so no run
 * takes it from the hands of who stores it, and a crash leaves nothing.  Where a
 * file cannot be unnamed, or cannot get a name later for want of /proc, it is
 * called .t-ID until it is whole; such a file that nobody holds is collected by
 * the next who looks (queue).
 *
 * A file whose fsync failed is never synced again: the kernel may have forgotten
 * what it could not write.  Then a fresh one is begun elsewhere (draft).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_SCRATCH_H
#define MAILQ_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/fault.h"
#include "mailq/queue.h"

struct scratch {
	int fd;                        /* -1: none */
	struct queue queue;            /* where it is; not open: in /tmp */
	char name[QUEUE_TMP_NAME + 1]; /* .t-ID; "": it has no name */
	bool must_be_named;            /* for unnamed ones get no name later */
};

/*
 * Make one in the queue at path, which is made if need be; or with NULL in /tmp,
 * where it can never get a name.  scratch->must_be_named is heeded; id is for
 * its name, if it needs one.  EX_CANTCREAT, EX_IOERR.  Ends in scratch_close(),
 * whatever came back.
 */
int scratch_open(
    struct scratch *, const char *path, const char *id, struct fault *);

/*
 * Make one for a while, in that folder of a queue (-1: none is known), else in
 * /tmp, else in memory, where /tmp is out of reach; it can never get a name.
 * EX_CANTCREAT.
 */
int scratch_beside(struct scratch *, int folder, struct fault *);

/* Reserve so many octets behind its end, as well as that can be done. */
void scratch_reserve(const struct scratch *, off_t end, off_t size);

/*
 * All is written: fsync it, name it by its ID, or another one if a message has
 * that already, and fsync the folder.  From then on it is a message, and its
 * descriptor may be taken over.  EX_IOERR: it has no name then, and if
 * must_be_named has become true, which it stays, a named one may fare better.
 */
int scratch_name(struct scratch *, char id[QUEUE_ID + 1], struct fault *);

/* Remove it, unless its descriptor was taken over (-1), and close its queue. */
void scratch_close(struct scratch *);

#endif
