/*
 * net - a connection that speaks lines, in clear and then under TLS
 *
 * Output is gathered until it is flushed, so that a group of commands is one
 * write; input comes in lines of bounded length.  Every wait ends at an absolute
 * deadline, which a server that drips cannot move; and so do all the waits for one
 * letter together, for who takes his time over each recipient would hold us for
 * hours.  How octets travel is told in wire, how a connection comes about in dial.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_NET_H
#define SENDMAIL_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "conf/fault.h"
#include "conf/setting.h"
#include "sendmail/patience.h"
#include "sendmail/tls.h"

#define NET_LINE 4096         /* octets of a line that are kept */
#define NET_GROUP 16384       /* octets in one write, as in a record of TLS */
#define NET_SESSION (1 << 20) /* octets that a server may say in all, and */
#define NET_COMMAND 4096      /* so many more for each command it is sent */
#define NET_LETTER 3600       /* seconds from one letter's dot to the next */

struct net;

/*
 * Find the addresses of smarthost->host, or take its local socket.  trace, if
 * not NULL, gets every line: "<<< " and what was read, ">>> " and what was sent.
 * EX_UNAVAILABLE (also for a name that does not exist), EX_CONFIG (a host that
 * can be none), EX_TEMPFAIL (memory).
 */
int net_open(struct net **, const struct smarthost *, struct patience *,
    FILE *trace, struct fault *);

/*
 * Connect to whichever of the addresses not tried yet answers first, IPv6 and
 * IPv4 in turn (dial); drops a connection that was open.  The deadline becomes
 * smarthost->timeout.  EX_UNAVAILABLE: none does.
 */
int net_connect(struct net *, struct fault *);

/*
 * Every wait from now on ends in so many seconds.  All of them end NET_LETTER
 * seconds after the last dot, or else after the connection; later by a
 * millisecond for each octet sent.
 */
void net_deadline(struct net *, int seconds);
void net_dot(struct net *);

/*
 * The handshake; nothing may wait to be flushed.  EX_PROTOCOL: it failed, or
 * came to no end in time, or something was read ahead of it; EX_CONFIG, what
 * tls_open() says.  Either way nothing more can be said in this connection.
 */
int net_tls(struct net *, const struct smarthost *, struct fault *);

/*
 * One line without its end, LF or CRLF; what is beyond NET_LINE is dropped.
 * NUL becomes a blank.  EX_IOERR: lost, or silent until the deadline;
 * EX_PROTOCOL: more than NET_SESSION.  First flushes what was put.  After a
 * flush that failed it still gives what the server had said by then.
 */
int net_line(struct net *, char line[NET_LINE], struct fault *);

/*
 * Where a line that is read repeats this word, or the beginning of it, blot it
 * out up to the next blank: some servers say again what they do not understand.
 * Borrowed until another is hidden; NULL: none.
 */
void net_hide(struct net *, const char *word);

/* Whether a line or a part of one was read and not yet asked for. */
bool net_has_input(const struct net *);

/* Look, without waiting, whether it has said anything, or hung up. */
bool net_glance(struct net *);

/* Gather; what goes beyond NET_GROUP goes out.  EX_IOERR. */
int net_put(struct net *, const void *, size_t, struct fault *);

/*
 * To gather without a copy: where the next octets go, of which there is room for
 * some, and then how many came.  EX_IOERR, as net_put().
 */
int net_room(struct net *, char **at, size_t *size, struct fault *);
void net_gather(struct net *, size_t size);

/*
 * Gather one command: printf, then CRLF.  EX_DATAERR, and nothing is gathered,
 * if it holds an octet below 33 that is no blank, or a DEL.  The trace shows
 * shown instead, if that is not NULL: how secrets stay out of it.  A command
 * goes into one group: EX_DATAERR too if it is longer than NET_GROUP.
 */
int net_command(struct net *, const char *shown, struct fault *,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Send what was gathered, or forget it. */
int net_flush(struct net *, struct fault *);
void net_discard(struct net *);

/* For the trace: the text is its length. */
void net_trace(struct net *, const char *line);

/*
 * "host[192.0.2.1]:587", or the path of the socket; "TLSv1.3" or ""; the own
 * address as EHLO literal.  They live as long as the connection.
 */
const char *net_peer(const struct net *);
const char *net_tls_version(const struct net *);
const char *net_literal(const struct net *);

/* As tls_binding(); false also in clear. */
bool net_binding(const struct net *, char text[TLS_BINDING]);

/* Whether the connected peer is this machine (or a local socket). */
bool net_is_loopback(const struct net *);
bool net_is_socket(const struct net *);

/* Another process goes on with it: nothing more is said here. */
void net_abandon(struct net *);

/* Wipes its buffers; takes NULL. */
void net_close(struct net *);

#endif
