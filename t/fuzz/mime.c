/*
 * A fuzzer for what is done to a message: octets and offers go through render(),
 * and what comes out must be fit for the wire, and mean the same.
 *
 * The first octet is what is offered and what the configuration says of senders,
 * the rest a message as a caller gives it.
 * What a message means is told here once more, by code of its own: the decoded
 * bodies of all its parts, one behind the other, and its decoded Subject.
 *
 * SPDX-License-Identifier: ISC
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sendmail/crlf.h"
#include "sendmail/entity.h"
#include "sendmail/field.h"
#include "sendmail/nest.h"
#include "sendmail/render.h"
#include "sendmail/token.h"

struct bytes {
	char *at;
	size_t size;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
demand(bool is_so, const char *what)
{
	if (is_so)
		return;
	fprintf(stderr, "not so: %s\n", what);
	abort();
}

static void
add(struct bytes *o, const char *octets, size_t size)
{
	char *at = realloc(o->at, o->size + size + 1);

	if (at == NULL)
		abort();
	o->at = at;
	if (size > 0)
		memcpy(at + o->size, octets, size);
	o->size += size;
}

static int
take(void *ctx, const char *octets, size_t size, struct fault *f)
{
	(void)f;
	add(ctx, octets, size);
	return EX_OK;
}

/* Of an upper-case digit, else -1. */
static int
digit(char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

/* The octets that =XX stands for, and how many it took. */
static size_t
unescape(const char *at, size_t left, char *c)
{
	*c = *at;
	if (*at != '=' || left < 3 || digit(at[1]) < 0 || digit(at[2]) < 0)
		return 1;
	*c = (char)(digit(at[1]) * 16 + digit(at[2]));
	return 3;
}

static size_t
line_size(const char *at, size_t left)
{
	const char *feed = memchr(at, '\n', left);

	return feed == NULL ? left : (size_t)(feed - at) + 1;
}

/* RFC 2045, 6.7; blanks that end a line are none of the text. */
static void
decode_quoted(const char *at, size_t size, struct bytes *to)
{
	size_t line, text, i, step;
	bool is_soft;
	char c;

	for (; size > 0; at += line, size -= line) {
		line = text = line_size(at, size);
		while (text > 0 && strchr(" \t\r\n", at[text - 1]) != NULL)
			text--;
		is_soft = text > 0 && at[text - 1] == '=';
		if (is_soft)
			text--;
		for (i = 0; i < text; i += step) {
			step = unescape(at + i, text - i, &c);
			add(to, &c, 1);
		}
		if (!is_soft && at[line - 1] == '\n')
			add(to, "\r\n", 2);
	}
}

static void
add_but(struct bytes *to, const char *at, size_t size, const char *without)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (strchr(without, at[i]) == NULL || at[i] == '\0')
			add(to, at + i, 1);
}

static void
decode(const struct entity *e, bool was_plain, const char *at, size_t size,
    struct bytes *to)
{
	if (e->encoding == ENTITY_BASE64)
		add_but(to, at, size, "\r\n");
	else if (e->encoding == ENTITY_QUOTED && was_plain)
		decode_quoted(at, size, to);
	else if (e->encoding == ENTITY_QUOTED)
		add_but(to, at, size, "=\r\n \t-2D");
	else
		add(to, at, size);
	add(to, "", 1);
}

/* A message that is read here, and what was read before the part at hand. */
struct reading {
	const char *at;
	size_t size, pos;
	char boundary[NEST_DEPTH][PARAMETER_BOUNDARY];
	bool is_digest[NEST_DEPTH];
	size_t depth;
};

/* The level of a boundary from 1 on, or 0. */
static size_t
level_of(const struct reading *r, const char *line, size_t size, bool *is_last)
{
	char want[PARAMETER_BOUNDARY + 8];
	size_t i;

	while (size > 0 && strchr(" \t\r\n", line[size - 1]) != NULL)
		size--;
	for (i = r->depth; i > 0; i--) {
		snprintf(want, sizeof(want), "--%s--", r->boundary[i - 1]);
		for (*is_last = true;; *is_last = false) {
			if (size == strlen(want) &&
			    memcmp(line, want, size) == 0)
				return i;
			if (!*is_last)
				break;
			want[strlen(want) - 2] = '\0';
		}
	}
	return 0;
}

