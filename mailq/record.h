/*
 * record - the file of one message that waits
 *
 * One file, append-only once it has a name (DESIGN 4):
 *
 *	"ONEHOP1 %012zu %020ju %08x %020jd %s", blanks to octet 87, "%08x\n"
 *
 * are its first 96 octets: length of the header, length of the message, CRC-32C
 * of both, time of creation in seconds, 7bit or 8bit, CRC-32C of octets 0-86.
 * Then the header (envelope), the message (text), and the journal, a line for
 * each thing that happened since:
 *
 *	"%08x %jd OP n[,n] X\n"
 *
 * CRC-32C of what lies between its blank and the line feed, time in seconds,
 * what, to which recipients (from 1; - for none), the server's words as xtext.
 * OP is delivered, refused, deferred, unknown, reported, attempt, held,
 * released, expanded.  `expanded N X' names a new recipient X, numbered on from
 * the last, that stands for N.
 *
 * A journal line with a bad sum is passed over: the crash that tore it also
 * undid what it would have told.  A read error is an error, never the end of a
 * journal.  What is wrong in the first line, header or message makes the file
 * broken: it is named, never sent and never removed.
 *
 * This room knows the octets.  Names, locks and syncs are queue's.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_RECORD_H
#define MAILQ_RECORD_H

#include <sys/types.h>

#include <time.h>

#include "conf/fault.h"
#include "mailq/crc.h"
#include "mailq/envelope.h"
#include "mailq/text.h"

#define RECORD_LINE 96            /* octets of the first line */
#define RECORD_HEADER (256 << 20) /* octets of a header, by its limits */
#define RECORD_WORDS 512          /* octets of a server's words that are kept */

/* A record on its way to disk. */
struct record {
	int fd;
	size_t header; /* octets of the header */
	off_t message; /* octets of the message so far */
	struct crc crc;
};

/* What a file says. */
struct story {
	struct envelope env;
	struct text text; /* borrows the descriptor */
	time_t created;
	off_t end;    /* of the file; the next journal line goes there */
	bool is_torn; /* the last line lacks its line feed */
	unsigned attempts;
	time_t attempted; /* the last one, or 0 */
	bool is_held;
};

/*
 * Write a record to an empty file: begin leaves room for the first line and
 * writes the header, add as much of the message as there is, end fills in the
 * first line.  EX_IOERR, EX_CANTCREAT when the disk is full.
 */
int record_begin(
    struct record *, int fd, const struct envelope *, struct fault *);
int record_add(struct record *, const void *, size_t, struct fault *);
int record_end(struct record *, time_t created, bool is_8bit, struct fault *);

/*
 * Read one.  EX_DATAERR: broken, or no record at all.  EX_PROTOCOL: of another
 * version.  EX_IOERR: it could not be read.  With check the message is read
 * and summed up too; without it only the first line, header and journal are.
 */
int record_read(struct story *, int fd, bool check, struct fault *);
void story_free(struct story *);

/*
 * Append to the journal every fate that differs from what it has, children
 * first, in one write at end, which moves on; then rcpt.noted says so.
 * is_attempt counts one more failed attempt too.  Does not sync.
 */
int record_note(int fd, off_t *end, bool is_torn, struct envelope *,
    bool is_attempt, struct fault *);

#endif
