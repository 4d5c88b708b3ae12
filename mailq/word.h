/*
 * word - text as one safe word
 *
 * What strangers wrote ends up in three places that have a shape of their own:
 * queue files (lines of words), a terminal, JSON.  In a queue file a word is
 * xtext (RFC 3461, 4): octets 33 to 126 but + and = stand for themselves, the
 * others are +HH, and an empty word is <>.  On a terminal what is not printable
 * becomes \xHH; sound UTF-8 passes, but no control and no direction mark.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_WORD_H
#define MAILQ_WORD_H

#include <stddef.h>
#include <stdio.h>

#include "conf/fault.h"

/* As xtext; the stream remembers whether a write failed. */
void word_write(FILE *, const char *text);

/* From xtext, in place; EX_DATAERR unless it is what word_write() writes. */
int word_decode(char *word, struct fault *);

/* For people. */
void word_print(FILE *, const char *text);

/* As a JSON string (RFC 8259), quotes and all; what is not UTF-8 is escaped. */
void word_json(FILE *, const char *text);

#endif
