/*
 * sandbox - what a process that talks to a server may still do
 *
 * Whoever takes us over by what he says (through TLS, SASL, a resolver's answer)
 * finds a process that has given up, for good and for its children, what the
 * rest of its life does not need.  No new privileges (no set-id program helps);
 * then, as far as the kernel has them (landlock, seccomp):
 *
 *	files	the queues are read and written.  Read are what a name is looked
 *		up by, the modules of nsswitch.conf, zones of time, the trust
 *		store, `ca', `certificate' and `key': all of /usr, and of /etc
 *		what is named here.  /dev/null; /tmp only where there is no queue.
 *		All else is out of reach: homes, passwords, other mail.
 *	ports	those of the smarthosts, and 53, to which the resolver turns when
 *		an answer is long.
 *	others	no signals, no abstract sockets.
 *	calls	no other program, user, process; no corner of the kernel.
 *
 * Local sockets are open: syslog, the door, nscd, sssd, systemd-resolved.  So is
 * UDP, for the resolver.  What is open already stays so: the log, our caller's
 * three.  What is read once is read before: the configuration, the aliases,
 * passwords and what password_command prints (courier), openssl.cnf (tls), and
 * libgsasl where it would be out of reach (late).  A file that is replaced while
 * we live, as resolv.conf may be, is out of reach from then on; that is the next
 * process's to read.
 *
 * All of it is best effort: mail goes where the kernel has none of this.  But
 * where the queue could not be allowed, files are not confined, lest mail be lost.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_SANDBOX_H
#define SENDMAIL_SANDBOX_H

#include "conf/setting.h"
#include "mailq/spool.h"
#include "sendmail/landlock.h"

/* What holds. */
#define SANDBOX_FILES LANDLOCK_FILES
#define SANDBOX_PORTS LANDLOCK_PORTS
#define SANDBOX_OTHERS LANDLOCK_OTHERS
#define SANDBOX_CALLS 8U

/*
 * Enter it.  spool is where mail may be kept, NULL for nowhere; what is not there
 * now cannot be made later.  What holds from now on.
 */
unsigned sandbox_enter(const struct conf *, const struct spool *);

#endif
