/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <string.h>
#include <unistd.h>

#include "conf/door.h"

/* Root stands before every door, whoever made the socket. */
static bool
is_behind(const struct stat *st)
{
	return st->st_uid == geteuid() && st->st_uid != 0;
}

bool
door_is_open(void)
{
	struct stat st;

	return stat(DOOR_PATH, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    !is_behind(&st);
}

bool
door_is_ours(void)
{
	struct stat st;

	return stat(DOOR_PATH, &st) == 0 && is_behind(&st);
}

/* Of a socket that is no local one the kernel says uid -1, or nothing. */
bool
door_caller(int fd, uid_t *uid)
{
#ifdef SO_PEERCRED
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == -1)
		return false;
	*uid = peer.uid;
#else
	gid_t gid;

	if (getpeereid(fd, uid, &gid) == -1)
		return false;
#endif
	return *uid != (uid_t)-1;
}

/* By the file, for a path may be another name of it.  One of a pair has none. */
bool
door_leads_back(int fd, const char *host)
{
	struct sockaddr_un at = { 0 };
	socklen_t size = sizeof(at) - 1;
	struct stat here, there;

	return host[0] == '/' &&
	    getsockname(fd, (struct sockaddr *)&at, &size) == 0 &&
	    at.sun_family == AF_UNIX && at.sun_path[0] == '/' &&
	    stat(at.sun_path, &here) == 0 && stat(host, &there) == 0 &&
	    here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}
