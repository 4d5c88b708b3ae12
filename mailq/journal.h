/*
 * journal - what became of a message since it was stored
 *
 * Behind the message in a queue file lies a line for each thing that happened,
 * and nothing there is ever altered:
 *
 *	"%08x %jd OP n[,n] X\n"
 *
 * CRC-32C of what lies between its blank and the line feed, time in seconds,
 * what, to which recipients (from 1; - for none), the server's words as xtext.
 *
 *	delivered refused deferred unknown   so they fare, in these words
 *	expanded     X, numbered on from the last, comes from n, and stands for
 *	             it as soon as one who does has met an end; if X is <>, one
 *	             who was there before has: those there are stand for n
 *	notify       of those is to be told what X says, too (notify)
 *	reported     X is `failed' or `delayed': so much was reported of them
 *	attempt      one more failed
 *	held         released     all that wait, or those named; X is <>
 *
 * A line whose sum is wrong is passed over: the crash that tore it also undid
 * what it would have told.  So is one that means nothing to us.  A read error
 * is an error, never the end of a journal.  What was delivered stays delivered;
 * what was refused stays so until it is released.  Who appends is note.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_JOURNAL_H
#define MAILQ_JOURNAL_H

#include <sys/types.h>

#include <stdbool.h>
#include <time.h>

#include "conf/fault.h"
#include "mailq/envelope.h"

#define JOURNAL_LINE 4096       /* octets of a line, its line feed too */
#define JOURNAL_WORDS 512       /* octets of a server's words that are kept */
#define JOURNAL_SANE 1577836800 /* 2020: no clock of ours was there before */
#define JOURNAL_LEAP 2592000    /* 30 days: no two attempts are so far apart */

struct journal {
	int fd;        /* of the file, borrowed */
	off_t end;     /* of the file; the next line goes there */
	bool is_torn;  /* its last line lacks its line feed */
	bool is_dirty; /* it has what must survive, and is not synced */
	unsigned attempts;
	unsigned steady;  /* of them, since the clock last leapt */
	time_t begun;     /* the first one by a sane clock, or 0 */
	time_t attempted; /* the last one, or 0 */
	bool is_held;
};

/*
 * A journal without a line yet, for a fresh file that ends there: whatever the
 * envelope knows is to be noted.
 */
void journal_begin(struct journal *, int fd, off_t end, struct envelope *);

/* Replay the one that lies from start to end of the file into the envelope. */
int journal_read(struct journal *, int fd, off_t start, off_t end,
    struct envelope *, struct fault *);

/* One more attempt failed; how many it follows without a leap of the clock. */
void journal_attempt(struct journal *, time_t when);
unsigned journal_steady(const struct journal *, time_t when);

/* The word for a fate, and for a report. */
const char *journal_op(enum fate);
const char *journal_report(enum report);

#endif
