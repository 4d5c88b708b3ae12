/*
 * origin - the message that a report is about
 *
 * A report goes out when its origin knows that it was made, and not before: after
 * a crash it would be made twice.  Who meets a report finishes the origin first,
 * which may lie in another queue, in whatever folder, or be gone.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_ORIGIN_H
#define SENDMAIL_ORIGIN_H

#include "mailq/item.h"
#include "sendmail/bounce.h"

/*
 * Have the origin of a report know of it.  EX_OK: it does, or is no more.
 * EX_TEMPFAIL: somebody holds it, and is about to tell it.  EX_IOERR: that cannot
 * be told.
 */
int origin_tell(
    const struct bounce *, const struct item *report, struct fault *);

#endif
