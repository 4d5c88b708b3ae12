/* SPDX-License-Identifier: ISC */
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
