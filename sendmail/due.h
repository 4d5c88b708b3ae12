/*
 * due - what is due, and when to look again
 *
 * The mtime of a message is the time of its next try, so that to tell what is
 * due none has to be opened.  A time further ahead than the longest step was set
 * by a clock that was wrong, and is now.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_DUE_H
#define SENDMAIL_DUE_H

#include <stdbool.h>
#include <time.h>

#include "conf/fault.h"
#include "mailq/queue.h"
#include "mailq/spool.h"

#define DUE_STRAY 3600 /* seconds beyond the longest step: settle_longest() */

bool due_is_now(time_t due, time_t now, time_t longest);

/*
 * Whether anything waits, and when the first of it is due after that time, or if
 * nothing is, before: *next, which is 0 if nothing waits.  longest is
 * settle_longest(): what is due later than that was given its time by a clock
 * that was wrong, and has been due since 1970.  Opens no message.  EX_IOERR:
 * that cannot be told.
 */
int due_next(const struct spool *, time_t longest, time_t after, time_t *next,
    struct fault *);

/*
 * Whether any of that is a message: opens them, until one is.  true also where it
 * cannot be told.  Foreign and broken files wait for a person, not for a try.
 */
bool due_holds_mail(const struct spool *);

#endif
