/*
 * trust - whom TLS believes
 *
 * What a connection needs of [smarthost] for that: `pin', the keys that the
 * server may have, whoever signed for them and whatever they are called; else
 * authorities, from `ca', a file or a directory, or from what SSL_CERT_FILE and
 * SSL_CERT_DIR say, or the system's.
 *
 * A directory is read lazily, for the bundle costs more than all else together:
 * it is loaded only where there is no directory.  An empty or broken trust store
 * fails closed.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_TRUST_H
#define SENDMAIL_TRUST_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "conf/fault.h"
#include "conf/setting.h"

/*
 * Before a connection is made of the context.  EX_CONFIG: ca cannot be used,
 * and the text names it.  EX_TEMPFAIL.
 */
int trust_begin(SSL_CTX *, const struct smarthost *, struct fault *);

/*
 * Have the connection expect this host, a name or an address as a certificate
 * bears it.  EX_TEMPFAIL.
 */
int trust_expect(
    SSL *, const struct smarthost *, const char *host, struct fault *);

/* As tls_store(). */
void trust_store(const char **file, const char **folders);

/*
 * Once the handshake is over: whether all that was expected was checked, which
 * the handshake fails without; but on this hangs all, so it is asked again.
 */
bool trust_is_met(SSL *, bool is_pinned);

#endif
