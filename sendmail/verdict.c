/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "sendmail/verdict.h"

enum stage { STAGE_MAIL, STAGE_RCPT, STAGE_DATA, STAGE_TEXT };

/*
 * 5xx that clear up by themselves: Gmail's daily limit, Microsoft 365's, a
 * mailbox there that is full, Mailgun's throttle.  Or once the account is left in
 * peace: Microsoft 365 throttles it for mail that it should not have tried again.
 * subject -1 is any.
 */
static const struct misleading {
	int code, subject, detail, last;
	const char *words; /* in the text, or NULL */
	bool is_account;
} misleading[] = {
	{ 550, 4, 5, 5, NULL, false },
	{ 554, 2, 0, 0, "STOREDRV", false },
	{ 554, 2, 2, 2, NULL, false },
	{ 554, -1, -1, -1, "domain disabled", false },
	{ 550, 2, 251, 255, NULL, true },
};

static const struct misleading *
find_misleading(const struct reply *reply)
{
	const struct misleading *m = misleading;
	const struct misleading *end =
	    m + sizeof(misleading) / sizeof(misleading[0]);

	for (; m < end; m++)
		if (reply->code == m->code &&
		    (m->subject == -1 ||
			(reply->class == 5 && reply->subject == m->subject &&
			    reply->detail >= m->detail &&
			    reply->detail <= m->last)) &&
		    (m->words == NULL || strstr(reply->text, m->words) != NULL))
			return m;
	return NULL;
}

bool
verdict_is_one_too_many(const struct reply *reply)
{
	return reply->code == 452 || reply_has(reply, 4, 5, 3) ||
	    (reply->code == 552 && reply_has(reply, 5, 5, 3));
}

bool
verdict_has_one_too_many(const struct letter *letter)
{
	size_t i;

	for (i = 0; i < letter->count; i++)
		if (verdict_is_one_too_many(&letter->to[i].reply))
			return true;
	return false;
}

size_t
verdict_most(const struct letter *letter)
{
	size_t i, taken = 0;

	for (i = 0; i < letter->count &&
	     !verdict_is_one_too_many(&letter->to[i].reply);
	     i++)
		taken += reply_is(&letter->to[i].reply, 2);
	if (i == letter->count || taken == 0 || taken < letter_count(letter, 2))
		return 0;
	return i;
}

/* The reply that decides, and where it was given. */
static const struct reply *
decisive(const struct letter *letter, size_t n, enum stage *stage)
{
	const struct reply *rcpt = &letter->to[n].reply;

	/* Behind a refused MAIL each RCPT gets a 503, which says nothing. */
	*stage = STAGE_MAIL;
	if (letter->mail.code == 0 ? rcpt->code == 0
				   : !reply_is(&letter->mail, 2))
		return &letter->mail;
	*stage = STAGE_RCPT;
	if (!reply_is(rcpt, 2))
		return rcpt;
	*stage = STAGE_DATA;
	if (letter->data.code != 354)
		return &letter->data;
	*stage = STAGE_TEXT;
	return &letter->end;
}

static bool
is_size(const struct reply *reply)
{
	return (reply->code == 552 && !reply_has(reply, 5, 2, 2)) ||
	    reply_has(reply, 5, 2, 3) || reply_has(reply, 5, 3, 4);
}

bool
verdict_is_about_text(const struct reply *reply)
{
	return is_size(reply) || (reply->class == 5 && reply->subject == 6);
}

static int
exit_code(const struct reply *reply, enum stage stage, bool is_local)
{
	bool is_about_rcpt =
	    stage == STAGE_RCPT || (stage == STAGE_TEXT && is_local);

	if (verdict_is_about_text(reply) || reply->code == 500 ||
	    reply->code == 501 || reply->code == 555 ||
	    reply_has(reply, 5, 1, 7))
		return EX_DATAERR;
	if (is_about_rcpt &&
	    (reply->code == 550 || reply->code == 551 || reply->code == 553))
		return EX_NOUSER;
	return EX_UNAVAILABLE;
}

/*
 * 5.7.x, a bad sender (RFC 3463, 3.2), Microsoft 365's SendAsDenied, or a 554 that
 * says no more.
 */
static bool
is_policy(const struct reply *reply)
{
	return (reply->class == 5 && reply->subject == 7) ||
	    reply_has(reply, 5, 1, 7) || reply_has(reply, 5, 1, 8) ||
	    reply_has(reply, 5, 2, 252) ||
	    (reply->code == 554 && reply->class == 0);
}

static bool
all_are_policy(const struct letter *letter)
{
	size_t i;

	for (i = 0; i < letter->count; i++)
		if (!is_policy(&letter->to[i].reply))
			return false;
	return true;
}

/* Whether this refusal is about the sender that we made. */
static bool
is_about_sender(
    const struct letter *letter, const struct reply *reply, enum stage stage)
{
	if (stage == STAGE_MAIL)
		return letter->refusal == NULL && !is_size(reply);
	if (stage == STAGE_RCPT)
		return all_are_policy(letter);
	return is_policy(reply);
}

