/*
 * judge - what must be so, whatever a stranger writes
 *
 * For fuzzers: what is not so ends them, and is kept.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef T_FUZZ_JUDGE_H
#define T_FUZZ_JUDGE_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sendmail/address.h"

static inline void
demand(bool is_so)
{
	if (!is_so)
		abort();
}

/* Whether it can neither end a command nor be one. */
static inline bool
is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			return false;
	return true;
}

/* It is fit for a command, and read again it is the same. */
static inline void
judge_address(const char *addr)
{
	struct fault f = { 0 };
	char *again;

	demand(is_plain(addr));
	demand(address_one(addr, &again, &f) == EX_OK);
	demand(strcmp(addr, again) == 0);
	free(again);
}

#endif
