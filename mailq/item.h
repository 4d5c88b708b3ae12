/*
 * item - one message in our hands
 *
 * A message is in our hands while it is read (draft), or once it is claimed
 * from a queue.  Who claims holds flock(2) on its file and has looked, after
 * the lock, that it still has its name: without that look two runs deliver one
 * message twice.  State that must survive a crash is appended to its journal
 * and synced; state that may be lost is its mtime, the time of the next try.
 *
 * A message has one name.  A second that is our own .t-ID, or the same ID in
 * another folder, as half a move leaves it (record), is removed by who holds the
 * lock; any other makes the file foreign.  Foreign and broken files are never
 * followed, never removed, and never stop the rest.
 *
 *	claimed -> note (some got it) ... -> done        nobody waits any more
 *	                                  -> due         not before then
 *	                                  -> move        to another folder
 *	        -> free                                  the lock is gone, too
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_ITEM_H
#define MAILQ_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "conf/fault.h"
#include "mailq/envelope.h"
#include "mailq/journal.h"
#include "mailq/queue.h"
#include "mailq/text.h"

#define ITEM_AHEAD 86400  /* seconds that a clock may have been wrong */
#define ITEM_GLANCE 65536 /* octets of a message that item_look() sums up */

struct item {
	char id[QUEUE_ID + 1];
	struct envelope env;
	struct text text;
	time_t created;
	struct journal journal;
	bool is_kept; /* it has a name in the queue */
	int dir;      /* the folder of that name, borrowed from the queue */
	int fd; /* of its file, locked unless it is only looked at; -1: none */
	char *mem; /* the text in memory, owned; or NULL */
};

/*
 * Claim a message.  EX_TEMPFAIL: somebody else holds it.  EX_NOINPUT: it is
 * gone, or lies in another folder, or there is no such folder.  EX_DATAERR: foreign or broken, the text says
 * how.  EX_PROTOCOL: of another version.  EX_IOERR.  Ends in item_free(),
 * whatever came back.
 */
int item_claim(const struct queue *, enum folder, const char *id, struct item *,
    struct fault *);

/*
 * Look at it without a lock, for a list.  The sum of a message larger than
 * ITEM_GLANCE is left to who sends it.
 */
int item_look(const struct queue *, enum folder, const char *id, struct item *,
    struct fault *);

/*
 * The next try is not before that time.  Set before an attempt, so that a
 * message which kills us goes to the back, and again after the last note.
 */
int item_due(const struct item *, time_t, struct fault *);

/*
 * Since when it waits: when it was stored, or by a clock that was wrong then the
 * first attempt by one that was not.  0: nobody knows.
 */
time_t item_since(const struct item *, time_t now);

/*
 * Write down what became of the recipients (note), and sync it if it must
 * survive.  EX_IOERR, EX_CANTCREAT, EX_TEMPFAIL.
 */
int item_note(struct item *, bool is_attempt, struct fault *);

/* Whoever is untold was told by a report: write it down, and sync. */
int item_note_reported(struct item *, enum report, struct fault *);

/*
 * A person holds it, or does so no more: write that down, for who reads it.
 * All who were refused wait again: write it down, and sync.
 */
int item_note_held(struct item *, bool is_held, struct fault *);
int item_note_released(struct item *, struct fault *);

/*
 * Nobody waits for it any more: unlink, fsync the folder.  If it cannot go the
 * journal gets to know at least who was served.
 */
int item_done(struct item *, struct fault *);

/*
 * To another folder, which is made if it is missing, both synced; never over
 * another file.  After EX_IOERR it may have both names (record).
 */
int item_move(struct queue *, struct item *, enum folder to, struct fault *);

/* Let go of it, whatever it is; takes the zeroed. */
void item_free(struct item *);

#endif
