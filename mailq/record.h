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
 * These are the states that a crash, a kill or a power cut can leave, in the
 * order in which a message goes through them; who sees each, and what becomes of
 * it.  There is no other: whatever else lies there is foreign.
 *
 *	file            name      what it is
 *	--------------  --------  ------------------------------------------------
 *	W  being read   none      the kernel drops it with its last descriptor; the
 *	                          caller saw no exit code and still owns it
 *	T  being read   .t-ID     the same where files cannot be unnamed; nobody
 *	                          holds its lock, so who next reads the folder
 *	                          removes it, after QUEUE_GARBAGE seconds
 *	L  synced       .t-ID ID  complete, and ours; who claims it drops .t-ID
 *	Q  synced       ID        in active: it waits, due at its mtime
 *	A  attempted    ID        Q with its mtime in the future: it goes to the
 *	                          back of the queue, whatever the attempt came to
 *	U  sent         ID        `unknown' is noted, or, after a kill between the
 *	                          dot and its note, nothing is: it goes again, with
 *	                          the same octets and Message-ID
 *	P  partly done  ID        results are noted and synced: who has it is not
 *	                          tried again, who waits is
 *	F  refused      ID        `refused' without `reported': who claims it makes
 *	                          the report, or finds it by its ID, then notes it
 *	R  its report   ID        report-of names the origin; who claims it notes
 *	                          `reported' there first, if that is missing
 *	D  done         ID        nobody waits and nothing is to be told; who claims
 *	                          it removes it, and nothing is sent
 *	H  held         ID        in hold: no run looks there; its note may be
 *	                          missing, for the folder decides
 *	X  failed       ID        in failed: shown; removed 30 days after its mtime
 *	M  moving       ID ID     in two folders, where renameat2(2) is unknown and
 *	                          a move is link, fsync, unlink: the name in hold
 *	                          counts, or else the one in active; it is shown
 *	                          there, once, and who claims it drops the other
 *	G  gone         none      unlinked, the folder synced; after a power cut
 *	                          between the 250 and that it goes once more
 *
 * From Q on the octets up to the journal never change; the journal only grows.
 * A torn last line is passed over, and who appends next begins a new one.  A
 * move between folders is one rename, or M: what was to be held is held, what
 * was released is held still; what was to be set aside waits, and is set aside
 * by the next run; what was revived waits.
 *
 * This room knows the octets.  Names, locks and syncs are item's and scratch's.
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
