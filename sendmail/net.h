/*
 * net - a connection that speaks lines, in clear and then under TLS
 *
 * Output is gathered until it is flushed, so that a group of commands is one
 * write; input comes in lines of bounded length.  Every wait ends at an absolute
 * deadline, which a server that drips cannot move.  Between the two worlds
 * nothing is carried over: an octet that was read ahead of the handshake is an
 * attack (RFC 3207, 6), and the connection is over.
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

#define NET_LINE 4096         /* octets of a line that are kept */
#define NET_CONNECT 30        /* seconds for all addresses together */
#define NET_STAGGER 250       /* ms from one address to the next, RFC 8305, 5 */
#define NET_ADDRESSES 32      /* addresses of one host that are tried */
#define NET_SESSION (1 << 20) /* octets that a server may say in all */

struct net;

/*
 * Find the addresses of smarthost->host, or take its local socket.  trace, if
 * not NULL, gets every line: "<<< " and what was read, ">>> " and what was sent.
 * EX_UNAVAILABLE (also for a name that does not exist), EX_TEMPFAIL (memory).
 */
int net_open(
    struct net **, const struct smarthost *, FILE *trace, struct fault *);

/*
 * Connect to whichever of the addresses not tried yet answers first, IPv6 and
 * IPv4 in turn; drops a connection that was open.  EX_UNAVAILABLE: none does.
 */
int net_connect(struct net *, struct fault *);

/* Every wait from now on ends in so many seconds. */
void net_deadline(struct net *, int seconds);

/*
 * The handshake; EX_PROTOCOL: it failed, nothing more can be said in this
 * connection.  Also if anything was read ahead of it.
 */
int net_tls(struct net *, const struct smarthost *, struct fault *);

/*
 * One line without its end, LF or CRLF; what is beyond NET_LINE is dropped.
 * NUL becomes a blank.  EX_IOERR: lost, or silent until the deadline;
 * EX_PROTOCOL: more than NET_SESSION.  First flushes what was put.
 */
int net_line(struct net *, char line[NET_LINE], struct fault *);

/* Whether a line or a part of one was read and not yet asked for. */
bool net_has_input(const struct net *);

/* Gather; what does not fit goes out.  EX_IOERR. */
int net_put(struct net *, const void *, size_t, struct fault *);

/*
 * Gather one command: printf, then CRLF.  EX_DATAERR, and nothing is gathered,
 * if it holds an octet below 33 that is no blank, or a DEL.  The trace shows
 * shown instead, if that is not NULL: how secrets stay out of it.
 */
int net_command(struct net *, const char *shown, struct fault *,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Send what was gathered. */
int net_flush(struct net *, struct fault *);

/* For the trace: the text is its length. */
void net_trace(struct net *, const char *line);

/* "host[192.0.2.1]:587", "TLSv1.3" or "", the own address as EHLO literal. */
const char *net_peer(const struct net *);
const char *net_tls_version(const struct net *);
const char *net_literal(const struct net *);

/* Whether the connected peer is this machine (or a local socket). */
bool net_is_loopback(const struct net *);
bool net_is_socket(const struct net *);

/* Wipes its buffers; takes NULL. */
void net_close(struct net *);

#endif
