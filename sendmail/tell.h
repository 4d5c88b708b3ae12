/*
 * tell - what a caller reads about his message
 *
 * A line for each matter, which begins with "sendmail: ".  Whatever came from
 * outside is printed without control characters.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_TELL_H
#define SENDMAIL_TELL_H

#include <stdio.h>

#include "mailq/envelope.h"

void tell_fault(FILE *, const char *text);

/* It waits, and why; "" is no reason. */
void tell_waits(FILE *, const char *why);

/* The refusal of each, and beside it who was served: the caller has to know. */
void tell_refusals(FILE *, const struct envelope *);

/* Who was served of a message that is given back. */
void tell_accepted(FILE *, const struct envelope *);

#endif
