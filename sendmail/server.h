/*
 * server - SMTP on standard input and output (-bs)
 *
 * For programs that speak to a sendmail as to a server, and for those who come
 * through a local socket (the door).  Each text is submitted like a message on
 * standard input, and its dot is answered once it is ours or was refused
 * (answer); several go over one connection to the smarthost.  Recipients are
 * those of RCPT alone, a report is the client's affair while it waits for our
 * word.  Where patience ends the message is stored, a child goes on with it,
 * and what comes later in the same dialogue is stored at once.
 *
 * Where a smarthost is the very socket that we serve mail is kept, and we do not
 * talk to ourselves.
 *
 * A dialogue that breaks off drops the message that was not complete, and that
 * one only.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_SERVER_H
#define SENDMAIL_SERVER_H

#include "sendmail/submit.h"

#define SERVER_VAIN 100  /* commands in a row that belong to no message */
#define SERVER_MAIL 3600 /* seconds from MAIL to the dot */
#define SERVER_IDLE 60   /* seconds that a connection waits for the next one */

struct server {
	const struct bounce *b;
	const struct options *options;
	const struct fault *why_not; /* of EX_OK: the configuration is usable */
	struct herald *herald;
	struct log *log; /* which is to name the client's uid, if he has one */
	int in, out;
};

/*
 * Talk until the client leaves.  EX_OK, however it left; EX_TEMPFAIL: memory.
 * May return in another process, whose client is gone, as submit() may.
 */
int server_talk(const struct server *, struct fault *);

#endif
