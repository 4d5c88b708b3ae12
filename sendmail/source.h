/*
 * source - where the octets of a message come from
 *
 * Standard input gives them up to its end; a dialogue gives them up to a dot
 * (server).  Who reads them need not know which.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_SOURCE_H
#define SENDMAIL_SOURCE_H

#include <stddef.h>

#include "conf/fault.h"

#define SOURCE_CHUNK 65536             /* octets for one read(2) */
#define SOURCE_DRAIN ((size_t)1 << 28) /* read past of what was refused */

struct source {
	/* Some octets more; *got is 0 at their end. */
	int (*read)(
	    void *ctx, char chunk[SOURCE_CHUNK], size_t *got, struct fault *);
	void *ctx;
};

/*
 * The octets of a descriptor, which the source borrows.  Reading: EX_NOINPUT,
 * it is closed; EX_IOERR.
 */
struct source source_descriptor(int *fd);

/* Read past of what is left, so that the writer gets no SIGPIPE. */
void source_drain(const struct source *);

#endif
