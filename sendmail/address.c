/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "mailq/envelope.h"
#include "sendmail/address.h"
#include "sendmail/part.h"
#include "sendmail/token.h"

/* A list on its way; the words of an element are a name or a local part. */
struct parse {
	struct token token;
	int (*take)(void *, const struct mailbox *, struct fault *);
	void *ctx;
	char *name, *local; /* as large as the list; no NUL yet */
	size_t name_size, local_size;
	bool is_local; /* the words are parted by single dots */
	bool in_group, in_angle;
	size_t start, end; /* of the address in the list */
	char addr[ENVELOPE_ADDR + 1];
	size_t addr_size;
};

static int
refuse(const struct parse *p, const char *why, struct fault *f)
{
	return fault_set(
	    f, EX_DATAERR, "%s at octet %zu", why, p->token.start + 1);
}

/* What stands here cannot. */
static int
stray(const struct parse *p, struct fault *f)
{
	if (p->token.kind == TOKEN_END)
		return refuse(p, "the list ends too early", f);
	if (p->token.kind > TOKEN_END)
		return refuse(p, "two addresses without a comma", f);
	return fault_set(f, EX_DATAERR, "stray '%c' at octet %zu",
	    p->token.kind, p->token.start + 1);
}

static int
skip(struct parse *p, struct fault *f)
{
	p->end = p->token.end;
	return token_next(&p->token, f);
}

/* Over what ends an element: a comment behind it is the next one's. */
static int
skip_end(struct parse *p, struct fault *f)
{
	p->token.comment = p->token.comment_end = 0;
	return token_next(&p->token, f);
}

static int
put(struct parse *p, const char *octets, size_t size, struct fault *f)
{
	if (size > ENVELOPE_ADDR - p->addr_size)
		return refuse(p, "an address is too long", f);
	memcpy(p->addr + p->addr_size, octets, size);
	p->addr_size += size;
	return EX_OK;
}

static void
add_word(struct parse *p)
{
	const struct token *t = &p->token;
	size_t quote = t->kind == TOKEN_QUOTED ? 1 : 0;
	char *to = p->local + p->local_size;
	size_t size;

	size = token_plain(
	    t->list + t->start + quote, t->end - t->start - 2 * quote, to);
	p->local_size += size;
	if (p->in_angle)
		return;
	if (t->is_apart && p->name_size > 0)
		p->name[p->name_size++] = ' ';
	memcpy(p->name + p->name_size, to, size);
	p->name_size += size;
}

/* Words and dots, as far as they go; what they are is told by what follows. */
static int
read_words(struct parse *p, struct fault *f)
{
	bool wants_word = true;
	int rc = EX_OK;

	p->local_size = 0;
	p->is_local = true;
	p->start = p->token.start;
	if (p->token.kind == '\\')
		rc = skip(p, f);
	while (rc == EX_OK &&
	    (p->token.kind == TOKEN_ATOM || p->token.kind == TOKEN_QUOTED ||
		p->token.kind == '.')) {
		if ((p->token.kind == '.') == wants_word)
			p->is_local = false;
		wants_word = p->token.kind == '.';
		add_word(p);
		rc = skip(p, f);
	}
	if (wants_word)
		p->is_local = false;
	return rc;
}

static int
put_local(struct parse *p, struct fault *f)
{
	const char *why = part_refuse(p->local, p->local_size);
	bool is_bare = p->token.kind != '@';

	if (is_bare && p->local_size == 0)
		why = "an empty address";

	/* `=?x?Q?Doe,_Joe?= <joe@x>': half a name is nobody's. */
	if (is_bare && p->local_size > 1 && memcmp(p->local, "=?", 2) == 0)
		why = "half an encoded word";
	if (why != NULL)
		return refuse(p, why, f);
	p->addr_size =
	    part_write(p->local, p->local_size, p->addr, ENVELOPE_ADDR);
	return p->addr_size == 0 ? refuse(p, "an address is too long", f)
				 : EX_OK;
}

