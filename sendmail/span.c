/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "sendmail/crlf.h"
#include "sendmail/span.h"
#include "sendmail/token.h"

#define CRLF_LINE (CRLF_LONG + 2)
#define LOOK 65536 /* octets that are looked at at once */

off_t
span_at(const struct span *s)
{
	return s->next - (off_t)(s->have - s->given);
}

void
span_go(struct span *s, off_t at)
{
	off_t start = s->next - (off_t)s->have;

	/* What was read already need not be read again. */
	s->in_line = false;
	if (at >= start && at <= s->next) {
		s->given = (size_t)(at - start);
		return;
	}
	s->next = at;
	s->have = s->given = 0;
}

/* More octets behind those that were not given yet. */
static int
fill(struct span *s, bool *is_over, struct fault *f)
{
	size_t got;

	s->have -= s->given;
	memmove(s->buf, s->buf + s->given, s->have);
	s->given = 0;
	if (text_read(s->text, s->next, s->buf + s->have, SPAN_ROOM - s->have,
		&got, f) != EX_OK)
		return f->code;
	s->have += got;
	s->next += (off_t)got;
	*is_over = got == 0;
	return EX_OK;
}

/* Octets of a line without end that may be given before its next are known. */
static size_t
cut(const char *at, size_t size)
{
	size_t n = size;

	if (at[n - 1] == '\r')
		return n - 1;
	while (
	    n > 0 && size - n < 3 && ((unsigned char)at[n - 1] & 0xc0) == 0x80)
		n--;
	if (n > 0 && (unsigned char)at[n - 1] >= 0xc0)
		n--;
	else
		n = size;
	return n;
}

int
span_next(struct span *s, struct piece *piece, struct fault *f)
{
	const char *feed;
	bool is_over = false;
	size_t size;

	for (;;) {
		size = s->have - s->given;
		feed = memchr(s->buf + s->given, '\n', size);
		if (feed != NULL || is_over || size == SPAN_ROOM)
			break;
		if (fill(s, &is_over, f) != EX_OK)
			return f->code;
	}
	if (feed != NULL)
		size = (size_t)(feed - (s->buf + s->given)) + 1;
	else if (!is_over)
		size = cut(s->buf + s->given, size);
	*piece = (struct piece){ .at = s->buf + s->given,
		.size = size,
		.begins = !s->in_line,
		.ends = feed != NULL };
	s->given += size;
	s->in_line = feed == NULL;
	return EX_OK;
}

/* The last line feed that is near enough saves looking for those before it. */
static bool
has_long(const char *at, size_t size, size_t *line)
{
	const char *feed;
	size_t window;

	while (size > 0) {
		window = CRLF_LINE - *line;
		if (window > size)
			window = size;
		feed = memrchr(at, '\n', window);
		if (feed == NULL && *line + window == CRLF_LINE)
			return true;
		if (feed == NULL) {
			*line += window;
			return false;
		}
		window = (size_t)(feed - at) + 1;
		*line = 0;
		at += window;
		size -= window;
	}
	return false;
}

int
span_look(const struct text *text, off_t from, bool *is_long, bool *eight,
    struct fault *f)
{
	bool looks = *eight;
	char chunk[LOOK];
	size_t got = 0, line = 0;

	*is_long = *eight = false;
	do {
		if (text_read(text, from, chunk, sizeof(chunk), &got, f) !=
		    EX_OK)
			return f->code;
		from += (off_t)got;
		*is_long = *is_long || has_long(chunk, got, &line);
		if (looks && !*eight)
			*eight = !token_is_ascii(chunk, got);
	} while (got > 0 && (!*is_long || (looks && !*eight)));
	*is_long = *is_long || line > CRLF_LONG;
	return EX_OK;
}
