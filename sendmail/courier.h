/*
 * courier - a session that is there when a message needs it
 *
 * What serves every message of one process: the settings, what policy found
 * out once, and the connection, which stays open from one message to the next.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_COURIER_H
#define SENDMAIL_COURIER_H

#include <stdbool.h>
#include <stdio.h>

#include "conf/conf.h"
#include "sendmail/log.h"
#include "sendmail/policy.h"
#include "sendmail/smtp.h"

/* Begins as { 0 } with its conf, log and trace. */
struct courier {
	struct conf *conf;
	const struct log *log;
	FILE *trace; /* -v, or NULL */
	struct policy policy;
	bool is_ready;        /* policy is open */
	struct smtp *smtp;    /* open, or NULL */
	struct smarthost *at; /* where it is */
};

/* Have policy open; as policy_open(). */
int courier_ready(struct courier *, struct fault *);

/* Have a session at that smarthost, this one or a new one; as smtp_open(). */
int courier_meet(struct courier *, struct smarthost *, struct fault *);

/* End the session. */
void courier_leave(struct courier *);

/* End all. */
void courier_close(struct courier *);

#endif
