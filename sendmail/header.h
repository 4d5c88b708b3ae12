/*
 * header - fields that we write: dates, encoded names
 *
 * What we add to a message must be sound whatever name the passwd file or -F
 * holds: a display name goes out as it is, as a quoted string, or as encoded
 * words (RFC 2047), whichever is the plainest that is right.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_HEADER_H
#define SENDMAIL_HEADER_H

#include <stddef.h>
#include <stdio.h>
#include <time.h>

/* RFC 5322, 3.3, local time with its offset: "Tue, 24 Nov 2026 04:23:52 +0000". */
#define HEADER_DATE 40
void header_date(char date[HEADER_DATE], time_t);

/*
 * "name <addr>", or the address alone where the name is empty: control
 * characters become blanks, lines are folded before 76 columns, the field
 * begins at the given column.  Ends in CRLF.
 */
void header_mailbox(FILE *, size_t column, const char *name, const char *addr);

#endif
