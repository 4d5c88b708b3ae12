/*
 * plain - the words of a login by one line
 *
 * PLAIN says it all (RFC 4616, 2), and for whom we act is left out, for it is who
 * we are; EXTERNAL says nothing, for our certificate has (RFC 4422, A).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_PLAIN_H
#define SENDMAIL_PLAIN_H

#include <stddef.h>

#include "sendmail/bearer.h"

/*
 * The words, len of them, for the caller to wipe and free; the token is a password.
 * NULL: memory, with errno ENOMEM.
 */
char *plain_password(const struct bearer *, size_t *len);
char *plain_external(const struct bearer *, size_t *len);

#endif
