/*
 * backoff - when a smarthost that turned us away is asked again
 *
 * What keeps us from a smarthost is remembered beside the queue (stamp), for
 * this process and the next: while it is fresh mail is queued at once.  It backs
 * off by the steps of [queue] retry, BACKOFF_MOST at the most, BACKOFF_LOGIN at
 * least after a refused login, lest the account be locked.  One process asks
 * again, be it that its time has come or that the stamp is void, and the others
 * wait for what it learns; of many that ask at once because nobody knew, one
 * counts.  Whatever is written down is read anew just
 * before, with the queue's directory locked.
 *
 * A stamp is void once the smarthost is another (host, port, tls, user), or the
 * configuration or the file of the password is newer than what was asked with:
 * whoever mends them is not kept waiting.  mv and cp -p keep the time that a file
 * was written, and a secret of Kubernetes is changed by a link amid its path;
 * but what is put in place by any of them was made or moved just now, so the time
 * of its inode (ctime) counts as well, and that of a link by the file's own name.
 * What was asked with is as old as the reading of the configuration, for a
 * message may take its time to come in; and what changed after our own reading
 * is for the next process to try.
 *
 * So is a stamp void that nobody has asked after for BACKOFF_OLD: the machine was
 * off, or its clock leapt.  One of a smarthost that the configuration has no more
 * goes with the next that is written.  Nothing is remembered where nothing is
 * kept.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_BACKOFF_H
#define SENDMAIL_BACKOFF_H

#include <stdbool.h>
#include <time.h>

#include "conf/setting.h"
#include "mailq/spool.h"
#include "mailq/stamp.h"

#define BACKOFF_MOST 1800 /* seconds */
#define BACKOFF_LOGIN 900
#define BACKOFF_OLD 2592000 /* 30 days */

/* Begins as { 0 }, which heeds and remembers nothing. */
struct backoff {
	const struct conf *conf;
	const struct spool *spool;
	bool is_heeded;  /* fresh stamps keep us from asking */
	bool is_unsaved; /* there was no queue yet */
	struct stamps stamps;
};

/*
 * Read what is remembered in the first queue of the spool that there is.  What
 * was open before is closed.
 */
void backoff_open(struct backoff *, const struct conf *, const struct spool *,
    bool is_heeded);

/* A fault, with what it said, if that smarthost must not be asked now. */
int backoff_check(
    const struct backoff *, const struct smarthost *, struct fault *);

/*
 * It is about to be asked: nobody else asks it meanwhile.  The same fault if
 * somebody was faster.
 */
int backoff_claim(struct backoff *, const struct smarthost *, struct fault *);

/* Whether no smarthost at all may be asked now. */
bool backoff_is_shut(const struct backoff *);

/* What came of it: it turned us away, and why; NULL: it did not. */
void backoff_learn(
    struct backoff *, const struct smarthost *, const struct fault *why);

/* The probes of that smarthost that failed in vain. */
unsigned backoff_probes(const struct backoff *, const struct smarthost *);

/* Whether some smarthost has as many, be it for other senders. */
bool backoff_has_probes(const struct backoff *, unsigned count);

/* Remember what could not be: the queue may have been made meanwhile. */
void backoff_save(struct backoff *);
void backoff_close(struct backoff *);

#endif
