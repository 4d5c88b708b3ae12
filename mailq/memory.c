/* SPDX-License-Identifier: ISC */
#include "mailq/memory.h"

#define PIECE 4096 /* octets at once */

int
memory_reserve(FILE *out, size_t size, struct fault *f)
{
	static const char nothing[PIECE] = "";
	off_t at = ftello(out);
	size_t n;

	for (; size > 0; size -= n) {
		n = size < PIECE ? size : PIECE;
		if (fwrite(nothing, 1, n, out) != n)
			return fault_errno(f, EX_TEMPFAIL, "no memory left");
	}
	if (fflush(out) != 0 || fseeko(out, at, SEEK_SET) != 0)
		return fault_errno(f, EX_TEMPFAIL, "no memory left");
	return EX_OK;
}
