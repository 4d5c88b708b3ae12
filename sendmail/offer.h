/*
 * offer - what is said of a letter before its text
 *
 * The login, if it is due, RSET where a letter went before, MAIL, each RCPT and
 * DATA; in one group where the server offers PIPELINING, without the DATA where
 * a BDAT is to follow, else one by one, and then nothing that is known to be in
 * vain.  A login of several steps goes first, and alone.  Behind a text that
 * group is one with it: then each further letter costs one round trip.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_OFFER_H
#define SENDMAIL_OFFER_H

#include <stdbool.h>

#include "conf/fault.h"
#include "sendmail/letter.h"
#include "sendmail/session.h"

/*
 * Log in ahead of any letter, if a login is wanted and was not made yet; fails
 * as smtp_offer() does.
 */
int offer_login(struct session *, struct fault *);

/* As smtp_offer() says; session->is_open tells whether more may be said. */
int offer(struct session *, struct letter *, bool is_probe, struct fault *);

/*
 * Of a letter whose MAIL, RCPTs and DATA ride behind the text of another: whether
 * they may, for there is something to be asked; put them; and hear, once that text
 * has its reply, what came of it, as offer() does.
 */
bool offer_rides(const struct session *, struct letter *);
int offer_put(struct session *, const struct letter *, struct fault *);
int offer_hear(struct session *, struct letter *, struct fault *);

#endif