/* Up to a boundary or the end. */
static size_t
body_size(const struct reading *r)
{
	size_t pos = r->pos;
	bool is_last;

	while (pos < r->size) {
		size_t line = line_size(r->at + pos, r->size - pos);

		if (level_of(r, r->at + pos, line, &is_last) > 0)
			break;
		pos += line;
	}
	return pos - r->pos;
}

static size_t
header_size(const struct reading *r)
{
	size_t pos = r->pos, line;
	const char *at;
	bool is_last;

	for (; pos < r->size; pos += line) {
		at = r->at + pos;
		line = line_size(at, r->size - pos);
		if (level_of(r, at, line, &is_last) > 0 ||
		    memcmp(at, "\r\n", line < 2 ? line : 2) == 0)
			break;
		if ((pos == r->pos || (*at != ' ' && *at != '\t')) &&
		    field_begins(at, line) == 0)
			break;
	}
	return pos - r->pos;
}

static bool
next_part(struct reading *r)
{
	bool is_last = true;

	while (is_last) {
		size_t line;

		r->pos += body_size(r);
		if (r->pos >= r->size)
			return false;
		line = line_size(r->at + r->pos, r->size - r->pos);
		r->depth = level_of(r, r->at + r->pos, line, &is_last);
		if (is_last)
			r->depth--;
		r->pos += line;
	}
	return true;
}

/*
 * All bodies.  plain, one octet for each leaf, tells of the message as it was
 * given which were not encoded; it is filled where is_first.
 */
static void
bodies(const char *at, size_t size, bool is_first, struct bytes *plain,
    struct bytes *to)
{
	struct reading r = { .at = at, .size = size };
	bool in_digest = false;
	struct entity e;
	size_t leaf = 0, n;
	char was;

	for (;;) {
		n = header_size(&r);
		entity_read(at + r.pos, n, in_digest, &e);
		r.pos += n;
		if (size - r.pos >= 2 && memcmp(at + r.pos, "\r\n", 2) == 0)
			r.pos += 2;
		in_digest = false;
		if (e.kind == ENTITY_MESSAGE)
			continue;
		if (e.kind == ENTITY_MULTIPART && r.depth < NEST_DEPTH) {
			memcpy(r.boundary[r.depth], e.boundary,
			    sizeof(e.boundary));
			r.is_digest[r.depth++] = e.is_digest;
		} else {
			n = body_size(&r);
			was = e.encoding == ENTITY_PLAIN;
			if (is_first)
				add(plain, &was, 1);
			demand(leaf < plain->size, "no part is added");
			decode(&e, plain->at[leaf++] != 0, at + r.pos, n, to);
			r.pos += n;
		}
		if (!next_part(&r))
			return;
		in_digest = r.depth > 0 && r.is_digest[r.depth - 1];
	}
}

/* An encoded word of the kind that is written: its text, or NULL. */
static const char *
encoded_text(const char *word, size_t size, size_t *text)
{
	static const char *const begin[] = { "=?UTF-8?Q?",
		"=?UNKNOWN-8BIT?Q?" };
	size_t i, n;

	for (i = 0; i < 2; i++) {
		n = strlen(begin[i]);
		if (size < n + 3 || size > 75 ||
		    memcmp(word, begin[i], n) != 0 ||
		    memcmp(word + size - 2, "?=", 2) != 0)
			continue;
		*text = size - n - 2;
		if (memchr(word + n, '?', *text) == NULL &&
		    token_is_ascii(word, size))
			return word + n;
	}
	return NULL;
}

static void
decode_words(const char *at, size_t size, struct bytes *to)
{
	bool was_encoded = false;
	const char *text;
	size_t gap, word, n, step, i;
	char c;

	while (size > 0) {
		for (gap = 0; gap < size && strchr(" \t\r\n", at[gap]) != NULL;)
			gap++;
		for (word = 0; gap + word < size &&
		     strchr(" \t\r\n", at[gap + word]) == NULL;)
			word++;
		text = encoded_text(at + gap, word, &n);
		if (gap > 0 && !(was_encoded && text != NULL))
			add(to, " ", 1);
		for (i = 0; text != NULL && i < n; i += step) {
			step = unescape(text + i, n - i, &c);
			if (step == 1 && c == '_')
				c = ' ';
			add(to, &c, 1);
		}
		if (text == NULL)
			add(to, at + gap, word);
		was_encoded = text != NULL;
		at += gap + word;
		size -= gap + word;
	}
}

