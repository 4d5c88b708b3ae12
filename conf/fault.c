/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "conf/fault.h"

/* Whether it moves a cursor: C0, DEL, or C1 as UTF-8 writes it. */
static bool
is_control(const unsigned char *at)
{
	return at[0] < 0x20 || at[0] == 0x7f ||
	    (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0);
}

static void
disarm(char *text)
{
	unsigned char *at;

	for (at = (unsigned char *)text; *at != '\0'; at++) {
		if (!is_control(at))
			continue;
		if (*at == 0xc2)
			*at++ = '?';
		*at = '?';
	}
}

/* Half a character of UTF-8 is worse than none. */
static void
drop_half_character(char *text)
{
	size_t len = strlen(text);

	while (len > 0 && ((unsigned char)text[len - 1] & 0xc0) == 0x80)
		len--;
	if (len > 0 && (unsigned char)text[len - 1] >= 0xc0)
		len--;
	text[len] = '\0';
}

static void
finish(struct fault *f, int code, bool is_cut)
{
	f->code = code;
	disarm(f->text);
	if (is_cut)
		drop_half_character(f->text);
}

int
fault_set(struct fault *f, int code, const char *fmt, ...)
{
	va_list args;
	int len;

	assert(code != EX_OK);
	if (f->code != EX_OK)
		return f->code;
	va_start(args, fmt);
	len = vsnprintf(f->text, sizeof(f->text), fmt, args);
	va_end(args);
	finish(f, code, len >= FAULT_TEXT);
	return code;
}

int
fault_errno(struct fault *f, int code, const char *fmt, ...)
{
	const char *why = strerror(errno);
	va_list args;
	size_t used;
	int len;

	assert(code != EX_OK);
	if (f->code != EX_OK)
		return f->code;
	va_start(args, fmt);
	len = vsnprintf(f->text, sizeof(f->text), fmt, args);
	va_end(args);
	used = strlen(f->text);
	len += snprintf(f->text + used, sizeof(f->text) - used, ": %s", why);
	finish(f, code, len >= FAULT_TEXT);
	return code;
}
