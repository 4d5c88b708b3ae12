/*
 * part - a local part or a domain, judged by itself
 *
 * "joe"@x and joe@x are one mailbox (RFC 5321, 4.1.2), and so are "a b".c@x and
 * "a b.c"@x.  Everywhere in this house a local part is written in one way: as a
 * dot-string if it is one, else as a single quoted string with no backslash too
 * many.  Programs, files and includes are no mailboxes here, quoted or not.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_PART_H
#define SENDMAIL_PART_H

#include <stdbool.h>
#include <stddef.h>

/* Why these octets are not mailed to, in a few words; NULL if they are. */
const char *part_refuse(const char *local, size_t size);

/*
 * Write a local part to out, without NUL.  Returns the octets, at least 1; 0
 * if they do not fit into room.
 */
size_t part_write(const char *local, size_t size, char *out, size_t room);

/* Whether it may stand between the dots of a domain; UTF-8 may. */
bool part_is_label(const char *label, size_t size);

/*
 * A domain literal (RFC 5321, 4.1.3), written without the blanks that may stand
 * behind its first and before its last bracket (RFC 5322, 3.4.1).  Returns the
 * octets; 0: it is none.
 */
#define PART_LITERAL 255
size_t part_literal(const char *raw, size_t size, char out[PART_LITERAL]);

#endif
