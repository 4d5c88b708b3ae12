/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mailq/signals.h"
#include "sendmail/attempt.h"
#include "sendmail/deliver.h"
#include "sendmail/route.h"
#include "sendmail/tender.h"
#include "sendmail/verdict.h"

/*
 * Who was deferred, now or before, must be safe on disk before those who were
 * accepted get theirs: else a crash in between loses him, or sends it to them
 * twice.
 */
static bool
must_be_kept_first(const struct attempt *a, const struct batch *b)
{
	return a->draft != NULL && !a->item->is_kept && attempt_defers(a, b);
}

/*
 * After an outcome that nobody knows nothing rides behind the dot; nor where some
 * may have to go once more.
 */
static bool
goes_alone(const struct attempt *a, const struct batch *b)
{
	const struct envelope *env = &a->item->env;

	return env->report_of != NULL || verdict_has_one_too_many(&b->letter) ||
	    envelope_count(env, FATE_UNKNOWN) > 0 ||
	    b->to[b->letter.count - 1].n >= a->next;
}

/*
 * Who rides behind a text: the next recipients of the message, else the next
 * message.
 */
static struct letter *
find_rider(struct attempt *a, const struct batch *b)
{
	struct courier *courier = a->courier;
	struct fault unheard = { 0 };
	struct item *item = NULL;

	if (goes_alone(a, b) || !smtp_may_ride(courier->smtp))
		return NULL;
	if (batch_is_due(&a->item->env, a->next))
		return attempt_prepare(a);
	if (courier->follow != NULL)
		item = courier->follow(courier->follow_ctx);
	if (item == NULL ||
	    attempt_open(&courier->ahead, courier, item, &unheard) != EX_OK)
		return NULL;
	return attempt_prepare(courier->ahead);
}

/* EX_OK and EX_IOERR: the letter tells.  Any other: an account fault. */
static int
exchange(struct attempt *a, struct batch *b, struct fault *f)
{
	struct courier *courier = a->courier;
	struct letter *next;
	bool quits;
	int rc;

	rc = tender(courier, &a->render, b, f);
	if (rc != EX_OK || b->letter.data.code != 354 || !batch_has(b, 2))
		return rc;
	quits = a->is_last && !goes_alone(a, b) &&
	    !batch_is_due(&a->item->env, a->next);
	next = find_rider(a, b);
	/*
	 * From here to what comes of it a signal must not come between: the
	 * server or the queue would have it, and nobody would know.
	 */
	signals_defer();
	if (must_be_kept_first(a, b) &&
	    draft_keep(a->draft, a->item, time(NULL), false, f) != EX_OK) {
		/* Only a lost connection takes a 354 back. */
		signals_release();
		f->code = EX_IOERR;
		courier_leave(courier);
		return f->code;
	}
	return smtp_text(courier->smtp, &b->letter, next, quits, f);
}

/* A limit that was met holds for whoever comes after. */
static void
learn_most(const struct attempt *a, const struct batch *b)
{
	const size_t most = verdict_most(&b->letter);

	if (most > 0)
		courier_learn_most(a->courier, a->smarthost, most);
}

/*
 * Who hangs up on one recipient too many is called again at once, for he takes
 * so many; not twice, for he may hang up on any number.
 */
static bool
begins_anew(struct attempt *a, const struct batch *b)
{
	if (b->letter.is_committed || verdict_most(&b->letter) == 0 ||
	    a->is_chased)
		return false;
	a->is_chased = true;
	a->next = b->to[0].n;
	courier_leave(a->courier);
	return true;
}

/* Whether any of its recipients is still to be offered, or his text to go. */
static bool
is_due(const struct attempt *a)
{
	return a->ahead != NULL || batch_is_due(&a->item->env, a->next);
}

static int
send_batch(struct attempt *a, struct batch *b, struct fault *f)
{
	struct courier *courier = a->courier;
	struct fault lost = { 0 };
	int rc;

	rc = exchange(a, b, &lost);
	learn_most(a, b);
	if (rc == EX_IOERR && begins_anew(a, b))
		return EX_OK;
	if (rc != EX_OK && rc != EX_IOERR && rc != EX_DATAERR) {
		courier_give_up(courier, a->smarthost, &lost);
		return fault_set(f, rc, "%s", lost.text);
	}
	rc = attempt_judge(a, b, rc == EX_OK ? NULL : lost.text, f);
	if (a->from == NULL)
		a->from = tender_other(courier, &a->render, &b->letter);
	attempt_note(a);
	a->is_tried = true;
	/* What came of it is on disk; the rest may be ended by a signal. */
	if (a->item->is_kept && is_due(a))
		signals_release();
	if (rc == EX_NOPERM) {
		courier_give_up(courier, a->smarthost, f);
		return rc;
	}
	backoff_learn(&courier->backoff, a->smarthost, NULL);
	if (lost.code != EX_OK)
		courier_leave(courier);
	return rc;
}

