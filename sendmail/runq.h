/*
 * runq - try again what waits; when to try
 *
 * A run takes every message that waits, in every queue of ours, soonest due
 * first, over one connection.  An account fault ends it: a thousand messages
 * do not wait for a thousand timeouts.  What one attempt makes of a message is
 * settled here too, for the caller who waits and for the queue alike.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_RUNQ_H
#define SENDMAIL_RUNQ_H

#include <time.h>

#include "mailq/spool.h"
#include "sendmail/deliver.h"

/* When to try next after so many failed attempts: [queue] retry, 10 % jitter. */
time_t runq_next(const struct conf *, unsigned attempts, time_t now);

/* Settle a claimed item after an attempt: done, failed/, or due later. */
int runq_settle(
    const struct conf *, const struct queue *, struct item *, struct fault *);

/*
 * Try all that waits, now.  why_not, if not NULL, is why there is no usable
 * configuration: EX_CONFIG, with that reason, if something waits.  EX_IOERR:
 * a folder could not be read; the rest was tried.  An account fault ends the
 * run and is logged, but it is EX_OK: what waits, waits.
 */
int runq(struct courier *, const struct spool *, const struct fault *why_not,
    struct fault *);

#endif
