/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mailq/crc.h"
#include "mailq/pen.h"
#include "mailq/text.h"
#include "mailq/word.h"

#define SUM 8 /* octets of a line's sum */

static int
no_memory(struct fault *f)
{
	return fault_errno(f, EX_TEMPFAIL, "cannot note results");
}

int
pen_open(struct pen *pen, const struct journal *j, struct fault *f)
{
	*pen = (struct pen){ .now = time(NULL), .end = j->is_torn };
	pen->out = open_memstream(&pen->mem, &pen->size);
	pen->body = open_memstream(&pen->body_mem, &pen->body_size);
	if (pen->out == NULL || pen->body == NULL)
		return no_memory(f);
	if (j->is_torn)
		putc('\n', pen->out);
	return EX_OK;
}

void
pen_begin(struct pen *pen, const char *op)
{
	/* Not rewind(3), which forgets that a write failed. */
	fseek(pen->body, 0, SEEK_SET);
	fprintf(pen->body, "%jd %s ", pen->now, op);
}

uint32_t
pen_end(struct pen *pen, const char *words)
{
	uint32_t sum;

	putc(' ', pen->body);
	word_write(pen->body, words);
	fflush(pen->body);
	sum = crc_of(pen->body_mem, pen->body_size);
	fprintf(pen->out, "%08" PRIx32 " ", sum);
	fwrite(pen->body_mem, 1, pen->body_size, pen->out);
	putc('\n', pen->out);
	pen->end += SUM + 1 + pen->body_size + 1;
	return sum;
}

/* Nothing that was written is ever altered, not even half a line. */
static int
append(struct journal *j, const char *lines, size_t size, size_t *written,
    struct fault *f)
{
	off_t end;

	if (text_write(j->fd, j->end, lines, size, f) == EX_OK) {
		*written = size;
		j->end += (off_t)size;
		j->is_torn = false;
		return EX_OK;
	}
	end = lseek(j->fd, 0, SEEK_END);
	if (end > j->end) {
		*written = (size_t)(end - j->end);
		j->end = end;
		j->is_torn = true;
	}
	return f->code;
}

int
pen_close(struct pen *pen, struct journal *j, int rc, size_t *written,
    struct fault *f)
{
	bool is_whole = pen->out != NULL && pen->body != NULL &&
	    !ferror(pen->body) && !ferror(pen->out);

	if (pen->body != NULL)
		fclose(pen->body);

	/* Out of memory glibc's stream drops octets and reports nothing. */
	if (pen->out != NULL && fclose(pen->out) != 0)
		is_whole = false;
	if (rc == EX_OK && (!is_whole || pen->size != pen->end))
		rc = no_memory(f);
	if (rc == EX_OK && pen->size > j->is_torn)
		rc = append(j, pen->mem, pen->size, written, f);
	j->is_dirty = j->is_dirty || (pen->is_lasting && rc == EX_OK);
	free(pen->body_mem);
	free(pen->mem);
	return rc;
}
