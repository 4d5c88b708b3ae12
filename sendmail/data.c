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

static int
put_chunks(struct net *net, const struct text *text, int seconds,
    bool *is_start, struct fault *f)
{
	char chunk[DATA_CHUNK];
	off_t at = 0;
	size_t got;

	while (at < text->size) {
		if (text_read(text, at, chunk, sizeof(chunk), &got, f) != EX_OK)
			return f->code;
		if (got == 0)
			return fault_set(
			    f, EX_IOERR, "text ends before its size");
		net_deadline(net, seconds);
		if (stuff(net, chunk, got, is_start, f) != EX_OK)
			return f->code;
		at += (off_t)got;
	}
	return EX_OK;
}

int
data_put(struct net *net, const struct text *text, int seconds, struct fault *f)
{
	char line[64];
	bool is_start = true;

	snprintf(
	    line, sizeof(line), "[%jd octets of text]", (intmax_t)text->size);
	net_trace(net, line);
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
