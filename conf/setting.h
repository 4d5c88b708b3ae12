/*
 * setting - what can be set, and to what
 *
 * One table knows every section and key of onehop.conf(5): what a value must
 * look like, where it goes in struct conf, whether this version obeys it yet.
 * Where the values come from is told in conf.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef CONF_SETTING_H
#define CONF_SETTING_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/fault.h"

#define SETTING_RETRIES 32     /* steps of [queue] retry */
#define SETTING_SMARTHOSTS 64  /* sections */
#define SETTING_ALIASES 100000 /* names in [aliases] */

enum tls_use { TLS_STARTTLS, TLS_IMPLICIT, TLS_OFF };
enum rewrite { REWRITE_LOCAL, REWRITE_ALL, REWRITE_NEVER };
enum delivery { DELIVERY_NOW, DELIVERY_BACKGROUND, DELIVERY_QUEUE };

/* A list: commas and blanks part its words.  NULL stands behind the last. */
struct words {
	char **word; /* NULL if the list is empty */
	size_t count;
};

/* One [smarthost] section.  What was not set is NULL, and means the default. */
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
};

struct alias {
	char *name; /* in lower case, or "*" */
	char *to;   /* an address list */
};

struct conf {
	char *path; /* the file that was read, NULL if none exists */
	struct smarthost *smarthost;
	size_t smarthosts;
	char *domain, *address; /* [sender]; NULL: not set */
	enum rewrite rewrite;
	struct alias *alias;
	size_t aliases;
	char *aliases_file; /* NULL: /etc/aliases */
	enum delivery delivery;
	int patience; /* seconds, as all that follow */
	bool no_keep;
	int retry[SETTING_RETRIES];
	size_t retries;
	int expire, warn;
	bool no_runner;
	char *log_to; /* syslog, stderr, none or an absolute path */
	bool log_is_json;
	bool no_sandbox;
	struct words later; /* keys that were set and are not in effect yet */
};

/* Every default that does not hang on another setting. */
int setting_begin(struct conf *, struct fault *);

/*
 * Set one key.  section is as written, "smarthost" or "smarthost NAME"; home
 * stands for ~/ and may be NULL.  EX_CONFIG, without the place, which only the
 * caller knows: "unknown section 'x': ...", "unknown key ...", "'x' is no
 * time: write 30s, 5m, 2h or 5d".  The text says what to do.  To open a
 * section without a key, key is NULL.
 */
int setting_put(struct conf *, const char *section, const char *key,
    const char *value, const char *home, struct fault *);

/* Whether there is such a section, and such a key in it. */
bool setting_has_section(const char *section);
bool setting_has_key(const char *section, const char *key);

/*
 * What hangs together: host required, one password at most, a password needs a
 * user, certificate and key; and the defaults that hang on others (port, tls).
 */
int setting_finish(struct conf *, struct fault *);

/* Wipes what is secret; takes the zeroed. */
void setting_free(struct conf *);

#endif
