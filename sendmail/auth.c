/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "conf/secret.h"
#include "sendmail/auth.h"
#include "sendmail/reply.h"
#include "sendmail/sasl.h"

/* From the one that tells the server least. */
static const char *const OURS[] = {
	"EXTERNAL",
	"SCRAM-SHA-256-PLUS",
	"SCRAM-SHA-1-PLUS",
	"SCRAM-SHA-256",
	"SCRAM-SHA-1",
	"PLAIN",
	"LOGIN",
	NULL,
};

/* One dialogue. */
struct login {
	struct net *net;
	const struct smarthost *smarthost;
	struct sasl_who who;
	char binding[TLS_BINDING];
	struct sasl *sasl;
	const char *mechanism;
	const char *unsaid; /* a response that waits for its turn, or NULL */
	const char *said;   /* the last one, or NULL */
	char challenge[NET_LINE];
};

static bool
is_external(const char *mechanism)
{
	return strcmp(mechanism, "EXTERNAL") == 0;
}

/* Whether `auth' says that our certificate is to log us in. */
static bool
names_external(const struct words *auth)
{
	size_t i;

	for (i = 0; i < auth->count; i++)
		if (is_external(auth->word[i]))
			return true;
	return false;
}

bool
auth_is_wanted(const struct smarthost *smarthost)
{
	const struct words *auth = &smarthost->auth;

	if (smarthost->host[0] == '/')
		return false;
	if (auth->count > 0 && strcmp(auth->word[0], "OFF") == 0)
		return false;
	if (smarthost->user != NULL)
		return true;
	return smarthost->certificate != NULL &&
	    (auth->count == 0 || names_external(auth));
}

int
auth_secret(
    struct smarthost *smarthost, struct patience *patience, struct fault *f)
{
	const long long most = SECRET_SECONDS * 1000LL;
	int rc;

	if (!auth_is_wanted(smarthost) || smarthost->user == NULL)
		return EX_OK;
	do {
		patience_check(patience);
		*f = (struct fault){ 0 };
		rc = secret_fetch(smarthost, patience_left(patience, most), f);
	} while (rc != EX_OK && patience_left(patience, most) == 0);
	return rc;
}

/* The nth mechanism that we would take, NULL behind the last. */
static const char *
nth(const struct smarthost *smarthost, size_t n)
{
	if (smarthost->auth.count > 0)
		return smarthost->auth.word[n];
	return OURS[n];
}

/* A certificate alone logs in by EXTERNAL, a user by all else. */
static bool
is_fit(const struct smarthost *smarthost, const struct net *net,
    const char *mechanism)
{
	char binding[TLS_BINDING];

	if (is_external(mechanism) != (smarthost->user == NULL))
		return false;
	if (sasl_is_bound(mechanism) && !net_binding(net, binding))
		return false;
	return sasl_has(mechanism);
}

const char *
auth_choose(const struct smarthost *smarthost, const struct net *net,
    const struct ehlo *ehlo, size_t *at, struct fault *f)
{
	const char *name;

	for (name = nth(smarthost, *at); name != NULL;
	     name = nth(smarthost, *at)) {
		(*at)++;
		if (ehlo_has_auth(ehlo, name) && is_fit(smarthost, net, name))
			return name;
	}
	/* Who has seen our certificate may want no word more. */
	if (smarthost->user == NULL && smarthost->auth.count == 0)
		return NULL;
	if (ehlo->auth[0] == '\0')
		fault_set(f, EX_NOPERM,
		    "no login is offered: check host and port, or set auth = "
		    "off if none is needed");
	else
		fault_set(f, EX_NOPERM,
		    "none of the logins offered will do (%.*s): check auth",
		    (int)strlen(ehlo->auth) - 2, ehlo->auth + 1);
	return NULL;
}

