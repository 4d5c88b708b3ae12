/*
 * lookup - what the resolver says of a name, for as long as somebody waits
 *
 * getaddrinfo(3) cannot be given up: where a nameserver swallows what it is
 * asked, it holds who calls it for as long as resolv.conf has it, times servers,
 * times domains that are searched.  So a process of its own calls it, hands what
 * it finds back through a pipe, and is killed once it is of no more use.
 *
 * A thread would do if nothing but time were at stake.  But when patience is
 * over we fork (submit), and in the child the thread is gone while the locks that
 * it held are not: libc sets its own free again, but not those of the modules of
 * nsswitch.conf (sss holds one all the time that it waits), and what is to be
 * looked up again there would wait for good.
 *
 * What needs no resolver costs no process: numbers, and our own name where
 * /etc/hosts has it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_LOOKUP_H
#define SENDMAIL_LOOKUP_H

#include <sys/socket.h>

#include <stddef.h>

#include "conf/fault.h"
#include "conf/host.h"
#include "sendmail/patience.h"

#define LOOKUP_SECONDS 30   /* for one name, whatever the resolver thinks */
#define LOOKUP_ADDRESSES 32 /* of one name that are heeded */

struct address {
	struct sockaddr_storage addr;
	socklen_t size;
};

/* In the resolver's order within a family, the families in turn. */
struct addresses {
	struct address address[LOOKUP_ADDRESSES];
	size_t count;
};

struct lookup {
	const char *host, *port; /* the port is a number */
	int seconds;             /* at most, and LOOKUP_SECONDS */
	struct patience *patience;
};

/*
 * Find the addresses of a host.  EX_UNAVAILABLE: there are none, or nobody says
 * so in time.  EX_TEMPFAIL: memory, or the process that asked is lost.
 */
int lookup(const struct lookup *, struct addresses *, struct fault *);

/* As host_fqdn(); "" also if nobody says so within LOOKUP_SECONDS. */
void lookup_fqdn(char name[HOST_NAME + 1], struct patience *);

#endif
