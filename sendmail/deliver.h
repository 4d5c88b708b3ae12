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
#include <stdio.h>

#include "conf/conf.h"
#include "mailq/draft.h"
#include "mailq/queue.h"
#include "sendmail/log.h"
#include "sendmail/policy.h"
#include "sendmail/smtp.h"

/* What serves every message of one process.  Begins as { 0 }. */
struct courier {
	struct conf *conf;
	const struct log *log;
	FILE *trace; /* -v, or NULL */
	struct policy policy;
	bool is_ready;        /* policy is open */
	struct smtp *smtp;    /* open, or NULL */
	struct smarthost *at; /* where it is */
};

/*
 * One attempt for all recipients of the item that wait.  draft is the one it
 * was read by, so that it can be kept before a text is committed of which some
 * recipient was deferred; NULL where that is needless.  is_last: no message
 * follows, QUIT may ride behind the text.
 *
 * EX_OK: each fate is in the envelope, *code being that of the refusals.  Any
 * other: an account fault, with the reason; whoever waited waits.
 */
int deliver(struct courier *, struct item *, struct draft *, bool is_last,
    int *code, struct fault *);

/* Ends session and policy; takes the zeroed. */
void deliver_close(struct courier *);

#endif
