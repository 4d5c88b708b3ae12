/*
 * comment - what stands in parentheses in a structured field
 *
 * Java and Windows write "Date: ... +0100 (Mitteleuropäische Zeit)".  A comment is
 * the one place of such a field that has room for encoded words (RFC 2047, 5
 * (2)), each text between its parentheses for itself.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_COMMENT_H
#define SENDMAIL_COMMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "sendmail/wording.h"

/* Behind the parenthesis that closes the comment which begins at text. */
size_t comment_size(const char *text, size_t size);

/* Whether something may not go as it is, and all of that is in comments. */
bool comment_hides(enum octets keeps, const char *text, size_t size);

/* Write a text whose comments, and nothing else, may get encoded words. */
void comment_put(struct wording *, const char *text, size_t size);

#endif
