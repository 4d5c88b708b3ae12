/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/types.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "conf/host.h"

#define HOSTS "/etc/hosts"
#define MAILNAME "/etc/mailname"
#define BLANKS " \t\r"
#define LABEL 63 /* octets, RFC 1035, 2.3.4 */

#define LETTERS_DIGITS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static bool
is_label(const char *label, size_t len)
{
	return len > 0 && len <= LABEL && label[0] != '-' &&
	    label[len - 1] != '-' && strspn(label, LETTERS_DIGITS "-") >= len;
}

bool
host_is_name(const char *name)
{
	struct in_addr addr;
	const char *label = name;
	size_t len;

	if (strlen(name) > HOST_NAME || inet_pton(AF_INET, name, &addr) == 1)
		return false;
	for (;;) {
		len = strcspn(label, ".");
		if (!is_label(label, len))
			return false;
		if (label[len] == '\0')
			return true;
		label += len + 1;
	}
}

void
host_name(char name[HOST_NAME + 1])
{
	/* POSIX does not promise the NUL of a name that was cut. */
	memset(name, 0, HOST_NAME + 1);
	if (gethostname(name, HOST_NAME + 1) != 0 || name[HOST_NAME] != '\0' ||
	    !host_is_name(name))
		snprintf(name, HOST_NAME + 1, "localhost");
}

static bool
ends_in(const char *name, const char *tail)
{
	size_t len = strlen(name), tail_len = strlen(tail);

	return len > tail_len && strcasecmp(name + len - tail_len, tail) == 0;
}

bool
host_is_full(const char *name)
{
	return strchr(name, '.') != NULL && host_is_name(name) &&
	    !ends_in(name, ".localhost") && !ends_in(name, ".localdomain") &&
	    !ends_in(name, ".local");
}

/* Whether a line of hosts(5) has it; the first name there stands for the others. */
static bool
is_listed(char *line, char name[HOST_NAME + 1])
{
	const char *first, *word;
	char *rest, *addr;
	struct in6_addr raw;

	line[strcspn(line, "#\n")] = '\0';
	addr = strtok_r(line, BLANKS, &rest);
	if (addr == NULL ||
	    (inet_pton(AF_INET, addr, &raw) != 1 &&
		inet_pton(AF_INET6, strsep(&addr, "%"), &raw) != 1))
		return false;
	first = word = strtok_r(NULL, BLANKS, &rest);
	while (word != NULL && strcasecmp(word, name) != 0)
		word = strtok_r(NULL, BLANKS, &rest);
	if (word != NULL && host_is_name(first))
		snprintf(name, HOST_NAME + 1, "%s", first);
	return word != NULL;
}

/*
 * Whether it is in /etc/hosts, which then has the last word.  gethostent(3) would
 * get the whole resolver ready, which we may not need.
 */
static bool
consult_hosts(char name[HOST_NAME + 1])
{
	FILE *in = fopen(HOSTS, "re");
	char *line = NULL;
	size_t room = 0;
	bool is_found = false;

	if (in == NULL)
		return false;
	while (!is_found && getline(&line, &room, in) != -1)
		is_found = is_listed(line, name);
	free(line);
	fclose(in);
	return is_found;
}

/* What the resolver makes of it; the name is left as it is if that is nothing. */
static void
resolve(char name[HOST_NAME + 1])
{
	struct addrinfo hints = { 0 }, *found = NULL;

	hints.ai_flags = AI_CANONNAME;
	hints.ai_socktype = SOCK_STREAM;
	if (getaddrinfo(name, NULL, &hints, &found) != 0)
		return;
	if (found->ai_canonname != NULL && host_is_name(found->ai_canonname))
		snprintf(name, HOST_NAME + 1, "%s", found->ai_canonname);
	freeaddrinfo(found);
}

bool
host_fqdn_at_hand(char name[HOST_NAME + 1])
{
	bool is_at_hand;

	host_name(name);
	is_at_hand = strchr(name, '.') != NULL || consult_hosts(name);
	if (!host_is_full(name))
		name[0] = '\0';
	return is_at_hand;
}

void
host_fqdn(char name[HOST_NAME + 1])
{
	if (host_fqdn_at_hand(name))
		return;
	host_name(name);
	resolve(name);
	if (!host_is_full(name))
		name[0] = '\0';
}

void
host_mailname(char name[HOST_NAME + 1])
{
	FILE *in = fopen(MAILNAME, "re");

	name[0] = '\0';
	if (in == NULL)
		return;
	if (fgets(name, HOST_NAME + 1, in) == NULL)
		name[0] = '\0';
	fclose(in);
	name[strcspn(name, " \t\r\n")] = '\0';
	if (!host_is_name(name))
		name[0] = '\0';
}

void
host_domain(const char *fqdn, char name[HOST_NAME + 1])
{
	host_mailname(name);
	if (!host_is_full(name) && (fqdn[0] != '\0' || host_is_localhost(name)))
		snprintf(name, HOST_NAME + 1, "%s", fqdn);
}

bool
host_is_localhost(const char *domain)
{
	return strcasecmp(domain, "localhost") == 0 ||
	    strcasecmp(domain, "localhost.localdomain") == 0;
}

bool
host_is_own(const char *domain, const char *recorded)
{
	char name[HOST_NAME + 1];
	size_t len;

	host_name(name);
	if (host_is_localhost(domain) || strcasecmp(domain, name) == 0 ||
	    (recorded != NULL && strcasecmp(domain, recorded) == 0))
		return true;
	len = strcspn(name, ".");
	if (strncasecmp(domain, name, len) != 0)
		return false;
	if (domain[len] == '\0')
		return true;

	/* The resolver is asked only about what may be our full name. */
	if (domain[len] != '.' || name[len] == '.')
		return false;
	host_fqdn(name);
	return strcasecmp(domain, name) == 0;
}
