/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mailq/memory.h"
#include "sendmail/address.h"
#include "sendmail/author.h"
#include "sendmail/field.h"
#include "sendmail/folk.h"
#include "sendmail/graft.h"
#include "sendmail/guise.h"
#include "sendmail/token.h"

/* What a field is to us. */
enum kind { KIND_OTHER, KIND_LIST, KIND_SENDER, KIND_FROM };

/* A header on its way. */
struct work {
	struct guise *g;
	FILE *out;
	struct author author;
	bool is_changed;
};

/* The addresses of one field on their way. */
struct filling {
	const struct policy *policy;
	const char *recorded;
	struct graft graft;
};

static int
no_memory(struct fault *f)
{
	return fault_errno(f, EX_TEMPFAIL, "cannot complete the header");
}

static enum kind
kind_of(const struct field *field)
{
	static const struct field_kind known[] = {
		{ "From", KIND_FROM },
		{ "Sender", KIND_SENDER },
		{ "Resent-From", KIND_SENDER },
		{ "Resent-Sender", KIND_SENDER },
		{ "Reply-To", KIND_LIST },
		{ "To", KIND_LIST },
		{ "Cc", KIND_LIST },
		{ "Resent-Reply-To", KIND_LIST },
		{ "Resent-To", KIND_LIST },
		{ "Resent-Cc", KIND_LIST },
	};

	return (enum kind)field_kind(
	    field, known, sizeof(known) / sizeof(known[0]), KIND_OTHER);
}

static int
put(const struct work *w, const char *octets, size_t size, struct fault *f)
{
	int rc = memory_reserve(w->out, size, f);

	if (rc == EX_OK)
		fwrite(octets, 1, size, w->out);
	return rc;
}

/*
 * Put the domain where there is none, or where there was another: before it
 * stays whatever its writer wrote.
 */
static int
fill_in(void *ctx, const struct mailbox *box, struct fault *f)
{
	struct filling *fill = ctx;
	struct token t = {
		.list = fill->graft.list, .size = box->end, .at = box->start
	};
	char with_at[HOST_NAME + 2];
	int rc;

	if (!policy_is_local(fill->policy, box->addr, fill->recorded))
		return EX_OK;

	snprintf(with_at, sizeof(with_at), "@%s", fill->policy->domain);
	graft_reach(
	    &fill->graft, box->start, box->end - box->start + strlen(with_at));

	/* A backslash says "no alias"; it is no part of a name. */
	if (t.list[t.at] == '\\')
		graft_put(&fill->graft, t.at, t.at + 1, "");
	do {
		rc = token_next(&t, f);
	} while (rc == EX_OK && t.kind != '@' && t.kind != TOKEN_END);
	if (rc == EX_OK && t.kind == TOKEN_END) {
		graft_put(&fill->graft, box->end, box->end, with_at);
	} else if (rc == EX_OK) {
		rc = token_next(&t, f);
		graft_put(&fill->graft, t.start, box->end, with_at + 1);
	}
	return rc;
}

static int
put_filled(struct work *w, const struct folk *folk, const struct field *field,
    struct fault *f)
{
	size_t begin = (size_t)(field->body - field->start);
	size_t each = strlen("@\r\n") + strlen(folk->policy->domain);
	struct filling fill = { .policy = folk->policy,
		.recorded = folk->env->host,
		.graft = { .out = w->out,
		    .list = field->body,
		    .size = field->size - begin,
		    .column = begin } };
	int rc;

	rc = memory_reserve(w->out, field->size + folk->local * each, f);
	if (rc != EX_OK)
		return rc;
	fwrite(field->start, 1, begin, w->out);
	rc = address_list(field->body, field->body_size, fill_in, &fill, f);
	graft_end(&fill.graft);
	return rc;
}

static int
put_people(struct work *w, enum kind kind, const struct folk *folk,
    const struct field *field, struct fault *f)
{
	const char *address = NULL;
	int rc;

	if (kind == KIND_FROM)
		address = author_of(folk, field);
	if (address != NULL && author_is(folk, address))
		return put(w, field->start, field->size, f);
	if (address != NULL) {
		rc = author_put(&w->author, folk, field, address, f);
	} else if (folk->local == 0 || folk->local > GUISE_NAMES ||
	    folk->policy->domain[0] == '\0') {
		return put(w, field->start, field->size, f);
	} else {
		rc = put_filled(w, folk, field, f);
	}
	w->is_changed = true;
	if (kind != KIND_LIST)
		w->g->is_ours = true;
	return rc;
}

static int
put_field(struct work *w, const struct field *field, struct fault *f)
{
	struct folk folk = { .policy = w->g->policy,
		.smarthost = w->g->smarthost,
		.env = w->g->env };
	enum kind kind = kind_of(field);
	int rc;

	if (kind == KIND_OTHER)
		return put(w, field->start, field->size, f);
	rc = folk_find(&folk, field, f);
	if (rc == EX_OK)
		rc = put_people(w, kind, &folk, field, f);
	folk_free(&folk);
	return rc;
}

static int
put_all(struct work *w, const char *header, size_t size, struct fault *f)
{
	struct field field;
	size_t at = 0;
	int rc = EX_OK;

	while (field_next(header, size, &at, &field)) {
		if (field_is(&field, AUTHOR_ORIGINAL))
			w->author.has_original = true;
		if (field_is(&field, AUTHOR_REPLY))
			w->author.has_reply = true;
	}
	at = 0;
	while (rc == EX_OK && field_next(header, size, &at, &field))
		rc = put_field(w, &field, f);
	return rc == EX_OK ? put(w, header + at, size - at, f) : rc;
}

int
guise_make(struct guise *g, const char *header, size_t size, struct fault *f)
{
	struct work w = { .g = g };
	int rc;

	w.out = open_memstream(&g->header, &g->size);
	if (w.out == NULL)
		return no_memory(f);
	w.author.out = w.out;
	rc = put_all(&w, header, size, f);
	if (memory_close(w.out, &g->header, f) != EX_OK)
		rc = f->code;
	if (rc != EX_OK || !w.is_changed)
		guise_free(g);
	return rc;
}

void
guise_free(struct guise *g)
{
	free(g->header);
	g->header = NULL;
	g->size = 0;
}
