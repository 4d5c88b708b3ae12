/*
 * visit - go to the messages that a person means
 *
 * By its ID, whatever folder of whatever queue of ours it lies in; or all that
 * lie in some of the folders.  An ID is looked for in active, hold and failed,
 * in this order, as the messages go: one that is moved on meanwhile is met
 * where it came to.
 *
 * One message that cannot be dealt with, one folder that cannot be read keeps
 * nobody from the others.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_VISIT_H
#define MAILQ_VISIT_H

#include "conf/fault.h"
#include "mailq/queue.h"
#include "mailq/spool.h"

struct visit {
	const struct spool *spool;

	/* Deal with one of them; EX_NOINPUT: it is not there. */
	int (*call)(void *ctx, struct queue *, enum folder, const char *id,
	    struct fault *);

	/* Hear of a fault, which says where; its code is as below. */
	void (*trouble)(void *ctx, const struct fault *);
	void *ctx;
};

/*
 * The message of that ID.  EX_NOINPUT: there is none.  EX_DATAERR: it is left
 * alone.  EX_TEMPFAIL: it may work later.  EX_IOERR: it, or a folder it may lie
 * in, cannot be read or written.
 */
int visit_one(const struct visit *, const char *id, struct fault *);

/* All in these folders, 1 << QUEUE_ACTIVE and so on; trouble hears of each. */
void visit_all(const struct visit *, unsigned folders);

#endif
