/*
 * text - what a message says: octets in memory or in a file
 *
 * A text is in wire form: lines end in CRLF, no NUL, no CR or LF alone, not
 * dot-stuffed (RFC 5321, 2.3.8).  Small ones lie in memory, large ones in a file
 * from an offset on; who reads one need not know which.
 * A text may also begin in memory and go on within another one: a changed header
 * costs no copy of the body.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_TEXT_H
#define MAILQ_TEXT_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "conf/fault.h"

#define TEXT_LINE 8192 /* octets of a line that text_line() gives */

struct text {
	const char *mem; /* NULL: it lies in fd */
	int fd;          /* borrowed */
	off_t start;     /* of the text in fd */
	off_t size;      /* octets */
	bool is_8bit;    /* some octet is above 127 */
	bool is_short;   /* no line is too long; false: that is not known */

	/* Behind head octets of mem it goes on as that text does from there. */
	const struct text *rest; /* or NULL */
	off_t head, rest_start;
};

/*
 * Read up to size octets at an offset of the text; what was read is there,
 * and 0 only at its end.  EX_IOERR, also for a file that ends too early.
 */
int text_read(const struct text *, off_t at, void *buf, size_t size,
    size_t *got, struct fault *);

/* Write all of it to a stream, which remembers whether that failed; EX_IOERR. */
int text_copy(const struct text *, FILE *, struct fault *);

/*
 * Write octets at an offset of a file.  EX_CANTCREAT: the disk, the quota or
 * the file is full.  EX_IOERR.
 */
int text_write(int fd, off_t at, const void *data, size_t size, struct fault *);

/*
 * Lines of our own making, those around a message; a message itself is no
 * lines to us.  Begins as { .text = ... }.
 */
struct text_lines {
	const struct text *text;
	off_t at;     /* of what comes behind buf */
	size_t have;  /* octets in buf */
	size_t given; /* of them, the line that was given last */
	bool is_torn; /* the last line lacked its line feed */
	char buf[TEXT_LINE];
};

/*
 * The next line, a NUL in the stead of its line feed; it lives until the next
 * call.  *line is NULL at the end.  One that is longer comes in pieces of
 * TEXT_LINE - 1 octets, which is more than any that we write.
 */
int text_line(struct text_lines *, char **line, size_t *size, struct fault *);

#endif
