/*
 * landlock - the files and ports that a process may still reach
 *
 * Landlock is the kernel's way to let a process give up what it does not need,
 * without root and for good; its children inherit that.  What is open stays
 * open.  A list is begun, filled and put into force:
 *
 *	files	opened, made, renamed or removed beneath the paths allowed alone.
 *		stat(2) and connect(2) to a local socket are not its affair.
 *	ports	TCP connections to the ports allowed alone, and none accepted.
 *		UDP is not its affair.
 *	others	no signals to other processes, no abstract sockets of theirs.
 *
 * Each came to Linux at its own time.  Before 5.19 (ABI 2) a message could not
 * move from one folder to another, so files are not confined there; ports are
 * since 6.7 (ABI 4), others since 6.12 (ABI 6).  Elsewhere nothing is, nor where
 * who started us forbids the calls.
 *
 * The calls are made by number, for neither libc nor the headers of the oldest
 * system that this is built on know them.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_LANDLOCK_H
#define SENDMAIL_LANDLOCK_H

#include <stdbool.h>

/* What holds. */
#define LANDLOCK_FILES 1U
#define LANDLOCK_PORTS 2U
#define LANDLOCK_OTHERS 4U

/* What may be done with a path, or with what lies beneath it. */
enum landlock_use {
	LANDLOCK_READ,  /* files are read */
	LANDLOCK_LIST,  /* and folders listed */
	LANDLOCK_WRITE, /* and files written */
	LANDLOCK_KEEP   /* and made, renamed and removed, and folders made */
};

struct landlock {
	int fd; /* the list; -1: this kernel has none */
	int abi;
	int first, last; /* descriptors that end together; none: -1 */
};

/* Begin a list that allows nothing. */
void landlock_begin(struct landlock *);

/*
 * Allow the use of a path; links are followed.  False: it is not there, or
 * something is wrong with it.
 */
bool landlock_path(struct landlock *, const char *, enum landlock_use);

/* Allow TCP connections to a port. */
void landlock_port(const struct landlock *, unsigned port);

/*
 * Put it into force, unless it is not wanted any more, and end it.  What holds,
 * 0 for nothing.  Nothing can do so unless the process has forsworn new
 * privileges (PR_SET_NO_NEW_PRIVS), or is root's.
 */
unsigned landlock_enter(struct landlock *);
void landlock_drop(struct landlock *);

#endif
