/*
 * encoded - words of a header that hold what no header may (RFC 2047)
 *
 * Encoding Q, and of it only what may stand anywhere, in a phrase, a comment or
 * a text (5 (3)): letters, digits and !*+-/.  What is UTF-8 says so; what is
 * not is called what it is, UNKNOWN-8BIT (RFC 1428), for nobody knows more.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_ENCODED_H
#define SENDMAIL_ENCODED_H

#include <stdbool.h>
#include <stddef.h>

#define ENCODED_LINE 76  /* columns of a line with one, RFC 2047, 2 */
#define ENCODED_WORD 75  /* octets of one, there too */
#define ENCODED_LEAST 24 /* columns in which any character has room */

/*
 * The longest beginning of a text, size octets and not empty, that goes into
 * one word of so many columns; no character is parted, and one always goes.
 * Returns its octets.
 */
size_t encoded_word(const char *text, size_t size, bool is_utf8, size_t columns,
    char word[ENCODED_WORD + 1]);

/* Whether a reader would take this for one. */
bool encoded_is(const char *word, size_t size);

#endif
