/*
 * secret - the password of a smarthost, wherever it is kept
 *
 * It is the value of `password', the first line of `password_file', the first
 * line that `password_command' prints, or, with none of them set, the first
 * line of $CREDENTIALS_DIRECTORY/onehop.password.  None to be had is a fault
 * of the account: no login is tried, the message waits.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef CONF_SECRET_H
#define CONF_SECRET_H

#include <limits.h>
#include <stdbool.h>

#include "conf/fault.h"
#include "conf/setting.h"

#define SECRET_SIZE 65536 /* octets in it */
#define SECRET_SECONDS 30 /* for a command */

/*
 * Have it in smarthost->secret; at once if it is there already.  A file counts
 * whoever may read it, but not who else may write it (conf_open).
 *
 * The command is run by /bin/sh with standard input and standard error from
 * /dev/null, for callers take any word for a failure, no descriptor of ours, none
 * of our ONEHOP_ variables.  It and its children are killed after so many ms, or
 * SECRET_SECONDS, or smarthost->timeout, whatever is the shortest; and soon after
 * we are, however that happens.
 *
 * EX_NOPERM if there is no secret; the text names key and reason, never what
 * was read.  EX_TEMPFAIL: memory, or a process, cannot be had just now.
 */
int secret_fetch(struct smarthost *, long long ms, struct fault *);

/* The file that it would be read from, if that is the way. */
bool secret_file(const struct smarthost *, char path[PATH_MAX]);

/* Overwrite and free. */
void secret_wipe(struct smarthost *);

#endif
