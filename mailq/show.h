/*
 * show - one message, and what is known of it
 *
 * In the shape of postcat(1): what the envelope and the journal say, a line
 * each, then the message between lines of its own.
 *
 *	*** ENVELOPE RECORDS active/0197ABCDEF012345 ***
 *	message_size: 412
 *	message_arrival_time: Sun Nov 22 08:00:41 2026
 *	...
 *	recipient: ann@example.net (deferred: 451 4.7.1 try later)
 *	*** MESSAGE CONTENTS active/0197ABCDEF012345 ***
 *	From: ...
 *	*** MESSAGE FILE END active/0197ABCDEF012345 ***
 *
 * The envelope is always printed without control characters.  The message is
 * given octet for octet, so that it can be kept; but not to a terminal.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_SHOW_H
#define MAILQ_SHOW_H

#include <stdbool.h>
#include <stdio.h>

#include "conf/fault.h"
#include "mailq/queue.h"

/* It is only looked at.  As item_look(); EX_IOERR, also for the output. */
int show(const struct queue *, enum folder, const char *id, FILE *out,
    bool is_terminal, struct fault *);

#endif
