/*
 * auth - the login at a smarthost
 *
 * Which mechanism is tried is settled here, in our order or in that of `auth';
 * the dialogue is RFC 4954.  A smarthost that is to know who we are gets no mail
 * before it does: nothing acceptable offered is a fault like a refusal.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_AUTH_H
#define SENDMAIL_AUTH_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/fault.h"
#include "conf/setting.h"
#include "sendmail/ehlo.h"
#include "sendmail/net.h"
#include "sendmail/patience.h"

#define AUTH_LINE 512 /* octets of a command with its CRLF, RFC 4954, 4 */
#define AUTH_STEPS 16 /* challenges */

/*
 * Whether a smarthost is to know who we are: no socket, not auth = off, a user;
 * or a certificate that may be one.
 */
bool auth_is_wanted(const struct smarthost *);

/*
 * Have smarthost->secret, if a user is to log in; as secret_fetch().  A command
 * that outlasts patience is killed, and run once more by who goes on.
 */
int auth_secret(struct smarthost *, struct patience *, struct fault *);

/*
 * The best mechanism of ours that is offered from *at on, which moves behind
 * it.  NULL: there is none; EX_NOPERM, and the text says what is offered, unless
 * none is needed, for our certificate was all there is to show.
 */
const char *auth_choose(const struct smarthost *, const struct net *,
    const struct ehlo *, size_t *at, struct fault *);

/*
 * Whether the login is one line that may ride in a group with what follows
 * (PLAIN, EXTERNAL, RFC 4954, 4), and then: put that line.  The trace shows ****.
 * smarthost->secret is there from here on, if there is a user.
 */
bool auth_is_one_line(const struct smarthost *, const char *mechanism);
int auth_put_line(struct net *, const struct smarthost *, const char *mechanism,
    struct fault *);

/*
 * The reply to such a line, by the deadline of net; or the whole dialogue, each
 * wait as long as smarthost->timeout.  EX_NOPERM: refused, with the server's
 * words.  EX_TEMPFAIL: put off (4xx).  EX_UNAVAILABLE: this mechanism will not
 * do (504, 534, 538), another might.  EX_PROTOCOL, EX_IOERR.
 */
int auth_line_reply(struct net *, const struct smarthost *,
    const char *mechanism, struct fault *);
int auth_login(struct net *, const struct smarthost *, const char *mechanism,
    struct fault *);

#endif
