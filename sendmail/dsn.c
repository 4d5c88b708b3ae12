/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mailq/memory.h"
#include "sendmail/address.h"
#include "sendmail/dsn.h"
#include "sendmail/header.h"

#define CHUNK 16384
#define PIECE 16384 /* more octets than are ever gathered between two drains */

/* Where it goes: gathered in memory, a piece at a time. */
struct pen {
	const struct dsn *dsn;
	const struct envelope *env; /* of the origin */
	bool is_whole;              /* all of the origin comes along, */
	bool origin_is_8bit;        /* and what comes has such octets */
	bool people_is_8bit;
	FILE *out;
	char *mem;
	size_t size;
	int (*add)(void *, const void *, size_t, struct fault *);
	void *ctx;
};

static bool
is_failed(const struct pen *pen)
{
	return pen->dsn->status.kind == REPORT_FAILED;
}

static bool
is_about(const struct pen *pen, size_t n)
{
	return rcpt_is_untold(pen->env->to + n, pen->dsn->status.kind);
}

static int
no_memory(struct fault *f)
{
	return fault_errno(f, EX_TEMPFAIL, "cannot write a report");
}

static int
drain(struct pen *pen, struct fault *f)
{
	int rc;

	if (fflush(pen->out) != 0 || ferror(pen->out))
		return no_memory(f);
	rc =
	    pen->size == 0 ? EX_OK : pen->add(pen->ctx, pen->mem, pen->size, f);
	rewind(pen->out);
	return rc;
}

static void
write_header(const struct pen *pen)
{
	const struct dsn *dsn = pen->dsn;
	char date[HEADER_DATE];

	header_date(date, time(NULL));
	fprintf(pen->out, "Date: %s\r\nFrom: ", date);
	header_mailbox(pen->out, 6, "Mail Delivery System", dsn->from);
	fputs("To: ", pen->out);
	header_mailbox(pen->out, 4, "", dsn->to);
	fprintf(pen->out,
	    "Subject: %s\r\n"
	    "Message-ID: <%s@%s>\r\n"
	    "Auto-Submitted: auto-replied\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: multipart/report; report-type=delivery-status;\r\n"
	    " boundary=\"=_%s\"\r\n"
	    "Content-Transfer-Encoding: %s\r\n\r\n",
	    is_failed(pen) ? "Undelivered mail returned to sender"
			   : "Delayed mail (still being tried)",
	    dsn->id, dsn->status.host, dsn->id,
	    pen->origin_is_8bit || pen->people_is_8bit ? "8bit" : "7bit");
}

static void
begin_part(const struct pen *pen, const char *type, bool is_8bit)
{
	fprintf(pen->out,
	    "--=_%s\r\nContent-Type: %s\r\n"
	    "Content-Transfer-Encoding: %s\r\n\r\n",
	    pen->dsn->id, type, is_8bit ? "8bit" : "7bit");
}

static void
write_greeting(const struct pen *pen)
{
	char date[HEADER_DATE];

	begin_part(pen,
	    pen->people_is_8bit ? "text/plain; charset=utf-8"
				: "text/plain; charset=us-ascii",
	    pen->people_is_8bit);
	fprintf(
	    pen->out, "This is onehop on %s.\r\n\r\n", pen->dsn->status.host);
	if (is_failed(pen)) {
		fputs("Your message could not be delivered to:\r\n\r\n",
		    pen->out);
		return;
	}
	fputs("Your message could not be delivered yet.  ", pen->out);
	if (pen->dsn->status.expires != 0) {
		header_date(date, pen->dsn->status.expires);
		fprintf(pen->out, "It will be tried until\r\n%s; you", date);
	} else {
		fputs("It will be tried\r\nagain; you", pen->out);
	}
	fputs(" need not send it again.  It waits for:\r\n\r\n", pen->out);
}

/* Cut where it is too long for a line, though not within a character. */
static void
write_name(const struct pen *pen, const char *addr)
{
	size_t size = strnlen(addr, STATUS_ADDRESS);

	while (size > 0 && ((unsigned char)addr[size] & 0xc0) == 0x80)
		size--;
	fprintf(pen->out, "<%.*s>:\r\n    ", (int)size, addr);
}

