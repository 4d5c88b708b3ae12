/* SPDX-License-Identifier: ISC */
#include "sendmail/finding.h"
#include "mailq/word.h"

void
finding(FILE *out, const char *kind, const char *what, const char *detail)
{
	fprintf(out, "%s: %s", kind, what);
	word_print(out, detail);
	fputc('\n', out);
}
