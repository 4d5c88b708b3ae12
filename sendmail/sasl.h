/*
 * sasl - proving who we are, by one of several mechanisms
 *
 * What takes more than one line is left to libgsasl (late), what does not needs
 * no library (plain, bearer).  Which mechanism is tried is our choice (auth).  A
 * SCRAM server must prove itself too, and may ask for 4096 to 1000000 iterations.
 * Challenges and responses are base64 as they stand on the wire.
 *
 * Who stands between us and the server is found out by SCRAM with -PLUS.  Where
 * it is offered it comes first, for whoever takes it out of the list cannot be
 * found out: a client that could have used it should say so ("y", RFC 5802, 6),
 * but libgsasl 2.2 fails when it is told of a binding then.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_SASL_H
#define SENDMAIL_SASL_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/fault.h"

#define SASL_ITERATIONS_MIN 4096 /* RFC 5802, 5.1 */
#define SASL_ITERATIONS_MAX 1000000
#define SASL_LINE 12288 /* octets, RFC 4954, 4 */

struct sasl;

/*
 * Who logs in where; for OAUTHBEARER and XOAUTH2 the secret is a token, and for
 * EXTERNAL there is neither user nor secret.
 */
struct sasl_who {
	const char *user, *secret;
	const char *host, *port; /* of the server */
	const char *binding;     /* tls-exporter in base64, or NULL */
};

/* Whether we know it, and whether it speaks first. */
bool sasl_has(const char *mechanism);
bool sasl_is_client_first(const char *mechanism);

/* Whether it needs what ties it to the connection under it (RFC 5802, 6). */
bool sasl_is_bound(const char *mechanism);

/*
 * Who, and what that points to, is borrowed until sasl_close().  EX_UNAVAILABLE:
 * there is no such mechanism, or no libgsasl.  EX_TEMPFAIL: memory.
 */
int sasl_open(struct sasl **, const char *mechanism, const struct sasl_who *,
    struct fault *);

/*
 * One step: a challenge (base64, NULL at the start of a client-first one)
 * gives a response, which lives until the next step and is wiped then.  Empty
 * is "".  What LOGIN is asked is never read.  EX_PROTOCOL: no base64, or the
 * server failed to prove itself, or the mechanism is over.  EX_UNAVAILABLE: it
 * cannot carry this user or secret, another mechanism might.  EX_TEMPFAIL:
 * memory.  After any of them cancel with "*", if something was said.
 */
int sasl_step(struct sasl *, const char *challenge, const char **response,
    struct fault *);

/* Whether everything was said and proved: only then a 235 counts. */
bool sasl_is_done(const struct sasl *);

/* Why the server refused our token, in printable ASCII; "" if it did not say. */
const char *sasl_complaint(const struct sasl *);

void sasl_close(struct sasl *);

#endif
