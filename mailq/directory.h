/*
 * directory - one of ours, that nobody else may enter
 *
 * Not one that a link leads to, and of mode 0700.  One with another mode is mended
 * where that harms nobody.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_DIRECTORY_H
#define MAILQ_DIRECTORY_H

#include <stdbool.h>

#include "conf/fault.h"

/*
 * Open the one at path beneath the directory parent; with make it is made if it is
 * not there, and *is_made says so.  EX_NOINPUT: it is not there.  EX_CANTCREAT: it
 * cannot be made, or is no directory.  EX_IOERR.
 */
int directory_open(int parent, const char *path, bool make, bool *is_made,
    int *dir, struct fault *);

/*
 * Whether it is ours, and with make, mend its mode; at the top of a queue only if
 * nothing but a queue is in it.  EX_CANTCREAT: no, or that cannot be.  EX_IOERR.
 */
int directory_check(
    int dir, const char *path, bool is_top, bool make, struct fault *);

#endif
