/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "mailq/clock.h"
#include "mailq/signals.h"
#include "sendmail/deliver.h"
#include "sendmail/due.h"
#include "sendmail/origin.h"
#include "sendmail/runq.h"
#include "sendmail/sweep.h"

/* One run through the queues, until it is over. */
struct run {
	const struct bounce *b;
	const struct runq_choice *choice;
	struct queue queue;
	struct listing list; /* what is to be tried in it */
	size_t at;           /* whose turn it is */
	struct item item[2]; /* his, and that of who comes next, by turns */
	bool is_ahead;       /* the latter is claimed, and may be on its way */
	bool is_begun;       /* so was the former */
	size_t seen, tried;
	long long until; /* by clock_ms(); 0: no limit */
	bool is_over;
	bool is_told;         /* why a smarthost is down is in the log */
	struct fault trouble; /* a message that could not be read */
};

static void
complain(
    const struct run *run, const char *name, const char *what, const char *why)
{
	log_trouble(run->b->courier->log, name, what, why);
}

static bool
may_be_sent(const struct run *run, const struct item *item)
{
	struct fault f = { 0 };
	int rc = EX_OK;

	if (item->env.report_of != NULL)
		rc = origin_tell(run->b, item, &f);
	if (rc != EX_OK && rc != EX_TEMPFAIL)
		complain(run, item->id, "has to wait", f.text);
	return rc == EX_OK;
}

/* A message that kills us must not be the first one again. */
static void
put_last(const struct run *run, const struct item *item, struct fault *f)
{
	item_due(item,
	    settle_next(
		run->b->courier->conf, item->journal.attempts + 1, time(NULL)),
	    f);
}

static void
try_item(struct run *run, struct item *item, time_t due, bool is_last)
{
	const struct bounce *b = run->b;
	struct courier *courier = b->courier;
	struct fault f = { 0 }, trouble = { 0 };
	int code;

	if (!run->is_begun)
		put_last(run, item, &trouble);
	run->tried++;
	if (deliver(courier, item, NULL, is_last, &code, &f) == EX_OK) {
		settle(b, &run->queue, item, &trouble);
	} else {
		/* Account faults are no attempts: it is due as it was. */
		deliver_log_waiting(courier, item, "deferred", f.text);
		run->is_told = true;
		if (envelope_is_stuck(&item->env))
			settle_stuck(b, &run->queue, item, &trouble);
		else if (item_due(item, due, &trouble) == EX_OK)
			settle_idle(b, &run->queue, item, &trouble);
		run->is_over = courier_is_down(courier);
	}
	if (trouble.code != EX_OK)
		complain(run, item->id, "cannot be settled", trouble.text);
}

/*
 * No smarthost would take it now, and that is known: to look at it was all.  The
 * file stays as it is, its time too, and the log needs no line for each.
 */
static void
pass_over(
    struct run *run, struct item *item, time_t due, const struct fault *why)
{
	struct fault trouble = { 0 };

	deliver_forget(run->b->courier);
	if (run->is_begun)
		item_due(item, due, &trouble);
	if (why != NULL && !run->is_told)
		deliver_log_waiting(
		    run->b->courier, item, "deferred", why->text);
	run->is_told = run->is_told || why != NULL;
	if (settle_idle(run->b, &run->queue, item, &trouble) != EX_OK)
		complain(run, item->id, "cannot be settled", trouble.text);
}

static bool
has_recipient(const struct envelope *env, const char *part)
{
	size_t i;

	for (i = 0; i < env->count; i++)
		if (rcpt_waits(env->to + i) &&
		    strcasestr(env->to[i].addr, part) != NULL)
			return true;
	return false;
}

static bool
is_chosen(const struct runq_choice *choice, const struct item *item)
{
	const struct pick *to = &choice->recipient, *from = &choice->sender;

	if (to->part != NULL &&
	    has_recipient(&item->env, to->part) == to->is_not)
		return false;
	return from->part == NULL ||
	    (strcasestr(item->env.from, from->part) != NULL) != from->is_not;
}