/* The first Subject, decoded, with one blank for many. */
static void
subject(const char *header, size_t size, struct bytes *to)
{
	struct bytes all = { 0 };
	struct field field;
	size_t at = 0, i;

	while (field_next(header, size, &at, &field)) {
		if (!field_is(&field, "Subject"))
			continue;
		decode_words(field.body, field.body_size, &all);
		break;
	}
	for (i = 0; i < all.size; i++)
		if (strchr(" \t\r\n", all.at[i]) == NULL)
			add(to, all.at + i, 1);
		else if (to->size > 0 && to->at[to->size - 1] != ' ')
			add(to, " ", 1);
	if (to->size > 0 && to->at[to->size - 1] == ' ')
		to->size--;
	free(all.at);
}

static void
demand_same(struct bytes *one, struct bytes *other, const char *what)
{
	demand(one->size == other->size &&
		(one->size == 0 || memcmp(one->at, other->at, one->size) == 0),
	    what);
	free(one->at);
	free(other->at);
}

static void
compare(const struct bytes *in, const struct bytes *out)
{
	struct bytes a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 };
	struct bytes plain = { 0 };

	bodies(in->at, in->size, true, &plain, &a);
	bodies(out->at, out->size, false, &plain, &b);
	demand_same(&a, &b, "the bodies are the same");
	free(plain.at);
	subject(in->at, in->size, &c);
	subject(out->at, out->size, &d);
	demand_same(&c, &d, "the subject is the same");
}

static void
judge_wire(const struct bytes *o, bool has_8bit)
{
	size_t at, line;

	if (o->size == 0)
		return;
	demand(has_8bit || token_is_ascii(o->at, o->size), "it is 7-bit");
	demand(memchr(o->at, '\0', o->size) == NULL, "there is no NUL");
	for (at = 0; at < o->size; at += line) {
		line = line_size(o->at + at, o->size - at);
		demand(line >= 2 && line <= CRLF_LONG + 2 &&
			memchr(o->at + at, '\r', line) == o->at + at + line - 2,
		    "lines end in CRLF and are short");
	}
}

static void
read_all(const struct text *text, struct bytes *to)
{
	struct fault f = { 0 };
	char chunk[777];
	size_t got;
	off_t at;

	for (at = 0; at < text->size; at += (off_t)got) {
		demand(text_read(text, at, chunk, sizeof(chunk), &got, &f) ==
			EX_OK,
		    "it can be read");
		add(to, chunk, got);
	}
}

static void
try(const struct bytes *in, const struct ehlo *ehlo, const struct conf *conf)
{
	char from[] = "root", host[] = "web1.example.org";
	const struct policy policy = {
		.conf = conf, .name = "web1", .domain = "x.example"
	};
	struct item item = { .env = { .from = from, .host = host },
		.text = { .mem = in->at,
		    .size = (off_t)in->size,
		    .is_8bit = !token_is_ascii(in->at, in->size) } };
	struct render r = { .policy = &policy, .item = &item };
	struct bytes out = { 0 };
	struct letter letter = { 0 };
	struct fault f = { 0 };

	demand(render(&r, NULL, ehlo, &letter, &f) == EX_OK, "it is rendered");
	if (letter.refusal == NULL) {
		read_all(letter.text, &out);
		judge_wire(&out, ehlo->has_8bitmime);
		compare(in, &out);
	}
	free(out.at);
	render_free(&r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { 0 };
	struct crlf crlf = { .take = take, .ctx = &in, .dot_is_text = true };
	struct ehlo ehlo = { 0 };
	struct conf conf = { .rewrite = REWRITE_LOCAL };
	char address[] = "noreply@x.example";
	struct fault f = { 0 };
	char *copy;

	if (size < 2)
		return 0;
	ehlo.has_8bitmime = (data[0] & 1) != 0;
	ehlo.has_smtputf8 = (data[0] & 2) != 0;
	if ((data[0] & 4) != 0)
		conf.address = address;
	if ((data[0] & 8) != 0)
		conf.rewrite = REWRITE_ALL;
	copy = malloc(size - 1);
	demand(copy != NULL, "there is memory");
	memcpy(copy, data + 1, size - 1);
	crlf_put(&crlf, copy, size - 1, &f);
	crlf_end(&crlf, &f);
	free(copy);
	if (in.size > 0)
		try(&in, &ehlo, &conf);
	free(in.at);
	return 0;
}
