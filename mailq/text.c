/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "mailq/text.h"

static int
read_file(const struct text *text, off_t at, void *buf, size_t size,
    size_t *got, struct fault *f)
{
	ssize_t n;

	do {
		n = pread(text->fd, buf, size, text->start + at);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return fault_errno(f, EX_IOERR, "cannot read a message");
	if (n == 0)
		return fault_set(f, EX_IOERR, "a message ends too early");
	*got = (size_t)n;
	return EX_OK;
}

int
text_read(const struct text *text, off_t at, void *buf, size_t size,
    size_t *got, struct fault *f)
{
	*got = 0;
	assert(at >= 0 && at <= text->size);
	for (; text->rest != NULL && at >= text->head; text = text->rest)
		at += text->rest_start - text->head;
	if ((off_t)size > text->size - at)
		size = (size_t)(text->size - at);
	if (text->rest != NULL && (off_t)size > text->head - at)
		size = (size_t)(text->head - at);
	if (size == 0)
		return EX_OK;
	if (text->mem == NULL)
		return read_file(text, at, buf, size, got, f);
	memcpy(buf, text->mem + at, size);
	*got = size;
	return EX_OK;
}

int
text_copy(const struct text *text, FILE *out, struct fault *f)
{
	char buf[TEXT_LINE];
	size_t got = 0;
	off_t at;
	int rc = EX_OK;

	for (at = 0; rc == EX_OK && at < text->size && !ferror(out);
	     at += (off_t)got) {
		rc = text_read(text, at, buf, sizeof(buf), &got, f);
		fwrite(buf, 1, got, out);
	}
	return rc;
}

int
text_write(int fd, off_t at, const void *data, size_t size, struct fault *f)
{
	const char *from = data;
	ssize_t n;

	while (size > 0) {
		n = pwrite(fd, from, size, at);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 &&
		    (errno == ENOSPC || errno == EDQUOT || errno == EFBIG))
			return fault_errno(
			    f, EX_CANTCREAT, "cannot write a message");
		if (n <= 0)
			return fault_errno(
			    f, EX_IOERR, "cannot write a message");
		from += n;
		size -= (size_t)n;
		at += n;
	}
	return EX_OK;
}

/* Have a line feed in buf, or a full one, or all that there is. */
static int
fill(struct text_lines *in, char **end, struct fault *f)
{
	size_t seen = 0, got;
	int rc;

	for (;;) {
		*end = memchr(in->buf + seen, '\n', in->have - seen);
		seen = in->have;
		if (*end != NULL || seen == TEXT_LINE - 1)
			return EX_OK;
		rc = text_read(in->text, in->at, in->buf + seen,
		    TEXT_LINE - 1 - seen, &got, f);
		if (rc != EX_OK || got == 0)
			return rc;
		in->have += got;
		in->at += (off_t)got;
	}
}

int
text_line(struct text_lines *in, char **line, size_t *size, struct fault *f)
{
	char *end;

	in->have -= in->given;
	memmove(in->buf, in->buf + in->given, in->have);
	in->given = 0;
	*line = NULL;
	*size = 0;
	if (fill(in, &end, f) != EX_OK)
		return f->code;
	if (in->have == 0)
		return EX_OK;
	in->is_torn = end == NULL;
	if (end == NULL)
		end = in->buf + in->have;
	*line = in->buf;
	*size = (size_t)(end - in->buf);
	in->given = *size + !in->is_torn;
	*end = '\0';
	return EX_OK;
}
