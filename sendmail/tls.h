/*
 * tls - a connection nobody else can read or alter
 *
 * The only door to OpenSSL, with two rooms behind it that none but this enters:
 * whom we believe (trust), and what went wrong (excuse).  It sleeps until
 * tls_open().  TLS 1.2 or better, never below what openssl.cnf demands; the chain
 * and the name (subjectAltName only, RFC 9525), or the key that is pinned, are
 * checked by OpenSSL and asked for again after the handshake.  Who has a
 * certificate shows it to a server that asks.
 *
 * The descriptor is non-blocking; who calls waits for what is wanted, so that
 * one deadline rules over all.  SIGPIPE must be ignored by then.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_TLS_H
#define SENDMAIL_TLS_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "conf/fault.h"
#include "conf/setting.h"

#define TLS_BINDING 45 /* octets of base64, with the NUL */

struct tls;

/* What must happen before the same call can go on. */
enum tls_want { TLS_DONE, TLS_WANT_READ, TLS_WANT_WRITE, TLS_FAILED };

/*
 * Read openssl.cnf, and what it leads to, now; else tls_open() does, where it
 * may be out of reach (sandbox), and what it demands would not be obeyed.
 */
void tls_ready(void);

/* What is read later: the system's trust store, a file and folders (a:b:c). */
void tls_store(const char **file, const char **folders);

/*
 * Prepare for a smarthost on a connected descriptor, which is borrowed.
 * EX_CONFIG: host, ca, certificate or key cannot be used, and the text names it.
 * EX_TEMPFAIL.
 */
int tls_open(struct tls **, const struct smarthost *, int fd, struct fault *);

/* EX_PROTOCOL, and the reason, after TLS_FAILED: nothing was verified then. */
enum tls_want tls_handshake(struct tls *, struct fault *);

/* Whether something, of which the descriptor tells nothing, was read ahead. */
bool tls_has_input(const struct tls *);

/*
 * *got is 0 with TLS_DONE only at the end of the stream.  What tls_write() did
 * not take must come again, with nothing changed in it.  TLS_FAILED: EX_IOERR.
 */
enum tls_want tls_read(
    struct tls *, void *, size_t, size_t *got, struct fault *);
enum tls_want tls_write(
    struct tls *, const void *, size_t, size_t *put, struct fault *);

/* "TLSv1.3" */
const char *tls_version(const struct tls *);

/*
 * What nobody else's connection has, in base64: tls-exporter (RFC 9266).  False
 * below TLS 1.3, where it is not what every server means by it.
 */
bool tls_binding(const struct tls *, char text[TLS_BINDING]);

/*
 * Says close_notify once, without waiting; or nothing, where another process
 * goes on with the connection.  Takes NULL.
 */
void tls_close(struct tls *, bool is_silent);

#endif
