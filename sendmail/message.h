/*
 * message - from standard input to text fit to keep
 *
 * Reads one message as a caller gives it, in chunks, by machines that keep
 * their state: a line may be as long as the message.  Line ends of all kinds
 * become CRLF, a stray CR or NUL a blank.  The header is gathered, for it says
 * who gets the message (-t), what must go (Bcc, Return-Path, Content-Length)
 * and what is missing (Date, Message-ID, From); the body passes through.
 * What comes out is an envelope and a text: an item that can be sent or kept.
 *
 * Bare names stay bare: they are completed when the message is sent (policy),
 * so that storing it needs no configuration.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_MESSAGE_H
#define SENDMAIL_MESSAGE_H

#include "conf/fault.h"
#include "mailq/draft.h"
#include "sendmail/options.h"
#include "sendmail/source.h"

#define MESSAGE_HEADER ((size_t)1 << 20) /* octets of a header */
#define MESSAGE_LINE 1000                /* of a line that tell what it is */

/*
 * Read it from a descriptor into a draft that has begun.  host is what this
 * machine is called.  EX_USAGE: no recipients.  EX_DATAERR: an address list or
 * the size of the header or of the list.  EX_NOINPUT: the descriptor is closed.
 * EX_IOERR: reading failed.  Also what draft_add() returns.
 *
 * What is refused for what it says is read to its end, so that the writer gets
 * our exit code and no SIGPIPE; behind a lone dot nothing is read.
 */
int message_read(int in, const struct options *, const struct caller *,
    const char *host, struct draft *, struct item *, struct fault *);

/*
 * The same from elsewhere, up to the end: a lone dot is text there, and who
 * sends it to whom stands in the item's envelope already.  Also what read()
 * returns.
 */
int message_receive(const struct source *, const struct options *,
    const struct caller *, const char *host, struct draft *, struct item *,
    struct fault *);

#endif
