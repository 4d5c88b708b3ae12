/* SPDX-License-Identifier: ISC */
#include <sys/random.h>

#include <stdio.h>
#include <stdlib.h>

#include "sendmail/runq.h"

#define JITTER 10 /* the tenth part, either way */

time_t
runq_next(const struct conf *conf, unsigned attempts, time_t now)
{
	size_t step = attempts == 0 ? 0 : attempts - 1;
	unsigned noise = 0;
	int wait = 60;

	if (conf->retries > 0)
		wait = conf->retry[step < conf->retries ? step
							: conf->retries - 1];

	/* Without noise a fleet that failed together comes back together. */
	if (getrandom(&noise, sizeof(noise), GRND_NONBLOCK) == -1)
		noise = 0;
	return now + wait - wait / JITTER +
	    (time_t)(noise % (2 * ((unsigned)wait / JITTER) + 1));
}

int
runq_settle(const struct conf *conf, struct queue *queue, struct item *item,
    struct fault *f)
{
	int rc;

	if (envelope_waiting(&item->env) > 0) {
		rc = item_note(item, true, f);
		if (item_due(item,
			runq_next(conf, item->journal.attempts, time(NULL)),
			f) != EX_OK)
			rc = f->code;
		return rc;
	}
	if (envelope_count(&item->env, FATE_REFUSED) > 0)
		return item_move(queue, item, QUEUE_FAILED, f);
	return item_done(item, f);
}

/* One run through the queues, until an account fault ends it. */
struct run {
	struct courier *courier;
	struct queue queue;
	bool is_over;
};

static void
try_item(struct run *run, struct item *item, time_t due, bool is_last)
{
	struct courier *courier = run->courier;
	struct fault f = { 0 }, trouble = { 0 };
	time_t now = time(NULL);
	int code;

	/* A message that kills us must not be the first one again. */
	item_due(item,
	    runq_next(courier->conf, item->journal.attempts + 1, now),
	    &trouble);
	if (deliver(courier, item, NULL, is_last, &code, &f) == EX_OK) {
		runq_settle(courier->conf, &run->queue, item, &trouble);
	} else {
		/* Account faults are no attempts: it is due as it was. */
		item_due(item, due, &trouble);
		deliver_log_waiting(courier, item, "deferred", f.text);
		run->is_over = courier_is_down(courier);
	}
	if (trouble.code != EX_OK)
		log_say(courier->log, LOG_CRIT, trouble.text);
}

static void
try_entry(struct run *run, const struct entry *entry, bool is_last)
{
	struct fault f = { 0 };
	struct item item = { 0 };
	char line[FAULT_TEXT + 64];
	int rc;

	rc = item_claim(&run->queue, QUEUE_ACTIVE, entry->name, &item, &f);
	if (rc == EX_OK) {
		try_item(run, &item, entry->due, is_last);
	} else if (rc != EX_TEMPFAIL && rc != EX_NOINPUT) {
		snprintf(line, sizeof(line), "%s is left alone: %s",
		    entry->name, f.text);
		log_say(run->courier->log, LOG_ERR, line);
	}
	item_free(&item);
}

static int
run_queue(
    struct run *run, bool is_last, const struct fault *why_not, struct fault *f)
{
	struct listing list = { 0 };
	size_t i;
	int rc;

	rc = queue_scan(&run->queue, QUEUE_ACTIVE, &list, f);
	for (i = 0; i < list.count && why_not->code != EX_OK; i++)
		if (rc == EX_OK && queue_is_id(list.entry[i].name))
			rc = fault_set(f, EX_CONFIG, "%s", why_not->text);
	for (i = 0; rc == EX_OK && i < list.count && !run->is_over; i++)
		try_entry(run, list.entry + i, is_last && i == list.count - 1);
	listing_free(&list);
	return rc;
}

int
runq(struct courier *courier, const struct spool *spool,
    const struct fault *why_not, struct fault *f)
{
	struct run run = { .courier = courier };
	struct fault one;
	size_t i;
	int rc;

	for (i = 0; i < spool->count && !run.is_over; i++) {
		one = (struct fault){ 0 };
		rc = queue_open(&run.queue, spool->path[i], false, &one);
		if (rc == EX_OK) {
			rc = run_queue(
			    &run, i == spool->count - 1, why_not, &one);
			queue_close(&run.queue);
		}
		if (rc != EX_OK && rc != EX_NOINPUT)
			fault_set(f, rc, "%s", one.text);
	}
	return f->code;
}
