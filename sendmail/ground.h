/*
 * ground - where the queue lies, and what of ours there is around it
 *
 * What -bC has to say of it: which queues there are, or where one will be; that
 * it lies where it may be lost (tmpfs, a container's own layer) or be read
 * (beneath a web root); that somebody else squats there; whether a timer or a
 * cron line tries again what waits, for the runner is haste, not warrant; and
 * whether there is a door.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_GROUND_H
#define SENDMAIL_GROUND_H

#include <stdbool.h>
#include <stdio.h>

#include "mailq/spool.h"

/* Write the findings, none of them wrong; is_off: nothing is kept. */
void ground_check(
    const struct spool *, const struct caller *, bool is_off, FILE *out);

#endif
