/* SPDX-License-Identifier: ISC */
#include "sendmail/comment.h"

size_t
comment_size(const char *text, size_t size)
{
	unsigned depth = 0;
	size_t at;

	for (at = 0; at < size; at++) {
		if (text[at] == '\\')
			at++;
		else if (text[at] == '(')
			depth++;
		else if (text[at] == ')' && --depth == 0)
			return at + 1;
	}
	return size;
}

/* Octets ahead of the first comment; in quotes there is none. */
static size_t
plain_size(const char *text, size_t size)
{
	bool in_quotes = false;
	size_t at;

	for (at = 0; at < size; at++) {
		if (text[at] == '\\')
			at++;
		else if (text[at] == '"')
			in_quotes = !in_quotes;
		else if (text[at] == '(' && !in_quotes)
			return at;
	}
	return size;
}

bool
comment_hides(enum octets keeps, const char *text, size_t size)
{
	size_t n;

	if (wording_keeps(keeps, text, size))
		return false;
	while (size > 0) {
		n = plain_size(text, size);
		if (!wording_keeps(keeps, text, n))
			return false;
		n += comment_size(text + n, size - n);
		text += n;
		size -= n;
	}
	return true;
}

static void
put_plain(struct wording *w, const char *text, size_t size)
{
	const bool was_rigid = w->is_rigid;

	if (size == 0)
		return;
	w->last = WORDING_RAW;
	w->is_rigid = true;
	wording_text(w, text, size);
	w->is_rigid = was_rigid;
}

/* The texts between the parentheses of a comment and of those within it. */
static void
put_texts(struct wording *w, const char *comment, size_t size)
{
	const enum wording_place was = w->place;
	const bool was_rigid = w->is_rigid;
	size_t at = 0, text;

	w->place = WORDING_COMMENT;
	w->is_rigid = false;
	while (at < size) {
		text = at;
		while (at < size && comment[at] != '(' && comment[at] != ')')
			at += comment[at] == '\\' && at + 1 < size ? 2 : 1;
		w->last = WORDING_RAW;
		wording_text(w, comment + text, at - text);
		if (at < size)
			wording_raw(w, comment + at++, 1);
	}
	if (size > 0)
		w->last = WORDING_RAW;
	w->is_rigid = was_rigid;
	w->place = was;
}

void
comment_put(struct wording *w, const char *text, size_t size)
{
	size_t plain, comment;

	while (size > 0) {
		plain = plain_size(text, size);
		comment = comment_size(text + plain, size - plain);
		put_plain(w, text, plain);
		put_texts(w, text + plain, comment);
		text += plain + comment;
		size -= plain + comment;
	}
}
