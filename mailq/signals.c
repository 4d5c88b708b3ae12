/* SPDX-License-Identifier: ISC */
#include <stddef.h>

#include "mailq/signals.h"

void
signals_hold(sigset_t *held, sigset_t *before)
{
	static const int ends[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction now;
	size_t i;

	sigemptyset(held);
	sigaddset(held, SIGCHLD);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (sigaction(ends[i], NULL, &now) == 0 &&
		    now.sa_handler != SIG_IGN)
			sigaddset(held, ends[i]);
	sigprocmask(SIG_BLOCK, held, before);
}

static void
change(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(how, &set, NULL);
}

void
signals_defer(void)
{
	change(SIG_BLOCK);
}

void
signals_release(void)
{
	change(SIG_UNBLOCK);
}

bool
signals_wait(void)
{
	sigset_t set;

	return sigpending(&set) == 0 &&
	    (sigismember(&set, SIGTERM) == 1 ||
		sigismember(&set, SIGINT) == 1 ||
		sigismember(&set, SIGHUP) == 1);
}
