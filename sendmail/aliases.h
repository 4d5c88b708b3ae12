/*
 * aliases - the aliases file: who stands for a local name
 *
 * The file is sendmail's aliases(5): "name: address, address", continued by
 * lines that begin with a blank.  Programs, files and includes mean nothing to
 * who delivers nothing locally: such targets are passed over, and so is what
 * cannot be read as a line.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_ALIASES_H
#define SENDMAIL_ALIASES_H

#include <stddef.h>

#include "conf/conf.h"

#define ALIASES_FILE "/etc/aliases"
#define ALIASES_NAMES 100000 /* beyond that the file is not read */

/* Begins as { 0 }. */
struct aliases {
	struct alias *alias; /* sorted by name */
	size_t count, room;
};

/*
 * Read the file at path, or, with NULL, ALIASES_FILE if it is there and can be
 * read.  EX_CONFIG and the like: path cannot be used.
 */
int aliases_read(struct aliases *, const char *path, struct fault *);
void aliases_free(struct aliases *);

/* The targets of a name in lower case, or NULL. */
const char *aliases_find(const struct aliases *, const char *name);

#endif