static int
put_label(struct parse *p, struct fault *f)
{
	const char *label = p->token.list + p->token.start;
	size_t size = p->token.end - p->token.start;
	char literal[PART_LITERAL];

	if (p->token.kind == TOKEN_LITERAL) {
		size = part_literal(label, size, literal);
		label = literal;
	} else if (!part_is_label(label, size)) {
		size = 0;
	}
	return size == 0 ? refuse(p, "not a domain", f)
			 : put(p, label, size, f);
}

/* At the @. */
static int
read_domain(struct parse *p, struct fault *f)
{
	int rc = put(p, "@", 1, f);

	if (rc == EX_OK)
		rc = skip(p, f);
	if (rc != EX_OK)
		return rc;
	if (p->token.kind == TOKEN_LITERAL) {
		rc = put_label(p, f);
		return rc == EX_OK ? skip(p, f) : rc;
	}
	if (p->token.kind != TOKEN_ATOM)
		return refuse(p, "not a domain", f);
	for (;;) {
		rc = put_label(p, f);
		if (rc == EX_OK)
			rc = skip(p, f);
		if (rc != EX_OK || p->token.kind != '.')
			return rc;
		rc = skip(p, f);
		if (rc != EX_OK || p->token.kind != TOKEN_ATOM)
			return rc;
		rc = put(p, ".", 1, f);
		if (rc != EX_OK)
			return rc;
	}
}

static int
refuse_words(const struct parse *p, struct fault *f)
{
	if (p->local_size > 0 && p->token.kind == '@')
		return refuse(p, "no local part before the '@'", f);
	if (p->local_size > 0)
		return refuse(p, "a name without an address", f);
	if (p->in_angle && p->token.kind == '>')
		return refuse(p, "an empty address '<>'", f);
	return stray(p, f);
}

/* The words were a local part. */
static int
read_addr(struct parse *p, struct fault *f)
{
	int rc;

	if (!p->is_local)
		return refuse_words(p, f);
	rc = put_local(p, f);
	if (rc == EX_OK && p->token.kind == '@')
		rc = read_domain(p, f);
	if (rc != EX_OK)
		return rc;
	p->addr[p->addr_size] = '\0';
	return token_is_utf8(p->addr, p->addr_size)
	    ? EX_OK
	    : refuse(p, "an address that is no UTF-8", f);
}

/* RFC 5322, 4.4: what a route names is passed over (RFC 5321, appendix C). */
static int
read_route(struct parse *p, struct fault *f)
{
	int rc = EX_OK;

	if (p->token.kind != '@')
		return EX_OK;
	while (rc == EX_OK && (p->token.kind == '@' || p->token.kind == ',')) {
		p->addr_size = 0;
		rc = p->token.kind == '@' ? read_domain(p, f) : skip(p, f);
	}
	if (rc == EX_OK && p->token.kind != ':')
		rc = stray(p, f);
	return rc == EX_OK ? skip(p, f) : rc;
}

/* At the <; the words were a name. */
static int
read_angle(struct parse *p, struct fault *f)
{
	int rc;

	p->in_angle = true;
	rc = skip(p, f);
	if (rc == EX_OK)
		rc = read_route(p, f);
	if (rc == EX_OK)
		rc = read_words(p, f);
	if (rc == EX_OK)
		rc = read_addr(p, f);
	if (rc == EX_OK && p->token.kind != '>')
		rc = stray(p, f);
	p->in_angle = false;
	return rc == EX_OK ? token_next(&p->token, f) : rc;
}

static int
hand(struct parse *p, struct fault *f)
{
	const struct token *t = &p->token;
	struct mailbox box = { 0 };

	if (p->name_size == 0)
		p->name_size = token_plain(
		    t->list + t->comment, t->comment_end - t->comment, p->name);
	p->name[p->name_size] = '\0';
	box.addr = p->addr;
	box.name = p->name;
	box.start = p->start;
	box.end = p->end;
	return p->take(p->ctx, &box, f);
}

