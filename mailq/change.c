/* SPDX-License-Identifier: ISC */
#include <time.h>

#include "mailq/change.h"
#include "mailq/clock.h"
#include "mailq/item.h"

#define PAUSE 100 /* milliseconds between two tries to claim it */

void
change_begin(struct change *change, enum deed deed)
{
	*change = (struct change){ deed,
		clock_ms() + (intmax_t)CHANGE_PATIENCE * 1000 };
}

unsigned
change_folders(enum deed deed)
{
	static const unsigned folders[] = {
		[CHANGE_DELETE] =
		    1U << QUEUE_ACTIVE | 1U << QUEUE_HOLD | 1U << QUEUE_FAILED,
		[CHANGE_HOLD] = 1U << QUEUE_ACTIVE,
		[CHANGE_RELEASE] = 1U << QUEUE_HOLD,
		[CHANGE_RETRY] = 1U << QUEUE_ACTIVE | 1U << QUEUE_FAILED,
	};

	return folders[deed];
}

static int
claim(const struct change *change, const struct queue *queue,
    enum folder folder, const char *id, struct item *item, struct fault *f)
{
	const struct timespec pause = { .tv_nsec = PAUSE * 1000000L };
	struct fault one = { 0 };
	int rc;

	rc = item_claim(queue, folder, id, item, &one);
	while (rc == EX_TEMPFAIL && clock_ms() < change->until) {
		item_free(item);
		nanosleep(&pause, NULL);
		one = (struct fault){ 0 };
		rc = item_claim(queue, folder, id, item, &one);
	}
	return rc == EX_OK ? EX_OK : fault_set(f, rc, "%s", one.text);
}

static int
hold(struct queue *queue, struct item *item, struct fault *f)
{
	if (item_move(queue, item, QUEUE_HOLD, f) != EX_OK)
		return f->code;
	return item_note_held(item, true, f);
}

/* What is appended last moves the mtime, to now: it stays due. */
static int
release(struct queue *queue, struct item *item, struct fault *f)
{
	int rc;

	rc = item_due(item, time(NULL), f);
	if (rc == EX_OK)
		rc = item_move(queue, item, QUEUE_ACTIVE, f);
	if (rc == EX_OK)
		rc = item_note_held(item, false, f);
	return rc;
}

static int
revive(struct queue *queue, struct item *item, struct fault *f)
{
	int rc;

	rc = item_note_released(item, f);
	if (rc == EX_OK)
		rc = item_due(item, time(NULL), f);
	if (rc == EX_OK)
		rc = item_move(queue, item, QUEUE_ACTIVE, f);
	return rc;
}

static int
has_failed(struct fault *f)
{
	return fault_set(f, EX_DATAERR, "it has failed: -r tries it again");
}

static int
act(enum deed deed, struct queue *queue, enum folder folder, struct item *item,
    struct fault *f)
{
	switch (deed) {
	case CHANGE_DELETE:
		return item_done(item, f);
	case CHANGE_HOLD:
		if (folder == QUEUE_FAILED)
			return has_failed(f);
		return folder == QUEUE_HOLD ? EX_OK : hold(queue, item, f);
	case CHANGE_RELEASE:
		if (folder == QUEUE_FAILED)
			return has_failed(f);
		return folder == QUEUE_ACTIVE ? EX_OK : release(queue, item, f);
	default:
		if (folder == QUEUE_HOLD)
			return fault_set(
			    f, EX_DATAERR, "it is held: -H releases it");
		return folder == QUEUE_ACTIVE ? item_due(item, time(NULL), f)
					      : revive(queue, item, f);
	}
}

int
change(const struct change *change, struct queue *queue, enum folder folder,
    const char *id, struct fault *f)
{
	struct item item = { 0 };
	int rc;

	rc = claim(change, queue, folder, id, &item, f);
	if (rc == EX_OK)
		rc = act(change->deed, queue, folder, &item, f);
	item_free(&item);
	return rc;
}
