/*
 * conf - the settings: file, environment, defaults
 *
 * The first of these files that exists is read whole: $ONEHOP_CONF (which, if
 * set, must exist), ~/.config/onehop.conf, /etc/onehop.conf.  Then environment
 * variables override single keys, ONEHOP_SECTION_KEY; they suffice on their
 * own.  Where none of it can be read, or has a smarthost, mail goes through the
 * door, if there is one.  See onehop.conf(5).
 *
 * Nothing is ever misread in silence.  inih, which keeps account of sections
 * and keys, cuts long lines and values; so a reader of our own (line) stands
 * before it, hands it a short stand-in for each line, and keeps the value that
 * counts.  Any fault names "file:line: what: what to do", or the variable, and
 * then nothing of the file or the environment counts.  Where only something is
 * missing or does not fit together, what was read stays in the struct, for
 * there may be another way to send; its smarthosts must not be used then.
 *
 * A configuration that cannot be used is the account's fault, not the
 * message's: the caller of conf_read() keeps the mail.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "conf/fault.h"
#include "conf/setting.h"

#define CONF_ETC "/etc/onehop.conf"

/*
 * Read the settings into a zeroed struct conf.  home is the home of the queue
 * (caller), NULL if there is none: then no file is sought there.
 *
 * EX_CONFIG: something is wrong and the text says what.  EX_NOPERM: the file
 * is there, or may be, and we may not read it; then none is sought after it.
 * EX_OSFILE: there is no file, and the environment names no host.  (Where there
 * is a door neither is a fault, unless the environment speaks of a smarthost.)
 * EX_TEMPFAIL: memory, or a file that cannot be read just now.  Whatever comes
 * back, conf_free() ends it.  After a fault conf->path still says which file
 * was meant.
 */
int conf_read(struct conf *, const char *home, struct fault *);

/* Wipes every secret first. */
void conf_free(struct conf *);

/*
 * Open a file that a setting names, following links: it must be a regular file
 * of the effective uid or of root that group and others cannot write.  Returns
 * EX_OK and a descriptor.  EX_OSFILE: it is not there.  EX_NOPERM: we may not
 * read it.  EX_CONFIG: it is not such a file.  EX_TEMPFAIL: whatever else.
 */
int conf_open(const char *path, int *fd, struct fault *);

#endif
