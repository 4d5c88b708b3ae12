/*
 * smtp - the dialogue with one smarthost
 *
 * A session is opened once (session).  Then letters go out, one after the other,
 * RSET between them.  Where the server offers PIPELINING, commands travel in
 * groups, one write each (RFC 2920): the login, if it is one line, rides with
 * the first letter's MAIL, RCPT and DATA; those of each other ride behind the text
 * of the one before it, QUIT behind that of the last.  Where it does not, one command at a time, also at the dot.  Replies
 * are counted, never matched by text.  Where it offers CHUNKING too, the text goes
 * as it is, behind BDAT instead of between DATA and a dot (RFC 3030).
 *
 *	smtp_open    EHLO [STARTTLS EHLO]
 *	smtp_offer   [AUTH or RSET] MAIL RCPT... [DATA]  each recipient has a reply
 *	smtp_text    text . or BDAT text, [QUIT or the next offer]
 *	                                                 letter->end is the outcome
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
#include "sendmail/letter.h"
#include "sendmail/patience.h"

/* Recipients of a transaction: what each server takes (RFC 5321, 4.5.3.1.8), */
#define SMTP_RCPTS 100
#define SMTP_MOST 1000 /* and the most that we give to who takes more */
#define SMTP_DOT 600   /* seconds after the final dot, RFC 5321, 4.5.3.2.6 */

struct smtp;

/* Who a session speaks to, for the log; the strings live as long as it. */
struct smtp_peer {
	const char *relay, *tls, *auth;
	bool offers_auth;
};

/*
 * Open a session.  trace as in net_open().  EX_UNAVAILABLE: no connection, or
 * the server does not want us.  EX_PROTOCOL: no TLS.  EX_NOPERM: no login.
 * EX_CONFIG: a key is wrong.  EX_TEMPFAIL: memory.  Nothing is left open then.
 */
int smtp_open(struct smtp **, struct smarthost *, struct patience *,
    FILE *trace, struct fault *);

/*
 * Offer a letter up to DATA; with is_probe only its MAIL, and RSET.  Logs in
 * first, if that has not happened; EX_NOPERM, EX_TEMPFAIL (put off) or
 * EX_UNAVAILABLE (lost meanwhile) if that fails.  After EX_OK letter->mail,
 * .to[].reply and .data say what the server thinks, and what letter_judge()
 * does; if data is 354 (with BDAT: it would have been) smtp_text() or
 * smtp_close() must follow.  Where no recipient was taken the transaction is
 * over already.  Whatever else comes back, the session is over.
 */
int smtp_offer(struct smtp *, struct letter *, bool is_probe, struct fault *);

/*
 * Send the text.  Behind it rides the offer of another letter, if smtp_may_ride(),
 * or with is_last QUIT, where it may.  EX_IOERR and letter->is_committed: outcome
 * unknown.  EX_IOERR alone: it was cut off, the server has nothing.
 *
 * What comes of the next is heard by smtp_offer() of it, if smtp_has_offered() it:
 * who keeps us waiting for that does not delay the outcome of the text.
 */
int smtp_text(struct smtp *, struct letter *, struct letter *next, bool is_last,
    struct fault *);
bool smtp_may_ride(const struct smtp *);
bool smtp_has_offered(const struct smtp *, const struct letter *);

/* What it has offered so shall not go: its session ends. */
void smtp_withdraw(struct smtp *, const struct letter *);

/*
 * Have it say what it offers behind the login, for that may be more (Dovecot's
 * submission service); once in a session, and not where there is no login.
 * Fails as smtp_offer() does, and the session is over then.
 */
int smtp_ask_again(struct smtp *, struct fault *);

/* What the server offers, as long as the session is open. */
const struct ehlo *smtp_ehlo(const struct smtp *);

/*
 * Whether another letter can be offered, which may be one too many for it
 * (LIMITS); how many it has accepted.
 */
bool smtp_is_open(const struct smtp *);
unsigned smtp_accepted(const struct smtp *);

struct smtp_peer smtp_peer(const struct smtp *);

/* Let go of a session with which another process goes on; takes NULL. */
void smtp_abandon(struct smtp *);

/* Says QUIT if that is still polite and no text is due; takes NULL. */
void smtp_close(struct smtp *);

#endif
