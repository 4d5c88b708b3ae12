/* SPDX-License-Identifier: ISC */
#include <sys/random.h>

#include <stdio.h>

#include "sendmail/deliver.h"
#include "sendmail/settle.h"

#define JITTER 10 /* the tenth part, either way */

time_t
settle_next(const struct conf *conf, unsigned attempts, time_t now)
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

time_t
settle_longest(const struct conf *conf)
{
	time_t most = 60;
	size_t i;

	for (i = 0; i < conf->retries; i++)
		if (conf->retry[i] > most)
			most = conf->retry[i];
	return most + most / JITTER;
}

/* Seconds that it has waited; 0 if no clock can tell. */
static time_t
age(const struct item *item, time_t now)
{
	const time_t since = item_since(item, now);

	return since == 0 || now < since ? 0 : now - since;
}

/* For each who waits: it was tried long enough. */
static int
expire(const struct log *log, struct item *item, struct fault *f)
{
	struct log_entry entry = {
		.id = item->id, .from = item->env.from, .status = "expired"
	};
	char words[FAULT_TEXT];
	const struct rcpt *to;
	size_t n;
	int rc = EX_OK;

	for (n = 0; rc == EX_OK && n < item->env.count; n++) {
		to = item->env.to + n;
		/* A broken alias is no fault of the message. */
		if (!rcpt_waits(to) || to->is_stuck)
			continue;
		entry.to = to->addr;
		entry.reply = to->why != NULL ? to->why : "not sent in time";
		log_fate(log, &entry);
		snprintf(
		    words, sizeof(words), STATUS_EXPIRED "%s", entry.reply);
		rc = envelope_fate(&item->env, n, FATE_REFUSED, words, f);
	}
	return rc;
}

static bool
has_expired(const struct conf *conf, const struct item *item)
{
	const time_t now = time(NULL);

	/* The attempt that has just failed is not counted yet. */
	return journal_steady(&item->journal, now) + 1 >= SETTLE_ATTEMPTS &&
	    age(item, now) > conf->expire;
}

/* It stays as it was set aside for 30 days from now on. */
static int
set_aside(struct queue *queue, struct item *item, struct fault *f)
{
	if (item_due(item, time(NULL), f) != EX_OK)
		return f->code;
	return item_move(queue, item, QUEUE_FAILED, f);
}

static int
conclude(const struct bounce *b, struct queue *queue, struct item *item,
    struct fault *f)
{
	int rc;

	rc = bounce(b, item, REPORT_FAILED, f);
	if (rc != EX_OK || envelope_waiting(&item->env) > 0)
		return rc;
	return envelope_is_untold(&item->env, REPORT_FAILED)
	    ? set_aside(queue, item, f)
	    : item_done(item, f);
}

/* Its notes moved its time to now: it must not be the first one again. */
static int
put_off(const struct bounce *b, const struct item *item, struct fault *f)
{
	return item_due(item,
	    settle_next(b->courier->conf, item->journal.attempts, time(NULL)),
	    f);
}

/* Nobody can do anything about who waits; but who was refused is told of. */
static int
give_up(const struct bounce *b, struct queue *queue, struct item *item,
    struct fault *f)
{
	if (bounce(b, item, REPORT_FAILED, f) != EX_OK)
		return f->code;
	deliver_log_waiting(
	    b->courier, item, "expired", "no way in all its time");
	return set_aside(queue, item, f);
}

int
settle_idle(const struct bounce *b, struct queue *queue, struct item *item,
    struct fault *f)
{
	const struct courier *courier = b->courier;

	if (item->journal.attempts > 0 ||
	    age(item, time(NULL)) <= courier->conf->expire ||
	    courier_probes(courier, &item->env) < SETTLE_ATTEMPTS)
		return EX_OK;
	return give_up(b, queue, item, f);
}

int
settle_stuck(const struct bounce *b, struct queue *queue, struct item *item,
    struct fault *f)
{
	const bool is_over = has_expired(b->courier->conf, item);

	if (item_note(item, true, f) != EX_OK)
		return f->code;
	return is_over ? give_up(b, queue, item, f) : put_off(b, item, f);
}

int
settle_rest(const struct bounce *b, struct queue *queue, struct item *item,
    struct fault *f)
{
	int rc;

	rc = conclude(b, queue, item, f);
	if (rc != EX_OK)
		put_off(b, item, f);
	return rc;
}

/* A delay is told once, and only if the message was tried. */
static void
tell_delay(const struct bounce *b, struct item *item)
{
	const struct conf *conf = b->courier->conf;
	struct fault trouble = { 0 };

	if (conf->warn == 0 || age(item, time(NULL)) < conf->warn)
		return;
	if (bounce(b, item, REPORT_DELAYED, &trouble) != EX_OK)
		log_say(b->courier->log, LOG_WARNING, trouble.text);
}

int
settle(const struct bounce *b, struct queue *queue, struct item *item,
    struct fault *f)
{
	const struct conf *conf = b->courier->conf;
	struct envelope *env = &item->env;
	int rc = EX_OK;

	if (envelope_waiting(env) > 0 && has_expired(conf, item))
		rc = expire(b->courier->log, item, f);
	if (rc == EX_OK &&
	    (envelope_waiting(env) > 0 ||
		envelope_is_untold(env, REPORT_FAILED)))
		rc = item_note(item, envelope_waiting(env) > 0, f);
	if (rc == EX_OK)
		rc = conclude(b, queue, item, f);
	if (rc == EX_OK && envelope_waiting(env) == 0)
		return rc;
	if (rc == EX_OK)
		tell_delay(b, item);
	if (put_off(b, item, f) != EX_OK)
		rc = f->code;
	return rc;
}
