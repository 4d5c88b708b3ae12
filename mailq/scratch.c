/* SPDX-License-Identifier: ISC */
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "mailq/scratch.h"

#define TMP "/tmp"
#define TRIES 100 /* IDs that may be taken already */

/* A file that nobody sees, or .t-ID; its descriptor or -1. */
static int
open_in_queue(struct scratch *s, const char *id)
{
	const int how = O_RDWR | O_CLOEXEC;
	int dir = s->queue.folder[QUEUE_ACTIVE], fd;

#ifdef O_TMPFILE
	if (!s->must_be_named) {
		fd = openat(dir, ".", how | O_TMPFILE, 0600);
		if (fd != -1 ||
		    (errno != EOPNOTSUPP && errno != EISDIR &&
			errno != ENOENT && errno != EINVAL))
			return fd;
	}
#endif
	snprintf(s->name, sizeof(s->name), QUEUE_TMP "%s", id);
	fd = openat(dir, s->name, how | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	if (fd == -1)
		s->name[0] = '\0';
	return fd;
}

/* An unlinked file is enough for what is sent at once, or not at all. */
static int
open_in_tmp(void)
{
	char path[] = TMP "/onehop.XXXXXX";
	int fd = -1;

#ifdef O_TMPFILE
	fd = open(TMP, O_RDWR | O_CLOEXEC | O_TMPFILE | O_EXCL, 0600);
#endif
	if (fd != -1)
		return fd;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd != -1)
		unlink(path);
	return fd;
}

/* What was collected before we had the lock is gone. */
static int
lock(const struct scratch *s, struct fault *f)
{
	struct stat st;

	if (flock(s->fd, LOCK_EX | LOCK_NB) == -1)
		return fault_errno(f, EX_IOERR, "cannot lock a message");
	if (s->name[0] == '\0')
		return EX_OK;
	if (fstat(s->fd, &st) == -1 || st.st_nlink == 0)
		return fault_set(f, EX_IOERR, "a message got lost");
	return EX_OK;
}

int
scratch_open(
    struct scratch *s, const char *path, const char *id, struct fault *f)
{
	bool must_be_named = s->must_be_named;

	*s = (struct scratch){
		.fd = -1, .queue.dir = -1, .must_be_named = must_be_named
	};
	if (path == NULL) {
		s->fd = open_in_tmp();
	} else {
		if (queue_open(&s->queue, path, true, f) != EX_OK)
			return f->code;
		s->fd = open_in_queue(s, id);
	}
	if (s->fd == -1)
		return fault_errno(f, EX_CANTCREAT,
		    "cannot make a file in '%s'", path == NULL ? TMP : path);
	return path == NULL ? EX_OK : lock(s, f);
}

/* Without a name; or, where it must have one, for a moment. */
static int
open_beside(int folder)
{
	const int how = O_RDWR | O_CLOEXEC | O_EXCL;
	char id[QUEUE_ID + 1], name[QUEUE_TMP_NAME + 1];
	int fd = -1;

#ifdef O_TMPFILE
	fd = openat(folder, ".", how | O_TMPFILE, 0600);
#endif
	if (fd != -1)
		return fd;
	queue_id(id);
	snprintf(name, sizeof(name), QUEUE_TMP "%s", id);
	fd = openat(folder, name, how | O_CREAT | O_NOFOLLOW, 0600);
	if (fd != -1)
		unlinkat(folder, name, 0);
	return fd;
}

int
scratch_beside(struct scratch *s, int folder, struct fault *f)
{
	*s = (struct scratch){ .fd = -1, .queue.dir = -1 };
	if (folder != -1)
		s->fd = open_beside(folder);
	if (s->fd == -1)
		s->fd = open_in_tmp();
#ifdef MFD_CLOEXEC
	if (s->fd == -1)
		s->fd = memfd_create("onehop", MFD_CLOEXEC);
#endif
	if (s->fd == -1)
		return fault_errno(
		    f, EX_CANTCREAT, "cannot make a file in '%s'", TMP);
	return EX_OK;
}

void
scratch_reserve(const struct scratch *s, off_t end, off_t size)
{
#ifdef FALLOC_FL_KEEP_SIZE
	if (fallocate(s->fd, FALLOC_FL_KEEP_SIZE, end, size) == -1)
		return;
#else
	(void)s;
	(void)end;
	(void)size;
#endif
}

/* NFS may do a thing and lose the answer. */
static bool
is_named(const struct scratch *s, const char *id)
{
	struct stat named, st;

	return fstatat(s->queue.folder[QUEUE_ACTIVE], id, &named,
		   AT_SYMLINK_NOFOLLOW) == 0 &&
	    fstat(s->fd, &st) == 0 && named.st_ino == st.st_ino &&
	    named.st_dev == st.st_dev;
}

static int
link_unnamed(const struct scratch *s, const char *id)
{
	char path[sizeof("/proc/self/fd/") + 16];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", s->fd);
	return linkat(AT_FDCWD, path, s->queue.folder[QUEUE_ACTIVE], id,
	    AT_SYMLINK_FOLLOW);
}

/* Some file systems know no hard links: then it is renamed. */
static int
link_named(struct scratch *s, const char *id)
{
	int dir = s->queue.folder[QUEUE_ACTIVE];

	if (linkat(dir, s->name, dir, id, 0) == 0)
		return 0;
#ifdef RENAME_NOREPLACE
	if ((errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS) &&
	    renameat2(dir, s->name, dir, id, RENAME_NOREPLACE) == 0) {
		s->name[0] = '\0';
		return 0;
	}
#endif
	return -1;
}

static int
give_name(struct scratch *s, char id[QUEUE_ID + 1], struct fault *f)
{
	bool is_unnamed = s->name[0] == '\0';
	int tries, error;

	for (tries = 0; tries < TRIES; tries++) {
		if ((is_unnamed ? link_unnamed(s, id) : link_named(s, id)) == 0)
			return EX_OK;
		error = errno;
		if (is_named(s, id))
			return EX_OK;
		if (error != EEXIST || !is_unnamed)
			break;
		queue_id(id);
	}
	if (is_unnamed && error != EEXIST)
		s->must_be_named = true;
	errno = error;
	return fault_errno(f, EX_IOERR, "cannot name a message");
}

int
scratch_name(struct scratch *s, char id[QUEUE_ID + 1], struct fault *f)
{
	int dir = s->queue.folder[QUEUE_ACTIVE];

	if (fsync(s->fd) == -1)
		return fault_errno(f, EX_IOERR, "cannot sync a message");
	if (give_name(s, id, f) != EX_OK)
		return f->code;
	if (queue_sync(dir, f) != EX_OK) {
		unlinkat(dir, id, 0);
		return f->code;
	}
	if (s->name[0] != '\0')
		unlinkat(dir, s->name, 0);
	s->name[0] = '\0';
	return EX_OK;
}

void
scratch_close(struct scratch *s)
{
	if (s->name[0] != '\0')
		unlinkat(s->queue.folder[QUEUE_ACTIVE], s->name, 0);
	if (s->fd != -1)
		close(s->fd);
	if (s->queue.dir != -1)
		queue_close(&s->queue);
	*s = (struct scratch){ .fd = -1, .queue.dir = -1 };
}
