/*
 * record - the file of one message that waits
 *
 * One file, append-only once it has a name (DESIGN 4):
 *
 *	"ONEHOP1 %012zu %020ju %08x %020jd %s", blanks to octet 87, "%08x\n"
 *
 * are its first 96 octets: length of the header, length of the message, CRC-32C
 * of both, time of creation in seconds, 7bit or 8bit, CRC-32C of octets 0-86.
 * Then the header (head), the message (text), and what happened since (journal).
 *
 * The first line is filled in last, so that a large message is written once.
 * What is wrong in the first line, header or message makes the file broken: it
 * is named, never sent and never removed.
 *
 * This room knows the octets.  Names, locks and syncs are item's and draft's.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_RECORD_H
#define MAILQ_RECORD_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "conf/fault.h"
#include "mailq/crc.h"
#include "mailq/envelope.h"
#include "mailq/text.h"

#define RECORD_LINE 96             /* octets of the first line */
#define RECORD_HEADER 300000000ULL /* octets of a header, by its limits */

/* A record on its way to disk. */
struct record_writer {
	int fd;        /* borrowed */
	size_t header; /* octets of the header */
	off_t message; /* octets of the message so far */
	struct crc crc;
};

/* What the first line says. */
struct record {
	size_t header; /* octets of the header */
	off_t message; /* octets of the message */
	uint32_t sum;  /* of both */
	time_t created;
	bool is_8bit;
};

/*
 * Write a record to an empty file: begin leaves room for the first line and
 * writes the header, add as much of the message as there is, end fills in the
 * first line.  EX_CANTCREAT when the disk is full, EX_IOERR, EX_TEMPFAIL, and
 * EX_DATAERR as head_write().
 */
int record_begin(
    struct record_writer *, int fd, const struct envelope *, struct fault *);
int record_add(struct record_writer *, const void *, size_t, struct fault *);
int record_end(
    const struct record_writer *, time_t created, bool is_8bit, struct fault *);

/*
 * Read the first line of a file of that size.  EX_DATAERR: no record, or a
 * broken one.  EX_PROTOCOL: of another version.  EX_IOERR.
 */
int record_read(struct record *, int fd, off_t size, struct fault *);

/* Where its parts lie; they borrow the descriptor. */
struct text record_header(const struct record *, int fd);
struct text record_message(const struct record *, int fd);
off_t record_journal(const struct record *);

/* Read header and message, and sum them up; EX_DATAERR: they are not what was
 * written.  EX_IOERR. */
int record_check(const struct record *, int fd, struct fault *);

#endif
