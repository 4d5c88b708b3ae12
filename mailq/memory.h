/*
 * memory - room in a stream of open_memstream(3)
 *
 * Where memory ends, glibc's stream drops octets, and neither ferror(3) nor
 * fclose(3) says so: only the call that wrote them does.  Who writes through
 * others has room made first, and then nothing is lost.  When such a stream is
 * closed its memory is cut to size, and where that fails it is gone, and fclose(3)
 * does not say so either.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_MEMORY_H
#define MAILQ_MEMORY_H

#include <stddef.h>
#include <stdio.h>

#include "conf/fault.h"

/*
 * Have room for so many octets where the stream is.  At least one must be
 * written then, or the room counts as text.  EX_TEMPFAIL.
 */
int memory_reserve(FILE *, size_t size, struct fault *);

/* Close the stream that writes to *text; EX_TEMPFAIL if that is gone. */
int memory_close(FILE *, char *const *text, struct fault *);

#endif
