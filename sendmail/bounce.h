/*
 * bounce - the report that a message did not arrive
 *
 * A report is a message of ours, sent by nobody (<>), to who sent the one that
 * it is about, its origin.  It is made once, whatever crashes when:
 *
 *	the refusal is in the origin's journal, and synced
 *	the report is in the queue, under an ID that follows from that line
 *	`reported' is in the origin's journal, and synced
 *	the report's lock is given back: now it may be sent
 *
 * Who finds a refusal that nobody reported begins at the second step, meets the
 * report there if it was made, and goes on.  Who meets a report finishes its
 * origin first (runq).
 *
 * No report is ever made about a report, or to <>, or where NOTIFY wants none
 * (RFC 5321, 6.1; RFC 3461, 4.1).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_BOUNCE_H
#define SENDMAIL_BOUNCE_H

#include <stdbool.h>

#include "mailq/draft.h"
#include "mailq/item.h"
#include "sendmail/courier.h"
#include "sendmail/dsn.h"

struct bounce {
	struct courier *courier;
	const struct spool *spool; /* where a report may be kept */
	const struct caller *caller;
};

/* Whether a report of that kind is due, and may be made. */
bool bounce_is_due(const struct item *, enum report);

/*
 * Report what is due, and note that it was.  The origin is claimed, or in
 * memory: then nothing is noted, and the report has an ID of its own.  EX_OK
 * also if there is nothing to report.  EX_TEMPFAIL, EX_IOERR: the report could
 * not be kept, or not noted; the same call may work later.
 */
int bounce(
    const struct bounce *, struct item *origin, enum report, struct fault *);

/*
 * A report was met: if its origin, which is claimed, does not know yet that it
 * was made, note it there.  As item_note_reported().
 */
int bounce_finish(struct item *origin, const char *report, struct fault *);

#endif
