/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "sendmail/crlf.h"
#include "sendmail/entity.h"
#include "sendmail/mend.h"
#include "sendmail/mime.h"
#include "sendmail/nest.h"
#include "sendmail/quoted.h"
#include "sendmail/span.h"
#include "sendmail/token.h"

struct walk {
	const struct mime_takes *takes;
	struct paper *out;
	struct span in, ahead; /* ahead looks at what in will read next */
	struct nest nest;
	char *header; /* of the entity that is being read */
	size_t used, room;
	bool has_blank;  /* the empty line behind it */
	bool is_message; /* it is no part */
	bool is_inner;   /* and not the outermost */
};

/* What a body is like, up to the next boundary. */
struct look {
	bool is_8bit, is_long, is_utf8;
	bool is_part; /* and that begins a part */
	size_t level; /* its level; 0: there is none */
};

enum octets
mime_octets(const struct mime_takes *takes)
{
	return takes->has_8bit && takes->has_utf8 ? OCTETS_UTF8 : OCTETS_ASCII;
}

int
mime_body_is_due(const struct text *text, off_t body,
    const struct mime_takes *takes, bool *is_due, struct fault *f)
{
	bool is_8bit = text->is_8bit && !takes->has_8bit, is_long;
	int rc;

	*is_due = false;
	if (text->is_short && !is_8bit)
		return EX_OK;
	rc = span_look(text, body, &is_long, &is_8bit, f);
	*is_due = is_long || is_8bit;
	return rc;
}

static bool
is_boundary(const struct walk *w, const struct piece *p)
{
	bool is_last;

	return nest_find(&w->nest, p, &is_last) > 0;
}

/* Look at the body that in will read next. */
static int
look_ahead(struct walk *w, struct look *look, struct fault *f)
{
	struct piece p;
	bool is_last = false;
	size_t line = 0;

	*look = (struct look){ .is_utf8 = true };
	span_go(&w->ahead, span_at(&w->in));
	for (;;) {
		if (span_next(&w->ahead, &p, f) != EX_OK)
			return f->code;
		look->level = nest_find(&w->nest, &p, &is_last);
		look->is_part = !is_last;
		if (p.size == 0 || look->level > 0)
			return EX_OK;
		line = p.begins ? p.size : line + p.size;
		if (line > CRLF_LONG + (p.ends ? 2 : 0))
			look->is_long = true;
		if (token_is_ascii(p.at, p.size))
			continue;
		look->is_8bit = true;
		look->is_utf8 = look->is_utf8 && token_is_utf8(p.at, p.size);
	}
}

static void
put_piece(struct quoted *q, const struct piece *p)
{
	size_t end = 0;

	if (p->ends)
		end = p->size > 1 && p->at[p->size - 2] == '\r' ? 2 : 1;
	quoted_put(q, p->at, p->size - end);
	if (p->ends)
		quoted_end(q, true);
}

/*
 * Write a body up to the boundary that ends it, which remains to be read; q is
 * NULL where it stays as it is.
 */
static int
put_body(struct walk *w, struct quoted *q, struct fault *f)
{
	struct piece p;
	off_t at;

	for (;;) {
		at = span_at(&w->in);
		if (span_next(&w->in, &p, f) != EX_OK)
			return f->code;
		if (is_boundary(w, &p)) {
			span_go(&w->in, at);
			return EX_OK;
		}
		if (p.size == 0)
			break;
		if (q == NULL)
			paper_put(w->out, p.at, p.size);
		else
			put_piece(q, &p);
	}
	if (q != NULL)
		quoted_end(q, false);
	return EX_OK;
}

static bool
is_due(const struct walk *w, const struct look *look)
{
	return look->is_long || (look->is_8bit && !w->takes->has_8bit);
}

static int
write_header(struct walk *w, enum entity_change change, const char *charset,
    struct fault *f)
{
	struct entity_writer writer = { .change = change,
		.charset = charset,
		.is_message = w->is_message };
	bool is_top = w->is_message && !w->is_inner;
	int rc;

	writer.mend.is_inner = !is_top;
	writer.mend.keeps = mime_octets(w->takes);
	if (!is_top)
		writer.mend.keeps =
		    w->takes->has_8bit ? OCTETS_ANY : OCTETS_ASCII;
	rc = entity_write(&writer, w->header, w->used, w->out, f);
	if (w->has_blank || change == ENTITY_TO_QUOTED)
		paper_say(w->out, "\r\n");
	return rc;
}

static int
refuse(const struct walk *w, const struct look *look, struct fault *f)
{
	if (look->is_8bit && !w->takes->has_8bit)
		return fault_set(f, EX_DATAERR,
		    "554 5.6.3 a part that must not be changed has 8-bit "
		    "octets, and this server does not offer 8BITMIME");
	return fault_set(f, EX_DATAERR,
	    "554 5.6.0 a part that must not be changed has a line of more "
	    "than %d octets",
	    CRLF_LONG);
}

/*
 * What is no part: behind the last boundary, or before the first.  Where there
 * is none at all nobody knows what this is.
 */
static int
put_between(struct walk *w, bool is_ahead, struct fault *f)
{
	struct quoted q = { .out = w->out };
	struct look look;
	int rc;

	rc = look_ahead(w, &look, f);
	if (rc != EX_OK)
		return rc;
	if (!is_due(w, &look))
		return put_body(w, NULL, f);
	if (is_ahead && (look.level != w->nest.depth || !look.is_part))
		return refuse(w, &look, f);
	return put_body(w, &q, f);
}