/* A mailbox, or the beginning of a group. */
static int
read_element(struct parse *p, struct fault *f)
{
	bool is_angle;
	int rc = read_words(p, f);

	if (rc == EX_OK && p->token.kind == ':' && p->name_size > 0) {
		if (p->in_group)
			return refuse(p, "a group within a group", f);
		p->in_group = true;
		return skip_end(p, f);
	}
	is_angle = rc == EX_OK && p->token.kind == '<';
	if (rc == EX_OK)
		rc = is_angle ? read_angle(p, f) : read_addr(p, f);
	if (rc != EX_OK)
		return rc;
	if (!is_angle)
		p->name_size = 0;
	if (p->token.kind == ',' || p->token.kind == TOKEN_END ||
	    (p->token.kind == ';' && p->in_group))
		return hand(p, f);
	return is_angle ? refuse(p, "text after '>'", f) : stray(p, f);
}

static int
end_group(struct parse *p, struct fault *f)
{
	int rc = skip_end(p, f);

	p->in_group = false;
	if (rc == EX_OK && p->token.kind != ',' && p->token.kind != TOKEN_END)
		rc = refuse(p, "text after a group", f);
	return rc;
}

static int
read_list(struct parse *p, struct fault *f)
{
	int rc = token_next(&p->token, f);

	while (rc == EX_OK && p->token.kind != TOKEN_END) {
		p->name_size = 0;
		if (p->token.kind == ';' && p->in_group)
			rc = end_group(p, f);
		else if (p->token.kind == ',')
			rc = skip_end(p, f);
		else
			rc = read_element(p, f);
	}
	if (rc == EX_OK && p->in_group)
		rc = refuse(p, "a group is not closed", f);
	return rc;
}

int
address_list(const char *list, size_t size,
    int (*take)(void *ctx, const struct mailbox *, struct fault *), void *ctx,
    struct fault *f)
{
	struct parse p = { .token = { .list = list, .size = size },
		.take = take,
		.ctx = ctx };
	int rc;

	p.name = malloc(size + 1);
	p.local = malloc(size + 1);
	if (p.name == NULL || p.local == NULL)
		rc = fault_errno(f, EX_TEMPFAIL, "cannot read addresses");
	else
		rc = read_list(&p, f);
	free(p.name);
	free(p.local);
	return rc;
}

static int
copy(char **addr, const char *text, struct fault *f)
{
	*addr = strdup(text);
	return *addr != NULL
	    ? EX_OK
	    : fault_errno(f, EX_TEMPFAIL, "cannot keep an address");
}

static int
keep_one(void *ctx, const struct mailbox *box, struct fault *f)
{
	char **addr = ctx;

	if (*addr != NULL)
		return fault_set(f, EX_DATAERR, "more than one address");
	return copy(addr, box->addr, f);
}

int
address_one(const char *word, char **addr, struct fault *f)
{
	int rc;

	*addr = NULL;
	if (strpbrk(word, "\r\n") != NULL)
		return fault_set(f, EX_DATAERR, "a line end");
	if (word[0] == '\0' || strcmp(word, "<>") == 0)
		return copy(addr, "", f);
	rc = address_list(word, strlen(word), keep_one, addr, f);
	if (rc == EX_OK && *addr == NULL)
		rc = fault_set(f, EX_DATAERR, "no address");
	if (rc != EX_OK) {
		free(*addr);
		*addr = NULL;
	}
	return rc;
}

const char *
address_domain(const char *addr)
{
	const char *at = strrchr(addr, '@');

	/* A bare name in quotes may hold an @ of its own. */
	return at == NULL || strchr(at, '"') != NULL ? NULL : at + 1;
}

bool
address_is_ascii(const char *addr)
{
	for (; *addr != '\0'; addr++)
		if ((unsigned char)*addr > 127)
			return false;
	return true;
}
