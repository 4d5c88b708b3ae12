/* SPDX-License-Identifier: ISC */
#include <stddef.h>

#include "sendmail/auth.h"
#include "sendmail/data.h"
#include "sendmail/offer.h"

/* What goes with the MAIL of a letter. */
struct plan {
	bool logs_in, resets, is_probe;
};

/* A server that is lost is away; all else is about who we are. */
static int
fail_login(const struct fault *why, struct fault *f)
{
	int code = why->code;

	if (code == EX_IOERR)
		code = EX_UNAVAILABLE;
	else if (code != EX_TEMPFAIL)
		code = EX_NOPERM;
	return fault_set(f, code, "%s", why->text);
}

/* A mechanism that will not do gives way to the next, each of them once. */
static int
settle_login(struct session *session, struct fault *why, struct fault *f)
{
	struct net *net = session->net;
	struct fault none = { 0 };

	while (why->code == EX_UNAVAILABLE &&
	    session_choose_login(session, &none) == EX_OK &&
	    session->mechanism != NULL) {
		*why = (struct fault){ 0 };
		auth_login(net, session->smarthost, session->mechanism, why);
	}
	session->is_logged_in = why->code == EX_OK;
	if (why->code == EX_OK)
		return EX_OK;
	if (why->code != EX_IOERR)
		session_quit(session);
	return fail_login(why, f);
}

/* By dialogue. */
static int
log_in(struct session *session, struct fault *f)
{
	struct fault why = { 0 };

	auth_login(session->net, session->smarthost, session->mechanism, &why);
	return settle_login(session, &why, f);
}

static int
put(struct session *session, const char *command, struct fault *f)
{
	return net_command(session->net, NULL, f, "%s", command);
}

/* A reply too many would be taken for the one to the next command. */
static int
check_step(struct session *session, struct fault *f)
{
	if (!net_has_input(session->net))
		return EX_OK;
	session->is_open = false;
	session->is_astray = true;
	return fault_set(f, EX_IOERR, "'%s' said more than it was asked",
	    net_peer(session->net));
}

/* Ahead of the text 421 ends it all: what was said with it stays unanswered. */
static int
hear(struct session *session, int good, struct reply *reply, struct fault *f)
{
	if (session_hear(
		session, session->smarthost->timeout, good, reply, f) != EX_OK)
		return f->code;
	if (reply->code == 421)
		return fault_set(f, EX_IOERR, "'%s' ended the session: %s",
		    net_peer(session->net), reply->text);
	return session_is_grouped(session) ? EX_OK : check_step(session, f);
}

/*
 * All was heard, or no more will be.  Where there is one reply too many, or a
 * strange one, none tells of whom it is: then nobody was taken, or refused.
 */
static int
finish(struct session *session, struct letter *letter, int rc, struct fault *f)
{
	if (rc == EX_OK)
		rc = check_step(session, f);
	if (rc != EX_OK)
		session->is_open = false;
	if (session->is_astray)
		letter_forget(letter);
	return rc;
}

static int
hear_reset(struct session *session, struct fault *f)
{
	struct reply reply;

	if (hear(session, 250, &reply, f) != EX_OK)
		return f->code;
	if (!reply_is(&reply, 2))
		return fault_set(
		    f, EX_IOERR, "RSET was refused: %s", reply.text);
	return EX_OK;
}

static int
put_mail(struct session *session, const struct letter *letter, struct fault *f)
{
	session->mails++;
	return letter_put_mail(letter, &session->ehlo, session->net, f);
}

/* What hear_group() sends, in one write. */
static int
put_group(struct session *session, const struct letter *letter,
    const struct plan *plan, struct fault *f)
{
	struct net *net = session->net;
	int rc = EX_OK;
	size_t i;

	net_deadline(net, session->smarthost->timeout);
	if (plan->logs_in)
		rc = auth_put_line(
		    net, session->smarthost, session->mechanism, f);
	if (rc == EX_OK && plan->resets)
		rc = put(session, "RSET", f);
	if (rc == EX_OK)
		rc = put_mail(session, letter, f);
	for (i = 0; rc == EX_OK && !plan->is_probe && i < letter->count; i++)
		if (letter->to[i].reply.code == 0)
			rc = letter_put_rcpt(
			    letter->to + i, &session->ehlo, net, f);
	if (rc == EX_OK && plan->is_probe)
		rc = put(session, "RSET", f);
	else if (rc == EX_OK && !session_is_chunked(session))
		rc = put(session, "DATA", f);
	return rc;
}

