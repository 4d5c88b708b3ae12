/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <string.h>

#include "sendmail/encoded.h"
#include "sendmail/header.h"
#include "sendmail/token.h"

#define LINE ENCODED_LINE /* columns */
#define WORD 50           /* columns that need not be broken */

/* A display name on its way, by what it needs. */
enum style { STYLE_ATOMS, STYLE_QUOTED, STYLE_ENCODED };

void
header_date(char date[HEADER_DATE], time_t now)
{
	struct tm tm = { .tm_mday = 1, .tm_year = 70 };

	/* The names are English: no locale is ever set. */
	tzset();
	localtime_r(&now, &tm);
	strftime(date, HEADER_DATE, "%a, %d %b %Y %H:%M:%S %z", &tm);
}

/* Control characters have no place in a name. */
static char
plain(char c)
{
	return (unsigned char)c < ' ' || c == 127 ? ' ' : c;
}

static const char *
trim(const char *name, size_t *size)
{
	while (*name != '\0' && plain(*name) == ' ')
		name++;
	*size = strlen(name);
	while (*size > 0 && plain(name[*size - 1]) == ' ')
		--*size;
	return name;
}

/* Columns that it takes in a quoted string. */
static size_t
width(char c)
{
	return c == '"' || c == '\\' ? 2 : 1;
}

static enum style
choose(const char *name, size_t size)
{
	enum style style = STYLE_ATOMS;
	size_t i, word = 0;
	char c, last = '\0';

	for (i = 0; i < size; i++, last = c) {
		c = plain(name[i]);
		word = c == ' ' ? 0 : word + width(c);
		if ((unsigned char)c > 127 || word > WORD)
			return STYLE_ENCODED;

		/* Nobody may take a name for an encoded word. */
		if (c == '?' && last == '=')
			return STYLE_ENCODED;
		if (c != ' ' && !token_is_atext(c))
			style = STYLE_QUOTED;
	}
	return style;
}

static size_t
word_width(const char *name, size_t size)
{
	size_t i, columns = 0;

	for (i = 0; i < size && plain(name[i]) != ' '; i++)
		columns += width(name[i]);
	return columns;
}

/* A line is broken before a blank only; of several blanks the last is kept. */
static size_t
put_words(FILE *out, size_t column, const char *name, size_t size)
{
	size_t i, word;
	char c;

	for (i = 0; i < size; i++) {
		c = plain(name[i]);
		if (c == ' ') {
			word = word_width(name + i + 1, size - i - 1);
			if (word == 0)
				continue;

			/* The quote that closes it has room, too. */
			if (column + 1 + word + 1 > LINE) {
				fputs("\r\n", out);
				column = 0;
			}
		}
		if (width(c) == 2)
			putc('\\', out);
		putc(c, out);
		column += width(c);
	}
	return column;
}

/* Control characters become blanks before they could be encoded. */
static size_t
put_encoded(FILE *out, size_t column, const char *name, size_t size)
{
	bool is_utf8 = token_is_utf8(name, size);
	char piece[ENCODED_WORD], word[ENCODED_WORD + 1];
	size_t at, n;

	for (at = 0; at < size;) {
		for (n = 0; n < sizeof(piece) && at + n < size; n++)
			piece[n] = plain(name[at + n]);
		if (at > 0) {
			fputs("\r\n ", out);
			column = 1;
		}
		at += encoded_word(
		    piece, n, is_utf8, column < LINE ? LINE - column : 0, word);
		fputs(word, out);
		column += strlen(word);
	}
	return column;
}

void
header_mailbox(FILE *out, size_t column, const char *name, const char *addr)
{
	enum style style;
	size_t size;

	name = trim(name, &size);
	if (size == 0) {
		fprintf(out, "%s\r\n", addr);
		return;
	}
	style = choose(name, size);
	if (style == STYLE_QUOTED) {
		putc('"', out);
		column++;
	}
	if (style == STYLE_ENCODED)
		column = put_encoded(out, column, name, size);
	else
		column = put_words(out, column, name, size);
	if (style == STYLE_QUOTED) {
		putc('"', out);
		column++;
	}
	fputs(column + strlen(addr) + 3 > LINE ? "\r\n " : " ", out);
	fprintf(out, "<%s>\r\n", addr);
}
