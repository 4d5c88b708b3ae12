/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "sendmail/crlf.h"
#include "sendmail/encoded.h"
#include "sendmail/token.h"
#include "sendmail/wording.h"

#define UNIT 990 /* octets of one that has a place on any line, */
#define GAP 500  /* and of a gap */

bool
wording_keeps(enum octets keeps, const char *octets, size_t size)
{
	if (keeps == OCTETS_ANY)
		return true;
	return keeps == OCTETS_UTF8 ? token_is_utf8(octets, size)
				    : token_is_ascii(octets, size);
}

static void
put(struct wording *w, const char *octets, size_t size)
{
	const char *feed = memrchr(octets, '\n', size);

	paper_put(w->out, octets, size);
	if (feed == NULL)
		w->column += size;
	else
		w->column = (size_t)(octets + size - feed) - 1;
}

void
wording_fold(struct wording *w)
{
	put(w, "\r\n ", 3);
}

void
wording_raw(struct wording *w, const char *octets, size_t size)
{
	const char *feed;
	size_t line, n;

	while (size > 0) {
		feed = memchr(octets, '\n', size);
		line = feed == NULL ? size : (size_t)(feed - octets) + 1;
		n = line;
		if (w->column + n > CRLF_LONG + (feed != NULL ? 2 : 0)) {
			if (w->column > 1)
				wording_fold(w);
			if (n > CRLF_LONG - w->column)
				n = CRLF_LONG - w->column;
			/* The CR stays with its LF. */
			if (feed != NULL && n + 1 == line)
				n--;
		}
		put(w, octets, n);
		octets += n;
		size -= n;
	}
}

/*
 * A line ends before a gap only, and a gap that ends one is enough.  One that
 * would fill a line is a blank: a line of blanks alone may not be (RFC 5322,
 * 3.2.2), for some take it for the end of the header.
 */
static void
put_gap(
    struct wording *w, const char *gap, size_t size, size_t next, size_t limit)
{
	if (size > GAP || size + next > limit) {
		gap = " ";
		size = 1;
	}
	if (size > 0 && (*gap == ' ' || *gap == '\t') &&
	    memchr(gap, '\n', size) == NULL && w->column > 1 &&
	    w->column + size + next > limit)
		put(w, "\r\n", 2);
	wording_raw(w, gap, size);
}

/* Unfolded, and what is meant by it. */
static void
hold(struct wording *w, const char *octets, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		if (octets[i] == '\r' || octets[i] == '\n')
			continue;
		if (w->place == WORDING_PHRASE && octets[i] == '"')
			continue;
		if (w->place != WORDING_TEXT && octets[i] == '\\' &&
		    i + 1 < size)
			i++;
		w->run[w->run_size++] = octets[i];
	}
}

void
wording_end(struct wording *w)
{
	bool is_utf8 = token_is_utf8(w->run, w->run_size);
	char word[ENCODED_WORD + 1];
	size_t at = 0;

	if (w->run_size == 0)
		return;
	while (at < w->run_size) {
		if (at > 0)
			wording_fold(w);
		at += encoded_word(w->run + at, w->run_size - at, is_utf8,
		    w->column < ENCODED_LINE ? ENCODED_LINE - w->column : 0,
		    word);
		wording_raw(w, word, strlen(word));
	}
	w->run_size = 0;
	w->last = WORDING_OURS;
}

static void
put_unit(struct wording *w, const char *gap, size_t gap_size, const char *unit,
    size_t size)
{
	bool is_foreign = encoded_is(unit, size);

	if (w->run_size > 0 && is_foreign) {
		hold(w, gap, gap_size);
		gap = " ";
		gap_size = 1;
	}
	wording_end(w);
	put_gap(w, gap, gap_size, size, CRLF_LONG);
	wording_raw(w, unit, size);
	w->last = is_foreign ? WORDING_FOREIGN : WORDING_RAW;
}

void
wording_unit(struct wording *w, const char *gap, size_t gap_size,
    const char *unit, size_t size)
{
	if (w->is_rigid ||
	    (size <= UNIT && wording_keeps(w->keeps, unit, size))) {
		put_unit(w, gap, gap_size, unit, size);
		return;
	}
	if (w->run_size > 0) {
		hold(w, gap, gap_size);
	} else if (w->last == WORDING_RAW) {
		put_gap(w, gap, gap_size, ENCODED_LEAST, ENCODED_LINE);
	} else {
		put_gap(w, " ", 1, ENCODED_LEAST, ENCODED_LINE);
		hold(w, gap, gap_size);
	}
	hold(w, unit, size);
}

static size_t
span(const char *text, size_t size, bool is_gap)
{
	size_t i = 0;

	while (i < size &&
	    (text[i] == ' ' || text[i] == '\t' || text[i] == '\r' ||
		text[i] == '\n') == is_gap)
		i++;
	return i;
}

void
wording_text(struct wording *w, const char *text, size_t size)
{
	size_t gap, unit;

	while (size > 0) {
		gap = span(text, size, true);
		unit = span(text + gap, size - gap, false);
		if (unit == 0)
			break;
		wording_unit(w, text, gap, text + gap, unit);
		text += gap + unit;
		size -= gap + unit;
	}
	wording_end(w);
	if (w->column + size <= CRLF_LONG)
		wording_raw(w, text, size);
}