/*
 * A 354 though nobody was taken: a dot alone ends it, and nobody gets it (RFC
 * 2920, 3.1).  Nobody cares for the reply; if none comes the session is over.
 */
static void
end_nothing(struct session *session, struct letter *letter)
{
	struct fault none = { 0 };
	struct reply reply;

	letter->data = (struct reply){ 0 };
	if (data_end(session->net, &none) != EX_OK ||
	    hear(session, 250, &reply, &none) != EX_OK)
		session->is_open = false;
}

/* Who took a sender and a recipient takes a BDAT, without a word. */
static void
go_ahead(struct letter *letter)
{
	if (reply_is(&letter->mail, 2) && letter_count(letter, 2) > 0)
		reply_make(&letter->data, "354");
}

/* All that lies behind the login in its group. */
static int
hear_group(struct session *session, struct letter *letter,
    const struct plan *plan, struct fault *f)
{
	int rc = EX_OK;
	size_t i;

	if (plan->resets)
		rc = hear_reset(session, f);
	if (rc == EX_OK)
		rc = hear(session, 250, &letter->mail, f);
	if (plan->is_probe)
		return rc == EX_OK ? hear_reset(session, f) : rc;
	for (i = 0; rc == EX_OK && i < letter->count; i++)
		if (letter->to[i].reply.code == 0)
			rc = hear(session, 250, &letter->to[i].reply, f);
	if (rc == EX_OK && session_is_chunked(session))
		go_ahead(letter);
	else if (rc == EX_OK)
		rc = hear(session, 354, &letter->data, f);
	return rc;
}

/*
 * What rode behind a login that will not do comes to nothing, whatever the
 * replies.  Only a 354 does not let us go on: who says it waits for a text.
 */
static bool
pass_over(struct session *session, const struct letter *letter,
    const struct plan *plan)
{
	struct fault none = { 0 };
	struct reply reply;
	size_t left = session_is_chunked(session) && !plan->is_probe ? 1 : 2;

	if (plan->resets)
		left++;
	if (!plan->is_probe)
		left += letter_count(letter, 0);
	while (left > 0 && hear(session, 250, &reply, &none) == EX_OK)
		left--;
	return left == 0;
}

/*
 * What follows a login that was refused for good is not read.  One of a kind that
 * the server will not have is followed by another, and by the group once more.
 */
static int
hear_login(struct session *session, struct letter *letter,
    const struct plan *plan, struct fault *f)
{
	const struct plan rest = { .resets = true, .is_probe = plan->is_probe };
	struct fault why = { 0 };
	int rc;

	net_deadline(session->net, session->smarthost->timeout);
	rc = auth_line_reply(
	    session->net, session->smarthost, session->mechanism, &why);
	session->is_logged_in = rc == EX_OK;
	if (rc == EX_OK)
		return hear_group(session, letter, plan, f);
	if (rc != EX_UNAVAILABLE || !pass_over(session, letter, plan))
		return fail_login(&why, f);
	rc = settle_login(session, &why, f);
	if (rc == EX_OK)
		rc = put_group(session, letter, &rest, f);
	return rc == EX_OK ? hear_group(session, letter, &rest, f) : rc;
}

/* A 354 is worth something only with a sender and a recipient. */
static int
check_go_ahead(struct session *session, struct letter *letter, struct fault *f)
{
	if (letter->data.code != 354)
		return EX_OK;
	if (letter_count(letter, 2) == 0)
		end_nothing(session, letter);
	else if (!reply_is(&letter->mail, 2))
		return fault_set(
		    f, EX_IOERR, "recipients were taken without a sender");
	return EX_OK;
}

