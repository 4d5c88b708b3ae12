/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sendmail/bearer.h"

/* Octet 1 parts what is said, and no other octet is forbidden: be strict. */
static bool
is_token(const char *token)
{
	const char *at;

	for (at = token; *at != '\0'; at++)
		if (*at < 33 || *at > 126)
			return false;
	return at != token;
}

/* In a GS2 header comma and equals sign mean something (RFC 5801, 4). */
static void
put_name(char *to, const char *name)
{
	for (; *name != '\0'; name++) {
		if (*name == ',' || *name == '=') {
			memcpy(to, *name == ',' ? "=2C" : "=3D", 3);
			to += 3;
		} else
			*to++ = *name;
	}
	*to = '\0';
}

/* What would be left behind by a buffer that grows is a token too. */
static char *
make_room(const struct bearer *b, size_t more, size_t *size)
{
	if (!is_token(b->token)) {
		errno = EINVAL;
		return NULL;
	}
	*size = strlen(b->token) + more + sizeof("\1auth=Bearer \1\1");
	return malloc(*size);
}

char *
bearer_oauth(const struct bearer *b, size_t *len)
{
	size_t room = 3 * strlen(b->user) + 1, size;
	char *name = malloc(room), *words = NULL;

	if (name != NULL)
		words = make_room(b,
		    sizeof("n,a=,\1host=\1port=") + room + strlen(b->host) +
			strlen(b->port),
		    &size);
	if (words != NULL) {
		put_name(name, b->user);
		*len = (size_t)snprintf(words, size,
		    "n,a=%s,\1host=%s\1port=%s\1auth=Bearer %s\1\1", name,
		    b->host, b->port, b->token);
	}
	free(name);
	return words;
}

char *
bearer_xoauth2(const struct bearer *b, size_t *len)
{
	size_t size;
	char *words = make_room(b, sizeof("user=") + strlen(b->user), &size);

	if (words != NULL)
		*len = (size_t)snprintf(words, size,
		    "user=%s\1auth=Bearer %s\1\1", b->user, b->token);
	return words;
}

void
bearer_reason(
    char text[BEARER_REASON], const char *token, const char *data, size_t len)
{
	size_t i;

	if (len == 0 || memmem(data, len, token, strlen(token)) != NULL) {
		snprintf(text, BEARER_REASON, "no reason to repeat");
		return;
	}
	if (len >= BEARER_REASON)
		len = BEARER_REASON - 1;
	for (i = 0; i < len; i++)
		text[i] = (char)(data[i] < 32 || data[i] > 126 ? '?' : data[i]);
	text[len] = '\0';
}
