/*
 * dial - whichever address of a smarthost answers first
 *
 * A host has several addresses, and some of them may be dead: all are asked,
 * IPv6 and IPv4 in turn, each a moment after the one before, and the first
 * that answers wins (RFC 8305).  Those that lost can be asked again: a server
 * may accept a connection and then have no use for it.
 *
 * A host that is an absolute path is a local socket, the only address there is.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_DIAL_H
#define SENDMAIL_DIAL_H

#include "conf/fault.h"
#include "conf/setting.h"
#include "sendmail/patience.h"

#define DIAL_SECONDS 30  /* for all addresses together */
#define DIAL_STAGGER 250 /* ms from one address to the next, RFC 8305, 5 */

struct dial;

/*
 * Find the addresses of smarthost->host (lookup), within smarthost->timeout or
 * LOOKUP_SECONDS.  EX_UNAVAILABLE: there are none, or nobody can be asked.
 * EX_CONFIG: that can be no host.  EX_TEMPFAIL: memory.  The patience is
 * borrowed; NULL: without end.
 */
int dial_open(struct dial **, const struct smarthost *, struct patience *,
    struct fault *);

/*
 * Connect to one of those that did not fail or win yet; *fd is non-blocking,
 * and the caller's to close.  EX_UNAVAILABLE, with the last reason: none
 * answers within smarthost->timeout, or in what is left of DIAL_SECONDS.
 */
int dial_next(struct dial *, int *fd, struct fault *);

void dial_close(struct dial *);

#endif
