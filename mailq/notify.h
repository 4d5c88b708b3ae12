/*
 * notify - of what a sender wants to be told
 *
 * NOTIFY of RFC 3461, 4.1: never, or some of success, failure and delay.  Where
 * it is absent, failure and delay are told.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_NOTIFY_H
#define MAILQ_NOTIFY_H

#include "conf/fault.h"

/* 0 is absent. */
enum notify {
	NOTIFY_NEVER = 1,
	NOTIFY_SUCCESS = 2,
	NOTIFY_FAILURE = 4,
	NOTIFY_DELAY = 8
};

/* From words in any case, "failure,delay"; EX_DATAERR if it is none. */
int notify_parse(const char *words, unsigned *notify, struct fault *);

/* The words for it, in one order; "" if it is absent. */
const char *notify_words(unsigned notify);

/* What is to be told of one who is meant twice: whatever either asks for. */
unsigned notify_join(unsigned, unsigned);

#endif
