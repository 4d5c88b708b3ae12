/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "mailq/word.h"

#define EMPTY "<>"
#define ESCAPED_EMPTY "+3C+3E" /* a text that happens to be <> */

/* RFC 3461, 4: xchar. */
static bool
stands_for_itself(unsigned char c)
{
	return c >= 33 && c <= 126 && c != '+' && c != '=';
}

void
word_write(FILE *out, const char *text)
{
	const unsigned char *at;

	if (text[0] == '\0') {
		fputs(EMPTY, out);
		return;
	}
	if (strcmp(text, EMPTY) == 0) {
		fputs(ESCAPED_EMPTY, out);
		return;
	}
	for (at = (const unsigned char *)text; *at != '\0'; at++) {
		if (stands_for_itself(*at))
			putc(*at, out);
		else
			fprintf(out, "+%02X", *at);
	}
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static int
bad_word(struct fault *f)
{
	return fault_set(f, EX_DATAERR, "a word is no xtext");
}

int
word_decode(char *word, struct fault *f)
{
	const char *from = word;
	char *to = word;
	int c;

	if (word[0] == '\0')
		return bad_word(f);
	if (strcmp(word, EMPTY) == 0) {
		word[0] = '\0';
		return EX_OK;
	}
	if (strcmp(word, ESCAPED_EMPTY) == 0) {
		memcpy(word, EMPTY, sizeof(EMPTY));
		return EX_OK;
	}
	while (*from != '\0') {
		if (*from != '+') {
			if (!stands_for_itself((unsigned char)*from))
				return bad_word(f);
			*to++ = *from++;
			continue;
		}
		if (hex(from[1]) < 0 || hex(from[2]) < 0)
			return bad_word(f);
		c = hex(from[1]) * 16 + hex(from[2]);
		if (c == '\0' || stands_for_itself((unsigned char)c))
			return bad_word(f);
		*to++ = (char)c;
		from += 3;
	}
	*to = '\0';
	return EX_OK;
}

/* How long a UTF-8 character is that begins so; 0: none does. */
static size_t
length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	if (first < 0xe0)
		return 2;
	return first < 0xf0 ? 3 : 4;
}

/*
 * The octets of the sound UTF-8 character at that place, or 0.  No overlong
 * form, no surrogate, nothing beyond U+10FFFF (RFC 3629, 3).
 */
static size_t
character(const unsigned char *at, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = length(at[0]), i;

	*c = at[0];
	if (len < 2)
		return len;
	*c &= 0xffU >> (len + 1);
	for (i = 1; i < len; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (at[i] & 0x3fU);
	}
	if (*c < least[len] || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff))
		return 0;
	return len;
}

/* Moves nothing: no control, no line or direction mark (Unicode, UAX 9). */
static bool
is_harmless(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c)
		return false;
	if (c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e))
		return false;
	return c < 0x2066 || c > 0x2069;
}

void
word_print(FILE *out, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	uint32_t c;
	size_t len;

	for (; *at != '\0'; at += len) {
		len = character(at, &c);
		if (len > 0 && is_harmless(c)) {
			fwrite(at, 1, len, out);
			continue;
		}
		len = 1;
		fprintf(out, "\\x%02X", *at);
	}
}

void
word_json(FILE *out, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	uint32_t c;
	size_t len;

	putc('"', out);
	for (; *at != '\0'; at += len) {
		len = character(at, &c);
		if (len > 0 && is_harmless(c) && c != '"' && c != '\\') {
			fwrite(at, 1, len, out);
			continue;
		}

		/* What is no character goes by the number of its octet. */
		if (len == 0) {
			c = *at;
			len = 1;
		}
		fprintf(out, "\\u%04x", (unsigned)c);
	}
	putc('"', out);
}
