/*
 * address - mailboxes, as people write them
 *
 * One parser for header fields and for words of a command line: RFC 5322, 3.4
 * with the obsolete forms of 4.4: comments anywhere, quoted strings, groups (not
 * within groups), routes, folding, empty elements, domain literals, raw UTF-8.
 * RFC 2047 words are text like any other: never decoded to find an address.
 *
 * A list that cannot be read is refused whole, with the octet where reading
 * stopped: no address is guessed, none is dropped.  One pass, no recursion.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_ADDRESS_H
#define SENDMAIL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/fault.h"

/* One mailbox of a list; what it points to lives until the next one. */
struct mailbox {
	/*
	 * For SMTP: local@domain or local; quotes only where they must be; no
	 * comment, no blank outside quotes.
	 */
	const char *addr;
	const char *name;  /* the display name unquoted, or a comment; or "" */
	size_t start, end; /* of addr in the list, without < and > */
};

/*
 * Hand each mailbox of a list, in order, to take(), which returns EX_OK to go
 * on.  The list is size octets and may hold folding, no NUL.  EX_DATAERR: it
 * is no address list, or an address is longer than ENVELOPE_ADDR, or holds a
 * control character, or is no UTF-8, or is empty (<>), a program (|x), a file
 * (/x), an :include:.  take() may have been called before the fault was found:
 * its caller throws away what it got.  A leading backslash of an address is
 * dropped (sendmail's "no alias"), and so is the dot that ends a domain.
 */
int address_list(const char *list, size_t size,
    int (*take)(void *ctx, const struct mailbox *, struct fault *), void *ctx,
    struct fault *);

/*
 * Exactly one address, as -f gives it, in one line; "" and "<>" give "".
 * *addr is the caller's to free().
 */
int address_one(const char *word, char **addr, struct fault *);

/* Behind the @ that parts local part and domain; NULL for a bare name. */
const char *address_domain(const char *addr);

/* Whether all of it is ASCII. */
bool address_is_ascii(const char *addr);

#endif
