/*
 * letter - one transaction: what is asked, and what was answered
 *
 * A letter is a sender, recipients and a text, as they go to one smarthost at
 * one time.  Parameters go with MAIL and RCPT only if they were offered (RFC
 * 5321, 4.1.1.11).  What a server is known not to take, for its EHLO said so,
 * it is not asked: that is refused here in its stead.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_LETTER_H
#define SENDMAIL_LETTER_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/fault.h"
#include "mailq/text.h"
#include "sendmail/ehlo.h"
#include "sendmail/net.h"
#include "sendmail/reply.h"

struct letter_rcpt {
	const char *addr;   /* full, for <> */
	const char *orcpt;  /* "rfc822;xtext", or NULL */
	unsigned notify;    /* enum notify; 0: absent */
	size_t n;           /* which recipient of the envelope */
	struct reply reply; /* to RCPT; code 0: not asked */
};

struct letter {
	const char *from;       /* full, or "" */
	struct letter_rcpt *to; /* SMTP_MOST at most */
	size_t count;
	const struct text *text; /* NULL: none is known yet (a probe) */
	bool is_utf8;            /* the header or the caller wants SMTPUTF8 */
	const char *refusal;     /* a reply, if it cannot go here, or NULL */
	const char *ret;         /* "full", "hdrs" or NULL */
	const char *envid;       /* decoded, or NULL */

	struct reply mail, data, end; /* code 0: none came */
	bool by_bdat;                 /* so the text was sent, */
	bool is_committed; /* or may have been, to its dot or last octet */
};

/*
 * Forget what was answered, and refuse what this server cannot take: a text for
 * which there is a refusal, or that is beyond its SIZE (552 5.3.4, of the
 * whole), an address beyond ASCII where SMTPUTF8 was not offered (553 5.6.7).
 */
void letter_judge(struct letter *, const struct ehlo *);

/* Forget what was answered: whose reply is whose is not known. */
void letter_forget(struct letter *);

/*
 * Whether it has to be refused, or does not get what it asks for (DSN), because
 * of what this server does not offer.
 */
bool letter_asks_for_more(const struct letter *, const struct ehlo *);

/* How many recipients have a reply of that class; 0: none yet. */
size_t letter_count(const struct letter *, int first_digit);

/* Put MAIL, or RCPT for one recipient. */
int letter_put_mail(
    const struct letter *, const struct ehlo *, struct net *, struct fault *);
int letter_put_rcpt(const struct letter_rcpt *, const struct ehlo *,
    struct net *, struct fault *);

#endif
