/*
 * request - the envelope, as command line and header ask for it
 *
 * The sender is -f, else the caller's login name.  Recipients are the words of
 * the command line and, with -t, what To, Cc and Bcc name, or Resent-To,
 * Resent-Cc and Resent-Bcc of all blocks if there is one of these.  A list that
 * cannot be read refuses the message, and the text names the word or the field.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_REQUEST_H
#define SENDMAIL_REQUEST_H

#include "mailq/caller.h"
#include "mailq/envelope.h"
#include "sendmail/options.h"

/*
 * The login name as a bare address, in quotes if it must be (DOMAIN\joe); ""
 * if it is too long.
 */
void request_login(const struct caller *, char addr[ENVELOPE_ADDR + 1]);

/*
 * What the command line says, before anything is read.  EX_USAGE if it names
 * no recipients, and the header will not be asked; EX_DATAERR.
 */
int request_begin(struct envelope *, const struct options *,
    const struct caller *, struct fault *);

/*
 * What the header adds, which may be empty; then each recipient is there once.
 * NOTIFY is that of the command line, if it has one.
 * EX_USAGE: none at all.  EX_DATAERR.
 */
int request_end(struct envelope *, const struct options *, const char *header,
    size_t size, struct fault *);

#endif
