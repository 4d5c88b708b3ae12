/* SPDX-License-Identifier: ISC */
#include <stddef.h>

#include "sendmail/auth.h"
#include "sendmail/session.h"

/* No TLS is spoken over a local socket. */
static enum tls_use
tls_use(const struct session *session)
{
	return net_is_socket(session->net) ? TLS_OFF : session->smarthost->tls;
}

static int
patience(const struct session *session)
{
	int seconds = session->smarthost->timeout;

	return seconds < SESSION_GREETING ? seconds : SESSION_GREETING;
}

/* Who is lost, or babbles, before a login or a letter is not available. */
static int
hear_early(struct session *session, int seconds, struct reply *reply,
    struct ehlo *ehlo, struct fault *f)
{
	int rc;

	net_deadline(session->net, seconds);
	rc = reply_read(
	    reply, session->net, ehlo == NULL ? NULL : ehlo_line, ehlo, f);
	if (rc == EX_IOERR || rc == EX_PROTOCOL)
		f->code = rc = EX_UNAVAILABLE;
	return rc;
}

void
session_hear_bye(struct session *session)
{
	struct fault none = { 0 };
	struct reply reply;

	net_deadline(session->net, SESSION_QUIT);
	reply_read(&reply, session->net, NULL, NULL, &none);
}

void
session_quit(struct session *session)
{
	struct fault none = { 0 };

	if (net_command(session->net, NULL, &none, "QUIT") == EX_OK)
		session_hear_bye(session);
}

/* Where TLS comes first the server waits for us, as we do for its greeting. */
static int
greet(struct session *session, struct fault *f)
{
	struct fault why = { 0 };
	struct reply reply;
	int rc;

	rc = hear_early(session, patience(session), &reply, NULL, &why);
	if (rc != EX_OK)
		return fault_set(f, rc, "%s%s", why.text,
		    tls_use(session) == TLS_STARTTLS ? ": look at port and tls"
						     : "");
	if (reply.code == 220)
		return EX_OK;
	return fault_set(f, EX_UNAVAILABLE, "'%s' does not want us: %s",
	    net_peer(session->net), reply.text);
}

static int
say_hello(struct session *session, const char *verb, const char *name,
    struct reply *reply, struct fault *f)
{
	int rc;

	session->ehlo = (struct ehlo){ 0 };
	rc = net_command(session->net, NULL, f, "%s %s", verb, name);
	if (rc == EX_DATAERR)
		f->code = rc = EX_CONFIG;
	if (rc != EX_OK)
		return rc;
	return hear_early(
	    session, session->smarthost->timeout, reply, &session->ehlo, f);
}

/* RFC 5321, 4.1.1.1: HELO has neither, so it serves only who needs neither. */
static bool
may_say_helo(const struct session *session)
{
	return tls_use(session) == TLS_OFF &&
	    !auth_is_wanted(session->smarthost);
}

static const char *
our_name(const struct session *session)
{
	if (session->smarthost->hello != NULL)
		return session->smarthost->hello;
	return net_literal(session->net);
}

static int
introduce(struct session *session, struct fault *f)
{
	const char *name = our_name(session);
	struct reply reply;
	int rc;

	rc = say_hello(session, "EHLO", name, &reply, f);
	if (rc == EX_OK && reply_is(&reply, 5) && may_say_helo(session)) {
		rc = say_hello(session, "HELO", name, &reply, f);
		session->ehlo = (struct ehlo){ 0 };
	}
	if (rc != EX_OK || reply.code == 250)
		return rc;
	return fault_set(f, EX_UNAVAILABLE,
	    "'%s' does not want us as '%s' (check hello): %s",
	    net_peer(session->net), name, reply.text);
}

/* Only 220 goes on (RFC 3207, 4): whatever else it is, it is not TLS. */
static int
ask_for_tls(struct session *session, struct fault *f)
{
	struct reply reply;

	if (!session->ehlo.has_starttls)
		return fault_set(f, EX_PROTOCOL,
		    "'%s' does not offer STARTTLS: check port, or set tls = "
		    "implicit if TLS is there from the start",
		    net_peer(session->net));
	if (net_command(session->net, NULL, f, "STARTTLS") != EX_OK)
		return f->code;
	if (hear_early(session, session->smarthost->timeout, &reply, NULL, f) !=
	    EX_OK)
		return f->code;
	if (reply.code != 220)
		return fault_set(f, EX_PROTOCOL, "'%s' refused STARTTLS: %s",
		    net_peer(session->net), reply.text);
	return EX_OK;
}

static int
encrypt(struct session *session, struct fault *f)
{
	net_deadline(session->net, patience(session));
	return net_tls(session->net, session->smarthost, f);
}

/* A password in clear never leaves this machine. */
static int
check_clear(const struct session *session, struct fault *f)
{
	if (tls_use(session) != TLS_OFF || net_is_loopback(session->net))
		return EX_OK;
	if (!auth_is_wanted(session->smarthost))
		return EX_OK;
	return fault_set(f, EX_CONFIG,
	    "no login is sent in clear to '%s': set tls, or remove user",
	    net_peer(session->net));
}

