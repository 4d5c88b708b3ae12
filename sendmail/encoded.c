/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "sendmail/encoded.h"
#include "sendmail/token.h"

#define CHARACTER 4 /* octets, at most */

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

	for (i = 0; i < size; i++) {
		if (from[i] == ' ') {
			to[n++] = '_';
		} else if (may_stand(from[i])) {
			to[n++] = from[i];
		} else {
			to[n++] = '=';
			to[n++] = hex[(unsigned char)from[i] >> 4];
			to[n++] = hex[(unsigned char)from[i] & 15];
		}
	}
	return n;
}

size_t
encoded_word(const char *text, size_t size, bool is_utf8, size_t columns,
    char word[ENCODED_WORD + 1])
{
	const char *begin = is_utf8 ? "=?UTF-8?Q?" : "=?UNKNOWN-8BIT?Q?";
	size_t used = strlen(begin), at = 0, step, n;
	char octets[3 * CHARACTER];

	if (columns > ENCODED_WORD)
		columns = ENCODED_WORD;
	memcpy(word, begin, used + 1);
	while (at < size) {
		step = is_utf8 ? token_utf8(text + at, size - at) : 1;
		if (step == 0 && at > 0)
			break;
		if (step == 0)
			step = 1;
		n = encode(octets, text + at, step);
		if (at > 0 && used + n + 2 > columns)
			break;
		memcpy(word + used, octets, n);
		used += n;
		at += step;
	}
	memcpy(word + used, "?=", 3);
	return at;
}

bool
encoded_is(const char *word, size_t size)
{
	return size > 4 && memcmp(word, "=?", 2) == 0 &&
	    memcmp(word + size - 2, "?=", 2) == 0;
}
