/*
 * deliver - try to send one message, once
 *
 * Takes an item through policy and the smarthosts that fit it, in their order,
 * over a session that stays open for the next.  Each recipient gets a fate, a
 * line in the log, and, if the item is kept, a line in its journal before
 * anything else happens on the wire.  Nobody who was accepted is tried again.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_DELIVER_H
#define SENDMAIL_DELIVER_H

#include <stdbool.h>

#include "mailq/draft.h"
#include "mailq/item.h"
#include "sendmail/courier.h"

/*
 * One attempt for all recipients of the item that wait.  draft is the one it
 * was read by, so that it can be kept before a text is committed of which some
 * recipient was deferred; NULL where it is kept already, or shall not be.
 * is_last: no message follows, QUIT may ride behind the text.  Else the next one
 * may, as far as its DATA, if the courier is told how to come by it (follow); then
 * that is the next to be delivered.
 *
 * EX_OK: each fate is in the envelope; *code is EX_OK, or what sysexits(3)
 * calls the refusals among them.  Any other: an account fault, with the reason;
 * who was not served waits.
 */
int deliver(struct courier *, struct item *, struct draft *, bool is_last,
    int *code, struct fault *);

/* Let go of the message that followed (courier), which is not to be tried now. */
void deliver_forget(struct courier *);

/*
 * A line in the log for each recipient that waits, and for all the same reason;
 * status as in log.
 */
void deliver_log_waiting(const struct courier *, const struct item *,
    const char *status, const char *why);

#endif
