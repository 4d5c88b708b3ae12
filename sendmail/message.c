/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "sendmail/added.h"
#include "sendmail/crlf.h"
#include "sendmail/field.h"
#include "sendmail/message.h"
#include "sendmail/request.h"

/*
 * What a field is to us, also one of enum added; a set of them is what a header
 * has.
 */
enum kind {
	KIND_OTHER = 0,
	KIND_REMOVED = 256, /* beyond enum added */
	KIND_RESENT = 512
};

/* A message on its way in. */
struct message {
	const struct options *options;
	const struct caller *caller;
	const char *host;
	struct draft *draft;
	struct item *item;
	char *header; /* up to MESSAGE_HEADER + MESSAGE_LINE octets */
	size_t room, used;
	size_t line; /* where its last line begins */
	bool in_body;
};

static bool
has_8bit(const char *octets, size_t size)
{
	const uint64_t top = 0x8080808080808080U;
	uint64_t all = 0, some[4] = { 0 };

	for (; size >= sizeof(some); octets += sizeof(some)) {
		memcpy(some, octets, sizeof(some));
		all |= some[0] | some[1] | some[2] | some[3];
		size -= sizeof(some);
	}
	memcpy(some, octets, size);
	all |= some[0] | some[1] | some[2] | some[3];
	return (all & top) != 0;
}

static int
add(struct message *m, const char *octets, size_t size, struct fault *f)
{
	if (size == 0)
		return EX_OK;
	if (!m->item->text.is_8bit)
		m->item->text.is_8bit = has_8bit(octets, size);
	return draft_add(m->draft, m->item, octets, size, f);
}

static unsigned
kind_of(const struct field *field)
{
	static const struct field_kind known[] = {
		{ "Bcc", KIND_REMOVED },
		{ "Return-Path", KIND_REMOVED },
		{ "Content-Length", KIND_REMOVED },
		{ "Resent-Bcc", KIND_REMOVED | KIND_RESENT },
		{ "Resent-Date", ADDED_RESENT_DATE | KIND_RESENT },
		{ "Resent-Message-ID", ADDED_RESENT_ID | KIND_RESENT },
		{ "Date", ADDED_DATE },
		{ "Message-ID", ADDED_ID },
		{ "From", ADDED_FROM },
	};
	const bool is_resent =
	    strncasecmp(field->start, "Resent-", strlen("Resent-")) == 0;

	return field_kind(field, known, sizeof(known) / sizeof(known[0]),
	    is_resent ? KIND_RESENT : KIND_OTHER);
}

/* Close the gaps that removed fields leave; tell what there was. */
static unsigned
remove_fields(char *header, size_t *size)
{
	struct field field;
	size_t at = 0, kept = 0;
	unsigned kind, seen = 0;

	while (field_next(header, *size, &at, &field)) {
		kind = kind_of(&field);
		seen |= kind;
		if ((kind & KIND_REMOVED) != 0)
			continue;
		memmove(header + kept, field.start, field.size);
		kept += field.size;
	}
	*size = kept;
	return seen;
}

static int
add_missing(struct message *m, size_t size, unsigned missing, struct fault *f)
{
	const struct added_to to = { .options = m->options,
		.caller = m->caller,
		.host = m->host,
		.item = m->item,
		.header = m->header,
		.size = size };
	char *text;
	size_t more;
	int rc;

	rc = added_make(&to, missing, &text, &more, f);
	if (rc == EX_OK)
		rc = add(m, text, more, f);
	free(text);
	return rc;
}

/*
 * The header is all there.  A block of Resent fields stands together, ahead of
 * the rest (RFC 5322, 3.6.6); what else is missing goes to the end.
 */
static int
finish_header(struct message *m, size_t size, struct fault *f)
{
	const unsigned late = ADDED_DATE | ADDED_FROM | ADDED_ID;
	unsigned seen, resent = 0;
	int rc;

	rc = request_end(&m->item->env, m->options, m->header, size, f);
	if (rc != EX_OK)
		return rc;
	seen = remove_fields(m->header, &size);
	if ((seen & KIND_RESENT) != 0)
		resent = ADDED_RESENT_DATE | ADDED_RESENT_ID;
	if (m->options->is_relayed)
		seen |= late | resent;
	rc = add_missing(m, size, resent & ~seen, f);
	if (rc == EX_OK)
		rc = add(m, m->header, size, f);
	if (rc == EX_OK)
		rc = add_missing(m, size, late & ~seen, f);
	return rc == EX_OK ? add(m, "\r\n", 2, f) : rc;
}

/* The last line is no field: it is the first one of the body. */
static int
begin_body(struct message *m, struct fault *f)
{
	size_t start = m->line;
	size_t size = m->used - start;
	int rc;

	/* What is removed from the header leaves the line where it is. */
	m->in_body = true;
	rc = finish_header(m, start, f);
	return rc == EX_OK ? add(m, m->header + start, size, f) : rc;
}

