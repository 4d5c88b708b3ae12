/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "sendmail/address.h"
#include "sendmail/comment.h"
#include "sendmail/idn.h"
#include "sendmail/people.h"
#include "sendmail/token.h"

#define FOLD 76 /* columns behind which a list goes on in a new line */

/* A list on its way; what was read of it is written once its end tells. */
struct people_walk {
	struct wording *w;
	struct token token;
	size_t done;  /* what is written */
	size_t start; /* of the words that are not */
	size_t end;   /* of them; start == end: there are none */
	bool in_domain, in_angle, is_behind_comma;
};

static int
judge_mailbox(void *ctx, const struct mailbox *box, struct fault *f)
{
	const char *domain = address_domain(box->addr);
	size_t local = strlen(box->addr);
	char ascii[IDN_DOMAIN + 1];
	bool *is_ascii = ctx;

	(void)f;
	if (domain != NULL)
		local = (size_t)(domain - box->addr) - 1;
	if (!token_is_ascii(box->addr, local))
		*is_ascii = false;
	if (domain != NULL && !address_is_ascii(domain) &&
	    !idn_ascii(domain, strlen(domain), ascii))
		*is_ascii = false;
	return EX_OK;
}

int
people_judge(const char *list, size_t size, enum octets keeps,
    enum people *people, struct fault *f)
{
	struct fault why = { 0 };
	bool is_ascii = true;

	*people = PEOPLE_FIT;
	if (address_list(list, size, judge_mailbox, &is_ascii, &why) == EX_OK)
		*people = is_ascii || keeps != OCTETS_ASCII ? PEOPLE_FIT
							    : PEOPLE_UTF8;
	else if (why.code == EX_DATAERR)
		*people = PEOPLE_TEXT;
	else
		return fault_set(f, why.code, "%s", why.text);
	return EX_OK;
}

/* Blanks and comments. */
static void
put_gap(struct people_walk *p, size_t from, size_t to)
{
	const char *list = p->token.list;

	/* An encoded word ends at a blank (RFC 2047, 5). */
	if (p->w->last == WORDING_OURS && (from == to || list[from] == '('))
		wording_raw(p->w, " ", 1);
	comment_put(p->w, list + from, to - from);
}

static bool
has_comment(const char *gap, size_t size)
{
	return memchr(gap, '(', size) != NULL;
}

static void
put_phrase(struct people_walk *p)
{
	struct token t = {
		.list = p->token.list, .size = p->end, .at = p->start
	};
	struct fault none = { 0 };
	size_t start = p->start, end = p->start, gap = p->done;

	/* Tokens without a blank between are one unit. */
	p->w->place = WORDING_PHRASE;
	while (token_next(&t, &none) == EX_OK) {
		if (t.kind != TOKEN_END && !t.is_apart) {
			end = t.end;
			continue;
		}
		if (end > start)
			wording_unit(p->w, t.list + gap, start - gap,
			    t.list + start, end - start);
		if (t.kind == TOKEN_END)
			break;
		gap = end;
		start = t.start;
		end = t.end;
		if (!has_comment(t.list + gap, start - gap))
			continue;
		wording_end(p->w);
		put_gap(p, gap, start);
		gap = start;
	}
	wording_end(p->w);
	p->w->place = WORDING_TEXT;
}

static void
put_domain(struct people_walk *p)
{
	struct token t = {
		.list = p->token.list, .size = p->end, .at = p->start
	};
	char ascii[IDN_DOMAIN + 1];
	struct fault none = { 0 };
	size_t done = p->start;

	while (token_next(&t, &none) == EX_OK && t.kind != TOKEN_END) {
		put_gap(p, done, t.start);
		done = t.end;
		if (wording_keeps(
			p->w->keeps, t.list + t.start, t.end - t.start) ||
		    !idn_ascii(t.list + t.start, t.end - t.start, ascii))
			wording_raw(p->w, t.list + t.start, t.end - t.start);
		else
			wording_raw(p->w, ascii, strlen(ascii));
	}
}

/* The words that were read, now that it is known what they are. */
static void
put_words(struct people_walk *p)
{
	const struct token *t = &p->token;
	bool is_phrase = !p->in_angle && (t->kind == '<' || t->kind == ':');
	size_t gap;

	if (p->start == p->end)
		return;
	gap = p->start - p->done;
	if (!is_phrase || has_comment(t->list + p->done, gap)) {
		put_gap(p, p->done, p->start);
		p->done = p->start;
	}
	if (p->in_domain)
		put_domain(p);
	else if (is_phrase)
		put_phrase(p);
	else
		wording_raw(p->w, t->list + p->start, p->end - p->start);
	p->done = p->end;
	p->start = p->end = 0;
	p->in_domain = false;
}

static void
put_special(struct people_walk *p)
{
	const struct token *t = &p->token;

	put_gap(p, p->done, t->start);
	wording_raw(p->w, t->list + t->start, t->end - t->start);
	p->w->last = WORDING_RAW;
	p->done = t->end;
	p->in_domain = t->kind == '@';
	if (t->kind == '<' || t->kind == '>')
		p->in_angle = t->kind == '<';
	p->is_behind_comma = t->kind == ',' && !p->in_angle;
}

void
people_put(struct wording *w, const char *list, size_t size)
{
	struct people_walk p = { .w = w,
		.token = { .list = list, .size = size } };
	struct token *t = &p.token;
	struct fault none = { 0 };

	while (token_next(t, &none) == EX_OK) {
		if (p.is_behind_comma && w->column > FOLD &&
		    memchr(list + p.done, '\n', t->start - p.done) == NULL)
			wording_fold(w);
		p.is_behind_comma = false;
		if (t->kind == TOKEN_ATOM || t->kind == TOKEN_QUOTED ||
		    t->kind == '.' || t->kind == '\\') {
			if (p.start == p.end)
				p.start = t->start;
			p.end = t->end;
			continue;
		}
		put_words(&p);
		if (t->kind == TOKEN_END)
			break;
		put_special(&p);
	}
	put_gap(&p, p.done, size);
}
