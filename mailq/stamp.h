/*
 * stamp - which smarthost turned us away, and when it may be asked again
 *
 * A smarthost that cannot be reached, or refuses the login, is no message's
 * fault, and a thousand messages must not each find that out.  So beside the
 * folders of a queue lies .relay, a line for each such smarthost:
 *
 *	since tried next probes host port tls user why
 *
 * times in seconds, the rest as words (word).  It appears whole, by rename(2),
 * and may be lost: then it is found out once more.  What is no such line is
 * passed over.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_STAMP_H
#define MAILQ_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "conf/fault.h"

#define STAMP_FILE ".relay"
#define STAMP_NEW ".relay.new" /* while it is written; may be left by a crash */
#define STAMP_COUNT 64         /* lines */
#define STAMP_STRAY 3600       /* a next try further ahead than that is void */

struct stamp {
	time_t since, tried, next;
	unsigned probes; /* that failed */
	char *host, *port, *tls, *user, *why;
};

/* Begins as { 0 }. */
struct stamps {
	struct stamp *stamp;
	size_t count;
};

/* The directory of a queue, to have them in; -1: there is none of ours. */
int stamps_open(const char *queue);

/* Read what lies in a queue's directory; none if there is no such file. */
int stamps_read(struct stamps *, int dir, struct fault *);

/* Write it there; without a stamp there is no file.  EX_IOERR, EX_CANTCREAT. */
int stamps_write(const struct stamps *, int dir, struct fault *);

/* The one of that smarthost, or NULL. */
struct stamp *stamps_find(const struct stamps *, const char *host,
    const char *port, const char *tls, const char *user);

/*
 * The same; it is made if need be, and may take the place of the one that was
 * tried longest ago.  NULL: memory.
 */
struct stamp *stamps_put(struct stamps *, const char *host, const char *port,
    const char *tls, const char *user);

/* Give it these words.  EX_TEMPFAIL: memory. */
int stamp_say(struct stamp *, const char *why, struct fault *);

/* Whether it keeps us from asking at that time. */
bool stamp_is_fresh(const struct stamp *, time_t now);

/* Drop one; drop all. */
void stamps_drop(struct stamps *, struct stamp *);
void stamps_free(struct stamps *);

#endif
