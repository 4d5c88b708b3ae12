/*
 * bearer - the words of a login by access token
 *
 * OAUTHBEARER (RFC 7628), and XOAUTH2, by which Google and Microsoft do the same.
 * ^A stands for octet 1:
 *
 *	n,a=USER,^Ahost=HOST^Aport=PORT^Aauth=Bearer TOKEN^A^A
 *	user=USER^Aauth=Bearer TOKEN^A^A
 *
 * That is all there is to say; but a server that refuses it gives the reason as
 * a challenge, mostly in JSON, and wants one more word before its reply.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_BEARER_H
#define SENDMAIL_BEARER_H

#include <stddef.h>

#define BEARER_REASON 256 /* octets, with the NUL */

/* What is said before the reply to a reason. */
#define BEARER_OAUTH_END "\1" /* RFC 7628, 3.2.3 */
#define BEARER_XOAUTH2_END ""

struct bearer {
	const char *user, *token;
	const char *host, *port; /* of the server */
};

/*
 * The words, len of them, for the caller to wipe and free.  NULL: memory, with
 * errno ENOMEM; or a token that is none, EINVAL: it holds a blank, or what is no
 * ASCII.
 */
char *bearer_oauth(const struct bearer *, size_t *len);
char *bearer_xoauth2(const struct bearer *, size_t *len);

/* A server's reason as printable ASCII; never empty, never with the token. */
void bearer_reason(
    char[BEARER_REASON], const char *token, const char *data, size_t len);

#endif
