/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/types.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "conf/host.h"
#include "conf/shape.h"

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define PIN_BASE64 44 /* characters that 32 octets take */
#define PIN_HEX 64

/* Whether each of len octets is one of these; the NUL never is. */
static bool
is_made_of(const char *text, size_t len, const char *these)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] == '\0' || strchr(these, text[i]) == NULL)
			return false;
	return true;
}

bool
shape_is_host(const char *text, size_t len)
{
	size_t i, label = 0;

	for (i = 0; i < len; i++) {
		if (text[i] == '.' && label == 0)
			return false;
		label = text[i] == '.' ? 0 : label + 1;
		if (text[i] != '.' && (unsigned char)text[i] < 0x80 &&
		    !is_made_of(text + i, 1, LETTERS DIGITS "-_"))
			return false;
	}
	return label > 0 && len <= HOST_NAME && text[0] != '-';
}

static bool
is_of_family(int family, const char *text, size_t len)
{
	char copy[INET6_ADDRSTRLEN];
	struct in6_addr addr;

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return inet_pton(family, copy, &addr) == 1;
}

bool
shape_is_ip(const char *text, size_t len)
{
	return is_of_family(AF_INET, text, len) ||
	    is_of_family(AF_INET6, text, len);
}

bool
shape_is_literal(const char *text, size_t len)
{
	if (len < 3 || text[0] != '[' || text[len - 1] != ']')
		return false;
	if (len > 7 && strncasecmp(text + 1, "IPv6:", 5) == 0)
		return is_of_family(AF_INET6, text + 6, len - 7);
	return is_of_family(AF_INET, text + 1, len - 2);
}

/*
 * What can stand in MAIL and in a header as it is: a local part that wants
 * quotes cannot be set.
 */
bool
shape_is_sender(const char *text, size_t len)
{
	const char *at = memchr(text, '@', len);
	size_t i, local;

	if (at == NULL)
		return false;
	local = (size_t)(at - text);
	for (i = 0; i < local; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f ||
		    strchr("\"(),:;<>[\\]", text[i]) != NULL)
			return false;
	return shape_is_host(at + 1, len - local - 1);
}

bool
shape_is_address(const char *text, size_t len)
{
	return len > 0 && text[0] != '@' && shape_is_sender(text, len);
}

bool
shape_is_pin(const char *text, size_t len)
{
	if (len == PIN_HEX)
		return is_made_of(text, len, DIGITS "abcdefABCDEF");
	return len == PIN_BASE64 && text[len - 1] == '=' &&
	    is_made_of(text, len - 1, LETTERS DIGITS "+/");
}

bool
shape_is_mechanism(const char *text, size_t len)
{
	static const char *const known[] = { "auto", "off", "EXTERNAL",
		"OAUTHBEARER", "XOAUTH2", "SCRAM-SHA-256-PLUS",
		"SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN",
		"LOGIN", "CRAM-MD5" };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i]) == len &&
		    strncasecmp(known[i], text, len) == 0)
			return true;
	return false;
}
