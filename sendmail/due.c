/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mailq/item.h"
#include "sendmail/due.h"

bool
due_is_now(time_t due, time_t now, time_t longest)
{
	return due <= now || due > now + longest + DUE_STRAY;
}

/* Which of two comes first; what is not after that only if nothing is. */
static time_t
sooner(time_t one, time_t other, time_t after)
{
	if (one == 0)
		return other;
	if ((one > after) != (other > after))
		return one > after ? one : other;
	return one < other ? one : other;
}

static int
look_at(const struct queue *queue, time_t longest, time_t after, time_t *next,
    struct fault *f)
{
	const time_t now = time(NULL);
	struct listing list = { 0 };
	struct entry *entry;
	size_t i;
	int rc;

	rc = queue_scan(queue, QUEUE_ACTIVE, &list, f);
	for (i = 0; i < list.count; i++) {
		entry = list.entry + i;
		if (!queue_is_id(entry->name))
			continue;
		if (entry->due < 1 || entry->due > now + longest + DUE_STRAY)
			entry->due = 1;
		*next = sooner(*next, entry->due, after);
	}
	listing_free(&list);
	return rc;
}

/* Most queues are: to see that, not all of one has to be opened. */
static bool
is_empty(const char *queue)
{
	char path[PATH_MAX];
	const struct dirent *e;
	bool is_so = true;
	DIR *list;
	int dir;

	snprintf(
	    path, sizeof(path), "%s/%s", queue, queue_folder(QUEUE_ACTIVE));
	dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	list = dir == -1 ? NULL : fdopendir(dir);
	if (list == NULL) {
		if (dir != -1)
			close(dir);
		return false;
	}
	while (is_so && (errno = 0, e = readdir(list)) != NULL)
		is_so =
		    strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
	is_so = is_so && errno == 0;
	closedir(list);
	return is_so;
}

int
due_next(const struct spool *spool, time_t longest, time_t after, time_t *next,
    struct fault *f)
{
	struct fault one;
	struct queue queue;
	size_t i;
	int rc;

	*next = 0;
	for (i = 0; i < spool->count; i++) {
		if (is_empty(spool->path[i]))
			continue;
		one = (struct fault){ 0 };
		rc = queue_open(&queue, spool->path[i], false, &one);
		if (rc == EX_OK) {
			rc = look_at(&queue, longest, after, next, &one);
			queue_close(&queue);
		}
		if (rc != EX_OK && rc != EX_NOINPUT)
			fault_set(f, rc, "%s", one.text);
	}
	return f->code;
}

static bool
is_mail(const struct queue *queue, const char *name)
{
	struct fault none = { 0 };
	struct item item;
	int rc;

	rc = item_claim(queue, QUEUE_ACTIVE, name, &item, &none);
	item_free(&item);
	return rc == EX_OK || rc == EX_TEMPFAIL || rc == EX_IOERR;
}

static bool
holds_mail(const struct queue *queue)
{
	struct listing list = { 0 };
	struct fault none = { 0 };
	bool has_mail;
	size_t i;

	has_mail = queue_scan(queue, QUEUE_ACTIVE, &list, &none) != EX_OK;
	for (i = 0; i < list.count && !has_mail; i++)
		has_mail = queue_is_id(list.entry[i].name) &&
		    is_mail(queue, list.entry[i].name);
	listing_free(&list);
	return has_mail;
}

bool
due_holds_mail(const struct spool *spool)
{
	struct fault none;
	struct queue queue;
	bool has_mail = false;
	size_t i;
	int rc;

	for (i = 0; i < spool->count && !has_mail; i++) {
		none = (struct fault){ 0 };
		rc = queue_open(&queue, spool->path[i], false, &none);
		has_mail = rc == EX_IOERR || rc == EX_TEMPFAIL;
		if (rc != EX_OK)
			continue;
		has_mail = holds_mail(&queue);
		queue_close(&queue);
	}
	return has_mail;
}
