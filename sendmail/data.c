/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "sendmail/data.h"

/* One chunk; is_start: a line begins here, and later, behind it. */
static int
stuff(struct net *net, const char *at, size_t size, bool *is_start,
    struct fault *f)
{
	const char *unsent = at, *end = at + size, *lf;

	while (at < end) {
		if (*is_start && *at == '.') {
			/* It goes twice: now, and with what follows. */
			if (net_put(net, unsent, at - unsent + 1, f) != EX_OK)
				return f->code;
			unsent = at;
		}
		lf = memchr(at, '\n', end - at);
		*is_start = lf != NULL;
		at = lf == NULL ? end : lf + 1;
	}
	return net_put(net, unsent, end - unsent, f);
}

static void
trace(struct net *net, const struct text *text)
{
	char line[64];

	snprintf(
	    line, sizeof(line), "[%jd octets of text]", (intmax_t)text->size);
	net_trace(net, line);
}

int
data_put(struct net *net, const struct text *text, int seconds, struct fault *f)
{
	char chunk[DATA_CHUNK];
	bool is_start = true;
	off_t at = 0;
	size_t got;

	trace(net, text);
	while (at < text->size && !net_has_input(net)) {
		net_deadline(net, seconds);
		if (text_read(text, at, chunk, sizeof(chunk), &got, f) !=
			EX_OK ||
		    stuff(net, chunk, got, &is_start, f) != EX_OK)
			return f->code;
		at += (off_t)got;
	}
	net_deadline(net, seconds);
	return is_start ? EX_OK : net_put(net, "\r\n", 2, f);
}

int
data_end(struct net *net, struct fault *f)
{
	return net_command(net, NULL, f, ".");
}

/* Octets that it lacks to end its last line. */
static int
look_at_end(const struct text *text, size_t *lacking, struct fault *f)
{
	char last = '\n';
	size_t got;

	if (text->size > 0 &&
	    text_read(text, text->size - 1, &last, 1, &got, f) != EX_OK)
		return f->code;
	*lacking = last == '\n' ? 0 : 2;
	return EX_OK;
}

/* From the file to where TLS takes it, without a copy. */
static int
put_octets(
    struct net *net, const struct text *text, int seconds, struct fault *f)
{
	off_t at = 0;
	size_t room, got;
	char *to;

	while (at < text->size && !net_has_input(net)) {
		net_deadline(net, seconds);
		if (net_room(net, &to, &room, f) != EX_OK ||
		    text_read(text, at, to, room, &got, f) != EX_OK)
			return f->code;
		net_gather(net, got);
		at += (off_t)got;
	}
	net_deadline(net, seconds);
	return EX_OK;
}

int
data_put_whole(
    struct net *net, const struct text *text, int seconds, struct fault *f)
{
	size_t lacking = 0;
	int rc;

	rc = look_at_end(text, &lacking, f);
	if (rc == EX_OK)
		rc = net_command(net, NULL, f, "BDAT %jd LAST",
		    (intmax_t)text->size + (intmax_t)lacking);
	trace(net, text);
	if (rc == EX_OK)
		rc = put_octets(net, text, seconds, f);
	return rc == EX_OK ? net_put(net, "\r\n", lacking, f) : rc;
}
