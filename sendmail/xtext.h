/*
 * xtext - what DSN parameters carry, as it stands on the wire
 *
 * RFC 3461, 4: octets 33 to 126 but + and = stand for themselves, any other is
 * +HH.  This is what strangers write; what we write ourselves is told in word.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_XTEXT_H
#define SENDMAIL_XTEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Not empty, at most so many octets, and printable when decoded (4.4). */
bool xtext_is_sound(const char *text, size_t most);

/* In place, what is sound. */
void xtext_decode(char *text);

#endif
