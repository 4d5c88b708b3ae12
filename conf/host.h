/*
 * host - what this machine is called
 *
 * Two names matter: the one that the machine gives itself, which is stored with
 * each message, and the full one that EHLO and bare addresses want.  A name is
 * taken only if it is letters, digits, hyphens and dots, for it ends in headers
 * and SMTP commands (RFC 5321, 2.3.5).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef CONF_HOST_H
#define CONF_HOST_H

#include <stdbool.h>

#define HOST_NAME 255 /* octets, RFC 1035, 2.3.4 */

/* gethostname(2), or "localhost" where that is not fit to be a name. */
void host_name(char name[HOST_NAME + 1]);

/*
 * Whether it has a domain that means something elsewhere, too: none of
 * *.localhost, *.localdomain, *.local.
 */
bool host_is_full(const char *name);

/*
 * The name with its domain: gethostname(2) if it has a dot, else what /etc/hosts
 * makes of it, or where that does not list it the resolver.  "" if that is none
 * in full.  May ask the DNS.
 */
void host_fqdn(char name[HOST_NAME + 1]);

/*
 * The same without the resolver, which may take its time: false if gethostname(2)
 * has no dot and /etc/hosts does not list it.
 */
bool host_fqdn_at_hand(char name[HOST_NAME + 1]);

/* The first line of /etc/mailname, if that is a name, else "". */
void host_mailname(char name[HOST_NAME + 1]);

/*
 * What completes a bare name: that, or, if it means nothing elsewhere or is none,
 * the name in full, if there is one.
 */
void host_domain(const char *fqdn, char name[HOST_NAME + 1]);

/* Whether it is fit to stand in EHLO and behind an @. */
bool host_is_name(const char *name);

/* localhost, or localhost.localdomain, as others write it in full. */
bool host_is_localhost(const char *domain);

/*
 * Whether a domain means this machine: localhost, its own name short or full,
 * or recorded, the name of the machine that stored a message (NULL if none).
 */
bool host_is_own(const char *domain, const char *recorded);

#endif
