/*
 * idn - a domain in ASCII (RFC 5891)
 *
 * What a domain in UTF-8 is called in the DNS and on a wire that knows no
 * SMTPUTF8.  Letters are mapped as browsers do it (UTS 46, non-transitional).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_IDN_H
#define SENDMAIL_IDN_H

#include <stdbool.h>
#include <stddef.h>

#define IDN_DOMAIN 253 /* octets, RFC 1035, 2.3.4 */

/* A domain, or a single label; false where none can be made of it. */
bool idn_ascii(const char *domain, size_t size, char ascii[IDN_DOMAIN + 1]);

#endif
