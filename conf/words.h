/*
 * words - a list as people write one: commas and blanks part its words
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef CONF_WORDS_H
#define CONF_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/fault.h"

#define WORDS_PARTING ", \t"

/* NULL stands behind the last word. */
struct words {
	char **word; /* NULL if the list is empty */
	size_t count;
};

/* Add a word of so many octets. */
int words_add(struct words *, const char *word, size_t, struct fault *);

/*
 * Add the words of a text, if judge likes each of them.  EX_CONFIG, and
 * "'word' advice", for the first that it does not like, and for an empty list.
 */
int words_split(struct words *, const char *text,
    bool (*judge)(const char *, size_t), const char *advice, struct fault *);

void words_free(struct words *);

#endif
