/*
 * courier - a session that is there when a message needs it
 *
 * What serves every message of one process: the settings, what policy found
 * out once, and the connection, which stays open from one message to the next,
 * also while another smarthost is met between them.
 * A smarthost that failed us once is not tried again: a thousand messages do
 * not wait for a thousand timeouts.  The next process knows it, too (backoff).
 *
 * Before the first of them is met the process enters the sandbox, where no other
 * password can be had.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_COURIER_H
#define SENDMAIL_COURIER_H

#include <stdbool.h>
#include <stdio.h>

#include "conf/conf.h"
#include "sendmail/backoff.h"
#include "sendmail/log.h"
#include "sendmail/policy.h"
#include "sendmail/smtp.h"

struct attempt;

/* Begins as { 0 } with its conf, log and trace. */
struct courier {
	struct conf *conf;
	const struct log *log;
	FILE *trace;              /* -v, or NULL */
	struct patience patience; /* of who called us */
	struct backoff backoff;   /* what is remembered of smarthosts */
	struct policy policy;
	bool is_ready;         /* policy is open */
	struct fault *down;    /* of each smarthost; EX_OK: not known to be */
	struct fault *unready; /* why its password cannot be had any more */
	size_t *most;          /* recipients it was seen to take; 0: any */
	struct smtp *smtp;     /* open, or NULL */
	struct smarthost *at;  /* where it is */
	struct smtp **parked;  /* of each other smarthost: open, or NULL */
	const char *only;      /* no other sender is served; NULL: any */
	/*
	 * The message that comes next, claimed: asked for while one leaves,
	 * behind whose text it may ride; or NULL.  ahead is deliver's.
	 */
	struct item *(*follow)(void *ctx);
	void *follow_ctx;
	struct attempt *ahead; /* begun, of that message; or NULL */
	bool is_confined;
	unsigned held; /* what holds then (sandbox) */
};

/* Have policy open; as policy_open(). */
int courier_ready(struct courier *, struct fault *);

/*
 * Have the password of each smarthost that may be met, while this process may
 * read files and run commands; what cannot be had now is not asked for again.
 */
void courier_prepare(struct courier *);

/* Do so, and enter the sandbox, unless conf says no; once. */
void courier_confine(struct courier *);

/*
 * Whether to be of use to every sender takes the password_command of a smarthost
 * that one of them may not need: who waits for his own message does not for that.
 */
bool courier_asks_around(const struct courier *);

/*
 * Have a session at that smarthost, this one or a new one; as smtp_open(), or as
 * it was when it failed.
 */
int courier_meet(struct courier *, struct smarthost *, struct fault *);

/*
 * How many recipients the one that is met takes in a transaction: as many as it
 * says, else as each server must; no more than it was seen to take.
 */
size_t courier_most(const struct courier *);

/* That one was seen to take so many; it holds as long as we do. */
void courier_learn_most(
    struct courier *, const struct smarthost *, size_t most);

/* The account's fault: that smarthost is not tried again.  Ends the session. */
void courier_give_up(
    struct courier *, const struct smarthost *, const struct fault *);

/* Whether no smarthost is left to be tried. */
bool courier_is_down(const struct courier *);

/*
 * Whether none is that would take this message, for each has failed, or may not
 * be asked now, or is for other senders.  *why is of the first that failed, or
 * NULL.  false also where that cannot be told.
 */
bool courier_is_shut_for(
    struct courier *, const struct envelope *, const struct fault **why);

/*
 * The probes that failed in vain, of that smarthost of this message that was
 * probed least; 0 if it has none.
 */
unsigned courier_probes(const struct courier *, const struct envelope *);

/*
 * Time has passed: those that failed may be tried again, if what is remembered
 * of them (backoff) allows that.
 */
void courier_forgive(struct courier *);

/* End the session, of those the one that is met. */
void courier_leave(struct courier *);

/*
 * Another process goes on with the sessions: let go of them, and say nothing.
 */
void courier_abandon(struct courier *);

/* End all. */
void courier_close(struct courier *);

#endif
