/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sendmail/bearer.h"
#include "sendmail/late.h"
#include "sendmail/plain.h"
#include "sendmail/radix.h"
#include "sendmail/sasl.h"

struct sasl {
	struct late lib; /* of a mechanism without words */
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
	/* Where the library is not asked: all that is said, and behind a reason. */
	char *(*words)(const struct bearer *, size_t *len);
	const char *end; /* NULL: none is given */
} mechanisms[] = {
	{ .name = "PLAIN",
	    .is_client_first = true,
	    .reads_challenges = true,
	    .words = plain_password },
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
	    .reads_challenges = true,
	    .words = plain_external },
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
	return find(mechanism) != NULL;
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
is_strong(const struct sasl *s)
{
	const char *text = s->lib.property_fast(s->session, GSASL_SCRAM_ITER);
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
	struct fault none = { 0 };
	struct late lib;
	struct sasl *s;

	(void)gsasl;
	if (late_load(&lib, &none) != EX_OK)
		return GSASL_NO_CALLBACK;
	s = lib.session_hook_get(session);
	if (what == GSASL_AUTHID)
		return lib.property_set(session, what, s->who->user);
#if GSASL_VERSION_NUMBER >= 0x020000
	if (what == GSASL_CB_TLS_EXPORTER && s->mechanism->is_bound)
		return lib.property_set(session, what, s->who->binding);
#endif
	if (what != GSASL_PASSWORD)
		return GSASL_NO_CALLBACK;
	s->is_weak = s->mechanism->is_scram && !is_strong(s);
	if (s->is_weak)
		return GSASL_NO_PASSWORD;
	return lib.property_set(session, what, s->who->secret);
}

static int
begin(struct sasl *s, struct fault *f)
{
	const char *name = s->mechanism->name;
	int rc;

	if (s->mechanism->words != NULL)
		return EX_OK;
	if (late_load(&s->lib, f) != EX_OK)
		return f->code;
	rc = s->lib.init(&s->gsasl);
	/* Where memory ends it leaves behind what it has freed. */
	if (rc != GSASL_OK)
		s->gsasl = NULL;
	else
		rc = s->lib.client_start(s->gsasl, name, &s->session);
	if (rc != GSASL_OK)
		return fault_set(f,
		    rc == GSASL_MALLOC_ERROR ? EX_TEMPFAIL : EX_UNAVAILABLE,
		    "cannot log in by '%s': %s", name, s->lib.strerror(rc));
	s->lib.callback_set(s->gsasl, answer);
	s->lib.session_hook_set(s->session, s);
	return EX_OK;
}

int
sasl_open(struct sasl **made, const char *mechanism, const struct sasl_who *who,
    struct fault *f)
{
	struct sasl *s;

	if (!sasl_has(mechanism))
		return fault_set(f, EX_UNAVAILABLE,
		    "cannot log in by '%s': no such mechanism", mechanism);
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot begin to log in");
	s->mechanism = find(mechanism);
	s->who = who;
	if (begin(s, f) != EX_OK) {
		sasl_close(s);
		return f->code;
	}
	*made = s;
	return EX_OK;
}

static void
forget_response(struct sasl *s)
{
	if (s->response != NULL)
		explicit_bzero(s->response, strlen(s->response));
	free(s->response);
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
	case GSASL_BASE64_ERROR:
		return fault_set(f, EX_PROTOCOL,
		    "cannot log in by '%s': what it was asked is no base64",
		    name);
	case GSASL_MECHANISM_CALLED_TOO_MANY_TIMES:
		return fault_set(f, EX_PROTOCOL,
		    "cannot log in by '%s': asked when all was said", name);
	default:
		return fault_set(f, EX_PROTOCOL, "cannot log in by '%s': %s",
		    name, s->lib.strerror(rc));
	}
}

static int
encode(struct sasl *s, const char *data, size_t len, struct fault *f)
{
	s->response = malloc(RADIX_ROOM(len));
	if (s->response == NULL)
		return fail(s, GSASL_MALLOC_ERROR, f);
	radix_encode(s->response, data, len);
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
	int rc = s->lib.step(s->session, data, len, &out, &size);

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
	if (out != NULL)
		explicit_bzero(out, size);
	s->lib.free(out);
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
	explicit_bzero(words, size);
	free(words);
	return rc;
}

/* Whether the server may not ask once more. */
static bool
is_over(const struct sasl *s)
{
	if (s->mechanism->end != NULL)
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
	data = radix_decode(text, &len);
	if (data == NULL)
		return fail(s,
		    errno == ENOMEM ? GSASL_MALLOC_ERROR : GSASL_BASE64_ERROR,
		    f);
	rc = s->mechanism->words != NULL ? step_token(s, data, len, f)
					 : step(s, data, len, f);
	free(data);
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
		    (char *)s->lib.property_fast(s->session, GSASL_PASSWORD);
		if (secret != NULL)
			explicit_bzero(secret, strlen(secret));
		s->lib.finish(s->session);
	}
	if (s->gsasl != NULL)
		s->lib.done(s->gsasl);
	free(s);
}
