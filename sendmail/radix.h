/*
 * radix - octets in base64, as SASL says them (RFC 4648, 4)
 *
 * No blanks, no line ends, and padding where it belongs (RFC 4954, 4); bits of the
 * last letter that stand for nothing may be anything (RFC 4648, 3.5).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_RADIX_H
#define SENDMAIL_RADIX_H

#include <stddef.h>

/* Letters for so many octets, with the NUL. */
#define RADIX_ROOM(octets) (((octets) + 2) / 3 * 4 + 1)

/* text has RADIX_ROOM(len). */
void radix_encode(char *text, const char *data, size_t len);

/*
 * Octets that are in text, in memory that the caller frees, and as many as *len
 * says.  NULL: memory, with errno ENOMEM; or it is no base64, EINVAL.
 */
char *radix_decode(const char *text, size_t *len);

#endif
