/*
 * talk - the lines of a client, and what it is told
 *
 * Commands come in lines of bounded length that end in CRLF or LF; a text comes
 * in whatever pieces it has.  Replies are gathered and leave before we wait, so
 * that those to a group of commands are one write (RFC 2920, 3.2).  A client
 * that says nothing for five minutes has said its last word.
 *
 * How a talk ends is kept in it: once it has ended nothing more is heard.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_TALK_H
#define SENDMAIL_TALK_H

#include <stdbool.h>
#include <stddef.h>

#define TALK_LINE 4096        /* octets of a command */
#define TALK_EXCESS (1 << 20) /* of a line that is too long: then it ends */
#define TALK_SILENCE 300      /* seconds */
#define TALK_NUL '\1'
#define TALK_REPLY 510   /* octets of a line, RFC 5321, 4.5.3.1.5 */
#define TALK_BUFFER 4096 /* octets in one write */

enum talk_end {
	TALK_ON,
	TALK_CLOSED, /* the client has nothing more to say, or is gone */
	TALK_SILENT,
	TALK_FLOOD /* a line without an end, or talk beyond the limit */
};

/* Begins as { .in = ..., .out = ... }. */
struct talk {
	int in, out;
	enum talk_end end;
	long long limit;    /* in ms, or 0 */
	size_t start, stop; /* of what was read and not taken */
	size_t gathered;
	char heard[TALK_BUFFER], said[TALK_BUFFER];
};

/*
 * The next line, without its end; whether there is one.  A NUL in it becomes a
 * TALK_NUL, which no command takes either.
 * *is_long: it had more than TALK_LINE - 1 octets, and is not given.  *by_feed:
 * it ended in LF alone.
 */
bool talk_line(
    struct talk *, char line[TALK_LINE], bool *is_long, bool *by_feed);

/*
 * So many seconds from now all that it says must be said, or it ends: who drips
 * octets is not silent.  0: there is no such limit any more.
 */
void talk_limit(struct talk *, int seconds);

/* Have something in heard[], from start to stop; whether there is. */
bool talk_hear(struct talk *);

/*
 * Gather a line, whose octets beyond printable ASCII become question marks, and
 * which is cut to its limit.  What cannot be written is lost, with the client.
 */
void talk_say(struct talk *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Send what was gathered. */
void talk_flush(struct talk *);

#endif
