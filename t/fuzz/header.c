/*
 * Messages as callers give them; the first octet says how they were called.
 * What comes out is in wire form and without what must go, has what must be
 * there, and comes out just so when it is read once more.
 *
 * SPDX-License-Identifier: ISC
 */
#include <sys/mman.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sendmail/address.h"
#include "sendmail/field.h"
#include "sendmail/message.h"
#include "t/fuzz/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* One message that was read. */
struct reading {
	struct options options;
	struct draft draft;
	struct item item;
	struct fault f;
	int rc;
};

static void
begin(struct reading *r, const char *octets, size_t size)
{
	char login[] = "joe", name[] = "Joe";
	const struct caller caller = { .login = login, .name = name };
	const struct spool nowhere = { 0 };
	int in = memfd_create("message", 0);

	demand(in != -1);
	demand(write(in, octets, size) == (ssize_t)size);
	demand(lseek(in, 0, SEEK_SET) == 0);
	demand(draft_begin(&r->draft, &r->item, &nowhere, &caller, &r->f) ==
	    EX_OK);
	r->rc = message_read(
	    in, &r->options, &caller, "web1", &r->draft, &r->item, &r->f);
	close(in);
}

static void
end(struct reading *r)
{
	item_free(&r->item);
	draft_free(&r->draft);
}

static void
judge_envelope(const struct envelope *env)
{
	struct fault f = { 0 };
	char *again;
	size_t i;

	demand(env->count > 0);
	for (i = 0; i < env->count; i++) {
		demand(address_one(env->to[i].addr, &again, &f) == EX_OK);
		demand(strcmp(env->to[i].addr, again) == 0);
		free(again);
	}
}

static void
judge_lines(const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		demand(text[i] != '\0');
		if (text[i] == '\n')
			demand(i > 0 && text[i - 1] == '\r');
		if (text[i] == '\r')
			demand(i + 1 < size && text[i + 1] == '\n');
	}
	demand(size >= 2 && text[size - 1] == '\n');
}

static void
judge_header(const char *text, size_t size, bool is_relayed)
{
	unsigned dates = 0, ids = 0, froms = 0;
	struct field field;
	size_t at = 0;

	while (field_next(text, size, &at, &field)) {
		demand(!field_is(&field, "Bcc"));
		demand(!field_is(&field, "Resent-Bcc"));
		demand(!field_is(&field, "Return-Path"));
		demand(!field_is(&field, "Content-Length"));
		dates += field_is(&field, "Date");
		ids += field_is(&field, "Message-ID");
		froms += field_is(&field, "From");
	}
	demand(is_relayed || (dates > 0 && ids > 0 && froms > 0));
	demand(size - at >= 2 && memcmp(text + at, "\r\n", 2) == 0);
}

/* What needs nothing stays as it is, octet for octet. */
static void
judge_again(const struct text *text)
{
	char rcpt[] = "a@x", *words[] = { rcpt, NULL };
	struct reading r = {
		.options = { .dot_is_text = true, .words = words, .count = 1 }
	};

	begin(&r, text->mem, (size_t)text->size);
	demand(r.rc == EX_OK);
	demand(r.item.text.size == text->size);
	demand(memcmp(r.item.text.mem, text->mem, (size_t)text->size) == 0);
	end(&r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char rcpt[] = "a@x", *words[] = { rcpt, NULL };
	struct reading r = { 0 };
	const struct text *text = &r.item.text;

	if (size == 0 || size > DRAFT_MEMORY / 2)
		return 0;
	r.options.recipients_in_header = (*data & 1) != 0;
	r.options.dot_is_text = (*data & 2) != 0;
	r.options.is_relayed = (*data & 4) != 0;
	r.options.words = words;
	r.options.count = (*data & 1) == 0;
	begin(&r, (const char *)data + 1, size - 1);
	demand(r.rc == EX_OK || r.rc == EX_USAGE || r.rc == EX_DATAERR);
	if (r.rc == EX_OK) {
		judge_envelope(&r.item.env);
		judge_lines(text->mem, (size_t)text->size);
		judge_header(
		    text->mem, (size_t)text->size, r.options.is_relayed);
	}
	if (r.rc == EX_OK && !r.options.is_relayed)
		judge_again(text);
	end(&r);
	return 0;
}
