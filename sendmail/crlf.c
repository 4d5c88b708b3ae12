/* SPDX-License-Identifier: ISC */
#ifdef __x86_64__
#include <immintrin.h>
#endif

#include <string.h>

#include "sendmail/crlf.h"

#define STRIDE 32 /* octets that are looked at together */

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

#ifdef __x86_64__
/*
 * Octets that may go as they are: where there is a CR an LF follows, and nowhere
 * else; no NUL, no dot behind an LF, no line that is long, or nearly so.  Each is
 * looked at with the one behind it.
 */
__attribute__((target("avx2"))) static size_t
sound_octets(const char *octets, size_t size)
{
	const __m256i cr = _mm256_set1_epi8('\r'), lf = _mm256_set1_epi8('\n'),
		      dot = _mm256_set1_epi8('.'), nul = _mm256_setzero_si256();
	size_t at = 0, line = 0;
	__m256i one, next, ends, bad;

	for (; size - at > STRIDE && line < CRLF_LONG - 2 * STRIDE;
	     at += STRIDE) {
		one = _mm256_loadu_si256((const void *)(octets + at));
		next = _mm256_loadu_si256((const void *)(octets + at + 1));
		ends = _mm256_cmpeq_epi8(next, lf);
		bad = _mm256_xor_si256(_mm256_cmpeq_epi8(one, cr), ends);
		bad = _mm256_or_si256(bad, _mm256_cmpeq_epi8(one, nul));
		bad = _mm256_or_si256(bad,
		    _mm256_and_si256(_mm256_cmpeq_epi8(one, lf),
			_mm256_cmpeq_epi8(next, dot)));
		if (!_mm256_testz_si256(bad, bad))
			break;
		line = _mm256_testz_si256(ends, ends) ? line + STRIDE : 0;
	}
	return at;
}

static size_t
count_sound(const char *octets, size_t size)
{
	if (size == 0 || *octets == '.' || *octets == '\n' ||
	    !__builtin_cpu_supports("avx2"))
		return 0;
	return sound_octets(octets, size);
}
#else
static size_t
count_sound(const char *octets, size_t size)
{
	(void)octets;
	(void)size;
	return 0;
}
#endif

/* Octets of whole lines, the first of which begins here, that may go as they are. */
static size_t
sound_lines(const char *octets, size_t size)
{
	const char *feed = memrchr(octets, '\n', count_sound(octets, size));

	return feed == NULL ? 0 : (size_t)(feed + 1 - octets);
}

/* Octets of lines, one after another. */
static int
put_lines(struct crlf *c, char *octets, char *end, struct fault *f)
{
	char *feed, *cr = memchr(octets, '\r', (size_t)(end - octets));
	int rc = EX_OK;

	blank(octets, (size_t)(end - octets), '\0');
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

/* To the end of the line that has begun. */
static char *
behind_line(const struct crlf *c, char *octets, char *end)
{
	char *feed;

	if (!c->in_line && c->dots == 0 && c->returns == 0)
		return octets;
	feed = memchr(octets, '\n', (size_t)(end - octets));
	return feed == NULL ? end : feed + 1;
}

int
crlf_put(struct crlf *c, char *octets, size_t size, struct fault *f)
{
	char *end = octets + size, *at = behind_line(c, octets, end);
	int rc = put_lines(c, octets, at, f);

	if (rc == EX_OK && !c->is_over) {
		size = sound_lines(at, (size_t)(end - at));
		rc = put(c, at, size, f);
		at += size;
	}
	return rc == EX_OK ? put_lines(c, at, end, f) : rc;
}

int
crlf_end(struct crlf *c, struct fault *f)
{
	int rc = EX_OK;

	if (!c->is_over && (c->in_line || c->dots > 0 || c->returns > 0))
		rc = end_line(c, f);
	return rc == EX_OK ? flush(c, f) : rc;
}
