/*
 * clock - a time that goes on evenly, whatever is done to the time of day
 *
 * For deadlines and waits.  What outlives a process goes by time(2).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_CLOCK_H
#define MAILQ_CLOCK_H

/* Milliseconds since some moment that is the same for all processes. */
long long clock_ms(void);

#endif
