/*
 * wording - the words of a field, in what its line may hold
 *
 * A field is units with gaps of blanks between: words of a text, or atoms and
 * quoted strings of a phrase.  Units that may not go as they are go as encoded
 * words, neighbours together with the gap between them, for readers drop a gap
 * between two encoded words (RFC 2047, 6.2); and where one of ours would stand
 * beside one that was there before, the gap goes into ours.  All else stays as
 * it is; a line that would grow beyond CRLF_LONG octets is folded at a gap.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_WORDING_H
#define SENDMAIL_WORDING_H

#include <stdbool.h>
#include <stddef.h>

#include "sendmail/paper.h"

enum octets { OCTETS_ASCII, OCTETS_UTF8, OCTETS_ANY };

/* What stands there now: an encoded word, whose? */
enum wording_last { WORDING_RAW, WORDING_OURS, WORDING_FOREIGN };

/* In a phrase quotes are no text, and there and in a comment no backslashes. */
enum wording_place { WORDING_TEXT, WORDING_PHRASE, WORDING_COMMENT };

/* Begins with the first four set, the rest zero. */
struct wording {
	struct paper *out;
	enum octets keeps; /* what may go as it is */
	bool is_rigid;     /* no encoded word may stand here */
	char *run;         /* room for all units of the field */
	size_t run_size;   /* what is held back of them, in plain */
	size_t column;
	enum wording_place place;
	enum wording_last last;
};

/* Whether octets may go as they are. */
bool wording_keeps(enum octets, const char *octets, size_t);

/* The next unit and the gap before it, as they stand. */
void wording_unit(struct wording *, const char *gap, size_t gap_size,
    const char *unit, size_t size);

/* All units of a text, and its last gap. */
void wording_text(struct wording *, const char *text, size_t);

/* Octets that go as they are; a line that would be too long is broken. */
void wording_raw(struct wording *, const char *octets, size_t);

/* A new line, which goes on with the field. */
void wording_fold(struct wording *);

/* No more units: write what is held back. */
void wording_end(struct wording *);

#endif
