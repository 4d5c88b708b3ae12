/*
 * herald - who starts the runner for a process that may not
 *
 * A runner has to read the configuration anew and to run password_command, and it
 * inherits what its parent has forsworn (sandbox).  So who is about to enter the
 * sandbox sends a herald ahead, a child that stays outside: it waits at a pipe,
 * where each octet is an order to start the runner, and ends when nobody is left
 * who could give one.  It knows no password and holds nothing of the caller's.  Then
 * it removes the place of a queue that was not needed (berth).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_HERALD_H
#define SENDMAIL_HERALD_H

#include <sys/types.h>

#include <stdbool.h>

#include "mailq/berth.h"
#include "sendmail/bounce.h"
#include "sendmail/runner.h"

/* Begins as { 0 } with its runner. */
struct herald {
	const struct runner *runner;
	bool is_sent;   /* nobody else starts a runner from then on */
	bool is_shared; /* another process of ours may give orders too */
	int orders;     /* -1: there is none, and no runner either */
	struct berth berth;
	pid_t pid;
};

/*
 * Before this process talks to anybody: send one, and have a place for a queue, for
 * it could not be made later.  Once is enough.
 */
void herald_send(struct herald *, const struct bounce *);

/* As runner_start(). */
void herald_start(const struct herald *);

/* No more orders from here.  Waits for it, unless it is shared: it is our child. */
void herald_end(struct herald *);

#endif
