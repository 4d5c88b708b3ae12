/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "sendmail/data.h"

/* Octets from one look at the server to the next. */
#define GLANCE ((off_t)1 << 20)

/*
 * Octets ahead of the first dot that has to be doubled; is_start: a line begins
 * here, and later, behind them.  Dots are sought, not lines, for an attachment has
 * none; behind one that is none of those a line feed is, so that a line costs two
 * looks at most.
 */
static size_t
measure(const char *text, size_t size, bool *is_start)
{
	const char *at = text, *end = text + size, *dot, *lf;

	while (at < end && !(*is_start && *at == '.')) {
		dot = memchr(at, '.', end - at);
		if (dot == NULL) {
			*is_start = end[-1] == '\n';
			return size;
		}
		if (dot > at && dot[-1] == '\n') {
			*is_start = true;
			return (size_t)(dot - text);
		}
		lf = memchr(dot, '\n', end - dot);
		*is_start = lf != NULL;
		at = lf == NULL ? end : lf + 1;
	}
	return (size_t)(at - text);
}

/* What begins with such a dot makes room for one more, and so on. */
static int
stuff(struct net *net, const char *at, size_t size, bool *is_start,
    struct fault *f)
{
	const char *end = at + size;
	size_t clean;
	int rc = EX_OK;

	while (rc == EX_OK && at < end) {
		rc = net_put(net, ".", 1, f);
		*is_start = false;
		clean = measure(at, end - at, is_start);
		if (rc == EX_OK)
			rc = net_put(net, at, clean, f);
		at += clean;
	}
	return rc;
}

/*
 * Whether the server has spoken.  It is heard when it lets us wait, too, but one that
 * takes all at once does not; and to look costs a call.
 */
static bool
has_spoken(struct net *net, off_t at, off_t *next)
{
	if (at >= *next) {
		*next = at + GLANCE;
		net_glance(net);
	}
	return net_has_input(net);
}

static void
trace(struct net *net, const struct text *text)
{
	char line[64];

	snprintf(
	    line, sizeof(line), "[%jd octets of text]", (intmax_t)text->size);
	net_trace(net, line);
}

/*
 * It is read to where it is sent from; only what follows a dot that goes twice is
 * moved aside, for there is more of it then.
 */
int
data_put(struct net *net, const struct text *text, int seconds, struct fault *f)
{
	char aside[NET_GROUP], *to;
	bool is_start = true;
	size_t room, got, clean;
	off_t at, next = GLANCE;

	trace(net, text);
	for (at = 0; at < text->size && !has_spoken(net, at, &next);
	     at += (off_t)got) {
		net_deadline(net, seconds);
		if (net_room(net, &to, &room, f) != EX_OK ||
		    text_read(text, at, to, room, &got, f) != EX_OK)
			return f->code;
		clean = measure(to, got, &is_start);
		net_gather(net, clean);
		memcpy(aside, to + clean, got - clean);
		if (stuff(net, aside, got - clean, &is_start, f) != EX_OK)
			return f->code;
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
	off_t at = 0, next = GLANCE;
	size_t room, got;
	char *to;

	while (at < text->size && !has_spoken(net, at, &next)) {
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
