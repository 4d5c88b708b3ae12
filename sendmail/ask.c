/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "mailq/envelope.h"
#include "sendmail/ask.h"

const char *
ask_notify(const char *value)
{
	struct fault bad = { 0 };
	unsigned notify;

	return notify_parse(value, &notify, &bad) == EX_OK ? value : NULL;
}

const char *
ask_ret(const char *value)
{
	if (strcasecmp(value, "full") == 0)
		return "full";
	return strcasecmp(value, "hdrs") == 0 ? "hdrs" : NULL;
}

static bool
is_envid(const char *text)
{
	static const char high[] = "234567", low[] = "0123456789ABCDEF";
	size_t size = strlen(text);

	if (size == 0 || size > ENVELOPE_ENVID)
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

const char *
ask_envid(const char *value)
{
	return is_envid(value) ? value : NULL;
}
