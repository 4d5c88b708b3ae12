/*
 * intake - the text that a client sends, up to its dot
 *
 * As a source for message.  It may have as many octets as SIZE promised; one
 * that has more is refused, but read past, so that the client hears why.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_INTAKE_H
#define SENDMAIL_INTAKE_H

#include <sys/types.h>

#include "sendmail/dots.h"
#include "sendmail/source.h"
#include "sendmail/talk.h"

/* Begins as { .talk = ..., .dots.by_feed = ... }. */
struct intake {
	struct talk *talk;
	struct dots dots;
	off_t taken; /* octets */
};

/* Reading: EX_IOERR, the talk has ended; EX_DATAERR, it is too large. */
struct source intake_source(struct intake *);

bool intake_is_large(const struct intake *);

/* Read past what is left, or end the talk where that is too much as well. */
void intake_skip(struct intake *);

#endif
