/*
 * sweep - remove what lay in failed/ long enough to have been seen by somebody
 *
 * The age is that of the move there, by the mtime that was set then.  Where the
 * clock was wrong at that time nobody knows how long it lies there: it counts
 * from now on.  By a clock that cannot be right nothing is removed.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_SWEEP_H
#define SENDMAIL_SWEEP_H

#include <time.h>

#include "mailq/queue.h"
#include "sendmail/log.h"

#define SWEEP_AFTER ((time_t)30 * 86400) /* seconds in failed/ */

/* Whatever goes, or cannot, is named in the log. */
void sweep(const struct queue *, const struct log *);

#endif
