/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "sendmail/address.h"
#include "sendmail/field.h"
#include "sendmail/part.h"
#include "sendmail/request.h"
#include "sendmail/xtext.h"

#define SHOWN 100 /* octets of a word, in a fault */

static const char *const usual[] = { "To", "Cc", "Bcc", NULL };
static const char *const resent[] = { "Resent-To", "Resent-Cc", "Resent-Bcc",
	NULL };

void
request_login(const struct caller *caller, char addr[ENVELOPE_ADDR + 1])
{
	const char *login = caller->login;
	size_t size = part_write(login, strlen(login), addr, ENVELOPE_ADDR);

	addr[size] = '\0';
}

static int
set_login(struct envelope *env, const struct caller *caller, struct fault *f)
{
	char bare[ENVELOPE_ADDR + 1];

	request_login(caller, bare);
	if (bare[0] == '\0')
		return fault_set(f, EX_DATAERR,
		    "the login name is too long for a sender: use -f");
	return envelope_from(env, bare, f);
}

static int
set_sender(struct envelope *env, const char *from, struct fault *f)
{
	struct fault why = { 0 };
	char *addr;
	int rc;

	rc = address_one(from, &addr, &why);
	if (rc != EX_OK)
		return fault_set(f, rc, "cannot read the sender '%.*s': %s",
		    SHOWN, from, why.text);
	rc = envelope_from(env, addr, f);
	free(addr);
	return rc;
}

static int
keep(char **to, const char *word, struct fault *f)
{
	*to = strdup(word);
	return *to != NULL ? EX_OK
			   : fault_errno(f, EX_TEMPFAIL, "cannot keep a word");
}

static int
add_rcpt(void *ctx, const struct mailbox *box, struct fault *f)
{
	return envelope_to(ctx, box->addr, f);
}

static int
add_word(struct envelope *env, const char *word, struct fault *f)
{
	struct fault why = { 0 };
	int rc = EX_DATAERR;

	if (strpbrk(word, "\r\n") != NULL)
		fault_set(&why, rc, "a line end");
	else if (strcmp(word, "-") == 0)
		fault_set(&why, rc, "an option without its letter");
	else
		rc = address_list(word, strlen(word), add_rcpt, env, &why);
	if (rc == EX_OK)
		return EX_OK;
	return fault_set(f, rc, "cannot read the recipient '%.*s': %s", SHOWN,
	    word, why.text);
}

static int
add_field(struct envelope *env, const struct field *field, struct fault *f)
{
	struct fault why = { 0 };
	int rc;

	rc = address_list(field->body, field->body_size, add_rcpt, env, &why);
	if (rc == EX_OK)
		return EX_OK;
	return fault_set(f, rc, "cannot read the recipients in '%.*s': %s",
	    (int)field->name, field->start, why.text);
}

static bool
is_one(const struct field *field, const char *const *names)
{
	for (; *names != NULL; names++)
		if (field_is(field, *names))
			return true;
	return false;
}

static int
add_fields(
    struct envelope *env, const char *header, size_t size, struct fault *f)
{
	const char *const *names = usual;
	struct field field;
	size_t at = 0;
	int rc = EX_OK;

	while (names == usual && field_next(header, size, &at, &field))
		if (is_one(&field, resent))
			names = resent;
	at = 0;
	while (rc == EX_OK && field_next(header, size, &at, &field))
		if (is_one(&field, names))
			rc = add_field(env, &field, f);
	return rc;
}

static int
refuse_none(struct fault *f)
{
	return fault_set(
	    f, EX_USAGE, "no recipients: name them, or use -t and a To field");
}

int
request_begin(struct envelope *env, const struct options *o,
    const struct caller *caller, struct fault *f)
{
	int i, rc;

	rc = o->from == NULL ? set_login(env, caller, f)
			     : set_sender(env, o->from, f);
	if (rc == EX_OK && o->ret != NULL)
		rc = keep(&env->ret, o->ret, f);
	if (rc == EX_OK && o->envid != NULL) {
		rc = keep(&env->envid, o->envid, f);
		if (rc == EX_OK)
			xtext_decode(env->envid);
	}
	for (i = 0; rc == EX_OK && i < o->count; i++)
		rc = add_word(env, o->words[i], f);
	if (rc == EX_OK && env->count == 0 && !o->recipients_in_header)
		rc = refuse_none(f);
	return rc;
}

int
request_end(struct envelope *env, const struct options *o, const char *header,
    size_t size, struct fault *f)
{
	unsigned notify = 0;
	size_t i;
	int rc = EX_OK;

	if (o->recipients_in_header)
		rc = add_fields(env, header, size, f);
	if (rc == EX_OK && env->count == 0)
		rc = refuse_none(f);
	if (rc == EX_OK)
		rc = envelope_unique(env, f);
	if (rc == EX_OK && o->notify != NULL)
		rc = notify_parse(o->notify, &notify, f);
	if (o->is_utf8)
		env->is_utf8 = true;
	for (i = 0; i < env->count; i++)
		if (o->notify != NULL)
			env->to[i].notify = notify;
	return rc;
}