/* What is said before TLS, where TLS is not there from the start. */
static int
begin(struct session *session, struct fault *f)
{
	int rc;

	rc = greet(session, f);
	if (rc == EX_OK)
		rc = introduce(session, f);
	if (rc == EX_OK && tls_use(session) == TLS_STARTTLS)
		rc = ask_for_tls(session, f);
	if (rc != EX_OK)
		session_quit(session);
	return rc;
}

/* One address.  A handshake that failed leaves nobody to say QUIT to. */
static int
approach(struct session *session, struct fault *f)
{
	int rc;

	rc = check_clear(session, f);
	if (rc == EX_OK && tls_use(session) == TLS_IMPLICIT)
		rc = encrypt(session, f);
	if (rc == EX_OK)
		rc = begin(session, f);
	if (rc != EX_OK || tls_use(session) != TLS_STARTTLS)
		return rc;

	rc = encrypt(session, f);
	if (rc != EX_OK)
		return rc;
	rc = introduce(session, f);
	if (rc != EX_OK)
		session_quit(session);
	return rc;
}

/* RFC 8305 ends with the connection; what fails later leads on as well. */
static int
reach(struct session *session, struct fault *f)
{
	struct fault why = { 0 }, none;
	int rc;

	for (;;) {
		none = (struct fault){ 0 };
		rc = net_connect(session->net, &none);
		if (rc != EX_OK)
			break;
		why = (struct fault){ 0 };
		rc = approach(session, &why);
		if (rc == EX_OK)
			return EX_OK;
		if (rc != EX_UNAVAILABLE && rc != EX_PROTOCOL)
			break;
	}
	/* That no address is left matters less than what the last one said. */
	if (why.code == EX_OK)
		why = none;
	return fault_set(f, why.code, "%s", why.text);
}

int
session_choose_login(struct session *session, struct fault *f)
{
	struct fault why = { 0 };

	session->mechanism = auth_choose(session->smarthost, session->net,
	    &session->ehlo, &session->tried, &why);
	if (why.code == EX_OK)
		return EX_OK;
	return fault_set(
	    f, why.code, "'%s': %s", net_peer(session->net), why.text);
}

int
session_open(struct session *session, const struct smarthost *smarthost,
    struct patience *patience, FILE *trace, struct fault *f)
{
	int rc;

	session->smarthost = smarthost;
	rc = net_open(&session->net, smarthost, patience, trace, f);
	if (rc == EX_OK)
		rc = reach(session, f);
	session->is_open = rc == EX_OK;
	if (rc == EX_OK && auth_is_wanted(smarthost))
		rc = session_choose_login(session, f);
	if (rc != EX_OK)
		session_close(session);
	return rc;
}

/*
 * One reply, whose code is good, 4yz or 5yz.  Any other means that replies and
 * commands no longer match, and 221 that the server is leaving: who goes on to
 * count then takes the reply to QUIT for the one to the text.
 */
int
session_hear(struct session *session, int seconds, int good,
    struct reply *reply, struct fault *f)
{
	net_deadline(session->net, seconds);
	if (reply_read(reply, session->net, NULL, NULL, f) != EX_OK) {
		session->is_astray = f->code == EX_PROTOCOL;
		if (f->code == EX_PROTOCOL)
			f->code = EX_IOERR;
		return f->code;
	}
	if (reply_is(reply, 4) || reply_is(reply, 5))
		return EX_OK;
	if (good == 250 && reply_is(reply, 2) && reply->code != 221)
		return EX_OK;
	/* Who does not know a code goes by its first digit (RFC 5321, 4.2.1). */
	if (good == 354 && reply_is(reply, 3)) {
		reply->code = good;
		return EX_OK;
	}
	fault_set(f, EX_IOERR, "strange reply from '%s': '%s'",
	    net_peer(session->net), reply->text);
	*reply = (struct reply){ 0 };
	session->is_astray = true;
	return EX_IOERR;
}

int
session_ask_again(struct session *session, struct fault *f)
{
	const struct ehlo before = session->ehlo;
	struct fault why = { 0 };
	struct reply reply;
	int rc;

	session->asked_again = true;
	session->is_begun = false;
	rc = say_hello(session, "EHLO", our_name(session), &reply, &why);
	if (rc != EX_OK)
		return fault_set(f, EX_IOERR, "%s", why.text);
	if (reply.code == 421)
		return fault_set(f, EX_IOERR, "'%s' ended the session: %s",
		    net_peer(session->net), reply.text);
	if (reply.code != 250)
		session->ehlo = before;
	/* Who is logged in need not be offered it again. */
	session->ehlo.has_auth = before.has_auth;
	return EX_OK;
}

bool
session_is_grouped(const struct session *session)
{
	return session->ehlo.has_pipelining &&
	    !session->smarthost->no_pipelining;
}

/* Where each command waits for its reply, DATA is what all servers know. */
bool
session_is_chunked(const struct session *session)
{
	return session->ehlo.has_chunking && session_is_grouped(session);
}

void
session_close(struct session *session)
{
	if (session->is_open)
		session_quit(session);
	net_close(session->net);
	*session = (struct session){ 0 };
}
