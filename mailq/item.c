/* SPDX-License-Identifier: ISC */
#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mailq/head.h"
#include "mailq/item.h"
#include "mailq/note.h"
#include "mailq/record.h"

static int
open_file(const char *id, int how, struct item *item, struct fault *f)
{
	item->fd = openat(item->dir, id,
	    how | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (item->fd != -1)
		return EX_OK;
	switch (errno) {
	case ENOENT:
		return fault_errno(f, EX_NOINPUT, "cannot open '%s'", id);
	case ELOOP:
		return fault_set(f, EX_DATAERR, "it is a symbolic link");
	case EISDIR:
		return fault_set(f, EX_DATAERR, "it is a directory");
	case ENXIO:
	case EACCES:
	case EPERM:
		return fault_errno(f, EX_DATAERR, "it cannot be opened");
	default:
		return fault_errno(f, EX_IOERR, "cannot open '%s'", id);
	}
}

static bool
is_name_of(const struct stat *st, int dir, const char *name)
{
	struct stat named;

	return fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	    named.st_ino == st->st_ino && named.st_dev == st->st_dev;
}

static int
drop_name(int dir, const char *name, struct fault *f)
{
	if (unlinkat(dir, name, 0) == 0)
		return EX_OK;
	return fault_errno(f, EX_IOERR, "cannot remove '%s'", name);
}

/* The folders in which it has its name, the one that counts first; how many. */
static size_t
find_folders(const struct queue *queue, const struct item *item,
    const struct stat *st, int dirs[QUEUE_FOLDERS])
{
	/* What was held stays so, and what may wait is not given up. */
	static const enum folder order[QUEUE_FOLDERS] = { QUEUE_HOLD,
		QUEUE_ACTIVE, QUEUE_FAILED };
	size_t i, count = 0;
	int dir;

	for (i = 0; i < QUEUE_FOLDERS; i++) {
		dir = queue->folder[order[i]];
		if (dir >= 0 && is_name_of(st, dir, item->id))
			dirs[count++] = dir;
	}
	return count;
}

/* Half a move: the name that counts is on disk before the other goes. */
static int
end_move(
    const struct item *item, const int dirs[2], bool locked, struct fault *f)
{
	int rc = EX_OK;

	if (locked)
		rc = queue_sync(dirs[0], f);
	if (locked && rc == EX_OK)
		rc = drop_name(dirs[1], item->id, f);
	if (locked && rc == EX_OK)
		rc = queue_sync(dirs[1], f);
	if (rc == EX_OK && item->dir != dirs[0])
		rc = fault_set(f, EX_NOINPUT, "it lies in another folder");
	return rc;
}

/*
 * Its second name is what its writer, or who moved it, would have removed next.
 * Without the lock he may still be about to.
 */
static int
drop_second_name(const struct queue *queue, const struct item *item,
    const struct stat *st, bool locked, struct fault *f)
{
	char name[QUEUE_TMP_NAME + 1];
	int dirs[QUEUE_FOLDERS];
	struct stat now;

	snprintf(name, sizeof(name), QUEUE_TMP "%s", item->id);
	if (st->st_nlink == 2 && is_name_of(st, item->dir, name))
		return locked ? drop_name(item->dir, name, f) : EX_OK;
	if (st->st_nlink == 2 && find_folders(queue, item, st, dirs) == 2)
		return end_move(item, dirs, locked, f);

	/* Meanwhile he may have done so. */
	if (fstat(item->fd, &now) == -1 || now.st_nlink > 1)
		return fault_set(
		    f, EX_DATAERR, "it has a second name elsewhere");
	if (!is_name_of(st, item->dir, item->id))
		return fault_set(f, EX_NOINPUT, "it is gone");
	return EX_OK;
}

/* After the lock: is it a message of ours, and is this still its name? */
static int
check_file(const struct queue *queue, const struct item *item, bool locked,
    off_t *size, struct fault *f)
{
	struct stat st, named;

	if (fstat(item->fd, &st) == -1)
		return fault_errno(f, EX_IOERR, "cannot look at it");
	if (!S_ISREG(st.st_mode))
		return fault_set(f, EX_DATAERR, "it is not a file");
	if (st.st_uid != geteuid())
		return fault_set(f, EX_DATAERR, "it belongs to somebody else");
	if ((st.st_mode & 077) != 0)
		return fault_set(f, EX_DATAERR, "others may read or write it");
	if (st.st_nlink == 0)
		return fault_set(f, EX_NOINPUT, "it is gone");
	if (fstatat(item->dir, item->id, &named, AT_SYMLINK_NOFOLLOW) == -1)
		return fault_errno(f, errno == ENOENT ? EX_NOINPUT : EX_IOERR,
		    "cannot look at '%s'", item->id);
	if (named.st_ino != st.st_ino || named.st_dev != st.st_dev)
		return fault_set(f, EX_NOINPUT, "it is gone");
	*size = st.st_size;
	if (st.st_nlink == 1)
		return EX_OK;
	return drop_second_name(queue, item, &st, locked, f);
}

static int
read_file(struct item *item, off_t size, bool whole, struct fault *f)
{
	struct record r;
	struct text header;
	int rc;

	rc = record_read(&r, item->fd, size, f);
	if (rc == EX_OK && (whole || r.message <= ITEM_GLANCE))
		rc = record_check(&r, item->fd, f);
	if (rc != EX_OK)
		return rc;
	item->created = r.created;
	item->text = record_message(&r, item->fd);
	header = record_header(&r, item->fd);
	rc = head_read(&item->env, &header, f);
	if (rc == EX_OK)
		rc = journal_read(&item->journal, item->fd, record_journal(&r),
		    size, &item->env, f);
	return rc;
}

static int
begin(const struct queue *queue, enum folder folder, const char *id,
    struct item *item, struct fault *f)
{
	*item = (struct item){ .fd = -1,
		.text.fd = -1,
		.dir = queue->folder[folder],
		.is_kept = true };
	if (!queue_is_id(id))
		return fault_set(f, EX_DATAERR, "its name is none of ours");
	memcpy(item->id, id, sizeof(item->id));
	if (item->dir == QUEUE_NO_FOLDER)
		return fault_set(f, EX_NOINPUT, "there is no '%s/%s'",
		    queue->path, queue_folder(folder));
	if (item->dir == QUEUE_BAD_FOLDER)
		return fault_set(f, EX_IOERR, "cannot read '%s/%s'",
		    queue->path, queue_folder(folder));
	return EX_OK;
}

int
item_claim(const struct queue *queue, enum folder folder, const char *id,
    struct item *item, struct fault *f)
{
	off_t size = 0;
	int rc;

	rc = begin(queue, folder, id, item, f);
	if (rc == EX_OK)
		rc = open_file(id, O_RDWR, item, f);
	if (rc == EX_OK && flock(item->fd, LOCK_EX | LOCK_NB) == -1)
		rc = errno == EWOULDBLOCK
		    ? fault_set(f, EX_TEMPFAIL, "it is being sent")
		    : fault_errno(f, EX_IOERR, "cannot lock '%s'", id);
	if (rc == EX_OK)
		rc = check_file(queue, item, true, &size, f);
	if (rc == EX_OK)
		rc = read_file(item, size, true, f);
	return rc;
}

int
item_look(const struct queue *queue, enum folder folder, const char *id,
    struct item *item, struct fault *f)
{
	off_t size = 0;
	int rc;

	rc = begin(queue, folder, id, item, f);
	if (rc == EX_OK)
		rc = open_file(id, O_RDONLY, item, f);
	if (rc == EX_OK)
		rc = check_file(queue, item, false, &size, f);
	if (rc == EX_OK)
		rc = read_file(item, size, false, f);
	return rc;
}

int
item_due(const struct item *item, time_t when, struct fault *f)
{
	const struct timespec times[2] = { { .tv_sec = when },
		{ .tv_sec = when } };

	if (futimens(item->fd, times) == 0)
		return EX_OK;
	return fault_errno(
	    f, EX_IOERR, "cannot set the time of '%s'", item->id);
}

time_t
item_since(const struct item *item, time_t now)
{
	if (item->created < JOURNAL_SANE || item->created > now + ITEM_AHEAD)
		return item->journal.begun;
	return item->created;
}

static int
sync_journal(struct item *item, struct fault *f)
{
	if (item->journal.is_dirty && fdatasync(item->fd) == -1)
		return fault_errno(f, EX_IOERR, "cannot sync '%s'", item->id);
	item->journal.is_dirty = false;
	return EX_OK;
}

int
item_note(struct item *item, bool is_attempt, struct fault *f)
{
	if (note(&item->journal, &item->env, is_attempt, f) != EX_OK)
		return f->code;
	return sync_journal(item, f);
}

int
item_note_reported(struct item *item, enum report report, struct fault *f)
{
	if (note_reported(&item->journal, &item->env, report, f) != EX_OK)
		return f->code;
	return sync_journal(item, f);
}

int
item_note_held(struct item *item, bool is_held, struct fault *f)
{
	return note_held(&item->journal, is_held, f);
}

int
item_note_released(struct item *item, struct fault *f)
{
	if (note_released(&item->journal, &item->env, f) != EX_OK)
		return f->code;
	return sync_journal(item, f);
}

int
item_done(struct item *item, struct fault *f)
{
	struct fault unheard = { 0 };

	if (unlinkat(item->dir, item->id, 0) == 0) {
		item->is_kept = false;
		return queue_sync(item->dir, f);
	}
	fault_errno(f, EX_IOERR, "cannot remove '%s'", item->id);
	item_note(item, false, &unheard);
	return f->code;
}

/*
 * Never over another: link(2) refuses that where renameat2(2) is unknown.  If it
 * ends half-way both names stay, for who claims it next: on NFS what failed may
 * have been done.
 */
static int
rename_to(const struct item *item, int dir)
{
	struct fault unheard = { 0 };

#ifdef RENAME_NOREPLACE
	if (renameat2(item->dir, item->id, dir, item->id, RENAME_NOREPLACE) ==
	    0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
#endif
	if (linkat(item->dir, item->id, dir, item->id, 0) == -1)
		return -1;
	if (queue_sync(dir, &unheard) != EX_OK)
		return -1;
	return unlinkat(item->dir, item->id, 0);
}

int
item_move(
    struct queue *queue, struct item *item, enum folder to, struct fault *f)
{
	int from = item->dir, dir, rc;

	if (queue_make(queue, to, f) != EX_OK)
		return f->code;
	dir = queue->folder[to];
	if (rename_to(item, dir) == -1)
		return fault_errno(f, EX_IOERR, "cannot move '%s' to '%s'",
		    item->id, queue_folder(to));
	item->dir = dir;
	rc = queue_sync(dir, f);
	return rc == EX_OK ? queue_sync(from, f) : rc;
}

void
item_free(struct item *item)
{
	/* The zeroed has neither a descriptor nor a name. */
	if (item->id[0] != '\0' && item->fd != -1)
		close(item->fd);
	envelope_free(&item->env);
	free(item->mem);
	*item = (struct item){ .fd = -1 };
}
