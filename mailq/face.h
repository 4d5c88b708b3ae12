/*
 * face - how a message looks in the list
 *
 * For people as Postfix prints it for long queue IDs, a line and those who
 * still wait or were refused, each reason ahead of whom it concerns; for
 * programs as an object of JSON with the names of postqueue -j.  Whatever came
 * from outside is printed without control characters.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_FACE_H
#define MAILQ_FACE_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "mailq/item.h"
#include "mailq/queue.h"
#include "mailq/stamp.h"

/* Where it is shown, and where it lies. */
struct face {
	FILE *out;
	bool is_json;
	const char *user;   /* whose it is, for JSON; or NULL */
	const char *status; /* of the smarthosts, for JSON; or NULL */
	const char *path;   /* of the queue */
	enum folder folder; /* in it */
};

void face_message(const struct face *, const struct item *, time_t due);

/* A smarthost that turned us away, in words; *text is the caller's to free(). */
int face_stamp(const struct stamp *, char **text, struct fault *);

/* A file that is no message of ours, and why. */
void face_strange(const struct face *, const char *name, const char *why);

#endif
