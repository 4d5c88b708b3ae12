/*
 * users - whose queues there may be
 *
 * Root asks for all of them.  They are the users of the passwd file, as
 * getpwent(3) has it, and those whose uid names a folder of theirs in
 * /var/spool/onehop: containers have uids without an entry, and a directory
 * service may tell of a user only when it is asked for him.  A name that belongs
 * to somebody else is a squatter's, and counts for nothing.
 *
 * No directory of any user is looked into: that is for who works in his stead.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_USERS_H
#define MAILQ_USERS_H

#include <sys/types.h>

#include <stddef.h>

#include "conf/fault.h"

#define USERS_NO_GROUP 65534 /* of a uid without an entry */

struct user {
	uid_t uid;
	gid_t gid;
	char *login; /* as the passwd file has it; NULL: it has none */
};

struct users {
	struct user *user; /* each once, by uid */
	size_t count;
};

/*
 * Starts with { 0 } and ends in users_free().  EX_TEMPFAIL, EX_IOERR: then who
 * could be found is there.
 */
int users_find(struct users *, struct fault *);
void users_free(struct users *);

#endif
