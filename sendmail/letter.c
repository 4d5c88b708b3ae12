/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "mailq/envelope.h"
#include "mailq/memory.h"
#include "mailq/word.h"
#include "sendmail/address.h"
#include "sendmail/letter.h"

static void
judge_address(const char *addr, const struct ehlo *ehlo, struct reply *reply)
{
	const unsigned char *c = (const unsigned char *)addr;

	for (; *c != '\0' && reply->code == 0; c++)
		if (*c < ' ' || *c == 127)
			reply_make(reply,
			    "501 5.1.3 a control character in the address");
		else if (*c > 127 && !ehlo->has_smtputf8)
			reply_make(reply,
			    "553 5.6.7 no address beyond ASCII is taken by "
			    "this server");
}

static void
judge_text(
    const struct letter *letter, const struct ehlo *ehlo, struct reply *reply)
{
	const struct text *text = letter->text;
	char words[REPLY_TEXT];

	if (letter->refusal != NULL) {
		reply_make(reply, letter->refusal);
		return;
	}
	if (ehlo->size == 0 || text == NULL || text->size <= ehlo->size)
		return;
	snprintf(words, sizeof(words),
	    "552 5.3.4 message size %jd exceeds this server's limit of %jd",
	    (intmax_t)text->size, (intmax_t)ehlo->size);
	reply_make(reply, words);
}

void
letter_forget(struct letter *letter)
{
	size_t i;

	letter->mail = letter->data = letter->end = (struct reply){ 0 };
	letter->is_committed = false;
	for (i = 0; i < letter->count; i++)
		letter->to[i].reply = (struct reply){ 0 };
}

void
letter_judge(struct letter *letter, const struct ehlo *ehlo)
{
	size_t i;

	letter_forget(letter);
	judge_text(letter, ehlo, &letter->mail);
	judge_address(letter->from, ehlo, &letter->mail);
	for (i = 0; i < letter->count; i++)
		judge_address(letter->to[i].addr, ehlo, &letter->to[i].reply);
}

size_t
letter_count(const struct letter *letter, int first_digit)
{
	size_t i, n = 0;

	for (i = 0; i < letter->count; i++)
		if (reply_is(&letter->to[i].reply, first_digit))
			n++;
	return n;
}

/* Whether anything in it has to be said in UTF-8 (RFC 6531, 3.4). */
static bool
needs_utf8(const struct letter *letter)
{
	bool needs = letter->is_utf8 || !address_is_ascii(letter->from);
	size_t i;

	for (i = 0; i < letter->count && !needs; i++)
		needs = !address_is_ascii(letter->to[i].addr);
	return needs;
}

/* A report says NOTIFY=NEVER, but nobody asked for that. */
static bool
asks_for_dsn(const struct letter *letter)
{
	bool asks = letter->ret != NULL || letter->envid != NULL;
	size_t i;

	for (i = 0; i < letter->count && !asks; i++)
		asks = letter->to[i].notify != 0 || letter->to[i].orcpt != NULL;
	return asks && letter->from[0] != '\0';
}

bool
letter_asks_for_more(const struct letter *letter, const struct ehlo *ehlo)
{
	return letter->refusal != NULL ||
	    (!ehlo->has_smtputf8 && needs_utf8(letter)) ||
	    (!ehlo->has_dsn && asks_for_dsn(letter));
}

static void
write_parameters(
    FILE *out, const struct letter *letter, const struct ehlo *ehlo)
{
	bool is_utf8 = ehlo->has_smtputf8 && needs_utf8(letter);
	bool is_8bit = letter->text != NULL && letter->text->is_8bit;

	if (ehlo->has_size && letter->text != NULL)
		fprintf(out, " SIZE=%jd", (intmax_t)letter->text->size);
	if (ehlo->has_8bitmime && (is_8bit || is_utf8))
		fputs(" BODY=8BITMIME", out);
	if (is_utf8)
		fputs(" SMTPUTF8", out);
	if (ehlo->has_dsn && letter->ret != NULL)
		fprintf(out, " RET=%s", *letter->ret == 'f' ? "FULL" : "HDRS");
	/* As word_write() would make <> of it, an empty one is left out. */
	if (ehlo->has_dsn && letter->envid != NULL && *letter->envid != '\0') {
		fputs(" ENVID=", out);
		word_write(out, letter->envid);
	}
}

int
letter_put_mail(const struct letter *letter, const struct ehlo *ehlo,
    struct net *net, struct fault *f)
{
	char *parameters = NULL;
	size_t size;
	FILE *out;
	int rc = EX_OK;

	out = open_memstream(&parameters, &size);
	if (out == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot write MAIL");
	write_parameters(out, letter, ehlo);
	if (fflush(out) != 0 || ferror(out))
		rc = fault_errno(f, EX_TEMPFAIL, "cannot write MAIL");
	if (memory_close(out, &parameters, f) != EX_OK)
		rc = f->code;
	if (rc == EX_OK)
		rc = net_command(
		    net, NULL, f, "MAIL FROM:<%s>%s", letter->from, parameters);
	free(parameters);
	return rc;
}

/* RFC 3461, 4.1. */
static const char *
notify_parameter(unsigned notify)
{
	static const char *const WORDS[] = {
		"",
		" NOTIFY=SUCCESS",
		" NOTIFY=FAILURE",
		" NOTIFY=SUCCESS,FAILURE",
		" NOTIFY=DELAY",
		" NOTIFY=SUCCESS,DELAY",
		" NOTIFY=FAILURE,DELAY",
		" NOTIFY=SUCCESS,FAILURE,DELAY",
	};

	if (notify & NOTIFY_NEVER)
		return " NOTIFY=NEVER";
	return WORDS[(notify & NOTIFY_SUCCESS ? 1 : 0) +
	    (notify & NOTIFY_FAILURE ? 2 : 0) +
	    (notify & NOTIFY_DELAY ? 4 : 0)];
}

int
letter_put_rcpt(const struct letter_rcpt *to, const struct ehlo *ehlo,
    struct net *net, struct fault *f)
{
	if (!ehlo->has_dsn)
		return net_command(net, NULL, f, "RCPT TO:<%s>", to->addr);
	return net_command(net, NULL, f, "RCPT TO:<%s>%s%s%s", to->addr,
	    notify_parameter(to->notify), to->orcpt == NULL ? "" : " ORCPT=",
	    to->orcpt == NULL ? "" : to->orcpt);
}
