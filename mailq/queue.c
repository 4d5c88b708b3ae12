/* SPDX-License-Identifier: ISC */
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mailq/directory.h"
#include "mailq/queue.h"

#define MILLISECONDS 11 /* hex digits of an ID that are time */
#define RANDOM 0xfffffU /* the others */
#define TRIES 100       /* to make what somebody else removes */
#define SILLY ".nfs"    /* what NFS calls a file that was removed while open */

const char *
queue_folder(enum folder folder)
{
	static const char *const names[] = { "active", "hold", "failed" };

	return names[folder];
}

void
queue_id(char id[QUEUE_ID + 1])
{
	struct timespec now;
	uint32_t noise;
	uint64_t ms;

	clock_gettime(CLOCK_REALTIME, &now);
	ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;

	/* Early in the boot there is no noise yet, but no other process either. */
	if (getrandom(&noise, sizeof(noise), GRND_NONBLOCK) != sizeof(noise))
		noise = (uint32_t)now.tv_nsec ^ (uint32_t)getpid() << 4;
	snprintf(id, QUEUE_ID + 1, "%011llX%05X",
	    (unsigned long long)(ms & 0xfffffffffffULL), noise & RANDOM);
}

bool
queue_is_id(const char *name)
{
	return strlen(name) == QUEUE_ID &&
	    strspn(name, "0123456789ABCDEF") == QUEUE_ID;
}

/* Some file systems cannot sync a directory: they do as they must. */
int
queue_sync(int dir, struct fault *f)
{
	if (fsync(dir) == 0 || errno == EINVAL)
		return EX_OK;
	return fault_errno(f, EX_IOERR, "cannot sync a folder of the queue");
}

/* One that is not ours is never left open: a message might move there. */
static int
open_folder(struct queue *queue, enum folder folder, bool make, bool *is_made,
    struct fault *f)
{
	const char *name = queue_folder(folder);
	int *dir = queue->folder + folder, rc;

	rc = directory_open(queue->dir, name, make, is_made, dir, f);
	if (rc == EX_OK)
		rc = directory_check(*dir, name, false, make, f);
	if (rc == EX_OK || rc == EX_NOINPUT)
		return rc;
	if (*dir >= 0)
		close(*dir);
	*dir = QUEUE_BAD_FOLDER;
	return rc;
}

int
queue_make(struct queue *queue, enum folder folder, struct fault *f)
{
	bool is_made;
	int rc;

	if (queue->folder[folder] >= 0)
		return EX_OK;
	rc = open_folder(queue, folder, true, &is_made, f);
	return rc == EX_OK ? queue_sync(queue->dir, f) : rc;
}

static int
open_folders(struct queue *queue, bool make, struct fault *f)
{
	struct fault one;
	bool is_made, is_any = false, is_new = false;
	enum folder i;
	int rc;

	for (i = 0; i < QUEUE_FOLDERS; i++) {
		one = (struct fault){ 0 };
		rc = open_folder(queue, i, make, &is_made, &one);
		is_new = is_new || is_made;
		queue->is_new |= is_made && i == QUEUE_ACTIVE;
		is_any = is_any || rc != EX_NOINPUT;
		if (rc != EX_OK && make && i == QUEUE_ACTIVE)
			return fault_set(
			    f, rc, "%s in '%s'", one.text, queue->path);
	}
	if (!is_any)
		return fault_set(f, EX_NOINPUT, "there is no queue yet");
	return is_new ? queue_sync(queue->dir, f) : EX_OK;
}

/*
 * A sandbox keeps the parent out of reach, which may have been made a queue's
 * while nobody needed one (berth); the file system is not.
 */