static void
try_claimed(
    struct run *run, struct item *item, const struct entry *entry, bool is_last)
{
	struct fault trouble = { 0 };
	const struct fault *why;

	if (!is_chosen(run->choice, item) || !may_be_sent(run, item))
		return;
	if (bounce_is_due(item, REPORT_FAILED) ||
	    envelope_waiting(&item->env) == 0) {
		if (settle_rest(run->b, &run->queue, item, &trouble) != EX_OK) {
			/* What is not settled must not grow by an attempt. */
			complain(
			    run, item->id, "cannot be settled", trouble.text);
			return;
		}
	}
	if (envelope_waiting(&item->env) == 0)
		return;
	if (courier_is_shut_for(run->b->courier, &item->env, &why))
		pass_over(run, item, entry->due, why);
	else
		try_item(run, item, entry->due, is_last);
}

/* Who was claimed ahead is due as he was, if now we are to end. */
static void
let_go_of_next(const struct run *run)
{
	const struct entry *next = run->list.entry + run->at + 1;
	struct fault unheard = { 0 };

	if (run->is_ahead && signals_wait())
		item_due(run->item + (run->at + 1) % 2, next->due, &unheard);
}

static void
try_entry(struct run *run, const struct entry *entry, bool is_last)
{
	struct item *item = run->item + run->at % 2;
	struct fault f = { 0 };
	int rc = EX_OK;

	run->seen++;
	run->is_begun = run->is_ahead;
	run->is_ahead = false;
	if (!run->is_begun)
		rc = item_claim(
		    &run->queue, QUEUE_ACTIVE, entry->name, item, &f);
	if (rc == EX_OK)
		try_claimed(run, item, entry, is_last);
	else if (rc != EX_TEMPFAIL && rc != EX_NOINPUT)
		complain(run, entry->name, "is left alone", f.text);
	if (rc == EX_IOERR)
		fault_set(&run->trouble, rc, "'%s/%s/%s' is left alone: %s",
		    run->queue.path, queue_folder(QUEUE_ACTIVE), entry->name,
		    f.text);
	run->is_begun = false;
	item_free(item);
	let_go_of_next(run);
	signals_release();
}

static bool
is_wanted(const struct run *run, const struct entry *entry)
{
	const struct runq_choice *choice = run->choice;

	if (choice->id.part != NULL &&
	    (strstr(entry->name, choice->id.part) != NULL) == choice->id.is_not)
		return false;
	return !choice->only_due ||
	    due_is_now(
		entry->due, time(NULL), settle_longest(run->b->courier->conf));
}

/* What is asked for, to the front of the list. */
static void
choose(const struct run *run, struct listing *list)
{
	struct entry other;
	size_t i, kept = 0;

	for (i = 0; i < list->count; i++) {
		if (!is_wanted(run, list->entry + i))
			continue;
		other = list->entry[kept];
		list->entry[kept++] = list->entry[i];
		list->entry[i] = other;
	}
	for (i = kept; i < list->count; i++)
		free(list->entry[i].name);
	list->count = kept;
}

static bool
has_message(const struct listing *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (queue_is_id(list->entry[i].name))
			return true;
	return false;
}

/* When it came, as its name tells: the first 11 digits are milliseconds. */
static time_t
time_of(const char *id)
{
	char digits[12];

	snprintf(digits, sizeof(digits), "%s", id);
	return (time_t)(strtoull(digits, NULL, 16) / 1000);
}

/*
 * No smarthost is left, and each probe tries one message, while thousands may
 * have waited in vain for too long: they give up without being tried.
 */
static void
give_up(struct run *run, const struct entry *entry)
{
	const struct conf *conf = run->b->courier->conf;
	struct fault f = { 0 };
	struct item item;

	if (!queue_is_id(entry->name) ||
	    time_of(entry->name) > time(NULL) - conf->expire)
		return;
	if (item_claim(&run->queue, QUEUE_ACTIVE, entry->name, &item, &f) ==
	    EX_OK)
		try_claimed(run, &item, entry, false);
	item_free(&item);
}

