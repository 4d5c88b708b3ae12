/*
 * tell - how each recipient fared, for the person who called
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_TELL_H
#define SENDMAIL_TELL_H

#include <stdio.h>

#include "mailq/envelope.h"

/* The refusal of each, and beside it who was served: the caller has to know. */
void tell_refusals(FILE *, const struct envelope *);

void tell_accepted(FILE *, const struct envelope *);

#endif
