/*
 * verdict - what a server's reply means for a recipient
 *
 * Only the first digit decides (RFC 5321, 4.2), save a small table of replies
 * whose class misleads, and save one rule: where we made the sender up, a
 * refusal of it says nothing about the message; it waits until a key is set.
 * The exit codes of refusals are settled here too, for they hang on the same
 * replies.
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
	int code; /* sysexits(3) of a refusal, for who waits */
	char why[REPLY_TEXT + 128]; /* the server's words, and what to do */
};

/* What is known beside the letter. */
struct verdict_facts {
	bool sender_is_ours;
	bool has_user;    /* [smarthost] user is set */
	bool offers_auth; /* the server does */
	const char *lost; /* why the connection ended, or NULL */
};

/* How recipient n of a letter fares, now that all is said. */
void verdict(const struct letter *, size_t n, const struct verdict_facts *,
    struct verdict *);

#endif
