/*
 * runner - a process that tends the queue when nobody looks
 *
 * What waits gets a detached runner, one for each queue: it holds flock(2) on
 * .run there, sleeps until the next try, a minute at most, and leaves when
 * nothing waits but broken and foreign files, or where a person took the queue from under it, or set
 * `runner = no'.  For each run it forks a child, which reads the configuration
 * anew; it keeps no secret itself, and none of its caller's descriptors, session
 * or directory.  It is haste, not warrant: whatever kills it costs delay alone.
 *
 * The periodic one (-q15m, -bD) does the same by the clock, takes no .run and
 * never leaves; the locks of the messages keep it and others apart.
 *
 * SIGTERM, SIGINT and SIGHUP end either; a child that is sending is told too,
 * and waited for.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_RUNNER_H
#define SENDMAIL_RUNNER_H

#include <sys/types.h>

#include <stdbool.h>
#include <time.h>

#include "conf/setting.h"
#include "mailq/spool.h"

#define RUNNER_SLEEP 60   /* seconds, at most */
#define RUNNER_UNWANTED 1 /* what a run ends with; others are of sysexits(3) */

struct runner {
	const struct spool *spool;
	const struct conf *conf;
	void (*forget)(void *ctx); /* drop all secrets and descriptors */
	/* One run, in a child of its own; RUNNER_UNWANTED: not by a runner. */
	int (*run)(void *ctx, bool is_periodic);
	void *ctx;
};

/*
 * fork(2), and the child is nobody's: its own session, / for a directory,
 * /dev/null for descriptors 0 to 2.  The caller has no child to wait for.
 */
pid_t runner_fork(void);

/* The same for a child that is its parent's still. */
void runner_detach(void);

/* See to it that what waits is tended, unless conf says no. */
void runner_start(const struct runner *);

/* As conf said before it was forgotten, with its longest step (settle_longest). */
void runner_tend(const struct runner *, time_t longest);

/* Run every so many seconds, for good; or, detached, let a child do so. */
int runner_periodic(const struct runner *, int seconds, bool is_detached);

#endif
