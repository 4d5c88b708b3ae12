/*
 * verdict - what a server's reply means for a recipient
 *
 * Only the first digit decides (RFC 5321, 4.2), save a small table of replies
 * whose class misleads, and save two rules.  Where we made the sender up, a
 * refusal of it says nothing about the message; it waits until a key is set.
 * And some replies to a message speak of the account (530, log in first): then
 * whoever waited goes on waiting.
 *
 * The exit codes of refusals are settled here too, for they hang on the same
 * replies: 67 (EX_NOUSER) where RCPT was refused with 550, 551 or 553, for some
 * callers give up on 67 alone; so too where a local socket said so to the text,
 * for a door knows only then (answer); 65 (EX_DATAERR) for size, content and
 * syntax; 69 (EX_UNAVAILABLE) for the rest.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_VERDICT_H
#define SENDMAIL_VERDICT_H

#include <stdbool.h>

#include "mailq/envelope.h"
#include "sendmail/smtp.h"

struct verdict {
	enum fate fate;
	int code;                   /* sysexits(3) of a refusal, else EX_OK */
	bool is_account;            /* the account's fault, not the message's */
	char why[REPLY_TEXT + 256]; /* the server's words, and what to do */
};

/* What is known beside the letter. */
struct verdict_facts {
	bool sender_is_ours;
	bool author_is_ours; /* as much for From and Sender in the header */
	bool has_user;       /* [smarthost] user is set */
	bool offers_auth;    /* the server does */
	bool is_local;       /* it is a socket of this machine */
	const char *lost;    /* why the connection ended, or NULL */
};

/* How recipient n of a letter fares, now that all is said. */
void verdict(const struct letter *, size_t n, const struct verdict_facts *,
    struct verdict *);

/*
 * Whether it was refused as it might not be with another sender: by MAIL, to all
 * recipients or to the text, and not for its size, nor for what a recipient is
 * (5.1.x, save 5.1.7 and 5.1.8, which speak of the sender) or what is in the text
 * (5.6.x).
 */
bool verdict_may_be_about_sender(const struct letter *);

/* Whether a refusal is of the text: its size, or what is in it (5.6.x). */
bool verdict_is_about_text(const struct reply *);

/*
 * Whether the server takes no more recipients in this transaction (RFC 5321,
 * 4.5.3.1.10; Dovecot says 451, others 552).
 */
bool verdict_is_one_too_many(const struct reply *);
bool verdict_has_one_too_many(const struct letter *);

/*
 * How many it takes, as it has just shown: those before the first too many, if
 * some of them were taken and none behind it.  0: that was not to be seen.
 */
size_t verdict_most(const struct letter *);

#endif
