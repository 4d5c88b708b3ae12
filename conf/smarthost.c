/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "conf/smarthost.h"

struct smarthost *
smarthost_find(struct smarthost *smarthost, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(smarthost[i].name, name) == 0)
			return smarthost + i;
	return NULL;
}

int
smarthost_open(struct smarthost **smarthost, size_t *count, const char *name,
    struct fault *f)
{
	struct smarthost *more;

	if (smarthost_find(*smarthost, *count, name) != NULL)
		return EX_OK;
	if (*count == SMARTHOST_COUNT)
		return fault_set(f, EX_CONFIG,
		    "more than %d smarthosts: remove some", SMARTHOST_COUNT);
	more = reallocarray(*smarthost, *count + 1, sizeof(*more));
	if (more == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep a smarthost");
	*smarthost = more;
	more += *count;
	*more = (struct smarthost){ .timeout = SMARTHOST_TIMEOUT };
	more->name = strdup(name);
	if (more->name == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep a smarthost");
	++*count;
	return EX_OK;
}

void
smarthost_drop_password(struct smarthost *s)
{
	value_forget(&s->password);
	value_forget(&s->password_file);
	value_forget(&s->password_command);
}

static bool
names_external(const struct smarthost *s)
{
	size_t i;

	for (i = 0; i < s->auth.count; i++)
		if (strcmp(s->auth.word[i], "EXTERNAL") == 0)
			return true;
	return false;
}

/* A certificate is shown under TLS, in the place of a user. */
static const char *
find_flaw_of_certificate(const struct smarthost *s)
{
	if (s->certificate != NULL && s->key == NULL)
		return "a certificate without its key: write key = its file";
	if (s->key != NULL && s->certificate == NULL)
		return "a key without its certificate: write certificate = "
		       "its file";
	if (s->certificate != NULL && s->tls_is_set && s->tls == TLS_OFF)
		return "a certificate without TLS: remove it, or tls = off";
	if (!names_external(s))
		return NULL;
	if (s->certificate == NULL)
		return "auth = EXTERNAL without a certificate: write "
		       "certificate = its file";
	if (s->user != NULL)
		return "auth = EXTERNAL with a user: remove one of them";
	return NULL;
}

/* What is wrong with it, and what to do; NULL if nothing is. */
static const char *
find_flaw(const struct smarthost *s)
{
	bool has_password = s->password != NULL || s->password_file != NULL ||
	    s->password_command != NULL;

	if (s->host == NULL)
		return "no host: write host = the name of the server";
	if (has_password && s->user == NULL)
		return "a password without a user: write user = the login";
	if (s->host[0] != '/')
		return NULL;
	if (s->user != NULL)
		return "a local socket has no login: remove user";
	if (s->tls_is_set && s->tls != TLS_OFF)
		return "a local socket has no TLS: remove tls";
	if (s->certificate != NULL)
		return "a local socket has no TLS: remove certificate";
	return NULL;
}

int
smarthost_finish(struct smarthost *s, struct fault *f)
{
	const char *flaw = find_flaw(s);
	const char *port;

	if (flaw == NULL)
		flaw = find_flaw_of_certificate(s);
	if (flaw != NULL)
		return fault_set(f, EX_CONFIG, "[smarthost%s%s]: %s",
		    s->name[0] == '\0' ? "" : " ", s->name, flaw);
	if (s->host[0] == '/')
		s->tls = TLS_OFF;
	else if (!s->tls_is_set && s->port != NULL &&
	    (strcmp(s->port, "465") == 0 || strcmp(s->port, "2465") == 0))
		s->tls = TLS_IMPLICIT;
	if (s->port != NULL)
		return EX_OK;
	port = s->tls == TLS_IMPLICIT ? "465" : "587";
	return value_put(VALUE_PORT, &s->port, port, NULL, f);
}

static void
forget_all(struct smarthost *s)
{
	smarthost_drop_password(s);
	value_forget(&s->secret);
	value_forget(&s->user);
	free(s->name);
	free(s->host);
	free(s->port);
	free(s->address);
	free(s->hello);
	free(s->ca);
	free(s->certificate);
	free(s->key);
	words_free(&s->auth);
	words_free(&s->senders);
	words_free(&s->pin);
}

const char *
smarthost_tls(const struct smarthost *smarthost)
{
	switch (smarthost->tls) {
	case TLS_IMPLICIT:
		return "implicit";
	case TLS_STARTTLS:
		return "starttls";
	default:
		return "off";
	}
}

void
smarthost_free(struct smarthost *smarthost, size_t count)
{
	while (count > 0)
		forget_all(smarthost + --count);
	free(smarthost);
}
