/*
 * queue - the messages that wait: claim, settle
 *
 * A queue is a directory of ours, mode 0700, with three more in it: active for
 * what waits, hold for what a person held, failed for what found no way and no
 * sender to tell.  A message is a file (record) in one of them, named by its
 * ID: 16 upper-case hex digits, 11 of milliseconds, 5 random.  Its mtime is the
 * time of the next try.
 *
 * Who works on a message holds flock(2) on it and has looked, after the lock,
 * that it still has its name: without that look two runs deliver one message
 * twice.  State that must survive a crash is appended and synced; state that
 * may be lost is the mtime.  Foreign and broken files are named, never
 * followed, never removed, and never stop the rest.
 *
 * How a message gets here is told in draft.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_QUEUE_H
#define MAILQ_QUEUE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "conf/fault.h"
#include "mailq/record.h"

#define QUEUE_ID 16
#define QUEUE_GARBAGE 60 /* seconds that a .t-ID may lie about unlocked */

enum folder { QUEUE_ACTIVE, QUEUE_HOLD, QUEUE_FAILED, QUEUE_FOLDERS };

struct queue {
	char *path;
	int folder[QUEUE_FOLDERS]; /* directories */
};

/* A file in a folder, as one look tells: no file is opened for it. */
struct entry {
	char name[QUEUE_ID + 8];
	time_t due; /* the mtime */
	off_t size;
};

/* A message in our hands: in memory, in an unnamed file, or claimed. */
struct item {
	char id[QUEUE_ID + 1];
	struct envelope env;
	struct text text;
	time_t created;
	unsigned attempts;
	bool is_kept; /* it has a name in the queue */
	int dir;      /* of that name, borrowed from the queue; -1: none */
	int fd;       /* of the file, locked; -1: none */
	off_t end;    /* of the file */
	bool is_torn; /* its last line lacks its line feed */
	void *mem;    /* text in memory, owned; or NULL */
	size_t room;  /* octets at mem */
	struct record record; /* while it is written */
};

/*
 * Open the queue at path.  With make it is made if it is missing, folder by
 * folder, mode 0700, each parent synced; a directory of ours with another mode
 * is mended only if it holds nothing but our folders.  EX_NOINPUT: it is not
 * there.  EX_CANTCREAT: it cannot be made, or is not ours.  EX_IOERR: it is
 * there and cannot be read.
 */
int queue_open(struct queue *, const char *path, bool make, struct fault *);
void queue_close(struct queue *);

/* A new ID for this moment. */
void queue_id(char id[QUEUE_ID + 1]);
bool queue_is_id(const char *name);

/*
 * What lies in a folder, soonest due first.  *list is the caller's to free().
 * Names that are no ID are there too, so that they can be named, save our own
 * .t-ID: those that nobody holds and that are older than QUEUE_GARBAGE seconds
 * are removed.  EX_IOERR if the folder cannot be read to its end.
 */
int queue_scan(const struct queue *, enum folder, struct entry **list,
    size_t *count, struct fault *);

/*
 * Claim a message.  EX_TEMPFAIL: somebody else holds it.  EX_NOINPUT: it is
 * gone.  EX_DATAERR: foreign or broken, the text says how.  EX_IOERR.
 */
int queue_claim(const struct queue *, enum folder, const char *id,
    struct item *, struct fault *);

/* Look at it without a lock, for a list; ends with item_free() too. */
int queue_look(const struct queue *, enum folder, const char *id, struct item *,
    struct fault *);

/*
 * The next try is not before that time.  Set before an attempt, so that a
 * message which kills us goes to the back, and again after the last note.
 */
int queue_due(const struct item *, time_t, struct fault *);

/* Journal what became of the recipients (record_note), then fdatasync. */
int queue_note(struct item *, bool is_attempt, struct fault *);

/* Nobody waits for it any more: unlink, fsync the folder. */
int queue_done(struct item *, struct fault *);

/* From folder to folder, both synced; never over another. */
int queue_move(
    const struct queue *, struct item *, enum folder to, struct fault *);

/* Let go of it, whatever it is; takes the zeroed.  Gives the lock back. */
void item_free(struct item *);

#endif
