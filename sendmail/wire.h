/*
 * wire - octets to and from a server, in clear or under TLS
 *
 * Every wait ends at one absolute deadline, which a server that drips cannot
 * move, and all of them together at a limit, which only what we send puts off.
 * While we wait to send, what the server says is read ahead, up to a
 * limit, so that no two wait for each other.  Between the two worlds nothing is
 * carried over: an octet that was read ahead of the handshake is an attack
 * (RFC 3207, 6), and the connection is over.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_WIRE_H
#define SENDMAIL_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/fault.h"
#include "conf/setting.h"
#include "sendmail/patience.h"
#include "sendmail/tls.h"

#define WIRE_AHEAD 65536 /* octets that are read ahead */
#define WIRE_LOOK 1000   /* ms between two looks whether a signal waits, */
#define WIRE_LAST 10     /* and seconds that it waits then, at most */

struct wire {
	const char *host;          /* for people; borrowed */
	int fd;                    /* -1: there is no connection */
	struct patience *patience; /* of the caller, borrowed; or NULL */
	struct tls *tls;           /* NULL: in clear */
	bool is_ended;             /* nothing more will be heard */
	bool is_silent;            /* another process has the last word */
	bool is_hurried;           /* a signal waits */
	long long deadline;
	long long limit;   /* which no deadline goes beyond */
	int seconds;       /* of the deadline, for people */
	size_t said;       /* octets that the server has said */
	size_t may_say;    /* more than that is too much */
	size_t start, end; /* of what was heard and not yet taken */
	char in[WIRE_AHEAD];
};

/*
 * Take over a connected, non-blocking descriptor; deadline and limit come next.
 * The limit is a millisecond later for each octet that is sent.
 */
void wire_open(struct wire *, int fd, const char *host, size_t may_say);
void wire_limit(struct wire *, int seconds);
void wire_deadline(struct wire *, int seconds);

/*
 * The handshake.  EX_PROTOCOL: it failed, or came to no end in time, or
 * something was heard ahead of it.  EX_CONFIG, EX_TEMPFAIL: as tls_open().
 */
int wire_tls(struct wire *, const struct smarthost *, struct fault *);

/*
 * Wait until more was heard.  EX_IOERR: lost, or silent until the deadline,
 * and not heard again.  EX_PROTOCOL: the server says too much.
 */
int wire_hear(struct wire *, struct fault *);

/* Whether, without waiting, something is heard, or that nothing will be. */
bool wire_glance(struct wire *);

/*
 * Send all of it, by one write if the kernel takes it (under TLS, if one record
 * holds it).  EX_IOERR; what was heard by then can still be taken.
 */
int wire_say(struct wire *, const void *, size_t, struct fault *);

/* Wipes what was heard. */
void wire_close(struct wire *);

#endif