static void
give_up_rest(struct run *run)
{
	size_t i;

	if (!run->is_over ||
	    !backoff_has_probes(&run->b->courier->backoff, SETTLE_ATTEMPTS))
		return;
	for (i = run->at; i < run->list.count; i++)
		give_up(run, run->list.entry + i);
}

static bool
has_enough(const struct run *run)
{
	const size_t most = run->choice->most;

	return run->is_over || (most > 0 && run->tried >= most) ||
	    (most > 0 && run->seen >= most * RUNQ_LOOKS) ||
	    (run->until != 0 && clock_ms() >= run->until);
}

/* Whether nothing but its turn is missing; what is settled first has to wait. */
static bool
is_ready(const struct run *run, const struct item *item)
{
	const struct fault *why;

	return is_chosen(run->choice, item) && item->env.report_of == NULL &&
	    !bounce_is_due(item, REPORT_FAILED) &&
	    envelope_waiting(&item->env) > 0 &&
	    !courier_is_shut_for(run->b->courier, &item->env, &why);
}

/* Who comes next, for the courier; he comes then, whatever happens. */
static struct item *
claim_next(void *ctx)
{
	struct run *run = ctx;
	const size_t next = run->at + 1;
	struct item *item = run->item + next % 2;
	struct fault f = { 0 };

	if (run->is_ahead || next >= run->list.count || has_enough(run))
		return NULL;
	if (item_claim(&run->queue, QUEUE_ACTIVE, run->list.entry[next].name,
		item, &f) == EX_OK &&
	    is_ready(run, item))
		put_last(run, item, &f);
	else
		fault_set(&f, EX_TEMPFAIL, "not now");
	run->is_ahead = f.code == EX_OK;
	if (!run->is_ahead)
		item_free(item);
	return run->is_ahead ? item : NULL;
}

static int
run_active(
    struct run *run, bool is_last, const struct fault *why_not, struct fault *f)
{
	struct listing *list = &run->list;
	size_t *at = &run->at;
	int rc;

	*list = (struct listing){ 0 };
	rc = queue_scan(&run->queue, QUEUE_ACTIVE, list, f);
	if (rc == EX_OK && why_not->code != EX_OK && has_message(list))
		rc = fault_set(f,
		    why_not->code == EX_TEMPFAIL ? EX_TEMPFAIL : EX_CONFIG,
		    "%s", why_not->text);
	if (rc == EX_OK)
		choose(run, list);
	for (*at = 0; rc == EX_OK && *at < list->count &&
	     (run->is_ahead || !has_enough(run));
	     ++*at)
		try_entry(
		    run, list->entry + *at, is_last && *at == list->count - 1);
	if (rc == EX_OK)
		give_up_rest(run);
	listing_free(list);
	return rc;
}

int
runq(const struct bounce *b, const struct runq_choice *choice,
    const struct fault *why_not, struct fault *f)
{
	const struct spool *spool = b->spool;
	struct run run = { .b = b, .choice = choice };
	struct fault one;
	size_t i;
	int rc;

	if (choice->seconds > 0)
		run.until = clock_ms() + choice->seconds * 1000LL;
	if (why_not->code == EX_OK) {
		backoff_open(&b->courier->backoff, b->courier->conf, spool,
		    choice->only_due);
		run.is_over =
		    choice->only_due && backoff_is_shut(&b->courier->backoff);
	}
	b->courier->follow = claim_next;
	b->courier->follow_ctx = &run;
	for (i = 0; i < spool->count && !run.is_over; i++) {
		one = (struct fault){ 0 };
		rc = queue_open(&run.queue, spool->path[i], false, &one);
		if (rc == EX_OK) {
			sweep(&run.queue, b->courier->log);
			rc = run_active(
			    &run, i == spool->count - 1, why_not, &one);
			queue_close(&run.queue);
		}
		if (rc != EX_OK && rc != EX_NOINPUT)
			fault_set(f, rc == EX_CANTCREAT ? EX_IOERR : rc, "%s",
			    one.text);
	}
	b->courier->follow = NULL;
	if (run.trouble.code != EX_OK)
		fault_set(f, run.trouble.code, "%s", run.trouble.text);
	return f->code;
}
