/*
 * period - how often, in sendmail's way
 *
 * "15m", "1h30m", "90" for minutes: numbers with the units s, m, h, d and w.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_PERIOD_H
#define SENDMAIL_PERIOD_H

#define PERIOD_MOST 31622400L /* seconds: 366 days */

/* In seconds; 0: that is none, or longer than PERIOD_MOST. */
int period_parse(const char *);

#endif
