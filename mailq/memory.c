/* SPDX-License-Identifier: ISC */
#include <stdbool.h>

#include "mailq/memory.h"

#define PIECE 4096 /* octets at once */

static int
no_memory(struct fault *f)
{
	return fault_errno(f, EX_TEMPFAIL, "cannot write to memory");
}

int
memory_reserve(FILE *out, size_t size, struct fault *f)
{
	static const char nothing[PIECE] = "";
	off_t at = ftello(out);
	size_t n;

	for (; size > 0; size -= n) {
		n = size < PIECE ? size : PIECE;
		if (fwrite(nothing, 1, n, out) != n)
			return no_memory(f);
	}
	if (fflush(out) != 0 || fseeko(out, at, SEEK_SET) != 0)
		return no_memory(f);
	return EX_OK;
}

int
memory_close(FILE *out, char *const *text, struct fault *f)
{
	bool is_whole = fclose(out) == 0 && *text != NULL;

	return is_whole ? EX_OK : no_memory(f);
}
