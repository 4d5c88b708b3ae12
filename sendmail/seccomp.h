/*
 * seccomp - the system calls that a process forswears
 *
 * What no part of us calls once a connection is made, and what would serve who
 * took us over: to become another program or user, to look into other processes,
 * to rearrange what is mounted, to reach the corners of the kernel where the
 * holes are found.  They fail with EPERM, as they do where one has no right to
 * them, so that a library which tries one goes on without.
 *
 * It is a list of what is denied, not of what is allowed: the modules of
 * nsswitch.conf call what they like, and libc calls tomorrow what it does not
 * call today.  The filter is written by hand, for it is short; libseccomp would
 * cost its loading with every message.  It knows the calls of one machine: those
 * of any other that the kernel understands, as i386 and x32 on x86-64, are all
 * denied.  Where we do not know the machine there is no filter.
 *
 * Kernels have it since 3.5; containers that forbid it have their own.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_SECCOMP_H
#define SENDMAIL_SECCOMP_H

#include <stdbool.h>

/*
 * LeakSanitizer stops the process at its end, to read all of it by ptrace(2) and
 * /proc.  In a build with it that is allowed.
 */
#if defined(__SANITIZE_ADDRESS__)
#define SECCOMP_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SECCOMP_SANITIZER 1
#endif
#endif

/*
 * For good, and for all children.  Whether it holds; it cannot unless the process
 * has forsworn new privileges, or is root's.
 */
bool seccomp_enter(void);

#endif
