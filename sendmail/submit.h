/*
 * submit - from a message that was read to the exit code its caller gets
 *
 * Exit 0 means that we own it: every recipient was accepted by the smarthost or
 * is in the queue on stable storage.  Queued is success, never 75.  Whatever is
 * the account's fault (no route, no TLS, a refused login, a broken
 * configuration) queues the message with that reason.  Any other code means
 * that the caller still owns it, and then nothing of it is kept.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_SUBMIT_H
#define SENDMAIL_SUBMIT_H

#include "sendmail/deliver.h"
#include "sendmail/options.h"

struct submission {
	struct courier *courier;
	const struct options *options;
	struct draft *draft;
	struct item *item;
	const struct fault *why_not; /* of EX_OK: the configuration is usable */
};

/*
 * Send it, or keep it, as options and configuration say.  EX_OK: it is ours; if
 * it waits item->is_kept, and *why (FAULT_TEXT octets) says what for, "" if it
 * was only asked to.  Else the code for the caller: of refusals, whose words are
 * in the envelope and the fault has none; or EX_TEMPFAIL, with a fault, if it
 * could neither be sent nor kept.
 */
int submit(const struct submission *, char why[FAULT_TEXT], struct fault *);

#endif
