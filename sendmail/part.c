/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "sendmail/part.h"
#include "sendmail/token.h"

static bool
begins(const char *local, size_t size, const char *with)
{
	return size >= strlen(with) && memcmp(local, with, strlen(with)) == 0;
}

const char *
part_refuse(const char *local, size_t size)
{
	size_t i;

	if (begins(local, size, "|"))
		return "no mail to a program";
	if (begins(local, size, "/"))
		return "no mail to a file";
	if (begins(local, size, ":include:"))
		return "no mail to an :include:";
	for (i = 0; i < size; i++)
		if ((unsigned char)local[i] < ' ' || local[i] == 127)
			return "a control character";
	return NULL;
}

static bool
is_dot_string(const char *local, size_t size)
{
	char last = '.';
	size_t i;

	for (i = 0; i < size; i++) {
		if (local[i] == '.' ? last == '.' : !token_is_atext(local[i]))
			return false;
		last = local[i];
	}
	return last != '.';
}

size_t
part_write(const char *local, size_t size, char *out, size_t room)
{
	size_t i, n = 0;

	if (is_dot_string(local, size)) {
		if (size > room)
			return 0;
		memcpy(out, local, size);
		return size;
	}
	if (room < 2)
		return 0;
	out[n++] = '"';
	for (i = 0; i < size; i++) {
		if (room - n < 3)
			return 0;
		if (local[i] == '"' || local[i] == '\\')
			out[n++] = '\\';
		out[n++] = local[i];
	}
	out[n++] = '"';
	return n;
}

static bool
is_let_dig(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-';
}

/* RFC 5321, 2.3.5, with what people write beside it: _ and U-labels. */
bool
part_is_label(const char *label, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (!is_let_dig(label[i]) && label[i] != '_' &&
		    (unsigned char)label[i] < 128)
			return false;
	return size > 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

size_t
part_literal(const char *raw, size_t size, char out[PART_LITERAL])
{
	size_t start = 1, end = size - 1, i, n = 0;

	while (start < end && is_blank(raw[start]))
		start++;
	while (end > start && is_blank(raw[end - 1]))
		end--;
	if (start == end || end - start + 2 > PART_LITERAL)
		return 0;
	out[n++] = '[';
	for (i = start; i < end; i++) {
		if (!is_let_dig(raw[i]) && raw[i] != '.' && raw[i] != ':')
			return 0;
		out[n++] = raw[i];
	}
	out[n++] = ']';
	return n;
}
