/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mailq/head.h"
#include "mailq/record.h"

#define NAME "ONEHOP"
#define VERSION '1'
#define SUMMED 87   /* octets of the first line that its own sum is of */
#define CHUNK 65536 /* octets read at once */

static int
add(struct record_writer *w, off_t at, const void *data, size_t size,
    struct fault *f)
{
	if (text_write(w->fd, at, data, size, f) != EX_OK)
		return f->code;
	crc_add(&w->crc, data, size);
	return EX_OK;
}

int
record_begin(struct record_writer *w, int fd, const struct envelope *env,
    struct fault *f)
{
	char *header = NULL;
	FILE *out;
	int rc;

	*w = (struct record_writer){ .fd = fd };
	crc_begin(&w->crc);
	out = open_memstream(&header, &w->header);
	if (out == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot write an envelope");
	rc = head_write(env, out, f);
	if ((fclose(out) != 0 || header == NULL) && rc == EX_OK)
		rc = fault_errno(f, EX_TEMPFAIL, "cannot write an envelope");
	if (rc == EX_OK)
		rc = add(w, RECORD_LINE, header, w->header, f);
	free(header);
	return rc;
}

int
record_add(
    struct record_writer *w, const void *data, size_t size, struct fault *f)
{
	off_t at = (off_t)(RECORD_LINE + w->header) + w->message;

	if (add(w, at, data, size, f) != EX_OK)
		return f->code;
	w->message += (off_t)size;
	return EX_OK;
}

int
record_end(const struct record_writer *w, time_t created, bool is_8bit,
    struct fault *f)
{
	char line[RECORD_LINE + 1];
	int len;

	/* A clock without a battery may show a time that has no such digits. */
	if (created < 0)
		created = 0;
	len = snprintf(line, sizeof(line),
	    NAME "%c %012zu %020ju %08" PRIx32 " %020jd %s", VERSION, w->header,
	    (uintmax_t)w->message, crc_sum(&w->crc), (intmax_t)created,
	    is_8bit ? "8bit" : "7bit");
	memset(line + len, ' ', SUMMED - (size_t)len);
	snprintf(line + SUMMED, sizeof(line) - SUMMED, "%08" PRIx32 "\n",
	    crc_of(line, SUMMED));
	return text_write(w->fd, 0, line, RECORD_LINE, f);
}

static int
read_line(int fd, char line[RECORD_LINE + 1], struct fault *f)
{
	size_t have = 0;
	ssize_t n;

	while (have < RECORD_LINE) {
		n = pread(fd, line + have, RECORD_LINE - have, (off_t)have);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return fault_errno(f, EX_IOERR, "cannot read it");
		if (n == 0)
			return fault_set(f, EX_DATAERR, "it is cut short");
		have += (size_t)n;
	}
	line[have] = '\0';
	return EX_OK;
}

/* The number of so many digits at *at, which moves behind it and its blank. */
static bool
take(const char **at, size_t digits, int base, uintmax_t *number)
{
	char word[32];
	char *end;

	memcpy(word, *at, digits);
	word[digits] = '\0';
	if (strspn(word, base == 10 ? "0123456789" : "0123456789abcdef") !=
	    digits)
		return false;
	errno = 0;
	*number = strtoumax(word, &end, base);
	*at += digits + 1;
	return errno == 0 && *end == '\0' && (*at)[-1] == ' ';
}

static bool
take_apart(struct record *r, const char *line)
{
	const char *at = line + sizeof(NAME) + 1;
	uintmax_t header, message, sum, created;

	if (!take(&at, 12, 10, &header) || !take(&at, 20, 10, &message) ||
	    !take(&at, 8, 16, &sum) || !take(&at, 20, 10, &created))
		return false;
	if (header > RECORD_HEADER || message > INT64_MAX ||
	    created > INT64_MAX)
		return false;
	*r = (struct record){ .header = (size_t)header,
		.message = (off_t)message,
		.sum = (uint32_t)sum,
		.created = (time_t)created,
		.is_8bit = at[0] == '8' };
	return memcmp(at + 1, "bit ", 4) == 0 && (at[0] == '7' || at[0] == '8');
}

int
record_read(struct record *r, int fd, off_t size, struct fault *f)
{
	char line[RECORD_LINE + 1], sum[sizeof("01234567\n")];

	if (read_line(fd, line, f) != EX_OK)
		return f->code;
	if (memcmp(line, NAME, sizeof(NAME) - 1) != 0)
		return fault_set(f, EX_DATAERR, "it is no message");
	if (line[sizeof(NAME) - 1] != VERSION)
		return fault_set(f, EX_PROTOCOL,
		    "it was written by another version of onehop");
	snprintf(sum, sizeof(sum), "%08" PRIx32 "\n", crc_of(line, SUMMED));
	if (strcmp(line + SUMMED, sum) != 0 || !take_apart(r, line))
		return fault_set(f, EX_DATAERR, "its first line is damaged");

	/* Each is below half of what an off_t holds, but not their sum. */
	if (size < (off_t)(RECORD_LINE + r->header) ||
	    size - (off_t)(RECORD_LINE + r->header) < r->message)
		return fault_set(f, EX_DATAERR, "it is cut short");
	return EX_OK;
}

struct text
record_header(const struct record *r, int fd)
{
	return (struct text){
		.fd = fd, .start = RECORD_LINE, .size = (off_t)r->header
	};
}

struct text
record_message(const struct record *r, int fd)
{
	return (struct text){ .fd = fd,
		.start = (off_t)(RECORD_LINE + r->header),
		.size = r->message,
		.is_8bit = r->is_8bit };
}

off_t
record_journal(const struct record *r)
{
	return (off_t)(RECORD_LINE + r->header) + r->message;
}

int
record_check(const struct record *r, int fd, struct fault *f)
{
	const struct text both = { .fd = fd,
		.start = RECORD_LINE,
		.size = record_journal(r) - RECORD_LINE };
	struct crc crc;
	char *buf = malloc(CHUNK);
	size_t got = 0;
	off_t at = 0;
	int rc = EX_OK;

	if (buf == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot read it");
	crc_begin(&crc);
	do {
		rc = text_read(&both, at, buf, CHUNK, &got, f);
		crc_add(&crc, buf, got);
		at += (off_t)got;
	} while (rc == EX_OK && got > 0);
	free(buf);
	if (rc == EX_OK && crc_sum(&crc) != r->sum)
		rc = fault_set(f, EX_DATAERR, "it is damaged");
	return rc;
}
