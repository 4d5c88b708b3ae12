/*
 * runq - try again what waits
 *
 * A run takes what waits in every queue of ours, soonest due first, over one
 * connection.  What another process is sending is passed over.  A smarthost
 * that an account fault closes to us is not tried again in this run; who has no
 * other is passed over, untouched, and once all are closed, the run is over.
 * Broken and foreign files are named in the
 * log and stay.
 *
 * What a crash left undone is done first: a refusal that nobody reported, a
 * report whose origin does not know of it.  What lies in failed/ too long goes
 * (sweep).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_RUNQ_H
#define SENDMAIL_RUNQ_H

#include <stdbool.h>
#include <stddef.h>

#include "mailq/spool.h"
#include "sendmail/options.h"
#include "sendmail/settle.h"

#define RUNQ_LOOKS 10 /* times `most': messages that are looked at for it */

/* What a run takes; all of it by { 0 }. */
struct runq_choice {
	bool only_due;         /* by schedule; else whatever waits */
	size_t most;           /* messages to try; 0: no limit */
	unsigned seconds;      /* then no message is begun; 0: no limit */
	struct pick id;        /* as options have them */
	struct pick recipient; /* of one who waits */
	struct pick sender;
};

/*
 * Try what is chosen, in bounce->spool.  why_not is a fault if there is no
 * usable configuration: EX_CONFIG, with that reason, if something waits.
 * EX_IOERR: a folder or a message could not be read; the rest was tried.  An account fault
 * is in the log, but what waits goes on waiting: EX_OK.
 */
int runq(const struct bounce *, const struct runq_choice *,
    const struct fault *why_not, struct fault *);

#endif
