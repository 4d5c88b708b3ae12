/* SPDX-License-Identifier: ISC */
#include "mailq/visit.h"

/* Those that a person can tell apart. */
static int
simplify(int code)
{
	switch (code) {
	case EX_NOINPUT:
	case EX_TEMPFAIL:
		return code;
	case EX_DATAERR:
	case EX_PROTOCOL:
		return EX_DATAERR;
	default:
		return EX_IOERR;
	}
}

static int
call(const struct visit *visit, struct queue *queue, enum folder folder,
    const char *id, struct fault *f)
{
	struct fault one = { 0 };
	int rc;

	rc = visit->call(visit->ctx, queue, folder, id, &one);
	if (rc == EX_OK)
		return EX_OK;
	return fault_set(f, simplify(rc), "'%s/%s/%s': %s", queue->path,
	    queue_folder(folder), id, one.text);
}

/* EX_NOINPUT: there is no queue.  Else that queue is open only after EX_OK. */
static int
open_queue(struct queue *queue, const char *path, struct fault *f)
{
	struct fault one = { 0 };
	int rc;

	rc = queue_open(queue, path, false, &one);
	return rc == EX_OK ? EX_OK : fault_set(f, simplify(rc), "%s", one.text);
}

/* EX_NOINPUT as long as it was not found in a folder that could be read. */
static int
look_in(const struct visit *visit, struct queue *queue, const char *id,
    struct fault *unread, struct fault *f)
{
	struct fault one;
	enum folder i;

	for (i = 0; i < QUEUE_FOLDERS; i++) {
		if (queue->folder[i] == QUEUE_BAD_FOLDER)
			fault_set(unread, EX_IOERR, "'%s/%s' is not ours",
			    queue->path, queue_folder(i));
		if (queue->folder[i] < 0)
			continue;
		one = (struct fault){ 0 };
		if (call(visit, queue, i, id, &one) == EX_OK)
			return EX_OK;
		if (one.code != EX_NOINPUT)
			return fault_set(f, one.code, "%s", one.text);
	}
	return EX_NOINPUT;
}

int
visit_one(const struct visit *visit, const char *id, struct fault *f)
{
	struct fault unread = { 0 }, one;
	struct queue queue;
	size_t i;
	int rc;

	for (i = 0; i < visit->spool->count; i++) {
		one = (struct fault){ 0 };
		rc = open_queue(&queue, visit->spool->path[i], &one);
		if (rc == EX_OK) {
			rc = look_in(visit, &queue, id, &unread, f);
			queue_close(&queue);
			if (rc != EX_NOINPUT)
				return rc;
		} else if (rc != EX_NOINPUT) {
			fault_set(&unread, rc, "%s", one.text);
		}
	}
	if (unread.code != EX_OK)
		return fault_set(f, unread.code, "%s", unread.text);
	return fault_set(f, EX_NOINPUT, "there is no message '%s'", id);
}

static void
visit_folder(const struct visit *visit, struct queue *queue, enum folder folder)
{
	struct listing list = { 0 };
	struct fault one = { 0 };
	size_t i;

	if (queue_scan(queue, folder, &list, &one) != EX_OK)
		visit->trouble(visit->ctx, &one);
	for (i = 0; i < list.count; i++) {
		one = (struct fault){ 0 };
		call(visit, queue, folder, list.entry[i].name, &one);

		/* What was sent or moved meanwhile is no matter of ours. */
		if (one.code != EX_OK && one.code != EX_NOINPUT)
			visit->trouble(visit->ctx, &one);
	}
	listing_free(&list);
}

void
visit_all(const struct visit *visit, unsigned folders)
{
	struct fault one;
	struct queue queue;
	enum folder folder;
	size_t i;

	for (i = 0; i < visit->spool->count; i++) {
		one = (struct fault){ 0 };
		if (open_queue(&queue, visit->spool->path[i], &one) != EX_OK) {
			if (one.code != EX_NOINPUT)
				visit->trouble(visit->ctx, &one);
			continue;
		}
		for (folder = 0; folder < QUEUE_FOLDERS; folder++)
			if ((folders & 1U << folder) != 0)
				visit_folder(visit, &queue, folder);
		queue_close(&queue);
	}
}
