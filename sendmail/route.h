/*
 * route - which smarthosts take mail of a sender
 *
 * Their `senders', tried in the order of the file.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_ROUTE_H
#define SENDMAIL_ROUTE_H

#include <stdbool.h>

#include "conf/conf.h"

/* Whether it takes mail of this completed sender; "" fits every one. */
bool route_fits(const struct smarthost *, const char *sender);

/* The first that does.  EX_CONFIG: none, and the text says so. */
int route_first(const struct conf *, const char *sender,
    const struct smarthost **, struct fault *);

#endif
