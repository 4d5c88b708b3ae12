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

#include "mailq/queue.h"
#include "mailq/stamp.h"

#define MILLISECONDS 11 /* hex digits of an ID that are time */
#define RANDOM 0xfffffU /* the others */
#define PATH_SIZE 4096
#define SILLY ".nfs" /* what NFS calls a file that was removed while open */

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

static bool
holds_only_ours(int dir)
{
	static const char *const ours[] = { ".", "..", "active", "hold",
		"failed", QUEUE_RUNNER, STAMP_FILE, STAMP_NEW };
	const struct dirent *e;
	DIR *list;
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_so = true;
	size_t i;

	list = copy == -1 ? NULL : fdopendir(copy);
	if (list == NULL) {
		if (copy != -1)
			close(copy);
		return false;
	}
	while (is_so && (errno = 0, e = readdir(list)) != NULL) {
		is_so = false;
		for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
			is_so = is_so || strcmp(e->d_name, ours[i]) == 0;
	}
	is_so = is_so && errno == 0;
	closedir(list);
	return is_so;
}

/* Ours alone, or it can be made so without harm to what lies there. */
static int
check(int dir, const char *path, bool is_top, bool make, struct fault *f)
{
	struct stat st;

	if (fstat(dir, &st) == -1)
		return fault_errno(f, EX_IOERR, "cannot look at '%s'", path);
	if (st.st_uid != geteuid())
		return fault_set(
		    f, EX_CANTCREAT, "'%s' belongs to somebody else", path);
	if ((st.st_mode & 07777) == 0700 || !make)
		return EX_OK;
	if (is_top && !holds_only_ours(dir))
		return fault_set(f, EX_CANTCREAT,
		    "'%s' is open to others and holds other things: move them, "
		    "or chmod 700 it",
		    path);
	if (fchmod(dir, 0700) == -1)
		return fault_errno(f, EX_CANTCREAT, "cannot chmod '%s'", path);
	return EX_OK;
}

static void
find_parent(const char *path, char parent[PATH_SIZE])
{
	const char *end = strrchr(path, '/');

	if (end == NULL)
		snprintf(parent, PATH_SIZE, ".");
	else
		snprintf(parent, PATH_SIZE, "%.*s",
		    end == path ? 1 : (int)(end - path), path);
}

/*
 * Whether nothing of ours can be at path: what should hold it is no directory,
 * or one of somebody else's that we may not enter.
 */
static bool
is_out_of_reach(const char *path)
{
	char parent[PATH_SIZE];
	struct stat st;

	if (lstat(path, &st) == 0)
		return false;
	if (errno != EACCES)
		return errno == ENOTDIR || errno == ENOENT;
	find_parent(path, parent);
	return stat(parent, &st) == -1 || st.st_uid != geteuid();
}

/* A directory in another; *is_made says whether it was not there before. */
static int
open_one(int parent, const char *path, bool make, bool *is_made, int *dir,
    struct fault *f)
{
	const int how = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int code = EX_IOERR, error;

	*is_made = make && mkdirat(parent, path, 0700) == 0;
	if (make && !*is_made && errno != EEXIST)
		return fault_errno(f, EX_CANTCREAT, "cannot make '%s'", path);
	*dir = openat(parent, path, how);
	if (*dir != -1)
		return EX_OK;
	error = errno;
	if (error == ENOENT || (parent == AT_FDCWD && is_out_of_reach(path)))
		code = EX_NOINPUT;
	else if (error == ENOTDIR || error == ELOOP)
		code = EX_CANTCREAT;
	errno = error;
	return fault_errno(f, code, "cannot open '%s'", path);
}

/* One that is not ours is never left open: a message might move there. */
static int
open_folder(struct queue *queue, enum folder folder, bool make, bool *is_made,
    struct fault *f)
{
	const char *name = queue_folder(folder);
	int *dir = queue->folder + folder, rc;

	rc = open_one(queue->dir, name, make, is_made, dir, f);
	if (rc == EX_OK)
		rc = check(*dir, name, false, make, f);
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
		is_any = is_any || rc != EX_NOINPUT;
		if (rc != EX_OK && make && i == QUEUE_ACTIVE)
			return fault_set(
			    f, rc, "%s in '%s'", one.text, queue->path);
	}
	if (!is_any)
		return fault_set(f, EX_NOINPUT, "there is no queue yet");
	return is_new ? queue_sync(queue->dir, f) : EX_OK;
}

static int
sync_parent(const char *path, struct fault *f)
{
	char parent[PATH_SIZE];
	int dir, rc;

	find_parent(path, parent);
	dir = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir == -1)
		return fault_errno(f, EX_IOERR, "cannot sync '%s'", parent);
	rc = queue_sync(dir, f);
	close(dir);
	return rc;
}

int
queue_open(struct queue *queue, const char *path, bool make, struct fault *f)
{
	int rc;

	*queue = (struct queue){ path, -1, { -1, -1, -1 }, false };
	rc = open_one(AT_FDCWD, path, make, &queue->is_new, &queue->dir, f);
	if (rc == EX_OK)
		rc = check(queue->dir, path, true, make, f);
	if (rc == EX_OK && queue->is_new)
		rc = sync_parent(path, f);
	if (rc == EX_OK)
		rc = open_folders(queue, make, f);
	if (rc != EX_OK)
		queue_close(queue);
	return rc;
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
