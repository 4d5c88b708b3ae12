/*
 * descriptors - what a program finds open, and leaves open
 *
 * Callers leave descriptors 0 to 2 closed (mailutils), so that a queue would
 * become one of them and a line for a person be written into it; and others
 * open, so that somebody waits for their end as long as we live.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_DESCRIPTORS_H
#define MAILQ_DESCRIPTORS_H

#include <stdbool.h>

/* What nothing comes from and nobody reads, or -1. */
int descriptors_nowhere(void);

/* Open /dev/null where 0, 1 or 2 is closed; whether 0 was open. */
bool descriptors_fill(void);

/* Let 2 go nowhere if it is 1: nothing may be said in between. */
void descriptors_part(void);

/* Close those from first to last; not all of them need be open. */
void descriptors_end(int first, int last);

/* Close all but 0, 1 and 2. */
void descriptors_close(void);

#endif
