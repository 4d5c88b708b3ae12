/*
 * alias - names, and who stands behind them
 *
 * A list sorted by name, so that a name is found fast and has one meaning.
 * Names count without case.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef CONF_ALIAS_H
#define CONF_ALIAS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/fault.h"

#define ALIAS_NAMES 10000 /* in one list */

struct alias {
	char *name; /* in lower case, or "*" */
	char *to;   /* an address list */
};

/*
 * Put a name into a list that may move, or change who stands behind it.
 * EX_CONFIG: it is empty, or there are too many.  EX_TEMPFAIL: memory.
 */
int alias_put(struct alias **, size_t *count, const char *name, const char *to,
    struct fault *);

/* NULL if there is no such name. */
const struct alias *alias_find(
    const struct alias *, size_t count, const char *name);

void alias_free(struct alias *, size_t count);

#endif
