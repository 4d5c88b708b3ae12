/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <gsasl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sendmail/bearer.h"
#include "sendmail/sasl.h"

struct sasl {
	Gsasl *gsasl;
	Gsasl_session *session;
	const struct mechanism *mechanism;
	const struct sasl_who *who;
	char *response; /* base64, or NULL */
	char complaint[BEARER_REASON];
	bool is_done;
	bool is_weak; /* the iterations asked for are out of bounds */
};

/* What we use; the order of preference is auth's. */
static const struct mechanism {
	const char *name;
	bool is_client_first;
	bool reads_challenges;
	bool is_scram;
	bool is_bound;
	/* Where the library has none: all that is said, and behind a reason. */
	char *(*words)(const struct bearer *, size_t *len);
	const char *end;
} mechanisms[] = {
	{ .name = "PLAIN", .is_client_first = true, .reads_challenges = true },
	{ .name = "LOGIN" },
	{ .name = "CRAM-MD5", .reads_challenges = true },
	{ .name = "SCRAM-SHA-1",
	    .is_client_first = true,
	    .reads_challenges = true,
	    .is_scram = true },
	{ .name = "SCRAM-SHA-256",
	    .is_client_first = true,
	    .reads_challenges = true,
	    .is_scram = true },
#if GSASL_VERSION_NUMBER >= 0x020000 /* knows tls-exporter */
	{ .name = "SCRAM-SHA-1-PLUS",
	    .is_client_first = true,
	    .reads_challenges = true,
	    .is_scram = true,
	    .is_bound = true },
	{ .name = "SCRAM-SHA-256-PLUS",
	    .is_client_first = true,
	    .reads_challenges = true,
	    .is_scram = true,
	    .is_bound = true },
#endif
	{ .name = "EXTERNAL",
	    .is_client_first = true,
	    .reads_challenges = true },
	{ .name = "OAUTHBEARER",
	    .is_client_first = true,
	    .reads_challenges = true,
	    .words = bearer_oauth,
	    .end = BEARER_OAUTH_END },
	{ .name = "XOAUTH2",
	    .is_client_first = true,
	    .reads_challenges = true,
	    .words = bearer_xoauth2,
	    .end = BEARER_XOAUTH2_END },
};

static const struct mechanism *
find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(mechanisms) / sizeof(*mechanisms); i++)
		if (strcmp(mechanisms[i].name, name) == 0)
			return mechanisms + i;
	return NULL;
}

bool
sasl_has(const char *mechanism)
{
	const struct mechanism *m = find(mechanism);
	Gsasl *gsasl = NULL;
	bool has;

	if (m != NULL && m->words != NULL)
		return true;
	if (m == NULL || gsasl_init(&gsasl) != GSASL_OK)
		return false;
	has = gsasl_client_support_p(gsasl, mechanism);
	gsasl_done(gsasl);
	return has;
}

bool
sasl_is_client_first(const char *mechanism)
{
	const struct mechanism *m = find(mechanism);

	return m != NULL && m->is_client_first;
}

bool
sasl_is_bound(const char *mechanism)
{
	const struct mechanism *m = find(mechanism);

	return m != NULL && m->is_bound;
}

/*
 * The library takes any count that the server names: a small one makes the
 * proof cheap to guess from, a large one keeps us busy for days.
 */
static bool
is_strong(Gsasl_session *session)
{
	const char *text = gsasl_property_fast(session, GSASL_SCRAM_ITER);
	unsigned long long count;

	if (text == NULL)
		return false;
	errno = 0;
	count = strtoull(text, NULL, 10);
	return errno == 0 && count >= SASL_ITERATIONS_MIN &&
	    count <= SASL_ITERATIONS_MAX;
}

/*
 * The password is given when it is asked for, not before: by then the server
 * has named its count, and without a password no proof is made.  A binding is
 * told to -PLUS alone, for it would break SCRAM without it.
 */
static int
answer(Gsasl *gsasl, Gsasl_session *session, Gsasl_property what)
{
	struct sasl *s = gsasl_session_hook_get(session);

	(void)gsasl;
	if (what == GSASL_AUTHID)
		return gsasl_property_set(session, what, s->who->user);
#if GSASL_VERSION_NUMBER >= 0x020000
	if (what == GSASL_CB_TLS_EXPORTER && s->mechanism->is_bound)
		return gsasl_property_set(session, what, s->who->binding);
#endif
	if (what != GSASL_PASSWORD)
		return GSASL_NO_CALLBACK;
	s->is_weak = s->mechanism->is_scram && !is_strong(session);
	if (s->is_weak)
		return GSASL_NO_PASSWORD;
	return gsasl_property_set(session, what, s->who->secret);
}

static int
begin(struct sasl *s, const char *name)
{
	int rc;

	if (s->mechanism == NULL)
		return GSASL_UNKNOWN_MECHANISM;
	if (s->mechanism->words != NULL)
		return GSASL_OK;
	rc = gsasl_init(&s->gsasl);
	/* Where memory ends it leaves behind what it has freed. */
	if (rc != GSASL_OK)
		s->gsasl = NULL;
	else
		rc = gsasl_client_start(s->gsasl, name, &s->session);
	if (rc != GSASL_OK)
		return rc;
	gsasl_callback_set(s->gsasl, answer);
	gsasl_session_hook_set(s->session, s);
	return GSASL_OK;
}

