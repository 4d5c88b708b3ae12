/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mailq/signals.h"
#include "sendmail/deliver.h"
#include "sendmail/tender.h"
#include "sendmail/verdict.h"

/* One message on its way, through as many transactions as it needs. */
struct attempt {
	struct courier *courier;
	struct smarthost *smarthost; /* the one that is tried */
	struct item *item;
	struct draft *draft;
	bool is_last;
	struct render render;
	bool is_tried;       /* a server has judged some of them */
	bool leaves_someone; /* who was judged so far, or is stuck, waits */
	const char *from;    /* of a report that nobody may send; or NULL */
	char *sender;        /* completed, before `address' */
	size_t next;         /* the first recipient that was not offered yet */
	int code;            /* of the refusals so far */
};

static bool
has_one_too_many(const struct batch *b)
{
	size_t i;

	for (i = 0; i < b->letter.count; i++)
		if (verdict_is_one_too_many(&b->to[i].reply))
			return true;
	return false;
}

static struct smtp_peer
find_peer(const struct attempt *a)
{
	return a->courier->smtp != NULL ? smtp_peer(a->courier->smtp)
					: (struct smtp_peer){ 0 };
}

static struct verdict_facts
find_facts(const struct attempt *a, const struct batch *b, const char *lost)
{
	const struct smarthost *at = a->courier->at;

	return (struct verdict_facts){ .sender_is_ours = b->sender_is_ours,
		.author_is_ours = a->render.guise.is_ours,
		.has_user = at != NULL && at->user != NULL,
		.offers_auth = find_peer(a).offers_auth,
		.is_local = a->smarthost->host[0] == '/',
		.lost = lost };
}

/* Whether somebody of a batch has to wait, as far as RCPT tells. */
static bool
defers_someone(const struct attempt *a, const struct batch *b)
{
	const struct verdict_facts facts = find_facts(a, b, NULL);
	struct verdict v;
	size_t i;

	for (i = 0; i < b->letter.count; i++) {
		if (reply_is(&b->to[i].reply, 2))
			continue;
		verdict(&b->letter, i, &facts, &v);
		if (v.fate != FATE_REFUSED)
			return true;
	}
	return false;
}

/*
 * Who was deferred, now or before, must be safe on disk before those who were
 * accepted get theirs: else a crash in between loses him, or sends it to them
 * twice.
 */
static bool
must_be_kept_first(const struct attempt *a, const struct batch *b)
{
	return a->draft != NULL && !a->item->is_kept &&
	    (a->leaves_someone || defers_someone(a, b));
}

/*
 * After an outcome that nobody knows nothing rides behind the dot; and a report
 * may have to go once more.
 */
static bool
may_quit(const struct attempt *a, const struct batch *b)
{
	const struct envelope *env = &a->item->env;

	return a->is_last && env->report_of == NULL && !has_one_too_many(b) &&
	    !batch_is_due(env, a->next) &&
	    envelope_count(env, FATE_UNKNOWN) == 0;
}

/* EX_OK and EX_IOERR: the letter tells.  Any other: an account fault. */
static int
exchange(struct attempt *a, struct batch *b, struct fault *f)
{
	struct courier *courier = a->courier;
	int rc;

	rc = tender(courier, &a->render, b, f);
	if (rc != EX_OK || b->letter.data.code != 354 || !batch_has(b, 2))
		return rc;
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
	return smtp_text(courier->smtp, &b->letter, may_quit(a, b), f);
}

static const char *
status_of(enum fate fate)
{
	switch (fate) {
	case FATE_DELIVERED:
		return "sent";
	case FATE_REFUSED:
		return "refused";
	case FATE_UNKNOWN:
		return "unknown";
	default:
		return "deferred";
	}
}

static void
log_verdict(const struct attempt *a, const struct batch *b, size_t i,
    const struct smtp_peer *peer, const struct verdict *v)
{
	const char *stored = a->item->env.to[b->to[i].n].addr;
	struct log_entry entry = { .id = a->item->id,
		.from = b->letter.from,
		.to = b->to[i].addr,
		.relay = peer->relay,
		.tls = peer->tls,
		.auth = peer->auth,
		.status = status_of(v->fate),
		.reply = v->why };

	if (strcmp(stored, b->to[i].addr) != 0)
		entry.orig_to = stored;
	log_fate(a->courier->log, &entry);
}

static void
mix_code(int *code, int one)
{
	if (one != EX_OK)
		*code = *code == EX_OK || *code == one ? one : EX_UNAVAILABLE;
}

/*
 * Where others were served the next transaction is worth it; and there a report
 * is from somebody who may send it.
 */
static bool
comes_again(const struct attempt *a, const struct batch *b, size_t i)
{
	const struct reply *reply = &b->to[i].reply;

	if (reply_is(&b->letter.end, 2))
		return verdict_is_one_too_many(reply);
	return reply_is(reply, 2) &&
	    tender_other(a->courier, &a->render, &b->letter) != NULL;
}

/* Give each recipient its fate; the account's fault is what is left to say. */
static int
judge(
    struct attempt *a, const struct batch *b, const char *lost, struct fault *f)
{
	const struct verdict_facts facts = find_facts(a, b, lost);
	const struct smtp_peer peer = find_peer(a);
	struct fault account = { 0 };
	struct verdict v;
	size_t i;
	int rc = EX_OK;

