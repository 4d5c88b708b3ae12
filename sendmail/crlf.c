/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "sendmail/crlf.h"

static int
flush(struct crlf *c, struct fault *f)
{
	size_t size = c->used;

	c->used = 0;
	return size > 0 ? c->take(c->ctx, c->out, size, f) : EX_OK;
}

static int
put(struct crlf *c, const char *octets, size_t size, struct fault *f)
{
	size_t n;

	while (size > 0) {
		n = CRLF_ROOM - c->used;
		if (n > size)
			n = size;
		memcpy(c->out + c->used, octets, n);
		c->used += n;
		octets += n;
		size -= n;
		if (c->used == CRLF_ROOM && flush(c, f) != EX_OK)
			return f->code;
	}
	return EX_OK;
}

/* The line goes on, so what was held back is text. */
static int
release(struct crlf *c, struct fault *f)
{
	int rc = put(c, "..", c->dots, f);

	c->dots = 0;
	for (; rc == EX_OK && c->returns > 0; c->returns--)
		rc = put(c, " ", 1, f);
	return rc;
}

static void
blank(char *octets, size_t size, char what)
{
	char *end = octets + size;
	char *at = memchr(octets, what, size);

	while (at != NULL) {
		*at++ = ' ';
		at = memchr(at, what, (size_t)(end - at));
	}
}

/* Octets of one line, no line feed among them. */
static int
put_piece(struct crlf *c, char *octets, size_t size, struct fault *f)
{
	size_t text;
	int rc;

	c->line += size;
	while (size > 0 && *octets == '.' && c->dots < 2 && !c->dot_is_text &&
	    !c->in_line && c->returns == 0) {
		c->dots++;
		octets++;
		size--;
	}
	for (text = size; text > 0; text--)
		if (octets[text - 1] != '\r')
			break;
	if (text > 0) {
		rc = release(c, f);
		if (rc != EX_OK)
			return rc;
		blank(octets, text, '\r');
		rc = put(c, octets, text, f);
		if (rc != EX_OK)
			return rc;
		c->in_line = true;
	}
	c->returns += size - text;
	return EX_OK;
}

static int
end_line(struct crlf *c, struct fault *f)
{
	int rc = EX_OK;

	c->has_long = c->has_long || c->line > CRLF_LONG;
	c->line = 0;
	if (c->dots == 1) {
		c->is_over = true;
		return EX_OK;
	}
	if (c->dots == 2)
		rc = put(c, ".", 1, f);
	if (rc == EX_OK)
		rc = put(c, "\r\n", 2, f);
	c->in_line = false;
	c->dots = 0;
	c->returns = 0;
	return rc;
}

/*
 * Most lines are whole, and nothing is wrong with them: whether this one went.  The
 * first CR from there on, or NULL, may lie far behind it.
 */
static bool
put_line(struct crlf *c, const char *line, size_t size, const char *cr)
{
	if (size > 0 && line[size - 1] == '\r')
		size--;
	if (c->in_line || c->dots > 0 || c->returns > 0 ||
	    (line[0] == '.' && !c->dot_is_text) || size > CRLF_LONG ||
	    CRLF_ROOM - c->used < size + 2 || (cr != NULL && cr < line + size))
		return false;
	memcpy(c->out + c->used, line, size);
	memcpy(c->out + c->used + size, "\r\n", 2);
	c->used += size + 2;
	return true;
}

int
crlf_put(struct crlf *c, char *octets, size_t size, struct fault *f)
{
	char *end = octets + size, *feed, *cr = memchr(octets, '\r', size);
	int rc = EX_OK;

	blank(octets, size, '\0');
	while (rc == EX_OK && octets < end && !c->is_over) {
		feed = memchr(octets, '\n', (size_t)(end - octets));
		if (feed == NULL)
			return put_piece(c, octets, (size_t)(end - octets), f);
		if (cr != NULL && cr < octets)
			cr = memchr(octets, '\r', (size_t)(end - octets));
		if (!put_line(c, octets, (size_t)(feed - octets), cr)) {
			rc = put_piece(c, octets, (size_t)(feed - octets), f);
			if (rc == EX_OK)
				rc = end_line(c, f);
		}
		octets = feed + 1;
	}
	return rc;
}

int
crlf_end(struct crlf *c, struct fault *f)
{
	int rc = EX_OK;

	if (!c->is_over && (c->in_line || c->dots > 0 || c->returns > 0))
		rc = end_line(c, f);
	return rc == EX_OK ? flush(c, f) : rc;
}
