/*
 * signals - those that end us, held until we ask for them
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_SIGNALS_H
#define MAILQ_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/*
 * Hold SIGTERM, SIGINT, SIGHUP and SIGCHLD, so that sigtimedwait(2) gives them in
 * the order of our work, and the first three end us even where we are PID 1.
 * What our caller has us ignore stays ignored.  *before is the mask to go back
 * to.
 */
void signals_hold(sigset_t *held, sigset_t *before);

/*
 * SIGTERM, SIGINT and SIGHUP wait until they are released: once a message is
 * another's, or ours, whoever gave it has to be told.
 */
void signals_defer(void);
void signals_release(void);

/* Whether one of these has come, and waits. */
bool signals_wait(void);

#endif
