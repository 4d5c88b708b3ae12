/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "sendmail/token.h"

static int
refuse(const char *why, size_t at, struct fault *f)
{
	return fault_set(f, EX_DATAERR, "%s at octet %zu", why, at + 1);
}

bool
token_is_atext(char c)
{
	static const char others[] = "!#$%&'*+-/=?^_`{|}~";

	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (unsigned char)c > 127)
		return true;
	return c != '\0' && strchr(others, c) != NULL;
}

/* At an opening parenthesis: behind the one that closes it. */
static int
skip_comment(struct token *t, struct fault *f)
{
	size_t start = t->at;
	unsigned depth = 0;

	while (t->at < t->size) {
		char c = t->list[t->at++];

		if (c == '\\') {
			t->at++;
		} else if (c == '(') {
			if (++depth > TOKEN_DEPTH)
				return refuse("comments too deep", start, f);
		} else if (c == ')' && --depth == 0) {
			t->comment = start + 1;
			t->comment_end = t->at - 1;
			return EX_OK;
		}
	}
	return refuse("a comment is not closed", start, f);
}

static int
skip_blanks(struct token *t, struct fault *f)
{
	t->is_apart = false;
	while (t->at < t->size) {
		char c = t->list[t->at];

		if (c == '(') {
			if (skip_comment(t, f) != EX_OK)
				return f->code;
		} else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			t->at++;
		} else {
			break;
		}
		t->is_apart = true;
	}
	return EX_OK;
}

/* At a quote or a bracket: behind the one that closes it. */
static int
skip_to(struct token *t, char close, const char *why, struct fault *f)
{
	for (t->at++; t->at < t->size; t->at++) {
		if (t->list[t->at] == '\\')
			t->at++;
		else if (t->list[t->at] == close)
			break;
	}
	if (t->at >= t->size)
		return refuse(why, t->start, f);
	t->at++;
	return EX_OK;
}

static int
special(struct token *t, char c, struct fault *f)
{
	if (c == '\0' || strchr("<>@,;:.\\", c) == NULL) {
		if ((unsigned char)c < ' ' || c == 127)
			return refuse("a control character", t->start, f);
		return fault_set(
		    f, EX_DATAERR, "stray '%c' at octet %zu", c, t->start + 1);
	}
	t->kind = (unsigned char)c;
	t->at++;
	return EX_OK;
}

int
token_next(struct token *t, struct fault *f)
{
	int rc = skip_blanks(t, f);
	char c;

	t->start = t->end = t->at;
	t->kind = TOKEN_END;
	if (rc != EX_OK || t->at >= t->size)
		return rc;
	c = t->list[t->at];
	if (token_is_atext(c)) {
		t->kind = TOKEN_ATOM;
		while (t->at < t->size && token_is_atext(t->list[t->at]))
			t->at++;
	} else if (c == '"') {
		t->kind = TOKEN_QUOTED;
		rc = skip_to(t, '"', "a quote is not closed", f);
	} else if (c == '[') {
		t->kind = TOKEN_LITERAL;
		rc = skip_to(t, ']', "a bracket is not closed", f);
	} else {
		rc = special(t, c, f);
	}
	t->end = t->at;
	return rc;
}

size_t
token_plain(const char *raw, size_t size, char *plain)
{
	size_t i, n = 0;

	for (i = 0; i < size; i++) {
		if (raw[i] == '\\' && i + 1 < size)
			plain[n++] = raw[++i];
		else if (raw[i] != '\r' && raw[i] != '\n')
			plain[n++] = raw[i];
	}
	return n;
}

size_t
token_utf8(const char *at, size_t left)
{
	const unsigned char *u = (const unsigned char *)at;
	unsigned char low = 0x80, high = 0xbf;
	size_t i, size;

	if (left == 0)
		return 0;
	if (u[0] < 0x80)
		return 1;
	if (u[0] < 0xc2 || u[0] > 0xf4)
		return 0;
	size = u[0] < 0xe0 ? 2 : 4;
	if (u[0] >= 0xe0 && u[0] < 0xf0)
		size = 3;

	/* No long forms, no surrogates, nothing beyond U+10FFFF. */
	if (u[0] == 0xe0)
		low = 0xa0;
	else if (u[0] == 0xed)
		high = 0x9f;
	else if (u[0] == 0xf0)
		low = 0x90;
	else if (u[0] == 0xf4)
		high = 0x8f;
	if (left < size || u[1] < low || u[1] > high)
		return 0;
	for (i = 2; i < size; i++)
		if (u[i] < 0x80 || u[i] > 0xbf)
			return 0;
	return size;
}

bool
token_is_utf8(const char *text, size_t size)
{
	size_t at, step;

	for (at = 0; at < size; at += step) {
		step = token_utf8(text + at, size - at);
		if (step == 0)
			return false;
	}
	return true;
}

bool
token_is_ascii(const char *text, size_t size)
{
	unsigned char all = 0;
	size_t i;

	for (i = 0; i < size; i++)
		all |= (unsigned char)text[i];
	return all < 128;
}
