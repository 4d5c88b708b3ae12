/*
 * change - what a person does to a message that waits
 *
 * Delete, hold, release or try it again.  It is claimed first: nothing is done
 * under the hands of who is sending it.
 *
 * The folder says what is so; the journal tells who reads it.  So a message
 * that is held or released moves first and is written about afterwards, and
 * this works on a full disk, too.  Only what must be true as soon as the
 * message lies there is made so before: that those who were refused wait again
 * (or a run would take what leaves failed for done with, and remove it), and
 * that it is due.
 *
 *	delete   unlink; fsync
 *	hold     move to hold, fsync both; append `held'
 *	release  due now; move to active, fsync both; append `released'
 *	retry    due now
 *	  failed append `released', fdatasync; due now; move to active, fsync both
 *
 * A crash in between leaves it in one folder or in the other (or in both, until
 * it is claimed: record), and each is what it was or what it should become; one
 * in failed that was released already has 30 more days, and is shown with who
 * was refused as before.
 *
 * A broken or foreign file is left alone.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_CHANGE_H
#define MAILQ_CHANGE_H

#include <stdint.h>

#include "conf/fault.h"
#include "mailq/queue.h"

#define CHANGE_PATIENCE 5 /* seconds to wait for who is sending */

enum deed { CHANGE_DELETE, CHANGE_HOLD, CHANGE_RELEASE, CHANGE_RETRY };

struct change {
	enum deed deed;
	intmax_t until; /* when patience ends, for all messages together */
};

void change_begin(struct change *, enum deed);

/* The folders whose messages are meant by ALL, 1 << QUEUE_ACTIVE and so on. */
unsigned change_folders(enum deed);

/*
 * Do it to one message.  What is so already is no fault.  EX_TEMPFAIL: it is
 * being sent.  EX_NOINPUT: it is not there.  EX_DATAERR: not one of ours, or
 * nothing for which that can be done.  And as item's functions.
 */
int change(const struct change *, struct queue *, enum folder, const char *id,
    struct fault *);

#endif
