/* SPDX-License-Identifier: ISC */
#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "mailq/berth.h"
#include "mailq/queue.h"

#define TRIES 100 /* to lock what somebody else removes */

static int
open_at(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Whether it is ours, and still where the path leads. */
static bool
is_there(int dir, const char *path)
{
	struct stat held, found;

	return fstat(dir, &held) == 0 && lstat(path, &found) == 0 &&
	    held.st_dev == found.st_dev && held.st_ino == found.st_ino &&
	    held.st_uid == geteuid();
}

static bool
is_queue(const char *path)
{
	int dir = open_at(path);
	bool is_so = dir != -1 &&
	    faccessat(dir, queue_folder(QUEUE_ACTIVE), F_OK, 0) == 0;

	if (dir != -1)
		close(dir);
	return is_so;
}

/* Locked, or -1; where no lock is to be had nobody removes it, either. */
static int
moor(const char *path)
{
	int tries, dir;

	for (tries = 0; tries < TRIES; tries++) {
		if (mkdir(path, 0700) == -1 && errno != EEXIST)
			return -1;
		dir = open_at(path);
		if (dir == -1 && errno != ENOENT)
			return -1;
		if (dir == -1)
			continue;
		flock(dir, LOCK_SH);
		if (is_there(dir, path))
			return dir;
		close(dir);
	}
	return -1;
}

void
berth_take(struct berth *berth, const struct spool *spool)
{
	size_t i;

	*berth = (struct berth){ .dir = -1 };
	for (i = 0; i < spool->count && berth->dir == -1; i++) {
		if (is_queue(spool->path[i]))
			return;
		berth->dir = moor(spool->path[i]);
		if (berth->dir != -1)
			berth->path = spool->path[i];
	}
}

void
berth_leave(struct berth *berth)
{
	if (berth->path != NULL)
		close(berth->dir);
	*berth = (struct berth){ .dir = -1 };
}

bool
berth_remove(const char *path)
{
	int dir;

	if (is_queue(path))
		return true;
	dir = open_at(path);
	if (dir == -1)
		return false;
	if (flock(dir, LOCK_EX | LOCK_NB) == 0 && is_there(dir, path))
		rmdir(path);
	close(dir);
	return false;
}