	for (i = 0; rc == EX_OK && i < b->letter.count; i++) {
		if (comes_again(a, b, i)) {
			if (b->to[i].n < a->next)
				a->next = b->to[i].n;
			continue;
		}
		verdict(&b->letter, i, &facts, &v);
		if (v.is_account) {
			fault_set(&account, EX_NOPERM, "%s", v.why);
			continue;
		}
		a->leaves_someone = a->leaves_someone ||
		    v.fate == FATE_DEFERRED || v.fate == FATE_UNKNOWN;
		mix_code(&a->code, v.code);
		log_verdict(a, b, i, &peer, &v);
		a->item->env.to[b->to[i].n].code = v.code;
		a->item->env.to[b->to[i].n].is_judged = true;
		rc = envelope_fate(&a->item->env, b->to[i].n, v.fate, v.why, f);
	}
	if (rc == EX_OK && account.code != EX_OK)
		rc = fault_set(f, account.code, "%s", account.text);
	return rc;
}

/*
 * What was learnt goes to disk before anything else happens, unless the file
 * itself is about to go.  If it cannot, the mail is safe all the same; someone
 * may get it twice.
 */
static void
note(const struct attempt *a)
{
	struct item *item = a->item;
	struct fault f = { 0 };

	if (!item->is_kept ||
	    (envelope_waiting(&item->env) == 0 &&
		envelope_count(&item->env, FATE_REFUSED) == 0))
		return;
	if (item_note(item, false, &f) != EX_OK)
		log_say(a->courier->log, LOG_CRIT, f.text);
}

static int
send_batch(struct attempt *a, struct batch *b, struct fault *f)
{
	struct courier *courier = a->courier;
	struct fault lost = { 0 };
	int rc;

	rc = exchange(a, b, &lost);
	if (rc != EX_OK && rc != EX_IOERR && rc != EX_DATAERR) {
		courier_give_up(courier, a->smarthost, &lost);
		return fault_set(f, rc, "%s", lost.text);
	}
	rc = judge(a, b, rc == EX_OK ? NULL : lost.text, f);
	if (a->from == NULL)
		a->from = tender_other(courier, &a->render, &b->letter);
	note(a);
	a->is_tried = true;
	/* What came of it is on disk; the rest may be ended by a signal. */
	if (a->item->is_kept && batch_is_due(&a->item->env, a->next))
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

/* All who wait, through this smarthost. */
static int
send_all(struct attempt *a, struct fault *f)
{
	const struct policy *policy = &a->courier->policy;
	struct batch *b;
	size_t from;
	int rc = EX_OK;

	while (rc == EX_OK && batch_is_due(&a->item->env, a->next)) {
		from = a->next;
		rc = batch_make(&b, policy, a->smarthost, a->item, &a->next, f);
		if (rc == EX_OK && a->from != NULL)
			rc = batch_from(b, a->from, f);
		if (rc == EX_OK)
			rc = courier_meet(a->courier, a->smarthost, f);
		if (rc == EX_OK)
			rc = send_batch(a, b, f);
		if (rc != EX_OK)
			a->next = from;
		batch_free(b);

		/* A lost connection delays the message, it is not chased. */
		if (a->courier->smtp == NULL)
			break;
	}
	return rc;
}

static int
try_each(struct attempt *a, struct fault *f)
{
	struct conf *conf = a->courier->conf;
	struct fault first = { 0 }, one;
	bool is_news;
	size_t i;

	for (i = 0; i < conf->smarthosts; i++) {
		if (!policy_fits(conf->smarthost + i, a->sender))
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
		return fault_set(f, EX_CONFIG,
		    "no [smarthost] takes mail from '%s': see its senders",
		    a->sender);
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

int
deliver(struct courier *courier, struct item *item, struct draft *draft,
    bool is_last, int *code, struct fault *f)
{
	struct attempt a = { .courier = courier,
		.item = item,
		.draft = draft,
		.is_last = is_last,
		.render = { .policy = &courier->policy,
		    .item = item,
		    .draft = draft } };
	struct fault stuck = { 0 };
	int rc;

	/* Where nobody may be asked no name is looked up for it either. */
	rc = backoff_is_shut(&courier->backoff)
	    ? backoff_check(&courier->backoff, courier->conf->smarthost, f)
	    : courier_ready(courier, f);
	if (rc == EX_OK)
		rc = policy_expand(&courier->policy, &item->env, f);
	if (rc == EX_OK)
		rc = policy_writer(&courier->policy, &item->env, &a.sender, f);
	a.leaves_someone = name_stuck(&item->env, &stuck) != EX_OK;
	courier->only = is_last ? a.sender : NULL;
	if (rc == EX_OK)
		rc = try_each(&a, f);
	courier->only = NULL;
	if (rc == EX_OK && !a.is_tried && a.leaves_someone)
		rc = fault_set(f, stuck.code, "%s", stuck.text);
	render_free(&a.render);
	free(a.sender);
	*code = a.code;
	return rc;
}