/* Who takes how many is known once he is met. */
static int
make_batch(struct attempt *a, struct batch **b, struct fault *f)
{
	struct courier *courier = a->courier;
	int rc;

	*b = attempt_take(a);
	if (*b != NULL)
		return EX_OK;
	rc = courier_meet(courier, a->smarthost, f);
	if (rc == EX_OK)
		rc = batch_make(b, courier, a->item, &a->next, f);
	if (rc == EX_OK && a->from != NULL)
		rc = batch_from(*b, a->from, f);
	return rc;
}

/* All who wait, through this smarthost. */
static int
send_all(struct attempt *a, struct fault *f)
{
	bool was_chased;
	struct batch *b;
	int rc = EX_OK;

	while (rc == EX_OK && is_due(a)) {
		was_chased = a->is_chased;
		rc = make_batch(a, &b, f);
		if (rc == EX_OK)
			rc = send_batch(a, b, f);
		if (rc != EX_OK && b != NULL)
			a->next = b->to[0].n;
		batch_free(b);

		/* A lost connection delays the message, it is not chased. */
		if (a->courier->smtp == NULL && a->is_chased == was_chased)
			break;
	}
	return rc;
}

static int
try_each(struct attempt *a, struct fault *f)
{
	struct conf *conf = a->courier->conf;
	struct fault first = { 0 }, one;
	const struct smarthost *none;
	bool is_news;
	size_t i;

	for (i = 0; i < conf->smarthosts; i++) {
		if (!route_fits(conf->smarthost + i, a->sender))
			continue;
		one = (struct fault){ 0 };
		is_news = a->courier->down[i].code == EX_OK;
		a->smarthost = conf->smarthost + i;
		a->from = NULL;
		if (send_all(a, &one) == EX_OK)
			return EX_OK;
		if (first.code == EX_OK)
			first = one;
		/* Why it is down a run tells once, not with each message. */
		if (is_news)
			log_say(a->courier->log, LOG_WARNING, one.text);
	}
	if (first.code == EX_OK)
		return route_first(conf, a->sender, &none, f);
	return fault_set(f, first.code, "%s", first.text);
}

void
deliver_log_waiting(const struct courier *courier, const struct item *item,
    const char *status, const char *why)
{
	struct log_entry entry = { .id = item->id,
		.from = item->env.from,
		.status = status,
		.reply = why };
	size_t n;

	for (n = 0; n < item->env.count; n++) {
		if (!rcpt_waits(item->env.to + n))
			continue;
		entry.to = item->env.to[n].addr;
		log_fate(courier->log, &entry);
	}
}

/* Who could not even be tried waits until the configuration is mended. */
static int
name_stuck(const struct envelope *env, struct fault *f)
{
	size_t n;

	for (n = 0; n < env->count; n++)
		if (env->to[n].is_stuck && rcpt_waits(env->to + n))
			return fault_set(f, EX_CONFIG, "%s", env->to[n].why);
	return EX_OK;
}

void
deliver_forget(struct courier *courier)
{
	attempt_close(courier->ahead);
	courier->ahead = NULL;
}

/* The attempt, which may have begun behind the text of the one before. */
static int
take(struct courier *courier, struct item *item, struct attempt **a,
    struct fault *f)
{
	*a = courier->ahead;
	if (*a == NULL || (*a)->item != item) {
		deliver_forget(courier);
		return attempt_open(a, courier, item, f);
	}
	courier->ahead = NULL;
	return EX_OK;
}

static int
try(struct attempt *a, struct fault *f)
{
	struct courier *courier = a->courier;
	struct fault stuck = { 0 };
	int rc;

	a->leaves_someone = name_stuck(&a->item->env, &stuck) != EX_OK;
	courier->only = a->is_last ? a->sender : NULL;
	rc = try_each(a, f);
	courier->only = NULL;
	if (rc == EX_OK && !a->is_tried && a->leaves_someone)
		rc = fault_set(f, stuck.code, "%s", stuck.text);
	return rc;
}

int
deliver(struct courier *courier, struct item *item, struct draft *draft,
    bool is_last, int *code, struct fault *f)
{
	struct attempt *a = NULL;
	int rc;

	*code = EX_OK;
	/* Where nobody may be asked no name is looked up for it either. */
	rc = backoff_is_shut(&courier->backoff)
	    ? backoff_check(&courier->backoff, courier->conf->smarthost, f)
	    : courier_ready(courier, f);
	if (rc == EX_OK)
		rc = take(courier, item, &a, f);
	if (rc != EX_OK) {
		deliver_forget(courier);
		return rc;
	}
	a->draft = draft;
	a->render.draft = draft;
	a->is_last = is_last;
	rc = try(a, f);
	*code = a->code;
	attempt_close(a);
	return rc;
}
