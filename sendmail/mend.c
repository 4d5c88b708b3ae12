/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "sendmail/comment.h"
#include "sendmail/crlf.h"
#include "sendmail/mend.h"
#include "sendmail/parameter.h"
#include "sendmail/people.h"

#define NAME 900 /* octets that leave room for something behind them */

enum kind {
	KIND_TEXT,
	KIND_PEOPLE,
	KIND_PARAMETERS,
	KIND_STAMP, /* a text whose comments are not for programs */
	KIND_RIGID
};

static enum kind
kind_of(const struct field *field)
{
	static const struct field_kind known[] = {
		{ "From", KIND_PEOPLE },
		{ "Sender", KIND_PEOPLE },
		{ "Reply-To", KIND_PEOPLE },
		{ "To", KIND_PEOPLE },
		{ "Cc", KIND_PEOPLE },
		{ "Bcc", KIND_PEOPLE },
		{ "Resent-From", KIND_PEOPLE },
		{ "Resent-Sender", KIND_PEOPLE },
		{ "Resent-Reply-To", KIND_PEOPLE },
		{ "Resent-To", KIND_PEOPLE },
		{ "Resent-Cc", KIND_PEOPLE },
		{ "Resent-Bcc", KIND_PEOPLE },
		{ "Errors-To", KIND_PEOPLE },
		{ "Mail-Followup-To", KIND_PEOPLE },
		{ "Mail-Reply-To", KIND_PEOPLE },
		{ "Return-Receipt-To", KIND_PEOPLE },
		{ "Disposition-Notification-To", KIND_PEOPLE },
		{ "Content-Type", KIND_PARAMETERS },
		{ "Content-Disposition", KIND_PARAMETERS },
		{ "Content-Transfer-Encoding", KIND_STAMP },
		{ "MIME-Version", KIND_STAMP },
		{ "Date", KIND_STAMP },
		{ "Resent-Date", KIND_STAMP },
		{ "Message-ID", KIND_RIGID },
		{ "Resent-Message-ID", KIND_RIGID },
		{ "In-Reply-To", KIND_RIGID },
		{ "References", KIND_RIGID },
		{ "Content-ID", KIND_RIGID },
		{ "List-Help", KIND_RIGID },
		{ "List-Subscribe", KIND_RIGID },
		{ "List-Unsubscribe", KIND_RIGID },
		{ "List-Post", KIND_RIGID },
		{ "List-Owner", KIND_RIGID },
		{ "List-Archive", KIND_RIGID },
		{ "Received", KIND_RIGID },
		{ "DKIM-Signature", KIND_RIGID },
		{ "ARC-Seal", KIND_RIGID },
		{ "ARC-Message-Signature", KIND_RIGID },
		{ "ARC-Authentication-Results", KIND_RIGID },
	};

	return (enum kind)field_kind(
	    field, known, sizeof(known) / sizeof(known[0]), KIND_TEXT);
}

static bool
has_long_line(const char *text, size_t size)
{
	const char *feed;
	size_t line;

	for (; size > 0; text += line, size -= line) {
		feed = memchr(text, '\n', size);
		line = feed == NULL ? size : (size_t)(feed - text) + 1;
		if (line > CRLF_LONG + (feed == NULL ? 0 : 2))
			return true;
	}
	return false;
}

bool
mend_is_due(const char *header, size_t size, enum octets keeps)
{
	return !wording_keeps(keeps, header, size) ||
	    has_long_line(header, size);
}

/* A name that fills a line cannot be folded: it becomes a text. */
static void
write_text(struct wording *w, const char *text, size_t size)
{
	static const char name[] = "Downgraded-Field:";

	wording_raw(w, name, strlen(name));
	wording_unit(w, " ", 1, text, size);
	wording_end(w);
}

static void
write_field(struct wording *w, enum kind kind, const struct field *field)
{
	static const char prefix[] = "Downgraded-";
	const char *name = field->start;
	size_t name_size = (size_t)(field->body - name);
	bool has_comment;

	if (name_size > NAME) {
		write_text(w, name, name_size + field->body_size);
		return;
	}
	has_comment = kind >= KIND_STAMP &&
	    comment_hides(w->keeps, field->body, field->body_size);
	w->is_rigid = kind == KIND_RIGID;
	if (w->is_rigid && !has_comment &&
	    !wording_keeps(w->keeps, name, field->size)) {
		wording_raw(w, prefix, strlen(prefix));
		w->is_rigid = false;
	}
	wording_raw(w, name, name_size);
	if (has_comment)
		comment_put(w, field->body, field->body_size);
	else if (kind == KIND_PEOPLE)
		people_put(w, field->body, field->body_size);
	else if (kind == KIND_PARAMETERS)
		parameter_put(w, field->body, field->body_size);
	else
		wording_text(w, field->body, field->body_size);
}

int
mend_field(const struct mend *m, const struct field *field, struct paper *out,
    struct fault *f)
{
	struct wording w = { .out = out, .keeps = m->keeps };
	enum kind kind = kind_of(field);
	enum people people = PEOPLE_FIT;

	if (!mend_is_due(field->start, field->size, m->keeps)) {
		paper_put(out, field->start, field->size);
		return EX_OK;
	}
	if (kind == KIND_PEOPLE &&
	    people_judge(field->body, field->body_size, m->keeps, &people, f) !=
		EX_OK)
		return f->code;
	if (people == PEOPLE_UTF8 && !m->is_inner)
		return fault_set(f, EX_DATAERR,
		    "553 5.6.7 an address in %.*s needs SMTPUTF8, which this "
		    "server does not offer",
		    (int)field->name, field->start);
	if (people != PEOPLE_FIT)
		kind = KIND_TEXT;
	w.run = malloc(field->size);
	if (w.run == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot write a header");
	write_field(&w, kind, field);
	paper_say(out, "\r\n");
	free(w.run);
	return EX_OK;
}

int
mend(const struct mend *m, const char *header, size_t size, struct paper *out,
    struct fault *f)
{
	struct field field;
	size_t at = 0;
	int rc = EX_OK;

	while (rc == EX_OK && field_next(header, size, &at, &field))
		rc = mend_field(m, &field, out, f);
	return rc;
}
