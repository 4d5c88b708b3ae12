/*
 * smtp - the dialogue with one smarthost
 *
 * A session is opened once: connect, greeting, EHLO, TLS, EHLO.  Then letters go
 * out, each a sender, recipients and a text.  Where the server offers PIPELINING,
 * commands travel in groups, one write each (RFC 2920): the login, if it is one
 * line, rides with the first letter's MAIL, RCPT and DATA; QUIT rides behind
 * the text of the last.  Where it does not, one command at a time, also at the
 * dot.  Replies are counted, never matched by text.
 *
 *	smtp_open    EHLO ... STARTTLS ... EHLO
 *	smtp_offer   [AUTH] MAIL RCPT... DATA      each recipient has a reply
 *	smtp_text    text . [QUIT]                 letter->end is the outcome
 *	smtp_close   [QUIT]
 *
 * Two kinds of failure.  What a server says to MAIL, RCPT, DATA or the text is
 * no failure but data: it stands in the letter, and verdict reads it.  What
 * keeps us from saying it (no route, no TLS, no login) is the account's fault:
 * the call returns it, and nothing was sent.  EX_IOERR alone is neither: the
 * connection was lost within a transaction; the letter says how far it came.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_SMTP_H
#define SENDMAIL_SMTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "conf/fault.h"
#include "conf/setting.h"
#include "mailq/text.h"
#include "sendmail/reply.h"

#define SMTP_RCPTS 100   /* recipients of a transaction, RFC 5321, 4.5.3.1.8 */
#define SMTP_GREETING 60 /* seconds, at most, also for the handshake */
#define SMTP_DOT 600     /* seconds after the final dot, RFC 5321, 4.5.3.2.6 */
#define SMTP_QUIT 2      /* seconds for the reply to QUIT */

struct smtp;

struct letter_rcpt {
	const char *addr;   /* full, for <> */
	const char *orcpt;  /* "rfc822;xtext", or NULL */
	unsigned notify;    /* enum notify; 0: absent */
	size_t n;           /* which recipient of the envelope */
	struct reply reply; /* to RCPT; code 0: not asked */
};

/* One transaction: what goes in, and what came of it. */
struct letter {
	const char *from;       /* full, or "" */
	struct letter_rcpt *to; /* SMTP_RCPTS at most */
	size_t count;
	const struct text *text;
	bool is_utf8;      /* an address or the header needs SMTPUTF8 */
	const char *ret;   /* "full", "hdrs" or NULL */
	const char *envid; /* decoded, or NULL */

	struct reply mail, data, end; /* code 0: none came */
	bool is_committed; /* the text was sent, or may have been, to its dot */
};

/* Who a session speaks to, for the log; the strings live as long as it. */
struct smtp_peer {
	const char *relay, *tls, *auth;
	bool offers_auth;
};

/*
 * Open a session.  trace as in net_open().  EX_UNAVAILABLE: no connection, or
 * the server does not want us.  EX_PROTOCOL: no TLS.  EX_NOPERM: no login.
 * EX_CONFIG: a key is wrong.  Nothing is left open then.
 */
int smtp_open(struct smtp **, struct smarthost *, FILE *trace, struct fault *);

/*
 * Offer a letter up to DATA; with is_probe only up to MAIL.  Logs in first, if
 * that has not happened.  After EX_OK letter->mail, .to[].reply and .data
 * say what the server thinks; if data is 354 smtp_text() or smtp_close() must
 * follow.  Where no recipient was taken the transaction is over already.
 * A size, an address or parameters that this server cannot take are refused
 * here in its stead (reply_make).
 */
int smtp_offer(struct smtp *, struct letter *, bool is_probe, struct fault *);

/*
 * Send the text.  With is_last QUIT rides behind it where it may.  EX_IOERR
 * and letter->is_committed: outcome unknown.
 */
int smtp_text(struct smtp *, struct letter *, bool is_last, struct fault *);

/* Whether another letter can be offered; how many it has accepted. */
bool smtp_is_open(const struct smtp *);
unsigned smtp_accepted(const struct smtp *);

struct smtp_peer smtp_peer(const struct smtp *);

/* Says QUIT if that is still polite; takes NULL. */
void smtp_close(struct smtp *);

#endif
