/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "sendmail/attempt.h"
#include "sendmail/route.h"
#include "sendmail/tender.h"
#include "sendmail/verdict.h"

int
attempt_open(struct attempt **opened, struct courier *courier,
    struct item *item, struct fault *f)
{
	struct attempt *a = calloc(1, sizeof(*a));
	int rc;

	*opened = NULL;
	if (a == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot send");
	a->courier = courier;
	a->item = item;
	a->render.policy = &courier->policy;
	a->render.item = item;
	rc = policy_expand(&courier->policy, &item->env, f);
	if (rc == EX_OK)
		rc = policy_writer(&courier->policy, &item->env, &a->sender, f);
	if (rc == EX_OK)
		*opened = a;
	else
		attempt_close(a);
	return rc;
}

/* What was made ready comes again; who was offered it gets no text. */
static void
put_back(struct attempt *a)
{
	struct batch *b = a->ahead;

	a->ahead = NULL;
	if (b == NULL)
		return;
	if (a->courier->smtp != NULL)
		smtp_withdraw(a->courier->smtp, &b->letter);
	if (b->to[0].n < a->next)
		a->next = b->to[0].n;
	batch_free(b);
}

void
attempt_close(struct attempt *a)
{
	if (a == NULL)
		return;
	put_back(a);
	render_free(&a->render);
	free(a->sender);
	free(a);
}

/* Who would be tried first. */
static struct smarthost *
find_first(const struct attempt *a)
{
	struct conf *conf = a->courier->conf;
	size_t i;

	for (i = 0; i < conf->smarthosts; i++)
		if (route_fits(conf->smarthost + i, a->sender) &&
		    a->courier->down[i].code == EX_OK)
			return conf->smarthost + i;
	return NULL;
}

/* To ask what else is offered a letter has to go alone. */
struct letter *
attempt_prepare(struct attempt *a)
{
	struct courier *courier = a->courier;
	const struct ehlo *ehlo = smtp_ehlo(courier->smtp);
	struct fault unheard = { 0 };

	if (find_first(a) != courier->at ||
	    !batch_is_due(&a->item->env, a->next) ||
	    batch_make(&a->ahead, courier, a->item, &a->next, &unheard) !=
		EX_OK)
		return NULL;
	a->smarthost = courier->at;
	if (render(&a->render, a->smarthost, ehlo, &a->ahead->letter,
		&unheard) == EX_OK &&
	    !letter_asks_for_more(&a->ahead->letter, ehlo))
		return &a->ahead->letter;
	put_back(a);
	return NULL;
}

struct batch *
attempt_take(struct attempt *a)
{
	const struct courier *courier = a->courier;
	struct batch *b = a->ahead;

	if (b != NULL && courier->at == a->smarthost && courier->smtp != NULL &&
	    smtp_has_offered(courier->smtp, &b->letter)) {
		a->ahead = NULL;
		return b;
	}
	put_back(a);
	return NULL;
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
