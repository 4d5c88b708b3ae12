/*
 * smarthost - one server that takes our mail, and how it wants it
 *
 * One [smarthost] section of onehop.conf(5).  They stand in the order of the
 * file, which is the order in which they are tried.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef CONF_SMARTHOST_H
#define CONF_SMARTHOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "conf/fault.h"
#include "conf/value.h"
#include "conf/words.h"

#define SMARTHOST_COUNT 64    /* sections */
#define SMARTHOST_TIMEOUT 300 /* seconds */

/* What was not set is NULL, and means the default. */
struct smarthost {
	char *name; /* "" for the unnamed section */
	char *host; /* name, IP literal, or the /path of a socket */
	char *port; /* digits; never NULL after setting_finish() */
	enum tls_use tls;
	char *user;
	/* One of these at most. */
	char *password, *password_file, *password_command;
	struct words auth;    /* upper case; empty is auto, OFF is off */
	struct words senders; /* empty: any */
	char *address;        /* its own, else NULL: then [sender] address */
	char *hello;
	char *ca;
	struct words pin;
	char *certificate, *key;
	bool no_pipelining;
	int timeout; /* seconds */
	bool tls_is_set;
	char *secret; /* the password once secret_fetch() had it; wiped */
	time_t secret_changed; /* its file, as it was read; else 0 */
	uint64_t set; /* the keys that were set, a bit for each (setting) */
};

/* NULL if there is none of that name. */
struct smarthost *smarthost_find(
    struct smarthost *, size_t count, const char *name);

/* Find it, or begin it behind the others, in a list that may move. */
int smarthost_open(
    struct smarthost **, size_t *count, const char *name, struct fault *);

/* Drop the password, whichever way it is kept; secret stays. */
void smarthost_drop_password(struct smarthost *);

/*
 * Set what hangs on other keys.  EX_CONFIG: they do not fit together; "[smarthost
 * x]: what: what to do".
 */
int smarthost_finish(struct smarthost *, struct fault *);

/* The word for its tls: implicit, starttls, off. */
const char *smarthost_tls(const struct smarthost *);

/* Wipes what is secret. */
void smarthost_free(struct smarthost *, size_t count);

#endif