static int
offer_group(struct session *session, struct letter *letter,
    const struct plan *plan, struct fault *f)
{
	int rc;

	rc = put_group(session, letter, plan, f);
	if (rc == EX_OK)
		rc = plan->logs_in ? hear_login(session, letter, plan, f)
				   : hear_group(session, letter, plan, f);
	return rc == EX_OK ? check_go_ahead(session, letter, f) : rc;
}

/* RSET, and its reply. */
static int
reset(struct session *session, struct fault *f)
{
	if (put(session, "RSET", f) != EX_OK)
		return f->code;
	return hear_reset(session, f);
}

/* One command at a time, and none that is known to be in vain. */
static int
offer_each(struct session *session, struct letter *letter,
    const struct plan *plan, struct fault *f)
{
	int rc = EX_OK;
	size_t i;

	if (plan->resets)
		rc = reset(session, f);
	if (rc == EX_OK)
		rc = put_mail(session, letter, f);
	if (rc == EX_OK)
		rc = hear(session, 250, &letter->mail, f);
	if (plan->is_probe)
		return rc == EX_OK ? reset(session, f) : rc;
	if (rc != EX_OK || !reply_is(&letter->mail, 2))
		return rc;

	for (i = 0; rc == EX_OK && i < letter->count; i++) {
		if (letter->to[i].reply.code != 0)
			continue;
		rc = letter_put_rcpt(
		    letter->to + i, &session->ehlo, session->net, f);
		if (rc == EX_OK)
			rc = hear(session, 250, &letter->to[i].reply, f);
	}
	if (rc != EX_OK || letter_count(letter, 2) == 0)
		return rc;
	rc = put(session, "DATA", f);
	return rc == EX_OK ? hear(session, 354, &letter->data, f) : rc;
}

int
offer_login(struct session *session, struct fault *f)
{
	int rc;

	if (session->mechanism == NULL || session->is_logged_in)
		return EX_OK;
	rc = check_step(session, f);
	if (rc == EX_OK)
		rc = log_in(session, f);
	if (rc != EX_OK)
		session->is_open = false;
	return rc;
}

/* Whether there is anything that has to be asked. */
static bool
is_to_ask(const struct session *session, struct letter *letter, bool is_probe)
{
	letter_judge(letter, &session->ehlo);
	return letter->mail.code == 0 &&
	    (is_probe || letter_count(letter, 0) > 0);
}

int
offer(struct session *session, struct letter *letter, bool is_probe,
    struct fault *f)
{
	const char *mechanism = session->mechanism;
	bool is_in = mechanism == NULL || session->is_logged_in;
	struct plan plan = { .resets = session->is_begun,
		.is_probe = is_probe };
	int rc = EX_OK;

	if (!is_to_ask(session, letter, is_probe))
		return EX_OK;
	if (check_step(session, f) != EX_OK)
		return f->code;

	plan.logs_in = !is_in && session_is_grouped(session) &&
	    auth_is_one_line(session->smarthost, mechanism);
	if (!is_in && !plan.logs_in)
		rc = log_in(session, f);
	if (rc == EX_OK)
		rc = session_is_grouped(session)
		    ? offer_group(session, letter, &plan, f)
		    : offer_each(session, letter, &plan, f);
	session->is_begun = !is_probe;
	return finish(session, letter, rc, f);
}

/* What rides behind a text. */
static const struct plan rider = { .resets = true };

bool
offer_rides(const struct session *session, struct letter *letter)
{
	return is_to_ask(session, letter, false);
}

int
offer_put(struct session *session, const struct letter *letter, struct fault *f)
{
	return put_group(session, letter, &rider, f);
}

int
offer_hear(struct session *session, struct letter *letter, struct fault *f)
{
	int rc;

	rc = hear_group(session, letter, &rider, f);
	if (rc == EX_OK)
		rc = check_go_ahead(session, letter, f);
	return finish(session, letter, rc, f);
}
