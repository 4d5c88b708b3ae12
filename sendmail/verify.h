/*
 * verify - whom a message would go to (-bv)
 *
 * What deliver would do with the same sender and the same recipients, as far as
 * that can be told without a server: aliases, domains, the smarthost that is
 * asked first.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_VERIFY_H
#define SENDMAIL_VERIFY_H

#include <stdio.h>

#include "sendmail/courier.h"
#include "sendmail/options.h"

/*
 * A line each: "a@x... deliverable: mailer relay, host smtp.x.example, user
 * a@x.example", or "a... waits: " and what for, then EX_CONFIG.  The same where no
 * smarthost takes mail of that sender.  As request_begin(), policy_expand().
 */
int verify(struct courier *, const struct options *, const struct caller *,
    FILE *out, struct fault *);

#endif
