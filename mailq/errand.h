/*
 * errand - an order, carried out
 *
 * In the queues of whoever calls; or for root in those of all users, each in
 * that user's stead, as if it were one queue: one list, and an ID is missing
 * only if nobody has it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_ERRAND_H
#define MAILQ_ERRAND_H

#include <stdbool.h>
#include <stdio.h>

#include "mailq/caller.h"
#include "mailq/order.h"

struct errand {
	const struct order *order;
	FILE *out;
	bool is_terminal;

	/* Say what went wrong; of a user among all, or NULL. */
	void (*say)(const char *user, const char *text);
};

/*
 * EX_OK, or the worst that went wrong, in this order: EX_IOERR, EX_TEMPFAIL,
 * EX_NOPERM, EX_DATAERR, EX_NOINPUT.  Whatever did so was said.
 */
int errand_run(const struct errand *, const struct caller *);

#endif
