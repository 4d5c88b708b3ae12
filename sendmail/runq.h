/*
 * runq - try again what waits; when to try
 *
 * A run takes every message that waits, in every queue of ours, soonest due
 * first, over one connection.  What another process is sending is passed over.
 * A smarthost that an account fault closes to us is not tried again in this run,
 * and once all are closed, the run is over.  Broken and foreign files are named in the log and stay.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_RUNQ_H
#define SENDMAIL_RUNQ_H

#include <time.h>

#include "mailq/spool.h"
#include "sendmail/deliver.h"

/*
 * When to try next after so many failed attempts (the first is 1): the steps
 * of [queue] retry, the last repeated, give or take a tenth.
 */
time_t runq_next(const struct conf *, unsigned attempts, time_t now);

/*
 * Settle a kept item after an attempt: gone if nobody waits for it; to failed/
 * if all that is left was refused; else counted, and due later.
 */
int runq_settle(
    const struct conf *, struct queue *, struct item *, struct fault *);

/*
 * Try all that waits, now.  why_not is a fault if there is no usable
 * configuration: EX_CONFIG, with that reason, if something waits.  EX_IOERR:
 * a folder could not be read; the rest was tried.  An account fault ends the
 * run and is in the log, but what waits goes on waiting: EX_OK.
 */
int runq(struct courier *, const struct spool *, const struct fault *why_not,
    struct fault *);

#endif
