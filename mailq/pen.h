/*
 * pen - lines for a journal
 *
 * Lines are gathered, each with its sum and its time, and appended in one write:
 * nothing that lies in a journal is ever altered, not even half a line.
 *
 *	pen_open  (pen_begin fprintf(pen->body, ...) pen_end)...  pen_close
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_PEN_H
#define MAILQ_PEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "conf/fault.h"
#include "mailq/journal.h"

struct pen {
	FILE *out, *body;
	char *mem, *body_mem; /* all lines; one, from behind its sum */
	size_t size, body_size;
	size_t end; /* of what should lie in out by now */
	intmax_t now;
	bool is_lasting; /* something is among it that must survive */
};

/* EX_TEMPFAIL: memory.  Ends in pen_close() either way. */
int pen_open(struct pen *, const struct journal *, struct fault *);

/* Begin a line; the numbers of recipients follow in body. */
void pen_begin(struct pen *, const char *op);

/* End it with words, as xtext.  Its sum. */
uint32_t pen_end(struct pen *, const char *words);

/*
 * Append all lines, if rc is EX_OK and memory did not fail.  *written is how
 * much of them is on disk, also after a fault: EX_TEMPFAIL, or text_write()'s.
 */
int pen_close(
    struct pen *, struct journal *, int rc, size_t *written, struct fault *);

#endif
