/*
 * shape - whether a text can be what a setting asks for
 *
 * A setting is judged when it is read, so that a slip is reported with its line
 * rather than met as a strange refusal by a server.  Each function here looks
 * at len octets, which need no NUL behind them.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef CONF_SHAPE_H
#define CONF_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A host to look up.  More than host_is_name(), for this is not said in EHLO:
 * what containers are called has underscores, and U-labels are welcome.
 */
bool shape_is_host(const char *, size_t len);

/* 192.0.2.1 or 2001:db8::1 */
bool shape_is_ip(const char *, size_t len);

/* [192.0.2.1] or [IPv6:2001:db8::1], RFC 5321, 4.1.3 */
bool shape_is_literal(const char *, size_t len);

/* bob@example.org; a sender may be @example.org, for all of them. */
bool shape_is_address(const char *, size_t len);
bool shape_is_sender(const char *, size_t len);

/* A SHA-256 in base64 or hex. */
bool shape_is_pin(const char *, size_t len);

/* A word of `auth' in any case: a SASL mechanism that we know, auto, off. */
bool shape_is_mechanism(const char *, size_t len);

#endif
