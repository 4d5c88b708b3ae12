/*
 * door - the way out for those who have no smarthost of their own
 *
 * One user of this machine may know the password and serve all others, by
 * `sendmail -bs' behind a local socket.  Who can read no [smarthost] goes there.
 * The owner of the socket is the one who serves: he would meet himself.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef CONF_DOOR_H
#define CONF_DOOR_H

#include <sys/types.h>

#include <stdbool.h>

#define DOOR_PATH "/run/onehop.sock"

/* Whether there is a door, and we are not behind it. */
bool door_is_open(void);

/* Whether there is one, and we are behind it. */
bool door_is_ours(void);

/* Who called at a local socket, by its accepted descriptor; false: it is none. */
bool door_caller(int fd, uid_t *);

/*
 * Whether a host is the very socket where that descriptor was accepted: what
 * comes in there would come in again.
 */
bool door_leads_back(int fd, const char *host);

#endif
