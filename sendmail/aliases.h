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

/* Begins as { 0 }. */
struct aliases {
	struct alias *alias; /* for alias_find() */
	size_t count;
};

/*
 * Read the file at path, or, with NULL, ALIASES_FILE if it is there and can be
 * read.  EX_CONFIG and the like: path cannot be used.
 */
int aliases_read(struct aliases *, const char *path, struct fault *);
void aliases_free(struct aliases *);

#endif
