/*
 * list - the queue, for people and for programs
 *
 * Postfix's form for long queue IDs, with sendmail's line of the total before
 * its own trailer, so that check_mailq counts right in all its modes; or one
 * JSON object a line (face).  Held and failed messages are listed and counted
 * too, broken and foreign files are named.  A smarthost that turns us away is
 * the first line.
 *
 * The list of many users is made in parts, each by who may read that user's
 * queues; then they are put together under one heading, with one total.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_LIST_H
#define MAILQ_LIST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "conf/fault.h"
#include "mailq/spool.h"
#include "mailq/text.h"

struct list_total {
	uintmax_t shown;  /* entries, of strange files too */
	uintmax_t count;  /* messages */
	uintmax_t octets; /* in them */
};

/*
 * Every queue of the spool that exists.  EX_IOERR if a folder, a message or the
 * output cannot be read or written, EX_TEMPFAIL for want of memory: then what
 * could be read is listed all the same, but there is no total.
 */
int list_print(const struct spool *, FILE *out, bool is_json, struct fault *);

/* How many messages that would be, a number alone. */
int list_count(const struct spool *, FILE *out, struct fault *);

/*
 * A list as a part: entries alone, which in JSON name the user, and what
 * they come to.
 */
int list_part(const struct spool *, FILE *out, bool is_json, const char *user,
    struct list_total *, struct fault *);

/* Put one more part behind the others, with what belongs between them. */
int list_join(FILE *out, bool is_json, struct list_total *,
    const struct list_total *part, const struct text *entries, struct fault *);

/* The total, behind the last part; not for JSON. */
void list_end(FILE *out, const struct list_total *);

#endif
