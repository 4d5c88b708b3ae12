/*
 * note - write down what became of the recipients
 *
 * Appends to a journal what it lacks, in one write: children first, in their
 * order, then fates, those that are alike in one line, then the attempt.  A
 * result is noted before anything else happens on the wire, so that nobody who
 * was accepted gets the message again.
 *
 * An expansion is noted only when one of those it gave was delivered, refused
 * or unknown: until then aliases may be mended, and the journal has the name
 * itself as deferred, for the reason of its first child that was.  Where that
 * one was a recipient before (kin), a line of its own says so, with the fates.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_NOTE_H
#define MAILQ_NOTE_H

#include <stdbool.h>

#include "conf/fault.h"
#include "mailq/envelope.h"
#include "mailq/journal.h"

/*
 * With is_attempt one more failed attempt is noted.  journal->is_dirty says
 * whether something was that must survive; to sync is the caller's part.
 * EX_IOERR, EX_CANTCREAT when the disk is full, EX_TEMPFAIL: then nothing
 * counts as noted.
 */
int note(struct journal *, struct envelope *, bool is_attempt, struct fault *);

/* Note that all who are untold were reported now; as note(). */
int note_reported(
    struct journal *, struct envelope *, enum report, struct fault *);

/*
 * Note that a person holds the message, or does so no more; as note(), but it
 * need not survive: the folder says what is so.
 */
int note_held(struct journal *, bool is_held, struct fault *);

/*
 * Note that all who were refused were released: they wait again, and if they
 * are refused once more that is to be reported.  As note().
 */
int note_released(struct journal *, struct envelope *, struct fault *);

#endif
