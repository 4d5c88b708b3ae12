/*
 * setting - what can be set, and to what
 *
 * One table knows every section and key of onehop.conf(5): what a value must
 * look like, where it goes in struct conf.  Where the values come from is told
 * in conf.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef CONF_SETTING_H
#define CONF_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "conf/alias.h"
#include "conf/fault.h"
#include "conf/smarthost.h"
#include "conf/value.h"
#include "conf/words.h"

#define SETTING_RETRIES VALUE_STEPS /* steps of [queue] retry */
#define SETTING_NAME 32             /* octets of NAME in [smarthost NAME] */

struct conf {
	char *path;   /* the file that was read, NULL if none exists */
	time_t begun; /* when reading it began */
	struct smarthost *smarthost;
	size_t smarthosts;
	bool is_by_door; /* the only one is the door, which no key names */
	char *domain, *address; /* [sender]; NULL: not set */
	enum rewrite rewrite;
	struct alias *alias; /* for alias_find() */
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
	uint64_t set;
};

/* Every default that does not hang on another setting. */
int setting_begin(struct conf *, struct fault *);

/*
 * Set one key, or set it anew.  section is as written, "smarthost" or
 * "smarthost NAME"; home stands for ~/ and may be NULL.  EX_CONFIG, without the
 * place, which only the caller knows: "unknown section 'x': ...", "unknown key
 * ...", "'x' is no time: ...".  The text says what to do.  To open a section
 * without a key, key is NULL.
 */
int setting_put(struct conf *, const char *section, const char *key,
    const char *value, const char *home, struct fault *);

/* Whether it was set already. */
bool setting_is_set(const struct conf *, const char *section, const char *key);

/* Whether there is such a section. */
bool setting_has_section(const char *section);

/*
 * Drop the password of the unnamed smarthost, whichever way it is kept: what
 * comes next is to replace it, and two ways at once are a fault.
 */
void setting_drop_password(struct conf *);

/*
 * What hangs together: a password needs a user, a certificate its key, a local
 * socket has neither TLS nor login, each smarthost has a host, and there is
 * one; and the defaults that hang on others (port, tls).
 */
int setting_finish(struct conf *, struct fault *);

/* Wipes what is secret; takes the zeroed. */
void setting_free(struct conf *);

#endif
