/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sendmail/address.h"
#include "sendmail/header.h"
#include "sendmail/reply.h"
#include "sendmail/status.h"
#include "sendmail/verdict.h"

#define FOLD 70 /* columns after which a blank becomes a new line */

static void
put_safe(FILE *out, char c)
{
	putc(c < ' ' || c > '~' ? '?' : c, out);
}

void
status_words(FILE *out, size_t column, const char *words)
{
	bool is_first = true;
	size_t size;

	for (;;) {
		words += strspn(words, " ");
		size = strcspn(words, " ");
		if (size == 0)
			break;
		if (!is_first && column + size >= FOLD) {
			fputs("\r\n   ", out);
			column = 3;
		}
		if (!is_first)
			putc(' ', out);
		is_first = false;
		column += size + 1;
		for (; size > 0; size--)
			put_safe(out, *words++);
	}
	fputs("\r\n", out);
}

const char *
status_why(const struct rcpt *to)
{
	return to->why != NULL && to->why[0] != '\0' ? to->why : "not sent";
}

/* The one whom the sender named. */
static const struct rcpt *
original(const struct envelope *env, const struct rcpt *to)
{
	while (to->parent != ENVELOPE_NONE)
		to = env->to + to->parent;
	return to;
}

/* As xtext in the manner of RFC 6533, 3: what it has not goes by its number. */
static void
write_utf8(FILE *out, const char *addr)
{
	const unsigned char *at = (const unsigned char *)addr;
	size_t used = 0;
	uint32_t c;

	while (*at != '\0' && used < STATUS_ADDRESS) {
		c = *at++;
		if (c > ' ' && c <= '~' && strchr("\\+=", (char)c) == NULL) {
			putc((int)c, out);
			used++;
			continue;
		}
		if (c >= 0xc0)
			c &= c < 0xe0 ? 0x1fU : c < 0xf0 ? 0xfU : 7U;
		for (; (*at & 0xc0) == 0x80; at++)
			c = c << 6 | (*at & 0x3fU);
		used += (size_t)fprintf(out, "\\x{%02X}", (unsigned)c);
	}
}

static void
write_address(FILE *out, const struct status *s, const char *addr)
{
	struct fault none = { 0 };
	char *full = NULL;

	if (s->policy != NULL &&
	    policy_complete(
		s->policy, addr, s->origin->env.host, &full, &none) == EX_OK)
		addr = full;
	if (address_is_ascii(addr)) {
		fprintf(out, "rfc822; %.*s", STATUS_ADDRESS, addr);
	} else {
		fputs("utf-8; ", out);
		write_utf8(out, addr);
	}
	fputs("\r\n", out);
	free(full);
}

static int
hex(char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

/* "rfc822;xtext", which goes decoded (RFC 3461, 4.2). */
static void
write_orcpt(FILE *out, const char *orcpt)
{
	size_t type = strcspn(orcpt, ";");

	fprintf(out, "%.*s; ", (int)type, orcpt);
	orcpt += type + (orcpt[type] == ';');
	for (; *orcpt != '\0'; orcpt++) {
		if (orcpt[0] == '+' && hex(orcpt[1]) >= 0 &&
		    hex(orcpt[2]) >= 0) {
			put_safe(
			    out, (char)(hex(orcpt[1]) * 16 + hex(orcpt[2])));
			orcpt += 2;
		} else {
			put_safe(out, *orcpt);
		}
	}
	fputs("\r\n", out);
}

/* The reply of a server that is the last word on someone, or NULL. */
static const char *
find_reply(const char *words)
{
	if (strncmp(words, STATUS_EXPIRED, strlen(STATUS_EXPIRED)) == 0)
		words += strlen(STATUS_EXPIRED);
	if (strspn(words, "0123456789") != 3 ||
	    (words[0] != '4' && words[0] != '5') ||
	    (words[3] != ' ' && words[3] != '\0'))
		return NULL;
	return words;
}

bool
status_is_about_text(const struct rcpt *to)
{
	const char *said = find_reply(status_why(to));
	struct reply reply = { 0 };

	if (said != NULL)
		reply_make(&reply, said);
	return verdict_is_about_text(&reply);
}

/* The enhanced code that there was, or one that says no more than the class. */
static void
write_status(FILE *out, enum report kind, const char *words)
{
	const char *said = find_reply(words);
	struct reply reply = { 0 };

	if (strncmp(words, STATUS_EXPIRED, strlen(STATUS_EXPIRED)) == 0) {
		fputs("Status: 4.4.7\r\n", out);
		return;
	}
	if (said != NULL)
		reply_make(&reply, said);
	fprintf(out, "Status: %d.%d.%d\r\n", kind == REPORT_FAILED ? 5 : 4,
	    reply.subject, reply.detail);
}

static void
write_date(FILE *out, const char *name, time_t when)
{
	char date[HEADER_DATE];

	header_date(date, when != 0 ? when : time(NULL));
	fprintf(out, "%s: %s\r\n", name, date);
}

/*
 * RFC 3464, 2.2.1: as it was given, for programs compare it.  It is short enough
 * (RFC 3461, 4.4) not to be folded.
 */
static void
write_exactly(FILE *out, const char *envid)
{
	while (*envid != '\0')
		put_safe(out, *envid++);
	fputs("\r\n", out);
}

void
status_message(FILE *out, const struct status *s)
{
	const struct item *origin = s->origin;

	fprintf(out, "Reporting-MTA: dns; %s\r\n", s->host);
	if (origin->env.envid != NULL && origin->env.envid[0] != '\0') {
		fputs("Original-Envelope-Id: ", out);
		write_exactly(out, origin->env.envid);
	}
	write_date(out, "Arrival-Date", origin->created);
	fprintf(out, "X-Queue-Id: %s\r\n\r\n", origin->id);
}

void
status_recipient(FILE *out, const struct status *s, size_t n)
{
	const struct envelope *env = &s->origin->env;
	const struct rcpt *to = env->to + n, *first = original(env, to);
	const char *words = status_why(to), *said = find_reply(words);
	bool is_failed = s->kind == REPORT_FAILED;

	if (to->orcpt != NULL || first != to)
		fputs("Original-Recipient: ", out);
	if (to->orcpt != NULL)
		write_orcpt(out, to->orcpt);
	else if (first != to)
		write_address(out, s, first->addr);
	fputs("Final-Recipient: ", out);
	write_address(out, s, to->addr);
	fprintf(out, "Action: %s\r\n", is_failed ? "failed" : "delayed");
	write_status(out, s->kind, words);
	if (said != NULL) {
		fputs("Diagnostic-Code: smtp; ", out);
		status_words(out, 23, said);
	}
	write_date(out, "Last-Attempt-Date",
	    is_failed ? to->when : s->origin->journal.attempted);
	if (!is_failed && s->expires != 0)
		write_date(out, "Will-Retry-Until", s->expires);
	fputs("\r\n", out);
}
