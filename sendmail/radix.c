/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sendmail/radix.h"

static const char LETTERS[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
radix_encode(char *text, const char *data, size_t len)
{
	const unsigned char *at = (const unsigned char *)data;
	uint32_t bits;

	for (; len > 0; at += 3) {
		bits = (uint32_t)at[0] << 16;
		if (len > 1)
			bits |= (uint32_t)at[1] << 8;
		if (len > 2)
			bits |= at[2];
		*text++ = LETTERS[bits >> 18];
		*text++ = LETTERS[bits >> 12 & 63];
		*text++ = (char)(len > 1 ? LETTERS[bits >> 6 & 63] : '=');
		*text++ = (char)(len > 2 ? LETTERS[bits & 63] : '=');
		len -= len > 3 ? 3 : len;
	}
	*text = '\0';
}

/* Three octets from four letters, of which so many count; whether they are such. */
static bool
take(const char *four, size_t count, char three[3])
{
	uint32_t bits = 0;
	const char *letter;
	size_t i;

	for (i = 0; i < 4; i++) {
		letter = strchr(LETTERS, i < count ? four[i] : 'A');
		if (letter == NULL || *letter == '\0')
			return false;
		bits = bits << 6 | (uint32_t)(letter - LETTERS);
	}
	three[0] = (char)(bits >> 16);
	three[1] = (char)(bits >> 8);
	three[2] = (char)bits;
	return true;
}

char *
radix_decode(const char *text, size_t *len)
{
	size_t size = strlen(text), letters = size, i;
	char *data, three[3];

	while (letters > 0 && size - letters < 2 && text[letters - 1] == '=')
		letters--;
	data = malloc(size / 4 * 3 + 1);
	if (data == NULL)
		return NULL;
	*len = letters * 6 / 8;
	for (i = 0; size % 4 == 0 && i < letters; i += 4) {
		if (!take(text + i, letters - i, three))
			break;
		memcpy(data + i / 4 * 3, three,
		    *len - i / 4 * 3 < 3 ? *len - i / 4 * 3 : 3);
	}
	if (size % 4 == 0 && i >= letters)
		return data;
	free(data);
	errno = EINVAL;
	return NULL;
}
