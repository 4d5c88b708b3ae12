/*
 * check - -bC: is this set up right, and if not, what to do
 *
 * Says which file was read and why, goes to each smarthost as far as MAIL and
 * RSET, with TLS and login, sends nothing, and names for each thing that is
 * wrong the key that mends it.  Then where the queue lies and who retries it.
 * A line is "ok", "wrong" or "note", a colon, and the finding.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_CHECK_H
#define SENDMAIL_CHECK_H

#include <stdio.h>

#include "mailq/spool.h"
#include "sendmail/courier.h"

/*
 * Write the findings to out.  why_not is a fault if there is no usable
 * configuration: EX_CONFIG.  EX_OK if every smarthost took MAIL; notes change
 * nothing.  Else the first fault's code.
 */
int check(struct courier *, const struct spool *, const struct caller *,
    const struct fault *why_not, FILE *out, struct fault *);

#endif