/* What was made up is the sender, and for the text also its author. */
static bool
is_made_up(const struct verdict_facts *facts, enum stage stage)
{
	return facts->sender_is_ours ||
	    (facts->author_is_ours && stage == STAGE_TEXT);
}

static void
put_off(struct verdict *v, const struct reply *reply, const char *hint)
{
	v->fate = FATE_DEFERRED;
	v->code = EX_OK;
	snprintf(v->why, sizeof(v->why), "%s%s", reply->text, hint);
}

static void
judge_refusal(const struct letter *letter, const struct reply *reply,
    enum stage stage, const struct verdict_facts *facts, struct verdict *v)
{
	const struct misleading *m = find_misleading(reply);

	v->fate = FATE_REFUSED;
	v->code = exit_code(reply, stage, facts->is_local);
	if (m != NULL || verdict_is_one_too_many(reply)) {
		put_off(v, reply, "");
		v->is_account = m != NULL && m->is_account;
	} else if (reply->code == 530) {
		put_off(v, reply,
		    strstr(reply->text, "STARTTLS") != NULL
			? " (set [smarthost] tls = starttls)"
			: facts->has_user
			? " (see [smarthost] auth)"
			: " (set [smarthost] user and a password)");
		v->is_account = true;
	} else if (reply->code == 504 && reply_has(reply, 5, 5, 2)) {
		/* Postfix, to RCPT, of a name in EHLO that it dislikes. */
		put_off(v, reply, " (set [smarthost] hello)");
		v->is_account = true;
	} else if (stage == STAGE_TEXT && letter->by_bdat &&
	    (reply->code == 500 || reply->code == 502)) {
		/* It offered CHUNKING, or somebody between us did. */
		put_off(v, reply, " (set [smarthost] pipelining = no)");
	} else if (facts->offers_auth && !facts->has_user &&
	    reply->class == 5 && reply->subject == 7) {
		put_off(v, reply, " (set [smarthost] user and a password)");
	} else if (is_made_up(facts, stage) &&
	    is_about_sender(letter, reply, stage)) {
		put_off(v, reply,
		    " (set [sender] address to what this account may send as)");
	}
}

/* No reply, or one that fits nowhere: wait, and say what is known. */
static void
judge_silence(const struct letter *letter, const struct reply *reply,
    enum stage stage, const struct verdict_facts *facts, struct verdict *v)
{
	bool is_unknown = stage == STAGE_TEXT && letter->is_committed;

	v->fate = is_unknown ? FATE_UNKNOWN : FATE_DEFERRED;
	if (reply->code != 0)
		snprintf(
		    v->why, sizeof(v->why), "strange reply: %s", reply->text);
	else
		snprintf(v->why, sizeof(v->why), "%s",
		    facts->lost != NULL ? facts->lost : "not sent");
}

void
verdict(const struct letter *letter, size_t n,
    const struct verdict_facts *facts, struct verdict *v)
{
	enum stage stage;
	const struct reply *reply = decisive(letter, n, &stage);

	*v = (struct verdict){ 0 };
	snprintf(v->why, sizeof(v->why), "%s", reply->text);
	if (reply_is(reply, 5))
		judge_refusal(letter, reply, stage, facts, v);
	else if (reply_is(reply, 4))
		v->fate = FATE_DEFERRED;
	else if (stage == STAGE_TEXT && reply_is(reply, 2))
		v->fate = FATE_DELIVERED;
	else
		judge_silence(letter, reply, stage, facts, v);
}

/* What a recipient is and what is in a text are the same for every sender. */
static bool
may_be_about_sender(
    const struct letter *letter, const struct reply *reply, enum stage stage)
{
	if (!reply_is(reply, 5) || reply->code == 530 || is_size(reply) ||
	    find_misleading(reply) != NULL)
		return false;
	if (stage == STAGE_MAIL)
		return letter->refusal == NULL;
	if (reply_has(reply, 5, 1, 7) || reply_has(reply, 5, 1, 8))
		return true;
	return reply->class != 5 ||
	    reply->subject != (stage == STAGE_RCPT ? 1 : 6);
}

bool
verdict_may_be_about_sender(const struct letter *letter)
{
	const struct reply *reply;
	enum stage stage;
	bool may_be = false;
	size_t n;

	for (n = 0; n < letter->count; n++) {
		reply = decisive(letter, n, &stage);
		if (stage != STAGE_RCPT)
			return may_be_about_sender(letter, reply, stage);
	}

	/* Nobody was taken: but who was put off is not asked about again. */
	for (n = 0; n < letter->count; n++) {
		reply = &letter->to[n].reply;
		if (!reply_is(reply, 5))
			return false;
		may_be =
		    may_be || may_be_about_sender(letter, reply, STAGE_RCPT);
	}
	return may_be;
}
