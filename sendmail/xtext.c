/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "sendmail/xtext.h"

bool
xtext_is_sound(const char *text, size_t most)
{
	static const char high[] = "234567", low[] = "0123456789ABCDEF";
	size_t size = strlen(text);

	if (size == 0 || size > most)
		return false;
	for (; *text != '\0'; text++) {
		if (*text <= ' ' || *text > '~' || *text == '=')
			return false;
		if (*text != '+')
			continue;
		if (text[1] == '\0' || strchr(high, text[1]) == NULL ||
		    text[2] == '\0' || strchr(low, text[2]) == NULL ||
		    strncmp(text + 1, "7F", 2) == 0)
			return false;
		text += 2;
	}
	return true;
}

static int
digit(char c)
{
	return c <= '9' ? c - '0' : c - 'A' + 10;
}

void
xtext_decode(char *text)
{
	char *to = text;

	while (*text != '\0') {
		if (*text == '+') {
			*to++ = (char)(digit(text[1]) * 16 + digit(text[2]));
			text += 3;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}
