/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "mailq/memory.h"
#include "sendmail/address.h"
#include "sendmail/author.h"
#include "sendmail/graft.h"
#include "sendmail/header.h"
#include "sendmail/token.h"

#define LONGER 8 /* times as long is what becomes of a name, at most */
#define COPY 80  /* octets that a copy of a field may have more */
#define MADE (ENVELOPE_ADDR + HOST_NAME + sizeof(" on ")) /* a name */

/* A field that names nobody is of this host if there is no @ in it. */
static const char *
stead_of_nobody(const struct folk *folk, const struct field *field)
{
	const struct policy *policy = folk->policy;

	if (memchr(field->body, '@', field->body_size) != NULL &&
	    policy->conf->rewrite != REWRITE_ALL)
		return NULL;
	return policy_replacement(policy, folk->smarthost, "", folk->env->host);
}

const char *
author_of(const struct folk *folk, const struct field *field)
{
	if (folk->count == 0)
		return stead_of_nobody(folk, field);
	return folk->address;
}

bool
author_is(const struct folk *folk, const char *address)
{
	return folk->count == 1 && strcasecmp(folk->addr, address) == 0;
}

/* After where he is. */
static void
make_name(const struct folk *folk, char name[MADE])
{
	const struct envelope *env = folk->env;
	const char *addr = folk->addr != NULL ? folk->addr : env->from;
	const char *domain = address_domain(addr);
	const char *host = env->host != NULL ? env->host : folk->policy->name;
	size_t local = strlen(addr);

	if (domain != NULL)
		local = (size_t)(domain - addr) - 1;
	if (!policy_is_local(folk->policy, addr, env->host))
		host = domain;
	if (local == 0)
		name[0] = '\0';
	else
		snprintf(name, MADE, "%.*s on %s", (int)local, addr, host);
}

/* Whether words that say something and a < are all that stands ahead of the only address. */
static bool
has_phrase(const struct folk *folk, const struct field *field)
{
	struct token t = { .list = field->body, .size = folk->start };
	struct fault none = { 0 };
	size_t words = 0;

	while (token_next(&t, &none) == EX_OK &&
	    (t.kind == TOKEN_ATOM || t.kind == TOKEN_QUOTED || t.kind == '.'))
		words++;
	return folk->count == 1 && folk->name[0] != '\0' && words > 0 &&
	    t.kind == '<' && t.end == folk->start;
}

/* Encoded words would be encoded once more. */
static bool
is_encoded(const struct folk *folk)
{
	return folk->name != NULL && strstr(folk->name, "=?") != NULL;
}

static bool
is_name(const struct folk *folk)
{
	return folk->name != NULL && folk->name[0] != '\0' && !is_encoded(folk);
}

static int
put_from(const struct author *author, const struct folk *folk,
    const struct field *field, const char *address, struct fault *f)
{
	bool keeps_name =
	    has_phrase(folk, field) || (folk->count == 1 && is_encoded(folk));
	size_t room = LONGER * (FOLK_NAME + MADE);
	size_t begin = (size_t)(field->body - field->start);
	struct graft graft = { .out = author->out,
		.list = field->body,
		.size = field->size - begin,
		.column = begin };
	const char *name = folk->name;
	char made[MADE];

	if (keeps_name)
		room = field->size + MADE;
	if (memory_reserve(author->out, room, f) != EX_OK)
		return f->code;
	fwrite(field->start, 1, begin, author->out);
	if (keeps_name) {
		graft_reach(&graft, folk->start, strlen(address));
		graft_put(&graft, folk->start, folk->end, address);
		graft_end(&graft);
		return EX_OK;
	}
	if (!is_name(folk)) {
		make_name(folk, made);
		name = made;
	}
	putc(' ', author->out);
	header_mailbox(author->out, begin + 1, name, address);
	return EX_OK;
}

/* What he wrote, under another name. */
static int
put_copy(const struct author *author, const char *name,
    const struct field *field, struct fault *f)
{
	const char *body = field->body;
	size_t size = (size_t)(field->start + field->size - body);
	const char *feed = memchr(body, '\n', size);
	size_t first = feed != NULL ? (size_t)(feed - body) : size;

	if (memory_reserve(author->out, field->size + COPY, f) != EX_OK)
		return f->code;
	fprintf(author->out, "%s:", name);
	if ((body[0] == ' ' || body[0] == '\t') &&
	    strlen(name) + first > GRAFT_LINE)
		fputs("\r\n", author->out);
	fwrite(body, 1, size, author->out);
	return EX_OK;
}

static bool
is_blank(const struct field *field)
{
	size_t i;

	for (i = 0; i < field->body_size; i++)
		if (strchr(" \t\r\n", field->body[i]) == NULL)
			return false;
	return true;
}

int
author_put(struct author *author, const struct folk *folk,
    const struct field *field, const char *address, struct fault *f)
{
	int rc;

	rc = put_from(author, folk, field, address, f);
	if (rc == EX_OK && !author->has_original && !is_blank(field)) {
		rc = put_copy(author, AUTHOR_ORIGINAL, field, f);
		author->has_original = true;
	}
	if (rc == EX_OK && !author->has_reply && folk->count > 0 &&
	    folk->routable == folk->count) {
		rc = put_copy(author, AUTHOR_REPLY, field, f);
		author->has_reply = true;
	}
	return rc;
}