/* Octets of "AUTH PLAIN ir" with its CRLF; ir is "\0user\0secret" in base64. */
static size_t
plain_line(const struct smarthost *smarthost)
{
	size_t raw = 2 + strlen(smarthost->user) + strlen(smarthost->secret);

	return strlen("AUTH PLAIN \r\n") + (raw + 2) / 3 * 4;
}

bool
auth_is_one_line(const struct smarthost *smarthost, const char *mechanism)
{
	if (is_external(mechanism))
		return true;
	return strcmp(mechanism, "PLAIN") == 0 &&
	    plain_line(smarthost) <= AUTH_LINE;
}

static struct sasl_who
who_we_are(const struct smarthost *smarthost)
{
	return (struct sasl_who){ .user = smarthost->user,
		.secret = smarthost->secret,
		.host = smarthost->host,
		.port = smarthost->port };
}

/* An empty initial response is "=" (RFC 4954, 4). */
static int
put_initial(struct net *net, const char *mechanism, const char *response,
    struct fault *f)
{
	char shown[64];

	/* A mechanism's name has 20 characters at most (RFC 4422, 3.1). */
	snprintf(shown, sizeof(shown), "AUTH %.20s ****", mechanism);
	return net_command(net, shown, f, "AUTH %s %s", mechanism,
	    *response == '\0' ? "=" : response);
}

int
auth_put_line(struct net *net, const struct smarthost *smarthost,
    const char *mechanism, struct fault *f)
{
	struct sasl_who who = who_we_are(smarthost);
	struct sasl *sasl = NULL;
	const char *response;
	int rc;

	rc = sasl_open(&sasl, mechanism, &who, f);
	if (rc == EX_OK)
		rc = sasl_step(sasl, NULL, &response, f);
	if (rc == EX_OK)
		rc = put_initial(net, mechanism, response, f);
	sasl_close(sasl);
	return rc;
}

/* What to look at where it was refused. */
static const char *
keys(const char *mechanism)
{
	if (is_external(mechanism))
		return "certificate";
	if (sasl_is_bound(mechanism))
		return "user and password; auth, if a proxy ends TLS";
	return "user and password";
}

/*
 * RFC 4954, 6; whatever refuses and is not one of these is about who we are.
 * Why a token was refused says more than the reply.
 */
static int
judge(const struct reply *reply, const struct net *net, const char *mechanism,
    const char *complaint, struct fault *f)
{
	const char *peer = net_peer(net), *words = reply->text;
	const char *mark = complaint[0] == '\0' ? "" : ": ";

	if (reply->code == 235)
		return EX_OK;
	if (reply_is(reply, 4))
		return fault_set(f, EX_TEMPFAIL,
		    "'%s' put off the login: %s%s%s", peer, words, mark,
		    complaint);
	if (reply->code == 504 || reply->code == 534 || reply->code == 538)
		return fault_set(f, EX_UNAVAILABLE,
		    "'%s' refused this kind of login (see auth): %s%s%s", peer,
		    words, mark, complaint);
	if (reply_is(reply, 5))
		return fault_set(f, EX_NOPERM,
		    "'%s' refused the login (see %s): %s%s%s", peer,
		    keys(mechanism), words, mark, complaint);
	return fault_set(f, EX_PROTOCOL,
	    "strange reply to a login from '%s': %s", peer, words);
}

int
auth_line_reply(struct net *net, const struct smarthost *smarthost,
    const char *mechanism, struct fault *f)
{
	struct sasl_who who = who_we_are(smarthost);
	struct sasl *sasl = NULL;
	const char *said;
	struct reply reply = { 0 };
	int rc;

	/* Made anew, to be found in the reply: it was wiped once it was put. */
	rc = sasl_open(&sasl, mechanism, &who, f);
	if (rc == EX_OK)
		rc = sasl_step(sasl, NULL, &said, f);
	if (rc == EX_OK) {
		net_hide(net, said);
		rc = reply_read(&reply, net, NULL, NULL, f);
		net_hide(net, NULL);
	}
	sasl_close(sasl);
	return rc == EX_OK ? judge(&reply, net, mechanism, "", f) : rc;
}

