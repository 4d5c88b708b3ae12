/*
 * ehlo - what a server offers
 *
 * The keywords of its reply to EHLO (RFC 5321, 4.1.1.1), in any case, unknown
 * ones passed over; the old AUTH=LIST counts as AUTH LIST.  All is forgotten
 * when TLS begins (RFC 3207, 4.2).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_EHLO_H
#define SENDMAIL_EHLO_H

#include <sys/types.h>

#include <stdbool.h>

#define EHLO_AUTH 1024 /* octets of mechanism names */

struct ehlo {
	bool has_starttls, has_pipelining, has_8bitmime, has_smtputf8, has_dsn;
	bool has_chunking, has_size, has_auth;
	bool has_name; /* the first line, which offers nothing, is read */
	off_t size;    /* 0: no limit stated */
	/* LIMITS (RFC 9422); 0: none stated. */
	unsigned mail_max;    /* MAILs of a session */
	unsigned rcpt_max;    /* RCPTs of a MAIL, */
	unsigned domain_max;  /* and the domains in them */
	char auth[EHLO_AUTH]; /* upper case, " PLAIN LOGIN " */
};

/*
 * One line of the reply, behind its code, from the first on, which is the
 * server's name; for reply_read() with a zeroed struct ehlo.
 */
void ehlo_line(void *ehlo, const char *line);

/* Whether it offers to AUTH so. */
bool ehlo_has_auth(const struct ehlo *, const char *mechanism);

#endif