static int
write_people(struct pen *pen, struct fault *f)
{
	size_t i;
	int rc = EX_OK;

	write_greeting(pen);
	for (i = 0; rc == EX_OK && i < pen->env->count; i++) {
		if (!is_about(pen, i))
			continue;
		write_name(pen, pen->env->to[i].addr);
		status_words(pen->out, 4, status_why(pen->env->to + i));
		fputs("\r\n", pen->out);
		rc = drain(pen, f);
	}
	return rc;
}

static int
write_programs(struct pen *pen, struct fault *f)
{
	const struct status *status = &pen->dsn->status;
	size_t i;
	int rc = EX_OK;

	begin_part(pen, "message/delivery-status", false);
	status_message(pen->out, status);
	for (i = 0; rc == EX_OK && i < pen->env->count; i++) {
		if (!is_about(pen, i))
			continue;
		status_recipient(pen->out, status, i);
		rc = drain(pen, f);
	}
	return rc;
}

/* How much of a chunk is header; *seen counts the octets of CRLF CRLF so far. */
static size_t
measure(const char *chunk, size_t size, unsigned *seen)
{
	static const char end[] = "\r\n\r\n";
	size_t i;

	for (i = 0; i < size && *seen < 4; i++) {
		if (chunk[i] == end[*seen])
			++*seen;
		else
			*seen = chunk[i] == '\r';
	}
	return i;
}

/* What comes along of the origin, piece by piece. */
static int
each_piece(struct pen *pen,
    int (*take)(void *, const void *, size_t, struct fault *), void *ctx,
    struct fault *f)
{
	const struct text *text = &pen->dsn->status.origin->text;
	char chunk[CHUNK];
	unsigned seen = 2; /* as if a line had ended before it */
	size_t got = 0;
	off_t at = 0;
	int rc;

	do {
		rc = text_read(text, at, chunk, sizeof(chunk), &got, f);
		at += (off_t)got;
		if (rc == EX_OK && !pen->is_whole)
			got = measure(chunk, got, &seen);
		if (rc == EX_OK && got > 0)
			rc = take(ctx, chunk, got, f);
	} while (rc == EX_OK && got > 0 && seen < 4);
	return rc;
}

static int
look_at(void *ctx, const void *piece, size_t size, struct fault *f)
{
	const unsigned char *at = piece;
	struct pen *pen = ctx;
	size_t i;

	(void)f;
	for (i = 0; i < size && !pen->origin_is_8bit; i++)
		pen->origin_is_8bit = at[i] > 127;
	return EX_OK;
}

/* A part says 8bit only if it is so, and the whole if one of them is. */
static int
look(struct pen *pen, struct fault *f)
{
	const struct item *origin = pen->dsn->status.origin;
	size_t i;

	pen->env = &origin->env;
	pen->is_whole = pen->env->ret != NULL &&
	    strcmp(pen->env->ret, "full") == 0 && is_failed(pen);
	for (i = 0; i < pen->env->count; i++) {
		if (!is_about(pen, i))
			continue;
		if (!address_is_ascii(pen->env->to[i].addr))
			pen->people_is_8bit = true;
		if (status_is_about_text(pen->env->to + i))
			pen->is_whole = false;
	}
	if (!origin->text.is_8bit)
		return EX_OK;
	return each_piece(pen, look_at, pen, f);
}

static int
write_origin(struct pen *pen, struct fault *f)
{
	int rc;

	begin_part(pen,
	    pen->is_whole ? "message/rfc822" : "text/rfc822-headers",
	    pen->origin_is_8bit);
	rc = drain(pen, f);
	if (rc == EX_OK)
		rc = each_piece(pen, pen->add, pen->ctx, f);
	fprintf(pen->out, "\r\n--=_%s--\r\n", pen->dsn->id);
	return rc == EX_OK ? drain(pen, f) : rc;
}

int
dsn_write(const struct dsn *dsn,
    int (*add)(void *ctx, const void *, size_t, struct fault *), void *ctx,
    struct fault *f)
{
	struct pen pen = { .dsn = dsn, .add = add, .ctx = ctx };
	int rc;

	pen.out = open_memstream(&pen.mem, &pen.size);
	if (pen.out == NULL)
		return no_memory(f);
	rc = memory_reserve(pen.out, PIECE, f);
	if (rc == EX_OK)
		rc = look(&pen, f);
	if (rc == EX_OK) {
		write_header(&pen);
		rc = write_people(&pen, f);
	}
	if (rc == EX_OK)
		rc = write_programs(&pen, f);
	if (rc == EX_OK)
		rc = write_origin(&pen, f);
	fclose(pen.out);
	free(pen.mem);
	return rc;
}
