/* SPDX-License-Identifier: ISC */
#include <err.h>
#include <gsasl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "t/smarthost.h"

static const char *
password_of(const struct setup *setup, const char *name)
{
	size_t i, n;

	if (name == NULL)
		return NULL;
	n = strlen(name);
	for (i = 0; i < setup->users; i++)
		if (strncmp(setup->user[i], name, n) == 0 &&
		    setup->user[i][n] == ':')
			return setup->user[i] + n + 1;
	return NULL;
}

static int
validate(const struct setup *setup, Gsasl_session *session)
{
	const char *name = gsasl_property_fast(session, GSASL_AUTHID);
	const char *given = gsasl_property_fast(session, GSASL_PASSWORD);
	const char *wanted = password_of(setup, name);

	if (wanted == NULL || given == NULL || strcmp(given, wanted) != 0)
		return GSASL_AUTHENTICATION_ERROR;
	return GSASL_OK;
}

/* By the certificate that the handshake has verified, as nobody in particular. */
static int
validate_external(const struct peer *p, Gsasl_session *session)
{
	const char *name = gsasl_property_fast(session, GSASL_AUTHZID);

	if (p->ssl == NULL || SSL_get0_peer_certificate(p->ssl) == NULL ||
	    (name != NULL && *name != '\0'))
		return GSASL_AUTHENTICATION_ERROR;
	return GSASL_OK;
}

#if GSASL_VERSION_NUMBER >= 0x020000 /* knows tls-exporter */
/* As long as no one stands between us (RFC 9266). */
static int
tie(const struct peer *p, Gsasl_session *session)
{
	static const char label[] = "EXPORTER-Channel-Binding";
	unsigned char binding[32];
	char text[45];

	if (p->setup->binding != NULL)
		return gsasl_property_set(
		    session, GSASL_CB_TLS_EXPORTER, p->setup->binding);
	if (p->ssl == NULL ||
	    strstr(gsasl_mechanism_name(session), "-PLUS") == NULL ||
	    SSL_export_keying_material(p->ssl, binding, sizeof(binding), label,
		strlen(label), NULL, 0, 0) != 1)
		return GSASL_NO_CALLBACK;
	EVP_EncodeBlock((unsigned char *)text, binding, sizeof(binding));
	return gsasl_property_set(session, GSASL_CB_TLS_EXPORTER, text);
}
#endif

static int
callback(Gsasl *ctx, Gsasl_session *session, Gsasl_property property)
{
	const struct peer *p = gsasl_callback_hook_get(ctx);
	const struct setup *setup = p->setup;
	const char *password;

	switch (property) {
	case GSASL_VALIDATE_SIMPLE:
		return validate(setup, session);
#if GSASL_VERSION_NUMBER >= 0x020000
	case GSASL_CB_TLS_EXPORTER:
		return tie(p, session);
#endif
	case GSASL_VALIDATE_EXTERNAL:
		return validate_external(p, session);
	case GSASL_PASSWORD:
		password = password_of(
		    setup, gsasl_property_fast(session, GSASL_AUTHID));
		if (password == NULL)
			return GSASL_AUTHENTICATION_ERROR;
		return gsasl_property_set(session, property, password);
	case GSASL_SCRAM_ITER:
		if (setup->iterations == NULL)
			return GSASL_NO_CALLBACK;
		return gsasl_property_set(session, property, setup->iterations);
	default:
		return GSASL_NO_CALLBACK;
	}
}

/* The next reply within a login, if the rules give it. */
static int
step_by_rule(struct peer *p)
{
	p->scripted = rule_act(p, rule_find(p, "STEP", "", ++p->steps));
	return p->scripted;
}

/* What the client says to it; NULL: the rules said something else. */
static const char *
challenge(struct peer *p, const char *text)
{
	char *reply;

	if (step_by_rule(p) != 0)
		return NULL;
	if (asprintf(&reply, "334 %s", text) < 0)
		err(EX_OSERR, "no memory");
	peer_reply(p, reply);
	free(reply);
	return peer_line(p);
}

/*
 * Until it is over.  What the server still has to say when all is well (SCRAM's
 * proof of itself) goes as one more challenge, RFC 4954, 4.
 */
static int
steps(struct peer *p, Gsasl_session *session, const char *line)
{
	char *text;
	int rc;

	for (;;) {
		text = NULL;
		rc = gsasl_step64(session, line, &text);
		if (rc == GSASL_NEEDS_MORE ||
		    (rc == GSASL_OK && text != NULL && *text != '\0'))
			line = challenge(p, text);
		gsasl_free(text);
		if (rc != GSASL_NEEDS_MORE || line == NULL)
			return rc;
		if (strcmp(line, "*") == 0)
			return GSASL_BASE64_ERROR;
	}
}

