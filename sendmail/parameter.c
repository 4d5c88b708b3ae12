/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sendmail/comment.h"
#include "sendmail/parameter.h"
#include "sendmail/token.h"

#define SEGMENT 450 /* octets of a value that stay in one line, encoded */
#define NAME 60     /* octets of a name that is written anew */

/* The end of the piece that begins there; quotes and comments may hold ; */
static size_t
piece_end(const char *body, size_t size, size_t at)
{
	bool in_quotes = false;
	unsigned depth = 0;

	for (; at < size; at++) {
		char c = body[at];

		if (c == '\\' && (in_quotes || depth > 0))
			at++;
		else if (c == '"' && depth == 0)
			in_quotes = !in_quotes;
		else if (c == '(' && !in_quotes)
			depth++;
		else if (c == ')' && !in_quotes && depth > 0)
			depth--;
		else if (c == ';' && !in_quotes && depth == 0)
			return at;
	}
	return size;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Blanks on both sides, and comments ahead. */
static void
trim(const char **text, size_t *size)
{
	size_t n;

	while (*size > 0 && (is_blank(**text) || **text == '(')) {
		n = **text == '(' ? comment_size(*text, *size) : 1;
		*text += n;
		*size -= n;
	}
	while (*size > 0 && is_blank((*text)[*size - 1]))
		--*size;
}

/* From the opening quote to the one that closes it, or to the end. */
static void
unquote(struct parameter *p)
{
	size_t i;

	p->is_quoted = true;
	p->value++;
	p->value_size--;
	for (i = 0; i < p->value_size && p->value[i] != '"'; i++)
		if (p->value[i] == '\\')
			i++;
	if (i < p->value_size)
		p->value_size = i;
}

bool
parameter_next(const char *body, size_t size, size_t *at, struct parameter *p)
{
	size_t end;

	if (*at > size || (*at == size && size > 0))
		return false;
	end = piece_end(body, size, *at);
	*p = (struct parameter){ .start = body + *at, .size = end - *at };
	p->value = p->start;
	p->value_size = p->size;
	if (*at > 0) {
		const char *is = memchr(p->start, '=', p->size);

		if (is != NULL) {
			p->name = p->start;
			p->name_size = (size_t)(is - p->start);
			trim(&p->name, &p->name_size);
			p->value = is + 1;
			p->value_size = p->size - (size_t)(is - p->start) - 1;
		}
	}
	trim(&p->value, &p->value_size);
	if (p->value_size > 0 && *p->value == '"')
		unquote(p);
	*at = end + 1;
	return true;
}

bool
parameter_is(const struct parameter *p, const char *name)
{
	return p->name_size == strlen(name) &&
	    strncasecmp(p->name, name, p->name_size) == 0;
}

/* Octets of the value that count. */
static size_t
read_size(const struct parameter *p)
{
	size_t size = p->value_size, i;

	if (!p->is_quoted)
		for (i = 0; i < size; i++)
			if (is_blank(p->value[i]) || p->value[i] == '(')
				size = i;
	return size;
}

void
parameter_read(const struct parameter *p, char *value, size_t room)
{
	size_t size = read_size(p);

	if (size >= room)
		size = 0;
	value[token_plain(p->value, size, value)] = '\0';
}

bool
parameter_boundary(const struct parameter *p, char boundary[PARAMETER_BOUNDARY])
{
	size_t size;

	boundary[0] = '\0';
	if (!parameter_is(p, "boundary"))
		return false;
	parameter_read(p, boundary, PARAMETER_BOUNDARY);
	size = strlen(boundary);
	while (size > 0 && is_blank(boundary[size - 1]))
		boundary[--size] = '\0';
	return size > 0 && token_is_ascii(boundary, size);
}

/* RFC 2231, 7: attribute-char. */
static bool
may_stand(char c)
{
	return c > ' ' && c <= '~' && strchr("*'%()<>@,;:\\\"/[]?=", c) == NULL;
}

/* Percent-encoded; octets that are so already stay. */
static void
put_octet(struct wording *w, char c, bool is_extended)
{
	char octets[4];

	if (may_stand(c) ||
	    (is_extended && (unsigned char)c < 128 && !is_blank(c))) {
		wording_raw(w, &c, 1);
		return;
	}
	snprintf(octets, sizeof(octets), "%%%02X", (unsigned)(unsigned char)c);
	wording_raw(w, octets, 3);
}

static void
begin(struct wording *w, const struct parameter *p, int segment)
{
	char mark[16];

	wording_fold(w);
	wording_raw(w, p->name, p->name_size);
	if (segment < 0)
		mark[0] = '\0';
	else
		snprintf(mark, sizeof(mark), "*%d", segment);
	wording_raw(w, mark, strlen(mark));
}

/* Octets of the value as they would be written. */
static size_t
width(const struct parameter *p)
{
	size_t i, n = 0;

	for (i = 0; i < p->value_size; i++)
		n += may_stand(p->value[i]) ? 1 : 3;
	return n;
}

static void
put_charset(struct wording *w, const struct parameter *p)
{
	const char *charset = token_is_utf8(p->value, p->value_size)
	    ? "UTF-8''"
	    : "UNKNOWN-8BIT''";

	wording_raw(w, charset, strlen(charset));
}

/* A segment ends where no escape is cut, and no character. */
static bool
may_break(const struct parameter *p, size_t i, bool is_utf8)
{
	return (i < 1 || p->value[i - 1] != '%') &&
	    (i < 2 || p->value[i - 2] != '%') &&
	    (!is_utf8 || ((unsigned char)p->value[i] & 0xc0) != 0x80);
}

static void
put_value(
    struct wording *w, const struct parameter *p, bool is_extended, int segment)
{
	const bool is_utf8 = token_is_utf8(p->value, p->value_size);
	size_t start = w->column, i;

	for (i = 0; i < p->value_size; i++) {
		if (p->is_quoted && p->value[i] == '\\' &&
		    i + 1 < p->value_size)
			i++;
		if (p->value[i] == '\r' || p->value[i] == '\n')
			continue;
		if (segment >= 0 && w->column > start + SEGMENT &&
		    may_break(p, i, is_utf8)) {
			wording_raw(w, ";", 1);
			begin(w, p, ++segment);
			wording_raw(w, "*=", 2);
			start = w->column;
		}
		put_octet(w, p->value[i], is_extended);
	}
}

/*
 * NAME*=, or NAME*0*= and so on where that would be too long; a value that is a
 * segment already stays one.
 */
static void
put_extended(struct wording *w, struct parameter *p)
{
	const char *mark = memchr(p->name, '*', p->name_size);
	bool is_extended = p->name[p->name_size - 1] == '*';
	bool is_segment = mark != NULL && mark + 1 < p->name + p->name_size;
	int segment = -1;

	if (is_extended)
		p->name_size--;
	if (!is_segment && width(p) > SEGMENT)
		segment = 0;
	begin(w, p, segment);
	wording_raw(w, "*=", 2);
	if (!is_extended &&
	    (!is_segment ||
		(mark[1] == '0' &&
		    p->name_size == (size_t)(mark - p->name) + 2)))
		put_charset(w, p);
	put_value(w, p, is_extended, segment);
}

/* One that may get such a mark. */
static bool
is_name(const struct parameter *p)
{
	size_t i;

	for (i = 0; i < p->name_size; i++)
		if (!may_stand(p->name[i]) && p->name[i] != '*')
			return false;
	return p->name_size > 0 && p->name_size <= NAME;
}

static bool
is_fit(const struct wording *w, const struct parameter *p)
{
	return p->size <= SEGMENT && wording_keeps(w->keeps, p->start, p->size);
}

/* A value in segments is one value: all of them, or none. */
static bool
is_plain_segment(const struct parameter *p)
{
	return p->name_size > 0 && memchr(p->name, '*', p->name_size) != NULL &&
	    p->name[p->name_size - 1] != '*';
}

/*
 * What has no form of its own: whole, for quotes and semicolons within would not
 * be that any more.  A value that is looked for ahead of it stays as it is.
 */
static void
put_whole(struct wording *w, const struct parameter *p, bool has_value)
{
	const char *rest = has_value ? p->value + read_size(p) : p->start;
	const char *end = p->start + p->size;

	if (has_value && p->is_quoted && rest < end)
		rest++;
	wording_raw(w, p->start, (size_t)(rest - p->start));
	if (rest < end)
		wording_unit(w, " ", 1, rest, (size_t)(end - rest));
	wording_end(w);
}

/* Where people give a file a name without quotes, (1) is a part of it. */
static bool
is_commented(const struct wording *w, const struct parameter *p)
{
	return comment_hides(w->keeps, p->start, p->size) &&
	    !parameter_is(p, "filename") && !parameter_is(p, "name");
}

static bool
has_plain_value(const struct parameter *p)
{
	return token_is_ascii(p->value, read_size(p));
}

void
parameter_put(struct wording *w, const char *body, size_t size)
{
	bool all_fit = wording_keeps(w->keeps, body, size);
	char boundary[PARAMETER_BOUNDARY];
	struct parameter p;
	size_t at = 0;

	while (parameter_next(body, size, &at, &p)) {
		bool is_first = p.start == body;

		if (!is_first)
			wording_raw(w, ";", 1);
		if (is_fit(w, &p) && (all_fit || !is_plain_segment(&p)))
			wording_text(w, p.start, p.size);
		else if (is_commented(w, &p))
			comment_put(w, p.start, p.size);
		else if (is_first || parameter_boundary(&p, boundary))
			put_whole(w, &p, has_plain_value(&p));
		else if (is_name(&p))
			put_extended(w, &p);
		else
			put_whole(w, &p, false);
		w->last = WORDING_RAW;
	}
}
