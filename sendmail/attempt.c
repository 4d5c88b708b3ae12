/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "sendmail/attempt.h"
#include "sendmail/tender.h"
#include "sendmail/verdict.h"

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

bool
attempt_defers(const struct attempt *a, const struct batch *b)
{
	const struct verdict_facts facts = find_facts(a, b, NULL);
	struct verdict v;
	size_t i;

	if (a->leaves_someone)
		return true;
	for (i = 0; i < b->letter.count; i++) {
		if (reply_is(&b->to[i].reply, 2))
			continue;
		verdict(&b->letter, i, &facts, &v);
		if (v.fate != FATE_REFUSED)
			return true;
	}
	return false;
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

int
attempt_judge(
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

/* If it cannot, the mail is safe all the same; someone may get it twice. */
void
attempt_note(const struct attempt *a)
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
