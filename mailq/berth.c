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
open_at(int parent, const char *path)
{
	return openat(
	    parent, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int
open_folder(int dir, enum folder folder)
{
	return dir == -1 ? -1 : open_at(dir, queue_folder(folder));
}

static void
end(int dir)
{
	if (dir != -1)
		close(dir);
}

/*
 * Whether what was locked is still there, for while it is nobody can remove the
 * directory, either.
 */
static bool
is_there(int dir, int folder)
{
	struct stat held, found;

	return folder != -1 && fstat(folder, &held) == 0 &&
	    fstatat(dir, queue_folder(QUEUE_HOLD), &found,
		AT_SYMLINK_NOFOLLOW) == 0 &&
	    held.st_dev == found.st_dev && held.st_ino == found.st_ino &&
	    held.st_uid == geteuid();
}

static bool
is_queue(const char *path)
{
	int dir = open_at(AT_FDCWD, path);
	bool is_so = dir != -1 &&
	    faccessat(dir, queue_folder(QUEUE_ACTIVE), F_OK, 0) == 0;

	end(dir);
	return is_so;
}

/* Where no lock is to be had nobody removes it, either. */
static int
lock(int dir)
{
	const char *name = queue_folder(QUEUE_HOLD);
	int folder = -1;

	if (mkdirat(dir, name, 0700) == 0 || errno == EEXIST)
		folder = open_folder(dir, QUEUE_HOLD);
	if (folder != -1)
		flock(folder, LOCK_SH);
	if (is_there(dir, folder))
		return folder;
	end(folder);
	return -1;
}

/* Locked, or -1. */
static int
moor(const char *path)
{
	int tries, dir, folder = -1;

	for (tries = 0; tries < TRIES && folder == -1; tries++) {
		if (mkdir(path, 0700) == -1 && errno != EEXIST)
			return -1;
		dir = open_at(AT_FDCWD, path);
		if (dir == -1 && errno != ENOENT)
			return -1;
		if (dir != -1)
			folder = lock(dir);
		end(dir);
	}
	return folder;
}

void
berth_take(struct berth *berth, const struct spool *spool)
{
	size_t i;

	*berth = (struct berth){ .lock = -1 };
	for (i = 0; i < spool->count && berth->lock == -1; i++) {
		if (is_queue(spool->path[i]))
			return;
		berth->lock = moor(spool->path[i]);
		if (berth->lock != -1)
			berth->path = spool->path[i];
	}
}

void
berth_leave(struct berth *berth)
{
	if (berth->path != NULL)
		close(berth->lock);
	*berth = (struct berth){ .lock = -1 };
}

bool
berth_remove(const char *path)
{
	int dir, folder;

	if (is_queue(path))
		return true;
	dir = open_at(AT_FDCWD, path);
	folder = open_folder(dir, QUEUE_HOLD);
	if (folder != -1 && flock(folder, LOCK_EX | LOCK_NB) == 0 &&
	    is_there(dir, folder)) {
		unlinkat(dir, queue_folder(QUEUE_HOLD), AT_REMOVEDIR);
		rmdir(path);
	}
	end(folder);
	end(dir);
	return false;
}
