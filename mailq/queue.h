/*
 * queue - the folders of messages that wait
 *
 * A queue is a directory of ours, mode 0700, with three more in it: active for
 * what waits, hold for what a person held, failed for what found no way and no
 * sender to tell.  A message is a file (record) in one of them, named by its
 * ID: 16 upper-case hex digits, 11 of milliseconds since 1970, 5 random.  Its
 * mtime is the time of the next try, so that a run chooses without opening it.
 *
 * Beside the folders lie what is remembered of smarthosts (stamp) and the lock
 * of who tends the queue (runner).
 *
 * Where links do not work as they should, a message is written as .t-ID first
 * (draft).  Such a file that nobody holds is garbage after a while.
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

#define QUEUE_ID 16
#define QUEUE_RUNNER ".run"
#define QUEUE_TMP ".t-" /* before the ID of a file that is no message yet */
#define QUEUE_TMP_NAME (sizeof(QUEUE_TMP) - 1 + QUEUE_ID) /* its octets */
#define QUEUE_GARBAGE 60 /* seconds that such a file may lie about unlocked */

enum folder { QUEUE_ACTIVE, QUEUE_HOLD, QUEUE_FAILED, QUEUE_FOLDERS };

#define QUEUE_NO_FOLDER (-1)  /* it is not there */
#define QUEUE_BAD_FOLDER (-2) /* it is there, and cannot be opened */

struct queue {
	const char *path;          /* borrowed */
	int dir;                   /* the directory; -1: not open */
	int folder[QUEUE_FOLDERS]; /* those in it, or one of the above */
	bool is_new;               /* it was made just now */
};

/* A file in a folder, as one look tells: no file is opened for it. */
struct entry {
	char *name; /* an ID, or what lies there too */
	time_t due; /* the mtime */
	off_t size;
};

struct listing {
	struct entry *entry;
	size_t count;
};

/*
 * Open the queue at path.  With make what is missing is made, folder by folder,
 * mode 0700, each parent synced; a directory of ours with another mode is
 * mended only if it holds nothing but what is ours.  EX_NOINPUT: it is not
 * there, or holds no folder.  EX_CANTCREAT: it cannot be made, or is not ours.
 * EX_IOERR: it is there and cannot be read.  Only after EX_OK is it open; a
 * folder may be bad all the same, save active where it shall be made.
 */
int queue_open(struct queue *, const char *path, bool make, struct fault *);
void queue_close(struct queue *);

/* Have that folder, which is made if it is not there; as queue_open(). */
int queue_make(struct queue *, enum folder, struct fault *);

/* The name of a folder, as it lies in the directory. */
const char *queue_folder(enum folder);

/* A new ID for this moment. */
void queue_id(char id[QUEUE_ID + 1]);
bool queue_is_id(const char *name);

/* fsync a directory; EX_IOERR.  Those that cannot be synced need it not. */
int queue_sync(int dir, struct fault *);

/*
 * What lies in a folder, soonest due first, and by ID among those.  Names that
 * are no ID are there too, so that they can be named; garbage is removed, other
 * .t-ID are passed over.  Starts with { 0 } and ends in listing_free().
 * EX_IOERR if the folder cannot be read to its end: what was read is there.
 */
int queue_scan(
    const struct queue *, enum folder, struct listing *, struct fault *);
void listing_free(struct listing *);

#endif
