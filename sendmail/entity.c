/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "sendmail/entity.h"
#include "sendmail/field.h"
#include "sendmail/token.h"

#define WORD 128 /* octets of a type or an encoding that we know */

static bool
begins(const char *word, const char *with)
{
	return strncasecmp(word, with, strlen(with)) == 0;
}

static enum entity_encoding
read_encoding(const struct field *field)
{
	struct parameter value;
	char word[WORD];
	size_t at = 0;

	if (!parameter_next(field->body, field->body_size, &at, &value))
		return ENTITY_PLAIN;
	parameter_read(&value, word, sizeof(word));
	if (strcasecmp(word, "quoted-printable") == 0)
		return ENTITY_QUOTED;
	if (strcasecmp(word, "base64") == 0)
		return ENTITY_BASE64;
	if (!token_is_ascii(word, strlen(word)))
		return ENTITY_PLAIN;
	if (begins(word, "x-") || strcasecmp(word, "uuencode") == 0)
		return ENTITY_OTHER;
	return ENTITY_PLAIN;
}

static enum entity_kind
kind_of(const char *type)
{
	if (strcasecmp(type, "multipart/signed") == 0 ||
	    strcasecmp(type, "multipart/encrypted") == 0)
		return ENTITY_SEALED;
	if (begins(type, "multipart/"))
		return ENTITY_MULTIPART;
	if (strcasecmp(type, "message/rfc822") == 0 ||
	    strcasecmp(type, "message/global") == 0)
		return ENTITY_MESSAGE;

	/* RFC 2046, 5.2; RFC 6532, 3.7 and RFC 6533 let the global ones go. */
	if (begins(type, "message/") && !begins(type, "message/global-"))
		return ENTITY_SEALED;
	return ENTITY_LEAF;
}

static void
read_type(const struct field *field, struct entity *e)
{
	struct parameter p;
	char word[WORD];
	size_t at = 0;

	e->has_type = true;
	e->kind = ENTITY_LEAF;
	e->boundary[0] = '\0';
	if (!parameter_next(field->body, field->body_size, &at, &p))
		return;
	parameter_read(&p, word, sizeof(word));
	if (token_is_ascii(word, strlen(word)))
		e->kind = kind_of(word);
	e->is_digest = strcasecmp(word, "multipart/digest") == 0;
	if (e->kind != ENTITY_MULTIPART)
		return;
	e->kind = ENTITY_SEALED;
	while (parameter_next(field->body, field->body_size, &at, &p)) {
		if (!parameter_boundary(&p, e->boundary))
			continue;
		e->kind = ENTITY_MULTIPART;
		break;
	}
}

void
entity_read(const char *header, size_t size, bool in_digest, struct entity *e)
{
	bool has_encoding = false;
	struct field field;
	size_t at = 0;

	*e =
	    (struct entity){ .kind = in_digest ? ENTITY_MESSAGE : ENTITY_LEAF };
	while (field_next(header, size, &at, &field)) {
		if (field_is(&field, "MIME-Version"))
			e->has_version = true;
		if (!e->has_type && field_is(&field, "Content-Type"))
			read_type(&field, e);
		if (!has_encoding &&
		    field_is(&field, "Content-Transfer-Encoding")) {
			e->encoding = read_encoding(&field);
			has_encoding = true;
		}
	}

	/* An encoded container (RFC 2045, 6.4, forbids it) is not opened. */
	if (e->encoding != ENTITY_PLAIN && e->kind == ENTITY_MULTIPART)
		e->kind = ENTITY_SEALED;
	if (e->encoding != ENTITY_PLAIN && e->kind == ENTITY_MESSAGE)
		e->kind = ENTITY_LEAF;
}

static void
add_fields(
    const struct entity_writer *w, const struct entity *e, struct paper *out)
{
	if (w->is_message && !e->has_version)
		paper_say(out, "MIME-Version: 1.0\r\n");
	if (!e->has_type) {
		paper_say(out, "Content-Type: text/plain; charset=");
		paper_say(out, w->charset);
		paper_say(out, "\r\n");
	}
	paper_say(out, "Content-Transfer-Encoding: quoted-printable\r\n");
}

int
entity_write(const struct entity_writer *w, const char *header, size_t size,
    struct paper *out, struct fault *f)
{
	struct entity e;
	struct field field;
	size_t at = 0;
	int rc = EX_OK;

	entity_read(header, size, false, &e);
	while (rc == EX_OK && field_next(header, size, &at, &field)) {
		if (w->change == ENTITY_SAME ||
		    !field_is(&field, "Content-Transfer-Encoding"))
			rc = mend_field(&w->mend, &field, out, f);
		else if (w->change == ENTITY_TO_7BIT)
			paper_say(out, "Content-Transfer-Encoding: 7bit\r\n");
	}
	if (rc == EX_OK && w->change == ENTITY_TO_QUOTED)
		add_fields(w, &e, out);
	return rc;
}
