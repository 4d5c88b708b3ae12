/*
 * mode - which of sendmail's services a caller wants
 *
 * One program has many names (mailq, newaliases) and many -b.  What we have none
 * of, like the status of hosts (hoststat, -bh), has nothing to say, and says so
 * with exit 0, for scripts call it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_MODE_H
#define SENDMAIL_MODE_H

#include <stdbool.h>

#include "conf/fault.h"

enum mode {
	MODE_SUBMIT,  /* -bm, -ba */
	MODE_SERVER,  /* -bs: SMTP on standard input and output */
	MODE_LIST,    /* -bp, mailq */
	MODE_COUNT,   /* -bP */
	MODE_NOTHING, /* -bi, -bh, -bH, -qQ, -qL: what we have none of */
	MODE_VERIFY,  /* -bv */
	MODE_CHECK,   /* -bC */
	MODE_RUN,     /* -q, runq, or -bD beside it */
	MODE_HELP,
	MODE_VERSION /* -bV */
};

/* By the name it is called by, whatever folders stand before it. */
enum mode mode_of_name(const char *path);

/* By what stands behind -b.  EX_USAGE: it is none of ours. */
int mode_of_letter(const char *value, enum mode *, struct fault *);

/* Whether recipients go with it. */
bool mode_takes_words(enum mode);

#endif
