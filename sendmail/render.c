/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sendmail/mend.h"
#include "sendmail/render.h"
#include "sendmail/token.h"

#define CHUNK 16384 /* octets of a header that are read at first */

/* Behind the last field of what was read, or size: there is more. */
static size_t
find_end(const char *header, size_t size)
{
	const char *end;

	if (size >= 2 && memcmp(header, "\r\n", 2) == 0)
		return 0;
	end = memmem(header, size, "\r\n\r\n", 4);
	return end == NULL ? size : (size_t)(end - header) + 2;
}

static int
grow(struct render *r, size_t *room, struct fault *f)
{
	char *header;

	*room = *room == 0 ? CHUNK : *room * 2;
	header = realloc(r->header, *room);
	if (header == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot read a header");
	r->header = header;
	return EX_OK;
}

/* Where the last field ends; that of a sound message is followed by nothing. */
static size_t
fields_size(const char *header, size_t size)
{
	struct field field;
	size_t at = 0;

	while (field_next(header, size, &at, &field))
		continue;
	return at;
}

/* The stored header; a text that is all header has no body. */
static int
read_header(struct render *r, struct fault *f)
{
	const struct text *text = &r->item->text;
	size_t room = 0, have = 0, got = 1;
	int rc = EX_OK;

	r->header_size = 0;
	while (rc == EX_OK && got > 0 && r->header_size == have) {
		if (have == MIME_HEADER)
			return fault_set(
			    f, EX_DATAERR, "554 5.6.0 the header is too large");
		if (have == room)
			rc = grow(r, &room, f);
		if (rc == EX_OK)
			rc = text_read(text, (off_t)have, r->header + have,
			    room - have, &got, f);
		have += got;
		r->header_size = find_end(r->header, have);
	}
	if (rc == EX_OK)
		r->header_size = fields_size(r->header, r->header_size);
	return rc;
}

/* A header of our own ahead of the stored body. */
static void
replace_header(struct render *r, const struct text *header)
{
	const struct text *stored = &r->item->text;
	struct text *text = &r->headed;

	*text = *header;
	text->head = text->size;
	text->rest = stored;
	text->rest_start = (off_t)r->header_size;
	text->size += stored->size - text->rest_start;
	text->is_8bit = text->is_8bit || stored->is_8bit;
	r->text = text;
}

/* As this smarthost may see it. */
static int
dress(struct render *r, struct text *header, struct fault *f)
{
	struct guise *g = &r->guise;

	*g = (struct guise){ .policy = r->policy,
		.smarthost = r->smarthost,
		.env = &r->item->env };
	if (guise_make(g, r->header, r->header_size, f) != EX_OK)
		return f->code;
	*header =
	    (struct text){ .mem = r->header, .size = (off_t)r->header_size };
	if (g->header != NULL) {
		header->mem = g->header;
		header->size = (off_t)g->size;
	}
	header->is_8bit = !token_is_ascii(header->mem, (size_t)header->size);
	return EX_OK;
}

/* And in the octets that this server takes. */
static int
mend_header(struct render *r, struct fault *f)
{
	struct mend m = { .keeps = mime_octets(&r->takes) };
	struct text header = { 0 };
	bool is_due;
	int rc;

	r->text = &r->item->text;
	rc = dress(r, &header, f);
	if (rc != EX_OK)
		return rc;
	is_due = mend_is_due(header.mem, (size_t)header.size, m.keeps);
	if (is_due)
		rc = mend(&m, header.mem, (size_t)header.size, &r->head, f);
	if (rc == EX_OK && is_due)
		rc = paper_text(&r->head, &header, f);
	if (rc != EX_OK)
		return rc;
	r->is_utf8 = header.is_8bit;
	if (is_due || r->guise.header != NULL)
		replace_header(r, &header);
	return EX_OK;
}

static int
make(struct render *r, struct fault *f)
{
	bool is_due;
	int rc;

	rc = read_header(r, f);
	if (rc == EX_OK)
		rc = mend_header(r, f);
	if (rc == EX_OK)
		rc = mime_body_is_due(&r->item->text, (off_t)r->header_size,
		    &r->takes, &is_due, f);
	if (rc != EX_OK)
		return rc;
	if (!is_due)
		return EX_OK;
	rc = mime_write(r->text, &r->takes, &r->whole, f);
	if (rc == EX_OK)
		rc = paper_text(&r->whole, &r->changed, f);
	r->text = &r->changed;
	return rc;
}

/* Where a large file may lie: in the folder of its message, if it has one. */
static int
folder_of(const struct render *r)
{
	const struct draft *draft = r->draft;

	if (r->item->is_kept)
		return r->item->dir;
	if (draft != NULL && draft->scratch.queue.dir != -1)
		return draft->scratch.queue.folder[QUEUE_ACTIVE];
	return -1;
}

static void
forget(struct render *r)
{
	guise_free(&r->guise);
	paper_free(&r->head);
	paper_free(&r->whole);
	free(r->header);
	r->header = NULL;
	r->is_made = false;
	r->refusal[0] = '\0';
}

static int
make_anew(struct render *r, struct fault *f)
{
	struct fault why = { 0 };
	int rc;

	forget(r);
	paper_begin(&r->head, folder_of(r));
	paper_begin(&r->whole, folder_of(r));
	rc = make(r, &why);
	if (rc == EX_DATAERR)
		snprintf(r->refusal, sizeof(r->refusal), "%.*s", REPLY_TEXT - 1,
		    why.text);
	else if (rc != EX_OK)
		return fault_set(f, rc, "%s", why.text);
	r->is_made = true;
	return EX_OK;
}

int
render(struct render *r, const struct smarthost *smarthost,
    const struct ehlo *ehlo, struct letter *letter, struct fault *f)
{
	const struct mime_takes takes = { .has_8bit = ehlo->has_8bitmime,
		.has_utf8 = ehlo->has_8bitmime && ehlo->has_smtputf8 };
	bool is_same = r->smarthost == smarthost &&
	    r->takes.has_8bit == takes.has_8bit &&
	    r->takes.has_utf8 == takes.has_utf8;

	if (!r->is_made || !is_same) {
		r->smarthost = smarthost;
		r->takes = takes;
		if (make_anew(r, f) != EX_OK)
			return f->code;
	}
	letter->text = r->text;
	letter->is_utf8 = r->is_utf8 || r->item->env.is_utf8;
	letter->refusal = r->refusal[0] == '\0' ? NULL : r->refusal;
	return EX_OK;
}

void
render_free(struct render *r)
{
	forget(r);
	*r = (struct render){ 0 };
}
