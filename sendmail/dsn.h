/*
 * dsn - what a report says
 *
 * A delivery status notification of RFC 3464: for people what happened, in
 * words; for programs the same as fields (status); then the message it is
 * about, or, if its sender did not ask for all of it (RET=FULL) or it was refused
 * for its size or what is in it, its header.  It says of itself that it was sent
 * by no person (RFC 3834, 5.2), so that none answers it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_DSN_H
#define SENDMAIL_DSN_H

#include "conf/fault.h"
#include "sendmail/status.h"

struct dsn {
	struct status status;
	const char *id;   /* of the report */
	const char *from; /* its From, full */
	const char *to;   /* who sent the origin, full */
};

/*
 * Hand it to add(), piece by piece, in wire form.  What add() returns, or
 * EX_IOERR, EX_TEMPFAIL.
 */
int dsn_write(const struct dsn *,
    int (*add)(void *ctx, const void *, size_t, struct fault *), void *ctx,
    struct fault *);

#endif
