/* SPDX-License-Identifier: ISC */
#include "sendmail/sweep.h"
#include "mailq/item.h"

static void
sweep_one(
    const struct queue *queue, const struct entry *entry, const struct log *log)
{
	struct fault f = { 0 };
	struct item item;
	int rc;

	rc = item_claim(queue, QUEUE_FAILED, entry->name, &item, &f);
	if (rc == EX_OK && entry->due < JOURNAL_SANE)
		item_due(&item, time(NULL), &f);
	else if (rc == EX_OK && item_done(&item, &f) == EX_OK)
		log_trouble(
		    log, entry->name, "is removed", "it failed 30 days ago");
	if (rc == EX_OK && f.code != EX_OK)
		log_trouble(log, entry->name, "cannot be removed", f.text);
	item_free(&item);
}

void
sweep(const struct queue *queue, const struct log *log)
{
	const time_t now = time(NULL);
	struct listing list = { 0 };
	struct fault f = { 0 };
	size_t i;

	if (now < JOURNAL_SANE)
		return;
	queue_scan(queue, QUEUE_FAILED, &list, &f);
	for (i = 0; i < list.count; i++) {
		if (list.entry[i].due > now - SWEEP_AFTER)
			break;
		sweep_one(queue, list.entry + i, log);
	}
	listing_free(&list);
}
