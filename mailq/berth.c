/* SPDX-License-Identifier: ISC */
#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
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

static bool
is_ours(int dir)
{
	struct stat st;

	return fstat(dir, &st) == 0 && st.st_uid == geteuid();
}

/*
 * Where no lock is to be had nobody removes it, either.  *again: somebody just
 * did.
 */
static int
lock(int dir, bool *again)
{
	int folder = -1;

	if (!is_ours(dir))
		return -1;
	if (mkdirat(dir, queue_folder(QUEUE_HOLD), 0700) == 0 ||
	    errno == EEXIST)
		folder = open_folder(dir, QUEUE_HOLD);
	*again = folder == -1 && errno == ENOENT;
	if (folder == -1)
		return -1;
	flock(folder, LOCK_SH);
	if (is_there(dir, folder))
		return folder;
	*again = is_ours(folder);
	close(folder);
	return -1;
}

/* Locked, or -1. */
static int
moor(const char *path)
{
	int tries, dir, folder = -1;
	bool again = true;

	for (tries = 0; tries < TRIES && again; tries++) {
		if (mkdir(path, 0700) == -1 && errno != EEXIST)
			return -1;
		dir = open_at(AT_FDCWD, path);
		again = dir == -1 && errno == ENOENT;
		if (dir == -1)
			continue;
		folder = lock(dir, &again);
		close(dir);
	}
	/* It may have been the last that a full disk took. */
	if (folder == -1)
		rmdir(path);
	return folder;
}

static bool
is_common(const char *path)
{
	return strncmp(path, SPOOL_PARENT "/", sizeof(SPOOL_PARENT)) == 0;
}

void
berth_take(
    struct berth *berth, const struct spool *spool, const struct caller *caller)
{
	size_t i;

	*berth = (struct berth){ .lock = -1 };
	for (i = 0; i < spool->count; i++)
		if (is_queue(spool->path[i]))
			return;
	spool_mark(caller);
	for (i = 0; i < spool->count && berth->lock == -1; i++) {
		if (is_common(spool->path[i]))
			continue;
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

void
berth_remove(const char *path)
{
	int dir, folder;

	if (path == NULL || is_queue(path))
		return;
	dir = open_at(AT_FDCWD, path);
	folder = open_folder(dir, QUEUE_HOLD);
	if (folder != -1 && flock(folder, LOCK_EX | LOCK_NB) == 0 &&
	    is_there(dir, folder)) {
		unlinkat(dir, queue_folder(QUEUE_HOLD), AT_REMOVEDIR);
		rmdir(path);
	}
	end(folder);
	end(dir);
}
