/*
 * ask - what reports a caller asks for, if what he says is sound
 *
 * The words of -N, -R and -V (RFC 3461, 4.1, 4.3 and 4.4), judged before they
 * get into an envelope, and from there into a command.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_ASK_H
#define SENDMAIL_ASK_H

/* The value itself, or NULL. */
const char *ask_notify(const char *value);

/* "full" or "hdrs", or NULL. */
const char *ask_ret(const char *value);

/* The value, which is xtext and printable when decoded, or NULL. */
const char *ask_envid(const char *value);

#endif