int
sasl_open(struct sasl **made, const char *mechanism, const struct sasl_who *who,
    struct fault *f)
{
	struct sasl *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot begin to log in");
	s->mechanism = find(mechanism);
	s->who = who;
	rc = begin(s, mechanism);
	if (rc != GSASL_OK) {
		sasl_close(s);
		return fault_set(f,
		    rc == GSASL_MALLOC_ERROR ? EX_TEMPFAIL : EX_UNAVAILABLE,
		    "cannot log in by '%s': %s", mechanism, gsasl_strerror(rc));
	}
	*made = s;
	return EX_OK;
}

static void
wipe(char *data, size_t len)
{
	if (data != NULL)
		explicit_bzero(data, len);
	gsasl_free(data);
}

static void
forget_response(struct sasl *s)
{
	if (s->response != NULL)
		wipe(s->response, strlen(s->response));
	s->response = NULL;
}

static int
fail(const struct sasl *s, int rc, struct fault *f)
{
	const char *name = s->mechanism->name;

	if (s->is_weak)
		return fault_set(f, EX_PROTOCOL,
		    "the server asks for fewer than %d or more than %d "
		    "iterations of '%s'",
		    SASL_ITERATIONS_MIN, SASL_ITERATIONS_MAX, name);
	switch (rc) {
	case GSASL_MALLOC_ERROR:
		return fault_set(
		    f, EX_TEMPFAIL, "cannot log in by '%s': memory", name);
	case GSASL_SASLPREP_ERROR:
	case GSASL_NO_AUTHID:
		return fault_set(f, EX_UNAVAILABLE,
		    "'%s' cannot carry this user or password", name);
	case GSASL_AUTHENTICATION_ERROR:
		return fault_set(f, EX_PROTOCOL,
		    "the server failed to prove itself by '%s'", name);
	default:
		return fault_set(f, EX_PROTOCOL, "cannot log in by '%s': %s",
		    name, gsasl_strerror(rc));
	}
}

static int
encode(struct sasl *s, const char *data, size_t len, struct fault *f)
{
	if (gsasl_base64_to(data, len, &s->response, NULL) != GSASL_OK)
		return fail(s, GSASL_MALLOC_ERROR, f);
	if (strlen(s->response) <= SASL_LINE - 2)
		return EX_OK;
	forget_response(s);
	return fault_set(f, EX_UNAVAILABLE,
	    "user and password are too long for '%s'", s->mechanism->name);
}

static int
step(struct sasl *s, const char *data, size_t len, struct fault *f)
{
	char *out = NULL;
	size_t size = 0;
	bool is_last;
	int rc = gsasl_step(s->session, data, len, &out, &size);

	/* Here, too, so that to end the session would free that twice; and LOGIN
	 * says of what it could not copy how long it is. */
	if (rc == GSASL_MALLOC_ERROR)
		s->session = NULL;
	else if (out == NULL && size > 0)
		rc = GSASL_MALLOC_ERROR;
	if (rc != GSASL_OK && rc != GSASL_NEEDS_MORE)
		return fail(s, rc, f);
	is_last = rc == GSASL_OK;
	rc = encode(s, out, size, f);
	s->is_done = rc == EX_OK && is_last;
	wipe(out, size);
	return rc;
}

/* All in one; then nothing, or a reason and a word for it. */
static int
step_token(struct sasl *s, const char *data, size_t len, struct fault *f)
{
	const struct bearer bearer = { s->who->user, s->who->secret,
		s->who->host, s->who->port };
	const char *end = s->mechanism->end;
	size_t size = 0;
	char *words;
	int rc;

	if (s->is_done) {
		s->is_done = false;
		bearer_reason(s->complaint, s->who->secret, data, len);
		return encode(s, end, strlen(end), f);
	}
	words = s->mechanism->words(&bearer, &size);
	if (words == NULL)
		return fail(s,
		    errno == ENOMEM ? GSASL_MALLOC_ERROR : GSASL_SASLPREP_ERROR,
		    f);
	rc = encode(s, words, size, f);
	s->is_done = rc == EX_OK;
	wipe(words, size);
	return rc;
}

/* Whether the server may not ask once more. */
static bool
is_over(const struct sasl *s)
{
	if (s->mechanism->words != NULL)
		return s->complaint[0] != '\0';
	return s->is_done;
}

int
sasl_step(struct sasl *s, const char *challenge, const char **response,
    struct fault *f)
{
	const char *text = challenge;
	char *data = NULL;
	size_t len = 0;
	int rc;

	forget_response(s);
	*response = "";
	if (is_over(s))
		return fail(s, GSASL_MECHANISM_CALLED_TOO_MANY_TIMES, f);
	if (text == NULL || !s->mechanism->reads_challenges)
		text = "";
	rc = gsasl_base64_from(text, strlen(text), &data, &len);
	if (rc != GSASL_OK)
		return fail(s, rc, f);
	rc = s->mechanism->words != NULL ? step_token(s, data, len, f)
					 : step(s, data, len, f);
	gsasl_free(data);
	if (s->response != NULL)
		*response = s->response;
	return rc;
}

bool
sasl_is_done(const struct sasl *s)
{
	return s->is_done;
}

const char *
sasl_complaint(const struct sasl *s)
{
	return s->complaint;
}

/* The library wipes nothing: what can be reached of the password is ours. */
void
sasl_close(struct sasl *s)
{
	char *secret;

	if (s == NULL)
		return;
	forget_response(s);
	if (s->session != NULL) {
		secret =
		    (char *)gsasl_property_fast(s->session, GSASL_PASSWORD);
		if (secret != NULL)
			explicit_bzero(secret, strlen(secret));
		gsasl_finish(s->session);
	}
	if (s->gsasl != NULL)
		gsasl_done(s->gsasl);
	free(s);
}