/* Whether the last line belongs to the header. */
static bool
is_header(const struct message *m)
{
	const char *line = m->header + m->line;

	if (m->line > 0 && (line[0] == ' ' || line[0] == '\t'))
		return true;
	return field_begins(line, m->used - m->line) > 0;
}

/* mbox separators, which some callers leave on top. */
static bool
is_separator(const char *line, size_t size)
{
	if (size > 0 && line[0] == '>') {
		line++;
		size--;
	}
	return size >= 5 && memcmp(line, "From ", 5) == 0;
}

static int
judge_line(struct message *m, struct fault *f)
{
	size_t size = m->used - m->line;

	bool is_field = is_header(m);

	if (is_field || (m->line == 0 && is_separator(m->header, size))) {
		if (m->used > MESSAGE_HEADER)
			return fault_set(f, EX_DATAERR,
			    "the header is larger than %zu octets",
			    MESSAGE_HEADER);
		m->line = m->used = is_field ? m->used : 0;
		return EX_OK;
	}
	if (size == 2)
		m->used = m->line;
	return begin_body(m, f);
}

/* For so many more octets, or as many as a header may have. */
static int
make_room(struct message *m, size_t size, struct fault *f)
{
	const size_t most = MESSAGE_HEADER + MESSAGE_LINE;
	size_t room = m->used + size;
	char *header;

	if (room <= m->room || m->room == most)
		return EX_OK;
	room = room < most / 2 ? 2 * room : most;
	header = realloc(m->header, room);
	if (header == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep the header");
	m->header = header;
	m->room = room;
	return EX_OK;
}

/* Octets into the header, to the end of a line at most. */
static int
gather(struct message *m, const char **octets, size_t *size, struct fault *f)
{
	size_t room = MESSAGE_HEADER + MESSAGE_LINE - m->used;
	const char *feed = memchr(*octets, '\n', *size);
	size_t n = feed == NULL ? *size : (size_t)(feed - *octets) + 1;
	bool is_full = n >= room;

	if (is_full)
		n = room;
	memcpy(m->header + m->used, *octets, n);
	m->used += n;
	*octets += n;
	*size -= n;

	/* A full one holds enough of its last line to judge that. */
	return feed != NULL || is_full ? judge_line(m, f) : EX_OK;
}

static int
take(void *ctx, const char *octets, size_t size, struct fault *f)
{
	struct message *m = ctx;
	int rc = m->in_body ? EX_OK : make_room(m, size, f);

	while (rc == EX_OK && size > 0 && !m->in_body)
		rc = gather(m, &octets, &size, f);
	return rc == EX_OK ? add(m, octets, size, f) : rc;
}

static int
read_all(struct message *m, const struct source *from, bool dot_is_text,
    struct fault *f)
{
	struct crlf crlf = {
		.take = take, .ctx = m, .dot_is_text = dot_is_text
	};
	char chunk[SOURCE_CHUNK];
	size_t got = 1;
	int rc = EX_OK;

	while (rc == EX_OK && got > 0 && !crlf.is_over) {
		rc = from->read(from->ctx, chunk, &got, f);
		if (rc == EX_OK)
			rc = crlf_put(&crlf, chunk, got, f);
	}
	if (rc == EX_OK)
		rc = crlf_end(&crlf, f);
	m->item->text.is_short = !crlf.has_long;
	if (rc == EX_OK && !m->in_body)
		rc = begin_body(m, f);
	return rc;
}

static int
make(struct message *m, const struct source *from, bool dot_is_text,
    struct fault *f)
{
	int rc;

	rc = make_room(m, 1, f);
	if (rc == EX_OK)
		rc = read_all(m, from, dot_is_text, f);
	free(m->header);
	return rc;
}

int
message_read(int in, const struct options *o, const struct caller *caller,
    const char *host, struct draft *draft, struct item *item, struct fault *f)
{
	const struct source from = source_descriptor(&in);
	struct message m = { .options = o,
		.caller = caller,
		.host = host,
		.draft = draft,
		.item = item };
	int rc;

	rc = envelope_host(&item->env, host, f);
	if (rc == EX_OK)
		rc = request_begin(&item->env, o, caller, f);
	if (rc == EX_OK)
		rc = make(&m, &from, o->dot_is_text, f);
	if ((rc == EX_USAGE || rc == EX_DATAERR) && !isatty(in))
		source_drain(&from);
	return rc;
}

int
message_receive(const struct source *from, const struct options *o,
    const struct caller *caller, const char *host, struct draft *draft,
    struct item *item, struct fault *f)
{
	struct message m = { .options = o,
		.caller = caller,
		.host = host,
		.draft = draft,
		.item = item };
	int rc;

	rc = envelope_host(&item->env, host, f);
	return rc == EX_OK ? make(&m, from, true, f) : rc;
}
