/* SPDX-License-Identifier: ISC */
#include <strings.h>

#include "mailq/envelope.h"
#include "sendmail/ask.h"
#include "sendmail/xtext.h"

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

const char *
ask_envid(const char *value)
{
	return xtext_is_sound(value, ENVELOPE_ENVID) ? value : NULL;
}
