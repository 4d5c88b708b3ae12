/*
 * fault - why something did not work: a sysexits(3) code and a line of text
 *
 * Whatever can fail takes a struct fault last and returns an int: EX_OK, or the
 * code that it left there.  The first fault stays; what goes wrong while one
 * cleans up after it is dropped.  A fault begins as { 0 } and owns nothing.
 *
 * The text is one line for a person: the act, the thing in single quotes, the
 * reason.  Control characters that came from outside are made harmless here,
 * so that a fault may be printed and logged as it is.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef CONF_FAULT_H
#define CONF_FAULT_H

#include <sysexits.h>

#define FAULT_TEXT 1024 /* octets, with the NUL; what is longer is cut */

struct fault {
	int code; /* EX_OK while nothing went wrong */
	char text[FAULT_TEXT];
};

/* Leave code and text, if none is there yet; returns the code that is there. */
int fault_set(struct fault *, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, and ": " with the words for errno behind it. */
int fault_errno(struct fault *, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
