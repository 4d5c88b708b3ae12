/*
 * text - what a message says: octets in memory or in a file
 *
 * A text is in wire form: lines end in CRLF, no NUL, no CR or LF alone, not
 * dot-stuffed (RFC 5321, 2.3.8).  Small ones lie in memory, large ones in a file
 * from an offset on; who reads one need not know which.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_TEXT_H
#define MAILQ_TEXT_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "conf/fault.h"

struct text {
	const char *mem; /* NULL: it lies in fd */
	int fd;          /* borrowed */
	off_t start;     /* of the text in fd */
	off_t size;      /* octets */
	bool is_8bit;    /* some octet is above 127 */
};

/*
 * Read up to size octets at an offset of the text; what was read is there,
 * and 0 only at its end.  EX_IOERR, also for a file that ends too early.
 */
int text_read(const struct text *, off_t at, void *buf, size_t size,
    size_t *got, struct fault *);

#endif
