/*
 * paper - a text that we write
 *
 * In memory while it is small, then in a file without a name (scratch), so that
 * memory does not grow with a message.  A fault sticks to the paper: writers
 * write on, and whoever takes the text is told.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_PAPER_H
#define SENDMAIL_PAPER_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "conf/fault.h"
#include "mailq/scratch.h"
#include "mailq/text.h"

#define PAPER_MEMORY ((size_t)256 << 10) /* octets */

struct paper {
	int folder; /* of a queue, for its file, or -1 */
	struct scratch scratch;
	char *mem;
	size_t used,
	    room;      /* octets at mem: all, or those not yet in the file */
	off_t written; /* octets in the file */
	bool is_8bit;
	struct fault fault;
};

void paper_begin(struct paper *, int folder);

void paper_put(struct paper *, const char *octets, size_t);
void paper_say(struct paper *, const char *words);

/* What is on it, which lives as long as it does; or the first fault. */
int paper_text(struct paper *, struct text *, struct fault *);

/* Takes the zeroed. */
void paper_free(struct paper *);

#endif
