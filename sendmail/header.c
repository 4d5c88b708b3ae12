/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <string.h>

#include "sendmail/header.h"
#include "sendmail/token.h"

#define LINE 76    /* columns, RFC 2047, 2 */
#define ENCODED 75 /* octets of an encoded word, there too */
#define WORD 50    /* columns that need not be broken */

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

/* In an encoded word within a phrase (RFC 2047, 5 (3)). */
static bool
may_stand(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (c != '\0' && strchr("!*+-/", c) != NULL);
}

static size_t
encode(char *to, const char *from, size_t size)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t i, n = 0;
	char c;

	for (i = 0; i < size; i++) {
		c = plain(from[i]);
		if (c == ' ') {
			to[n++] = '_';
		} else if (may_stand(c)) {
			to[n++] = c;
		} else {
			to[n++] = '=';
			to[n++] = hex[(unsigned char)c >> 4];
			to[n++] = hex[(unsigned char)c & 15];
		}
	}
	return n;
}

/* A character is never parted; what is no UTF-8 is called what it is. */
static size_t
put_encoded(FILE *out, size_t column, const char *name, size_t size)
{
	bool utf8 = token_is_utf8(name, size);
	const char *begin = utf8 ? "=?UTF-8?Q?" : "=?UNKNOWN-8BIT?Q?";
	char octets[16];
	size_t at, step, n, used = 0;

	for (at = 0; at < size; at += step) {
		step = utf8 ? token_utf8(name + at, size - at) : 1;
		n = encode(octets, name + at, step);
		if (used > 0 &&
		    (used + n + 2 > ENCODED || column + n + 2 > LINE)) {
			fputs("?=\r\n ", out);
			column = 1;
			used = 0;
		}
		if (used == 0) {
			fputs(begin, out);
			used = strlen(begin);
			column += used;
		}
		fwrite(octets, 1, n, out);
		used += n;
		column += n;
	}
	fputs("?=", out);
	return column + 2;
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
