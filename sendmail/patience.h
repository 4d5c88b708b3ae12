/*
 * patience - how long a caller is kept waiting
 *
 * A smarthost may take ten minutes to answer, and a caller should not have to.
 * Whoever waits for the network asks here how long he may, and says so when that
 * is over; then, once, somebody upstairs is told, and the waiting goes on, maybe
 * in another process (submit).  So it is with a connection; a name that is being
 * looked up (lookup), or a password that a command prints (auth), is given up and
 * asked for anew, for what a child inherits of either is not fit to go on with.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_PATIENCE_H
#define SENDMAIL_PATIENCE_H

#include <stdbool.h>

/* Begins as { 0 }, which has no end.  A NULL has none either. */
struct patience {
	void (*over)(void *ctx);
	void *ctx;
	long long end; /* ms of CLOCK_MONOTONIC */
};

/* From now on for so many seconds; then over() is called. */
void patience_begin(
    struct patience *, int seconds, void (*over)(void *ctx), void *ctx);

/* At most so many ms are left to wait; less if patience ends before. */
long long patience_left(const struct patience *, long long ms);

/* If it is over, tell, and have no end from then on. */
void patience_check(struct patience *);

#endif