static int
sync_parent(const struct queue *queue, struct fault *f)
{
	int dir = openat(queue->dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

#ifdef __linux__
	if (dir == -1 && errno == EACCES && syncfs(queue->dir) == 0)
		return EX_OK;
#endif
	if (dir == -1)
		return fault_errno(
		    f, EX_IOERR, "cannot sync what holds '%s'", queue->path);
	rc = queue_sync(dir, f);
	close(dir);
	return rc;
}

static int
open_all(struct queue *queue, bool make, struct fault *f)
{
	int rc;

	rc = directory_open(
	    AT_FDCWD, queue->path, make, &queue->is_new, &queue->dir, f);
	if (rc == EX_OK)
		rc = directory_check(queue->dir, queue->path, true, make, f);
	if (rc == EX_OK)
		rc = open_folders(queue, make, f);
	if (rc == EX_OK && queue->is_new)
		rc = sync_parent(queue, f);
	return rc;
}

/* By who had made it ahead, and found no use for it (berth). */
static bool
was_removed(const struct queue *queue, int rc)
{
	struct stat st;

	return rc == EX_NOINPUT ||
	    (queue->dir != -1 && fstat(queue->dir, &st) == 0 &&
		st.st_nlink == 0);
}

int
queue_open(struct queue *queue, const char *path, bool make, struct fault *f)
{
	struct fault one;
	int tries = make ? TRIES : 1, rc;
	bool again;

	do {
		one = (struct fault){ 0 };
		*queue = (struct queue){ path, -1, { -1, -1, -1 }, false };
		rc = open_all(queue, make, &one);
		if (rc == EX_OK)
			return EX_OK;
		again = was_removed(queue, rc);
		queue_close(queue);
	} while (again && --tries > 0);
	return fault_set(f, rc, "%s", one.text);
}

void
queue_close(struct queue *queue)
{
	enum folder i;

	for (i = 0; i < QUEUE_FOLDERS; i++)
		if (queue->folder[i] >= 0)
			close(queue->folder[i]);
	if (queue->dir != -1)
		close(queue->dir);
	*queue = (struct queue){ NULL, -1, { -1, -1, -1 }, false };
}

/* Whoever writes such a file holds its lock, or has just begun. */
static void
collect(int dir, const char *name, const struct stat *st)
{
	int fd;

	if (!S_ISREG(st->st_mode) || st->st_uid != geteuid() ||
	    st->st_ctime > time(NULL) - QUEUE_GARBAGE)
		return;
	fd = openat(dir, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlinkat(dir, name, 0);
	close(fd);
}

static int
no_memory(struct fault *f)
{
	return fault_errno(f, EX_TEMPFAIL, "cannot list the queue");
}

static int
add(struct listing *list, const char *name, const struct stat *st,
    struct fault *f)
{
	struct entry *entry = list->entry;

	/* Room is doubled whenever the count is a power of two. */
	if ((list->count & (list->count - 1)) == 0) {
		entry = reallocarray(entry,
		    list->count == 0 ? 1 : list->count * 2, sizeof(*entry));
		if (entry == NULL)
			return no_memory(f);
		list->entry = entry;
	}
	entry += list->count;
	*entry = (struct entry){ strdup(name), st->st_mtime, st->st_size };
	if (entry->name == NULL)
		return no_memory(f);
	list->count++;
	return EX_OK;
}

static int
see(int dir, const char *name, struct listing *list, struct fault *f)
{
	const size_t prefix = sizeof(QUEUE_TMP) - 1;
	struct stat st;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	    strncmp(name, SILLY, sizeof(SILLY) - 1) == 0)
		return EX_OK;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT
		    ? EX_OK
		    : fault_errno(f, EX_IOERR, "cannot look at '%s'", name);
	if (strncmp(name, QUEUE_TMP, prefix) == 0 &&
	    queue_is_id(name + prefix)) {
		collect(dir, name, &st);
		return EX_OK;
	}
	return add(list, name, &st, f);
}

static int
by_due(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->due != y->due)
		return x->due < y->due ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int
cannot_read(const struct queue *queue, enum folder folder, struct fault *f)
{
	return fault_errno(f, EX_IOERR, "cannot read '%s/%s'", queue->path,
	    queue_folder(folder));
}

static int
read_folder(DIR *in, const struct queue *queue, enum folder folder,
    struct listing *list, struct fault *f)
{
	const struct dirent *e;
	int rc = EX_OK;

	if (queue->folder[folder] == QUEUE_BAD_FOLDER)
		return fault_set(f, EX_IOERR, "'%s/%s' is not ours",
		    queue->path, queue_folder(folder));
	while (rc == EX_OK && (errno = 0, e = readdir(in)) != NULL)
		rc = see(dirfd(in), e->d_name, list, f);
	if (rc == EX_OK && errno != 0)
		rc = cannot_read(queue, folder, f);
	return rc;
}

int
queue_scan(const struct queue *queue, enum folder folder, struct listing *list,
    struct fault *f)
{
	DIR *in;
	int dir, rc;

	if (queue->folder[folder] == QUEUE_NO_FOLDER)
		return EX_OK;
	dir = openat(queue->dir, queue_folder(folder),
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	in = dir == -1 ? NULL : fdopendir(dir);
	if (in == NULL) {
		rc = cannot_read(queue, folder, f);
		if (dir != -1)
			close(dir);
		return rc;
	}
	rc = read_folder(in, queue, folder, list, f);
	closedir(in);
	if (list->count > 0)
		qsort(list->entry, list->count, sizeof(*list->entry), by_due);
	return rc;
}

void
listing_free(struct listing *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->entry[i].name);
	free(list->entry);
	*list = (struct listing){ 0 };
}
