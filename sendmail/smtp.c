/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdlib.h>

#include "sendmail/auth.h"
#include "sendmail/data.h"
#include "sendmail/net.h"
#include "sendmail/offer.h"
#include "sendmail/session.h"
#include "sendmail/smtp.h"

struct smtp {
	struct session session;
	bool takes_text; /* there was a 354 */
	/* Behind the last text it was offered, and not yet heard; or NULL. */
	const struct letter *ahead;
	unsigned accepted;
};

int
smtp_open(struct smtp **opened, struct smarthost *smarthost,
    struct patience *patience, FILE *trace, struct fault *f)
{
	struct smtp *s = calloc(1, sizeof(*s));
	int rc;

	*opened = NULL;
	if (s == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot begin a session");
	/* Without the password there is no need to bother the server. */
	rc = auth_secret(smarthost, patience, f);
	if (rc == EX_OK)
		rc = session_open(&s->session, smarthost, patience, trace, f);
	if (rc != EX_OK) {
		smtp_close(s);
		return rc;
	}
	*opened = s;
	return EX_OK;
}

int
smtp_offer(
    struct smtp *s, struct letter *letter, bool is_probe, struct fault *f)
{
	int rc;

	if (smtp_has_offered(s, letter)) {
		s->ahead = NULL;
		rc = offer_hear(&s->session, letter, f);
	} else {
		assert(smtp_is_open(s) && letter->count <= SMTP_MOST);
		rc = offer(&s->session, letter, is_probe, f);
	}
	s->takes_text = rc == EX_OK && letter->data.code == 354;
	return rc;
}

/* What goes behind a text. */
struct tail {
	struct letter *next; /* or NULL */
	bool quits;
};

static int
put_tail(struct smtp *s, const struct tail *tail, struct fault *f)
{
	if (tail->next != NULL)
		return offer_put(&s->session, tail->next, f);
	if (tail->quits)
		return net_command(s->session.net, NULL, f, "QUIT");
	return EX_OK;
}

static int
put_text(struct smtp *s, struct letter *letter, const struct tail *tail,
    struct fault *f)
{
	struct net *net = s->session.net;
	const bool is_chunked = session_is_chunked(&s->session);
	const int seconds = s->session.smarthost->timeout;
	int rc;

	letter->by_bdat = is_chunked;
	rc = is_chunked ? data_put_whole(net, letter->text, seconds, f)
			: data_put(net, letter->text, seconds, f);
	if (rc != EX_OK)
		return rc;
	/* What came before the dot must not pass for the reply to it. */
	if (net_glance(net))
		return fault_set(f, EX_IOERR,
		    net_has_input(net) ? "'%s' spoke ahead of the dot"
				       : "connection to '%s' lost: it hung up",
		    net_peer(net));

	/* From here on nobody knows how much of it the server has seen. */
	letter->is_committed = true;
	net_dot(net);
	if (!is_chunked)
		rc = data_end(net, f);
	if (rc == EX_OK)
		rc = put_tail(s, tail, f);
	return rc == EX_OK ? net_flush(net, f) : rc;
}

/* The text, and what the server says to it. */
static int
send_text(struct smtp *s, struct letter *letter, const struct tail *tail,
    struct fault *f)
{
	struct fault why = { 0 }, none = { 0 };

	if (put_text(s, letter, tail, &why) == EX_OK)
		return session_hear(
		    &s->session, SMTP_DOT, 250, &letter->end, f);

	/* A refusal amid the text is one; an acceptance there is none. */
	s->session.is_open = false;
	net_discard(s->session.net);
	if (session_hear(&s->session, SESSION_QUIT,
		letter->is_committed ? 250 : 0, &letter->end, &none) == EX_OK)
		return EX_OK;
	return fault_set(f, EX_IOERR, "%s", why.text);
}

int
smtp_text(struct smtp *s, struct letter *letter, struct letter *next,
    bool is_last, struct fault *f)
{
	struct tail tail = { .quits =
				 is_last && session_is_grouped(&s->session) };
	int rc;

	assert(s->takes_text);
	s->takes_text = false;
	if (next != NULL && smtp_may_ride(s) && offer_rides(&s->session, next))
		tail = (struct tail){ .next = next };
	rc = send_text(s, letter, &tail, f);
	if (rc != EX_OK || letter->end.code == 421)
		s->session.is_open = false;
	if (rc == EX_OK && reply_is(&letter->end, 2))
		s->accepted++;
	s->ahead = tail.next;
	if (tail.quits && s->session.is_open)
		session_hear_bye(&s->session);
	if (tail.quits)
		s->session.is_open = false;
	return rc;
}

/* Whether LIMITS leave room for another MAIL. */
static bool
has_mails(const struct smtp *s)
{
	const struct session *session = &s->session;

	return session->ehlo.mail_max == 0 ||
	    session->mails < session->ehlo.mail_max;
}

bool
smtp_may_ride(const struct smtp *s)
{
	return session_is_grouped(&s->session) && has_mails(s);
}

bool
smtp_has_offered(const struct smtp *s, const struct letter *letter)
{
	return s->session.is_open && s->ahead == letter;
}

void
smtp_withdraw(struct smtp *s, const struct letter *letter)
{
	if (smtp_has_offered(s, letter))
		s->session.is_open = false;
}

int
smtp_ask_again(struct smtp *s, struct fault *f)
{
	struct session *session = &s->session;
	int rc;

	assert(smtp_is_open(s));
	if (session->mechanism == NULL || session->asked_again)
		return EX_OK;
	rc = offer_login(session, f);
	if (rc == EX_OK)
		rc = session_ask_again(session, f);
	if (rc != EX_OK)
		session->is_open = false;
	return rc;
}

const struct ehlo *
smtp_ehlo(const struct smtp *s)
{
	return &s->session.ehlo;
}

bool
smtp_is_open(const struct smtp *s)
{
	return s->session.is_open && !s->takes_text && s->ahead == NULL &&
	    has_mails(s);
}

unsigned
smtp_accepted(const struct smtp *s)
{
	return s->accepted;
}

struct smtp_peer
smtp_peer(const struct smtp *s)
{
	return (struct smtp_peer){
		.relay = net_peer(s->session.net),
		.tls = net_tls_version(s->session.net),
		.auth = s->session.is_logged_in ? s->session.mechanism : "",
		.offers_auth = s->session.ehlo.has_auth,
	};
}

void
smtp_abandon(struct smtp *s)
{
	if (s == NULL)
		return;
	net_abandon(s->session.net);
	s->session.is_open = false;
	smtp_close(s);
}

void
smtp_close(struct smtp *s)
{
	if (s == NULL)
		return;
	/* QUIT would be a line of the text that is due, or may be. */
	if (s->takes_text || s->ahead != NULL)
		s->session.is_open = false;
	session_close(&s->session);
	free(s);
}