/* Say AUTH, and the first response with it where there is one that fits. */
static int
begin(struct login *login, const char *mechanism, struct fault *f)
{
	int rc;

	if (sasl_is_client_first(mechanism)) {
		rc = sasl_step(login->sasl, NULL, &login->unsaid, f);
		if (rc != EX_OK)
			return rc;
		login->said = login->unsaid;
		if (strlen("AUTH  \r\n") + strlen(mechanism) +
			strlen(login->unsaid) <=
		    AUTH_LINE) {
			rc = put_initial(
			    login->net, mechanism, login->unsaid, f);
			login->unsaid = NULL;
			return rc;
		}
	}
	return net_command(login->net, NULL, f, "AUTH %s", mechanism);
}

static void
keep_challenge(void *ctx, const char *line)
{
	struct login *login = ctx;

	snprintf(login->challenge, sizeof(login->challenge), "%s", line);
}

static int
hear(struct login *login, struct reply *reply, struct fault *f)
{
	int rc;

	net_deadline(login->net, login->smarthost->timeout);
	net_hide(login->net, login->said);
	rc = reply_read(reply, login->net, keep_challenge, login, f);
	net_hide(login->net, NULL);
	return rc;
}

static int
respond(struct login *login, struct fault *f)
{
	const char *response = login->unsaid;
	int rc = EX_OK;

	login->unsaid = NULL;
	if (response == NULL)
		rc = sasl_step(login->sasl, login->challenge, &response, f);
	login->said = response;
	if (rc != EX_OK)
		return rc;
	return net_command(login->net, "****", f, "%s", response);
}

/* The server answers it with a 501 (RFC 4954, 4), which tells nothing new. */
static void
cancel(struct login *login)
{
	struct fault none = { 0 };
	struct reply reply;

	if (net_command(login->net, NULL, &none, "*") == EX_OK)
		hear(login, &reply, &none);
}

/* From AUTH to a reply that is no challenge. */
static int
converse(struct login *login, struct fault *f)
{
	struct reply reply;
	int step, rc;

	for (step = 0; step <= AUTH_STEPS; step++) {
		rc = hear(login, &reply, f);
		if (rc != EX_OK)
			return rc;
		if (reply.code != 334)
			break;
		rc = step == AUTH_STEPS
		    ? fault_set(f, EX_PROTOCOL, "'%s' asks without end",
			  net_peer(login->net))
		    : respond(login, f);
		if (rc != EX_OK) {
			cancel(login);
			return rc;
		}
	}
	rc = judge(&reply, login->net, login->mechanism,
	    sasl_complaint(login->sasl), f);
	/* Who did not prove itself may be anybody (RFC 5802, 3). */
	if (rc == EX_OK &&
	    (login->unsaid != NULL || !sasl_is_done(login->sasl)))
		rc = fault_set(f, EX_PROTOCOL,
		    "'%s' took the login without proof of its own: %s",
		    net_peer(login->net), reply.text);
	return rc;
}

int
auth_login(struct net *net, const struct smarthost *smarthost,
    const char *mechanism, struct fault *f)
{
	struct login login = { .net = net,
		.smarthost = smarthost,
		.mechanism = mechanism,
		.who = who_we_are(smarthost) };
	int rc;

	if (net_binding(net, login.binding))
		login.who.binding = login.binding;
	rc = sasl_open(&login.sasl, mechanism, &login.who, f);
	if (rc == EX_OK)
		rc = begin(&login, mechanism, f);
	/* What cannot even begin (a name SASLprep forbids) leaves others. */
	if (rc == EX_PROTOCOL)
		f->code = rc = EX_UNAVAILABLE;
	if (rc == EX_OK)
		rc = converse(&login, f);
	sasl_close(login.sasl);
	return rc;
}
