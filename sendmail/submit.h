/*
 * submit - from a message that was read to the exit code its caller gets
 *
 * Exit 0 means that we own it: every recipient was accepted by the smarthost or
 * is in the queue on stable storage, or a report about who was refused is.
 * Queued is success, never 75.  Whatever is the account's fault (no route, no
 * TLS, a refused login, a broken configuration) queues the message with that
 * reason.  Any other code means that the caller still owns it, and then nothing
 * of it is kept, but the report that -oem and -oew ask for.
 *
 * A caller who has waited for [queue] patience is let go with 0, once the
 * message is stored; a child goes on over the connection that is open.  After a
 * message was accepted a child sends what else is due over the same connection.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_SUBMIT_H
#define SENDMAIL_SUBMIT_H

#include "sendmail/herald.h"
#include "sendmail/options.h"
#include "sendmail/settle.h"

#define SUBMIT_SERVED 20 /* messages that follow one, at most */

struct submission {
	const struct bounce *b;
	const struct options *options;
	struct draft *draft;
	struct item *item;
	const struct fault *why_not; /* of EX_OK: the configuration is usable */
	struct herald *herald;
	/* Tell a caller let go, to whom this process belongs: it exits then. */
	void (*queued)(void *ctx, const char *why);
	void *ctx;
	bool others_wait;  /* something else does, as it turned out */
	bool stays_open;   /* another message may follow over its connection */
	bool is_detached;  /* its caller is gone */
	bool is_passed_on; /* a child of ours has it, and sees to the rest */
};

/*
 * Send it, or keep it, as options and configuration say.  EX_OK: it is ours; if
 * it waits item->is_kept, and *why (FAULT_TEXT octets) says what for, "" if it
 * was only asked to.  Else the code for the caller: of refusals, whose words are
 * in the envelope and the fault has none; or EX_TEMPFAIL, with a fault, if it
 * could neither be sent nor kept.  May return in another process than it was
 * called in; the first one has exited with EX_OK then.
 */
int submit(struct submission *, char why[FAULT_TEXT], struct fault *);

/* Behind the last message of those that stay open: see to what else is due. */
void submit_rest(struct submission *);

#endif
