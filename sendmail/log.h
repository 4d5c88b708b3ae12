/*
 * log - one line for each fate of a recipient, where [log] says
 *
 * To syslog (facility mail), to stderr, to a file, pipe or terminal by path, or
 * nowhere; as text in Postfix's manner or as one JSON object a line:
 *
 *	0192F3A4B5CD1E2F: from=<a@x.example>, to=<b@y.example>,
 *	relay=smtp.x.example[192.0.2.1]:587, tls=TLSv1.3, auth=PLAIN,
 *	status=sent (250 2.0.0 Ok: queued as 4Zx)
 *
 * A line is one write(2), so that lines of several processes stay whole.  A log
 * that cannot be written stops no mail.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_LOG_H
#define SENDMAIL_LOG_H

#include <sys/types.h>

#include <stdbool.h>
#include <syslog.h>

#include "conf/conf.h"

struct log {
	int fd; /* -1: syslog, or nowhere */
	bool is_syslog, is_json;
	int trouble;   /* errno, if what was asked for cannot be opened */
	bool has_time; /* a file: lines begin with the time */
	const char *name;
	bool has_uid; /* of who called: lines of fates name it behind from */
	uid_t uid;
};

/* What is known of a recipient's fate; NULL and "" are left out. */
struct log_entry {
	const char *id, *from, *to, *orig_to;
	const char *relay; /* host[address]:port */
	const char *tls;   /* TLSv1.3 */
	const char *auth;  /* the mechanism */
	const char
	    *status; /* sent, deferred, refused, unknown, queued, expired */
	const char *reply;
};

/*
 * Open where conf says; conf may be unusable: then syslog.  Never fails.  Lines
 * begin with the name, which is borrowed; NULL is our own.
 */
void log_open(struct log *, const struct conf *, const char *name);

void log_fate(const struct log *, const struct log_entry *);

/* One line about the account or the queue; priority as in syslog(3). */
void log_say(const struct log *, int priority, const char *text);

/* One about a message that is not as it should be: "ID cannot be read: why". */
void log_trouble(
    const struct log *, const char *id, const char *what, const char *why);
void log_close(struct log *);

#endif
