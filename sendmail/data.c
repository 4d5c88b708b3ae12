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

/* With dots only where it is known whether a line begins. */
static int
put_chunks(struct net *net, const struct text *text, int seconds,
    bool *is_start, struct fault *f)
{
	char chunk[DATA_CHUNK];
	off_t at = 0;
	size_t got;
	int rc = EX_OK;

	while (rc == EX_OK && at < text->size) {
		if (text_read(text, at, chunk, sizeof(chunk), &got, f) != EX_OK)
			return f->code;
		if (got == 0)
			return fault_set(
			    f, EX_IOERR, "text ends before its size");
		net_deadline(net, seconds);
		rc = is_start == NULL ? net_put(net, chunk, got, f)
				      : stuff(net, chunk, got, is_start, f);
		at += (off_t)got;
	}
	return rc;
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
	bool is_start = true;

	trace(net, text);
	if (put_chunks(net, text, seconds, &is_start, f) != EX_OK)
		return f->code;
	net_deadline(net, seconds);
	return is_start ? EX_OK : net_put(net, "\r\n", 2, f);
}

int
data_end(struct net *net, struct fault *f)
{
	return net_command(net, NULL, f, ".");
}

/* Whether its last line has no end. */
static int
look_at_end(const struct text *text, bool *lacks_end, struct fault *f)
{
	char last = '\n';
	size_t got;

	if (text->size > 0 &&
	    text_read(text, text->size - 1, &last, 1, &got, f) != EX_OK)
		return f->code;
	*lacks_end = last != '\n';
	return EX_OK;
}

int
data_put_whole(
    struct net *net, const struct text *text, int seconds, struct fault *f)
{
	bool lacks_end = false;
	int rc;

	rc = look_at_end(text, &lacks_end, f);
	if (rc == EX_OK)
		rc = net_command(net, NULL, f, "BDAT %jd LAST",
		    (intmax_t)text->size + (lacks_end ? 2 : 0));
	trace(net, text);
	if (rc == EX_OK)
		rc = put_chunks(net, text, seconds, NULL, f);
	net_deadline(net, seconds);
	if (rc == EX_OK && lacks_end)
		rc = net_put(net, "\r\n", 2, f);
	return rc;
}
