/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sendmail/ehlo.h"

#define MECHANISM 20 /* octets, RFC 4422, 3.1 */

static const char BLANKS[] = " \t";

/* Whether that word of so many octets is the keyword. */
static bool
is_keyword(const char *word, size_t len, const char *keyword)
{
	return strlen(keyword) == len && strncasecmp(word, keyword, len) == 0;
}

/*
 * No number, or 0: no limit is stated (RFC 1870, 4).  One beyond what we can
 * count limits nothing either.
 */
static off_t
read_size(const char *text)
{
	long long size;
	char *end;

	if (*text < '0' || *text > '9')
		return 0;
	errno = 0;
	size = strtoll(text, &end, 10);
	if (errno != 0 || (off_t)size != size)
		return 0;
	return *end == '\0' || *end == ' ' || *end == '\t' ? size : 0;
}

/* Copy the name of a mechanism in upper case; false if it is none. */
static bool
read_name(char name[MECHANISM + 1], const char *word, size_t len)
{
	size_t i;

	if (len > MECHANISM)
		return false;
	for (i = 0; i < len; i++) {
		name[i] = word[i];
		if (name[i] >= 'a' && name[i] <= 'z')
			name[i] = (char)(name[i] - 'a' + 'A');
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", name[i]) ==
		    NULL)
			return false;
	}
	name[len] = '\0';
	return len > 0;
}

/* What does not fit is not offered; some servers say a list twice. */
static void
add_mechanisms(struct ehlo *ehlo, const char *list)
{
	char name[MECHANISM + 1];
	size_t used, len;

	for (list += strspn(list, BLANKS); *list != '\0';
	     list += strspn(list, BLANKS)) {
		len = strcspn(list, BLANKS);
		if (read_name(name, list, len) && !ehlo_has_auth(ehlo, name)) {
			used = strlen(ehlo->auth);
			if (used + len + 3 <= sizeof(ehlo->auth))
				snprintf(ehlo->auth + used,
				    sizeof(ehlo->auth) - used, "%s%s ",
				    used == 0 ? " " : "", name);
		}
		list += len;
	}
}

/* A word "NAME=number" of LIMITS: one to six digits, the first no 0 (RFC 9422). */
static void
read_limit(const char *word, size_t len, const char *name, unsigned *limit)
{
	size_t at = strlen(name), digits;

	if (len <= at || strncasecmp(word, name, at) != 0)
		return;
	digits = strspn(word + at, "0123456789");
	if (digits == len - at && digits <= 6 && word[at] != '0')
		*limit = (unsigned)strtoul(word + at, NULL, 10);
}

static void
read_limits(struct ehlo *ehlo, const char *list)
{
	size_t len;

	for (list += strspn(list, BLANKS); *list != '\0';
	     list += strspn(list, BLANKS)) {
		len = strcspn(list, BLANKS);
		read_limit(list, len, "MAILMAX=", &ehlo->mail_max);
		read_limit(list, len, "RCPTMAX=", &ehlo->rcpt_max);
		read_limit(list, len, "RCPTDOMAINMAX=", &ehlo->domain_max);
		list += len;
	}
}

void
ehlo_line(void *ctx, const char *line)
{
	struct ehlo *ehlo = ctx;
	const char *rest;
	size_t len;

	/* The first line is the server's name, whatever that is. */
	if (!ehlo->has_name) {
		ehlo->has_name = true;
		return;
	}
	line += strspn(line, BLANKS);
	len = strcspn(line, " \t=");
	rest = line[len] == '\0' ? line + len : line + len + 1;
	rest += strspn(rest, BLANKS);

	if (is_keyword(line, len, "STARTTLS"))
		ehlo->has_starttls = true;
	else if (is_keyword(line, len, "PIPELINING"))
		ehlo->has_pipelining = true;
	else if (is_keyword(line, len, "8BITMIME"))
		ehlo->has_8bitmime = true;
	else if (is_keyword(line, len, "SMTPUTF8"))
		ehlo->has_smtputf8 = true;
	else if (is_keyword(line, len, "DSN"))
		ehlo->has_dsn = true;
	else if (is_keyword(line, len, "CHUNKING"))
		ehlo->has_chunking = true;
	else if (is_keyword(line, len, "SIZE")) {
		ehlo->has_size = true;
		ehlo->size = read_size(rest);
	} else if (is_keyword(line, len, "LIMITS"))
		read_limits(ehlo, rest);
	else if (is_keyword(line, len, "AUTH")) {
		ehlo->has_auth = true;
		add_mechanisms(ehlo, rest);
	}
}

bool
ehlo_has_auth(const struct ehlo *ehlo, const char *mechanism)
{
	char word[MECHANISM + 3];

	if (strlen(mechanism) > MECHANISM)
		return false;
	snprintf(word, sizeof(word), " %s ", mechanism);
	return strstr(ehlo->auth, word) != NULL;
}
