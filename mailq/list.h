/*
 * list - the queue, for people and for programs
 *
 * Postfix's form for long queue IDs, with sendmail's line of the total before
 * its own trailer, so that check_mailq counts right in all its modes; or one
 * JSON object a line with the names of postqueue -j.  Held and failed messages
 * are listed and counted too, broken and foreign files are named.  Whatever
 * came from outside is printed without control characters.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_LIST_H
#define MAILQ_LIST_H

#include <stdbool.h>
#include <stdio.h>

#include "conf/fault.h"
#include "mailq/spool.h"

/*
 * Every queue of the spool that exists.  EX_IOERR if a folder, a message or the
 * output cannot be read or written, EX_TEMPFAIL for want of memory: then what
 * could be read is listed all the same, but there is no total.
 */
int list_print(const struct spool *, FILE *out, bool is_json, struct fault *);

#endif
