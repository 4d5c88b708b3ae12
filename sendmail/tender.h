/*
 * tender - a letter laid before its smarthost
 *
 * As this server can take it (render), which is asked once more what it offers
 * where that falls short; once more over a fresh connection if it was tired of
 * the old one, and where it is a report that nobody may send, from somebody who
 * may.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_TENDER_H
#define SENDMAIL_TENDER_H

#include "sendmail/batch.h"
#include "sendmail/courier.h"
#include "sendmail/render.h"

/*
 * Offer it at the smarthost that the courier has met.  As smtp_offer(); a text
 * that cannot be made now is EX_IOERR, for that is no fault of the account.
 */
int tender(struct courier *, struct render *, struct batch *, struct fault *);

/*
 * Who may send a report that was refused for its sender, <>; NULL: nobody.  The
 * smarthost may have waited with that for the text.
 */
const char *tender_other(
    const struct courier *, const struct render *, const struct letter *);

#endif