static int
login(struct peer *p, const char *mechanism, const char *initial)
{
	Gsasl *ctx = NULL;
	Gsasl_session *session = NULL;
	int rc;

	if (gsasl_init(&ctx) != GSASL_OK)
		errx(EX_OSERR, "no memory");
	gsasl_callback_hook_set(ctx, p);
	gsasl_callback_set(ctx, callback);
	rc = gsasl_server_start(ctx, mechanism, &session);
	/* Two speak first and have no use for an initial response. */
	if (rc == GSASL_OK && initial == NULL &&
	    strcmp(mechanism, "LOGIN") != 0 &&
	    strcmp(mechanism, "CRAM-MD5") != 0)
		initial = challenge(p, "");
	if (rc == GSASL_OK && initial != NULL && strcmp(initial, "=") == 0)
		initial = "";
	if (rc == GSASL_OK && p->scripted == 0)
		rc = steps(p, session, initial);
	gsasl_finish(session);
	gsasl_done(ctx);
	return rc;
}

/*
 * By token (RFC 7628, XOAUTH2), which is the user's password here.  Who has a
 * wrong one is told why, and must say one word more before the reply.
 */
static const struct token {
	const char *mechanism, *words, *end;
} tokens[] = {
	{ "OAUTHBEARER",
	    "n,a=%s,\1host=smarthost.test\1port=%s\1auth=Bearer %s\1\1",
	    "AQ==" },
	{ "XOAUTH2", "user=%s\1auth=Bearer %s\1\1", "" },
};

static const struct token *
token_of(const char *mechanism)
{
	size_t i;

	for (i = 0; i < sizeof(tokens) / sizeof(*tokens); i++)
		if (strcmp(tokens[i].mechanism, mechanism) == 0)
			return tokens + i;
	return NULL;
}

/* What the user would say, in base64. */
static char *
words_of(const struct peer *p, const struct token *t, const char *user)
{
	int name = (int)strcspn(user, ":");
	char *words, *text, *owner;
	int len;

	if (asprintf(&owner, "%.*s", name, user) < 0)
		err(EX_OSERR, "no memory");
	if (*t->end != '\0')
		len = asprintf(&words, tokens[0].words, owner, p->setup->port,
		    user + name + 1);
	else
		len = asprintf(&words, tokens[1].words, owner, user + name + 1);
	if (len < 0 ||
	    gsasl_base64_to(words, (size_t)len, &text, NULL) != GSASL_OK)
		err(EX_OSERR, "no memory");
	free(owner);
	free(words);
	return text;
}

static int
token_login(struct peer *p, const struct token *t, const char *said)
{
	bool is_known = false;
	char *words;
	size_t i;

	if (said == NULL)
		said = challenge(p, "");
	if (said == NULL)
		return GSASL_OK;
	for (i = 0; i < p->setup->users; i++) {
		words = words_of(p, t, p->setup->user[i]);
		if (strcmp(words, said) == 0)
			is_known = true;
		gsasl_free(words);
	}
	if (is_known)
		return GSASL_OK;
	said = challenge(p, "eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=");
	if (said != NULL && strcmp(said, t->end) != 0)
		peer_note(p, "-- violation", "no word behind a reason");
	return GSASL_AUTHENTICATION_ERROR;
}

static bool
is_offered(const char *list, const char *mechanism)
{
	size_t n = strlen(mechanism);
	const char *at = list;

	if (n == 0)
		return false;
	while ((at = strstr(at, mechanism)) != NULL) {
		if ((at == list || at[-1] == ' ') &&
		    (at[n] == ' ' || at[n] == '\0'))
			return true;
		at += n;
	}
	return false;
}

/* A login that the rules took over; true: they let the client in. */
static bool
play(struct peer *p)
{
	while (p->scripted == 334) {
		(void)peer_line(p);
		if (step_by_rule(p) == 0)
			peer_reply(p, "501 5.5.2 that was no login");
	}
	return p->scripted == 235;
}

bool
auth_talk(struct peer *p, const char *mechanism, const char *initial)
{
	int rc;

	if (!is_offered(p->setup->mechanisms, mechanism)) {
		peer_reply(p, "504 5.5.4 no such mechanism");
		return false;
	}
	p->steps = 0;
	p->scripted = 0;
	rc = token_of(mechanism) != NULL
	    ? token_login(p, token_of(mechanism), initial)
	    : login(p, mechanism, initial);
	if (p->scripted != 0 || step_by_rule(p) != 0)
		return play(p);
	if (rc == GSASL_OK) {
		peer_reply(p, "235 2.7.0 welcome");
		return true;
	}
	if (rc == GSASL_BASE64_ERROR)
		peer_reply(p, "501 5.5.2 cancelled, or no base64");
	else
		peer_reply(p, "535 5.7.8 wrong user or password");
	return false;
}
