/*
 * What a server offers, a line each behind its code: nothing is offered that was
 * not said, the same list twice or in upper case offers the same, and the names
 * of mechanisms are fit for a command.
 *
 * SPDX-License-Identifier: ISC
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sendmail/ehlo.h"
#include "sendmail/net.h"
#include "t/fuzz/judge.h"

#define MECHANISM 20       /* octets, RFC 4422, 3.1 */
#define LIMIT_MOST 999999U /* RFC 9422, 3 */

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Say it line by line, each as long as net would give it. */
static void
say(struct ehlo *ehlo, const char *text)
{
	char line[NET_LINE];
	size_t len;

	do {
		len = strcspn(text, "\n");
		snprintf(line, sizeof(line), "%.*s", (int)len, text);
		ehlo_line(ehlo, line);
		text += len;
	} while (*text++ != '\0');
}

static void
demand_same(const struct ehlo *one, const struct ehlo *other)
{
	demand(one->has_starttls == other->has_starttls);
	demand(one->has_pipelining == other->has_pipelining);
	demand(one->has_8bitmime == other->has_8bitmime);
	demand(one->has_smtputf8 == other->has_smtputf8);
	demand(one->has_dsn == other->has_dsn);
	demand(one->has_chunking == other->has_chunking);
	demand(one->has_size == other->has_size && one->size == other->size);
	demand(one->mail_max == other->mail_max);
	demand(one->rcpt_max == other->rcpt_max);
	demand(one->domain_max == other->domain_max);
	demand(one->has_auth == other->has_auth);
	demand(strcmp(one->auth, other->auth) == 0);
}

/* One that is offered: once, in words of its own; rest is what comes behind. */
static void
judge_mechanism(const struct ehlo *ehlo, const char *name, const char *rest,
    const char *offers)
{
	char word[MECHANISM + 3];

	demand(*name != '\0' && strlen(name) <= MECHANISM);
	demand(strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
	    strlen(name));
	demand(ehlo_has_auth(ehlo, name));
	snprintf(word, sizeof(word), "%s ", name);
	demand(strncmp(rest, word, strlen(word)) != 0);
	snprintf(word, sizeof(word), " %s ", name);
	demand(strstr(rest, word) == NULL);
	demand(strcasestr(offers, name) != NULL);
}

/* " PLAIN LOGIN ", or nothing. */
static void
judge_auth(const struct ehlo *ehlo, const char *offers)
{
	char list[EHLO_AUTH], *rest = list + 1;
	const char *name;

	demand(strlen(ehlo->auth) < EHLO_AUTH);
	if (ehlo->auth[0] == '\0')
		return;
	demand(ehlo->has_auth && ehlo->auth[0] == ' ');
	memcpy(list, ehlo->auth, sizeof(list));
	while (*rest != '\0') {
		name = strsep(&rest, " ");
		demand(rest != NULL);
		judge_mechanism(ehlo, name, rest, offers);
	}
}

static void
judge(const struct ehlo *ehlo, const char *offers)
{
	demand(!ehlo->has_starttls || strcasestr(offers, "STARTTLS") != NULL);
	demand(
	    !ehlo->has_pipelining || strcasestr(offers, "PIPELINING") != NULL);
	demand(!ehlo->has_8bitmime || strcasestr(offers, "8BITMIME") != NULL);
	demand(!ehlo->has_smtputf8 || strcasestr(offers, "SMTPUTF8") != NULL);
	demand(!ehlo->has_dsn || strcasestr(offers, "DSN") != NULL);
	demand(!ehlo->has_chunking || strcasestr(offers, "CHUNKING") != NULL);
	demand(!ehlo->has_auth || strcasestr(offers, "AUTH") != NULL);
	demand(!ehlo->has_size || strcasestr(offers, "SIZE") != NULL);
	demand(ehlo->size >= 0 && (ehlo->size == 0 || ehlo->has_size));
	demand(ehlo->mail_max <= LIMIT_MOST && ehlo->rcpt_max <= LIMIT_MOST &&
	    ehlo->domain_max <= LIMIT_MOST);
	demand((ehlo->mail_max | ehlo->rcpt_max | ehlo->domain_max) == 0 ||
	    strcasestr(offers, "LIMITS") != NULL);
	judge_auth(ehlo, offers);
}

static void
upcase(char *text)
{
	for (; *text != '\0'; text++)
		if (*text >= 'a' && *text <= 'z')
			*text = (char)(*text - 'a' + 'A');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct ehlo ehlo = { 0 }, twice, upper = { 0 };
	size_t i;

	/* There is no NUL in what net gives. */
	demand(text != NULL);
	for (i = 0; i < size; i++)
		text[i] = (char)(data[i] == '\0' ? ' ' : data[i]);
	text[size] = '\0';
	say(&ehlo, text);
	demand(ehlo.has_name);
	judge(&ehlo, text + strcspn(text, "\n"));
	twice = ehlo;
	twice.has_name = false;
	say(&twice, text);
	demand_same(&ehlo, &twice);
	upcase(text);
	say(&upper, text);
	demand_same(&ehlo, &upper);
	free(text);
	return 0;
}
