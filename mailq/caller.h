/*
 * caller - the user for whom we work
 *
 * The effective uid, its login name, full name and home as the passwd file has
 * them; for sudo and cron lie about $HOME.  A uid without an entry (containers)
 * has $HOME for a home, $LOGNAME for a name, else "uid-N".
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_CALLER_H
#define MAILQ_CALLER_H

#include <sys/types.h>

#include <stdbool.h>

#include "conf/fault.h"

struct caller {
	uid_t uid;
	char *login; /* never NULL; graphic characters, no @ */
	char *name;  /* the full name in the gecos field, & replaced; or "" */
	char *home;  /* absolute, or NULL */
	bool is_unlisted; /* the passwd file has no such uid */
};

/* EX_NOPERM where we run set-id, which we refuse.  EX_TEMPFAIL: memory. */
int caller_find(struct caller *, struct fault *);
void caller_free(struct caller *);

#endif
