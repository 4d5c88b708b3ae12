/*
 * session - from an address to a server that listens
 *
 * The addresses of a smarthost are taken one after the other until one is
 * reached, greets us, says what it offers and, where TLS is wanted, proves who
 * it is:
 *
 *	implicit   connect TLS 220 EHLO
 *	starttls   connect 220 EHLO STARTTLS TLS EHLO
 *	off        connect 220 EHLO, or HELO if nothing more is needed
 *
 * What one address does wrong, another may do right, save what a key of ours
 * is to blame for.  Nothing but the name in EHLO is said in clear where TLS is
 * wanted, and nothing that was learnt before TLS counts after it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_SESSION_H
#define SENDMAIL_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "conf/fault.h"
#include "conf/setting.h"
#include "sendmail/ehlo.h"
#include "sendmail/net.h"
#include "sendmail/reply.h"

#define SESSION_GREETING 60 /* seconds, at most, also for the handshake */
#define SESSION_QUIT 2      /* seconds for the reply to QUIT */

struct session {
	const struct smarthost *smarthost; /* borrowed */
	struct net *net;
	struct ehlo ehlo;
	const char *mechanism; /* of the login; NULL: none is wanted */
	size_t tried;          /* mechanisms, for auth_choose() */
	bool is_logged_in;
	unsigned mails;   /* MAILs that were said */
	bool is_begun;    /* a MAIL was said since the last RSET */
	bool asked_again; /* what is offered behind the login */
	bool is_open;     /* more may be said */
	bool is_astray;   /* replies do not fit what was asked */
};

/*
 * Begins with a zeroed struct.  EX_UNAVAILABLE: no connection, or the server
 * does not want us.  EX_PROTOCOL: no TLS.  EX_NOPERM: no login that we know is
 * offered.  EX_CONFIG: a key is wrong, or a password would go in clear to
 * another machine.  The text names the server.
 */
int session_open(struct session *, const struct smarthost *, struct patience *,
    FILE *trace, struct fault *);

/* Settle on the next mechanism, or none; as auth_choose(). */
int session_choose_login(struct session *, struct fault *);

/* Whether commands may go in groups (PIPELINING). */
bool session_is_grouped(const struct session *);

/* Whether a text is sent by BDAT (CHUNKING), for which nothing is asked. */
bool session_is_chunked(const struct session *);

/*
 * Read one reply, whose code is good (250: any 2yz; 354: any 3yz, which becomes
 * 354; 0: none is), 4yz or 5yz.  EX_IOERR: none came, or one that does not fit;
 * its code is 0 then.
 */
int session_hear(
    struct session *, int seconds, int good, struct reply *, struct fault *);

/*
 * Ask once more what it offers.  A refusal changes nothing; EX_IOERR: it is
 * lost.
 */
int session_ask_again(struct session *, struct fault *);

/* Say QUIT, or only hear the reply to it; what comes of it does not matter. */
void session_quit(struct session *);
void session_hear_bye(struct session *);

/* Says QUIT if it is open; takes the zeroed. */
void session_close(struct session *);

#endif
