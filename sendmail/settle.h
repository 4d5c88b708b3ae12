/*
 * settle - what becomes of a message after an attempt
 *
 *	someone waits          it is due again, by the steps of [queue] retry;
 *	                       after `warn' its sender is told once
 *	waits beyond `expire'  who waits is refused, 4.4.7
 *	was refused            its sender is told (bounce)
 *	cannot be told         it moves to failed/: sent by <>, or a report
 *	nobody waits           it is removed
 *
 * A message expires only when an attempt has just failed, after five of them,
 * by a clock that can be believed: a machine that was off for a week, or that
 * wakes up in 1970, or in 2076, gives nothing up.  What kept it back are a server's words
 * on it; the account's own faults are no attempts.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_SETTLE_H
#define SENDMAIL_SETTLE_H

#include <time.h>

#include "mailq/queue.h"
#include "sendmail/bounce.h"

#define SETTLE_ATTEMPTS 5 /* at least, before a message expires */

/*
 * When to try next after so many failed attempts (the first is 1): the steps
 * of [queue] retry, the last repeated, give or take a tenth.
 */
time_t settle_next(const struct conf *, unsigned attempts, time_t now);

/* The longest step there is, with its noise, in seconds. */
time_t settle_longest(const struct conf *);

/*
 * Settle a claimed item whose fates an attempt has changed.  EX_OK, or what
 * could not be written down or made: then it waits as it is, and the next run
 * goes on from there.
 */
int settle(
    const struct bounce *, struct queue *, struct item *, struct fault *);

/*
 * An account fault keeps it back.  One that met nothing else in all its time
 * moves to failed/, once as many probes were in vain as others get attempts; its
 * sender is not told, for he can do nothing.  Any other is left as it is.
 */
int settle_idle(
    const struct bounce *, struct queue *, struct item *, struct fault *);

/*
 * The same where nobody is left but who stands behind a broken alias.  To find it
 * broken is an attempt: it comes again by the steps of [queue] retry.
 */
int settle_stuck(
    const struct bounce *, struct queue *, struct item *, struct fault *);

/*
 * settle() without an attempt: what a crash left undone.  Whether someone waits
 * is for the caller to see.
 */
int settle_rest(
    const struct bounce *, struct queue *, struct item *, struct fault *);

#endif
