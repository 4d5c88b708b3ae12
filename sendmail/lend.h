/*
 * lend - root's configuration, lent to every user for one run
 *
 * Who may not read the configuration stores his mail, and root's run sends it:
 * root reads the file, the password, the aliases, and opens the log; then, for
 * each user, a child becomes that user, for good, and only then opens his queue
 * (stead).  So nobody but root ever reads the password, and root never opens
 * what lies in another's directory.  A user's own file, where he has one, is
 * read by the child and counts whole instead of root's.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_LEND_H
#define SENDMAIL_LEND_H

#include "sendmail/courier.h"
#include "sendmail/runq.h"

#define LEND_SECONDS 300 /* after them a user's run begins no message more */
#define LEND_GRACE 900   /* then; one dot may take ten minutes */

/*
 * Run the queues of all users.  The courier is root's, with its configuration
 * and its open log; why_not is a fault if that is not usable.  All are run,
 * whatever happens to one, which is in the log.  EX_NOPERM: we are not root.
 * EX_CONFIG: something waits, and nobody had a usable configuration for it.
 */
int lend(struct courier *, const struct runq_choice *,
    const struct fault *why_not, struct fault *);

#endif
