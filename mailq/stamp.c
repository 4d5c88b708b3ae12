/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mailq/stamp.h"
#include "mailq/text.h"
#include "mailq/word.h"

#define NUMBERS 4 /* words of a line that are numbers, */
#define WORDS 9   /* and all of them */

static void
forget(struct stamp *s)
{
	free(s->host);
	free(s->port);
	free(s->tls);
	free(s->user);
	free(s->why);
	*s = (struct stamp){ 0 };
}

void
stamps_free(struct stamps *all)
{
	size_t i;

	for (i = 0; i < all->count; i++)
		forget(all->stamp + i);
	free(all->stamp);
	*all = (struct stamps){ 0 };
}

void
stamps_drop(struct stamps *all, struct stamp *s)
{
	struct stamp *end = all->stamp + all->count;

	forget(s);
	memmove(s, s + 1, (size_t)(end - s - 1) * sizeof(*s));
	all->count--;
}

struct stamp *
stamps_find(const struct stamps *all, const char *host, const char *port,
    const char *tls, const char *user)
{
	struct stamp *s;
	size_t i;

	for (i = 0, s = all->stamp; i < all->count; i++, s++)
		if (strcmp(s->host, host) == 0 && strcmp(s->port, port) == 0 &&
		    strcmp(s->tls, tls) == 0 && strcmp(s->user, user) == 0)
			return s;
	return NULL;
}

/* Of a smarthost that nobody may have any more. */
static struct stamp *
find_oldest(const struct stamps *all)
{
	struct stamp *s, *oldest = all->stamp;
	size_t i;

	for (i = 0, s = all->stamp; i < all->count; i++, s++)
		if (s->tried < oldest->tried)
			oldest = s;
	return oldest;
}

struct stamp *
stamps_put(struct stamps *all, const char *host, const char *port,
    const char *tls, const char *user)
{
	struct stamp *s = stamps_find(all, host, port, tls, user);

	if (s != NULL)
		return s;
	if (all->count == STAMP_COUNT)
		stamps_drop(all, find_oldest(all));
	s = reallocarray(all->stamp, all->count + 1, sizeof(*s));
	if (s == NULL)
		return NULL;
	all->stamp = s;
	s += all->count;
	*s = (struct stamp){ .host = strdup(host),
		.port = strdup(port),
		.tls = strdup(tls),
		.user = strdup(user),
		.why = strdup("") };
	if (s->host == NULL || s->port == NULL || s->tls == NULL ||
	    s->user == NULL || s->why == NULL) {
		forget(s);
		return NULL;
	}
	all->count++;
	return s;
}

int
stamp_say(struct stamp *s, const char *why, struct fault *f)
{
	char *copy = strdup(why);

	if (copy == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep a stamp");
	free(s->why);
	s->why = copy;
	return EX_OK;
}

bool
stamp_is_fresh(const struct stamp *s, time_t now)
{
	return s->next > now && s->next <= now + STAMP_STRAY && s->tried <= now;
}

/* One line; whatever is wrong with it, it tells nothing. */
static void
take(struct stamps *all, char *line)
{
	struct fault none = { 0 };
	char *word[WORDS + 1] = { NULL }, *end;
	intmax_t number[NUMBERS];
	struct stamp *s;
	size_t i;

	for (i = 0; i <= WORDS && line != NULL; i++)
		word[i] = strsep(&line, " ");
	if (i != WORDS)
		return;
	for (i = 0; i < NUMBERS; i++) {
		number[i] = strtoimax(word[i], &end, 10);
		if (*end != '\0' || end == word[i] || number[i] < 0)
			return;
	}
	for (; i < WORDS; i++)
		if (word_decode(word[i], &none) != EX_OK)
			return;
	s = stamps_put(all, word[4], word[5], word[6], word[7]);
	if (s == NULL || stamp_say(s, word[8], &none) != EX_OK)
		return;
	s->since = (time_t)number[0];
	s->tried = (time_t)number[1];
	s->next = (time_t)number[2];
	s->probes = (unsigned)number[3];
}

/*
 * So many lines, each TEXT_LINE octets at most: whoever may write here may write
 * more.
 */
static int
read_lines(struct stamps *all, int fd, off_t size, struct fault *f)
{
	const struct text text = { .fd = fd, .size = size };
	struct text_lines in = { .text = &text };
	char *line;
	size_t len;
	int lines, rc = EX_OK;

	for (lines = 0; rc == EX_OK && lines < STAMP_COUNT; lines++) {
		rc = text_line(&in, &line, &len, f);
		if (rc == EX_OK && line == NULL)
			break;
		if (rc == EX_OK)
			take(all, line);
	}
	return rc;
}

int
stamps_open(const char *queue)
{
	struct stat st;
	int dir;

	dir = open(queue, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir == -1)
		return -1;
	if (fstat(dir, &st) == 0 && st.st_uid == geteuid())
		return dir;
	close(dir);
	return -1;
}

int
stamps_read(struct stamps *all, int dir, struct fault *f)
{
	struct stat st;
	int fd, rc;

	fd = openat(
	    dir, STAMP_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1 && errno == ENOENT)
		return EX_OK;
	if (fd != -1 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid())
		rc = read_lines(all, fd, st.st_size, f);
	else
		rc = fault_set(f, EX_IOERR, "cannot read '%s'", STAMP_FILE);
	if (fd != -1)
		close(fd);
	return rc;
}

static void
write_line(FILE *out, const struct stamp *s)
{
	const char *const words[] = { s->host, s->port, s->tls, s->user,
		s->why };
	size_t i;

	fprintf(out, "%jd %jd %jd %u", (intmax_t)s->since, (intmax_t)s->tried,
	    (intmax_t)s->next, s->probes);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		putc(' ', out);
		word_write(out, words[i]);
	}
	putc('\n', out);
}

static int
cannot_write(struct fault *f)
{
	return fault_errno(f, EX_IOERR, "cannot write '%s'", STAMP_FILE);
}

int
stamps_write(const struct stamps *all, int dir, struct fault *f)
{
	FILE *out;
	size_t i;
	int fd;

	if (all->count == 0)
		return unlinkat(dir, STAMP_FILE, 0) == 0 || errno == ENOENT
		    ? EX_OK
		    : cannot_write(f);
	/* Of who was killed here. */
	unlinkat(dir, STAMP_NEW, 0);
	fd = openat(
	    dir, STAMP_NEW, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	out = fd == -1 ? NULL : fdopen(fd, "w");
	if (out == NULL) {
		if (fd != -1)
			close(fd);
		return cannot_write(f);
	}
	for (i = 0; i < all->count; i++)
		write_line(out, all->stamp + i);
	if (fclose(out) == 0 && renameat(dir, STAMP_NEW, dir, STAMP_FILE) == 0)
		return EX_OK;
	cannot_write(f);
	unlinkat(dir, STAMP_NEW, 0);
	return f->code;
}