/* A body that is not taken apart. */
static int
put_leaf(struct walk *w, const struct entity *e, struct fault *f)
{
	static const enum quoted_from FROM[] = {
		[ENTITY_PLAIN] = QUOTED_FROM_PLAIN,
		[ENTITY_QUOTED] = QUOTED_FROM_QUOTED,
		[ENTITY_BASE64] = QUOTED_FROM_BASE64,
		[ENTITY_OTHER] = QUOTED_FROM_PLAIN,
	};
	struct quoted q = { .out = w->out, .from = FROM[e->encoding] };
	const char *charset = "us-ascii";
	enum entity_change change = ENTITY_SAME;
	struct look look;
	bool must_change, is_8bit;
	int rc;

	rc = look_ahead(w, &look, f);
	if (rc != EX_OK)
		return rc;
	must_change = is_due(w, &look);
	is_8bit = look.is_8bit && !w->takes->has_8bit;
	if (must_change &&
	    (e->kind == ENTITY_SEALED || e->encoding == ENTITY_OTHER ||
		(e->encoding != ENTITY_PLAIN && is_8bit)))
		return refuse(w, &look, f);
	if (look.is_8bit)
		charset = look.is_utf8 ? "utf-8" : "unknown-8bit";
	if (must_change && e->encoding == ENTITY_PLAIN)
		change = ENTITY_TO_QUOTED;
	rc = write_header(w, change, charset, f);
	return rc == EX_OK ? put_body(w, must_change ? &q : NULL, f) : rc;
}

static int
add_to_header(struct walk *w, const struct piece *p, struct fault *f)
{
	size_t room = w->room == 0 ? SPAN_ROOM : w->room;
	char *header;

	if (p->size > MIME_HEADER - w->used)
		return fault_set(f, EX_DATAERR,
		    "554 5.6.3 the header of a part is too large");
	while (room < w->used + p->size)
		room *= 2;
	if (room > w->room) {
		header = realloc(w->header, room);
		if (header == NULL)
			return fault_errno(
			    f, EX_TEMPFAIL, "cannot read a header");
		w->header = header;
		w->room = room;
	}
	memcpy(w->header + w->used, p->at, p->size);
	w->used += p->size;
	return EX_OK;
}

static bool
is_empty(const struct piece *p)
{
	return p->begins && p->ends &&
	    (p->size == 1 || (p->size == 2 && *p->at == '\r'));
}

static bool
is_header(const struct walk *w, const struct piece *p)
{
	if (!p->begins)
		return true;
	if (w->used > 0 && (*p->at == ' ' || *p->at == '\t'))
		return true;
	return field_begins(p->at, p->size) > 0;
}

/* Up to the empty line, or to what is no field, which remains to be read. */
static int
read_header(struct walk *w, struct fault *f)
{
	struct piece p;
	off_t at;

	w->used = 0;
	for (;;) {
		at = span_at(&w->in);
		if (span_next(&w->in, &p, f) != EX_OK)
			return f->code;
		w->has_blank = is_empty(&p);
		if (w->has_blank || p.size == 0)
			return EX_OK;
		if (is_boundary(w, &p) || !is_header(w, &p)) {
			span_go(&w->in, at);
			return EX_OK;
		}
		if (add_to_header(w, &p, f) != EX_OK)
			return f->code;
	}
}

/* Read a boundary and what is no part behind it; *is_over: there is none. */
static int
next_part(struct walk *w, bool *is_over, struct fault *f)
{
	bool is_last = true;
	struct piece p;

	while (is_last) {
		if (span_next(&w->in, &p, f) != EX_OK)
			return f->code;
		*is_over = p.size == 0;
		if (*is_over)
			return EX_OK;
		w->nest.depth = nest_find(&w->nest, &p, &is_last);
		paper_put(w->out, p.at, p.size);
		if (!is_last)
			break;
		w->nest.depth--;
		if (put_between(w, false, f) != EX_OK)
			return f->code;
	}
	return EX_OK;
}

static int
enter(struct walk *w, const struct entity *e, struct fault *f)
{
	int rc;

	rc = write_header(
	    w, w->takes->has_8bit ? ENTITY_SAME : ENTITY_TO_7BIT, "", f);

	/* Or what is added to the message within would be added to this. */
	if (e->kind == ENTITY_MESSAGE && !w->has_blank)
		paper_say(w->out, "\r\n");
	if (rc != EX_OK || e->kind == ENTITY_MESSAGE)
		return rc;
	nest_enter(&w->nest, e);
	return put_between(w, true, f);
}

/* One entity after the other, from its header on. */
static int
walk(struct walk *w, struct fault *f)
{
	struct entity e;
	bool is_over = false, in_digest = false;
	int rc = EX_OK;

	while (rc == EX_OK && !is_over) {
		rc = read_header(w, f);
		if (rc != EX_OK)
			return rc;
		entity_read(w->header, w->used, in_digest, &e);
		if (e.kind == ENTITY_MULTIPART && w->nest.depth == NEST_DEPTH)
			e.kind = ENTITY_SEALED;
		in_digest = false;
		if (e.kind == ENTITY_MULTIPART || e.kind == ENTITY_MESSAGE)
			rc = enter(w, &e, f);
		else
			rc = put_leaf(w, &e, f);
		w->is_inner = true;
		w->is_message = e.kind == ENTITY_MESSAGE;
		if (rc == EX_OK && !w->is_message) {
			rc = next_part(w, &is_over, f);
			in_digest = nest_in_digest(&w->nest);
		}
	}
	return rc;
}

int
mime_write(const struct text *text, const struct mime_takes *takes,
    struct paper *out, struct fault *f)
{
	struct walk *w = calloc(1, sizeof(*w));
	int rc;

	if (w == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot read a message");
	w->takes = takes;
	w->out = out;
	w->in.text = w->ahead.text = text;
	w->is_message = true;
	rc = walk(w, f);
	free(w->header);
	free(w);
	return rc;
}
