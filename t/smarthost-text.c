/* SPDX-License-Identifier: ISC */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "t/smarthost.h"

enum at { LINE_START, LINE, CARRIAGE_RETURN, DOT, DOT_CARRIAGE_RETURN, END };

static enum at
in_line(struct peer *p, FILE *out, char octet)
{
	if (octet == '\r')
		return CARRIAGE_RETURN;
	if (octet == '\n')
		peer_note(p, "-- violation", "bare LF in the text");
	if (octet == '\0')
		peer_note(p, "-- violation", "NUL in the text");
	putc_unlocked(octet, out);
	return LINE;
}

static enum at
behind_return(struct peer *p, FILE *out, char octet)
{
	putc_unlocked('\r', out);
	if (octet == '\n') {
		putc_unlocked('\n', out);
		return LINE_START;
	}
	peer_note(p, "-- violation", "bare CR in the text");
	return in_line(p, out, octet);
}

/* Only CRLF.CRLF ends a text; a dot that begins a line is dropped. */
static enum at
step(struct peer *p, FILE *out, enum at at, char octet)
{
	switch (at) {
	case LINE_START:
		return octet == '.' ? DOT : in_line(p, out, octet);
	case LINE:
		return in_line(p, out, octet);
	case CARRIAGE_RETURN:
		return behind_return(p, out, octet);
	case DOT:
		if (octet == '\r')
			return DOT_CARRIAGE_RETURN;
		if (octet != '.')
			peer_note(p, "-- violation", "a dot was not stuffed");
		return in_line(p, out, octet);
	case DOT_CARRIAGE_RETURN:
		if (octet == '\n')
			return END;
		return behind_return(p, out, octet);
	default:
		return END;
	}
}

/*
 * What lies ahead of the next octet that is more than a part of its line goes at
 * once, up to so many: no sender should have to wait for this (bench).
 */
static size_t
pass(struct peer *p, FILE *out, size_t most)
{
	const char *from = p->in + p->at, *odd;
	size_t size = p->end - p->at;
	size_t i;

	if (size > most)
		size = most;
	for (i = 0; i < 3; i++) {
		odd = memchr(from, "\r\n"[i], size);
		if (odd != NULL)
			size = (size_t)(odd - from);
	}
	fwrite_unlocked(from, 1, size, out);
	p->at += size;
	return size;
}

/* The rules may interrupt the text after so many octets. */
static void
interrupt(struct peer *p, unsigned long count)
{
	size_t i;

	for (i = 0; i < p->rules; i++)
		if (strcmp(p->rule[i].verb, "TEXT") == 0 &&
		    count == p->rule[i].from)
			(void)rule_act(
			    p, rule_find(p, "TEXT", p->sender, count));
}

static unsigned long
receive(struct peer *p, FILE *out)
{
	enum at at = LINE_START;
	unsigned long count = 0;

	while (at != END) {
		peer_wait(p);
		while (at != END && p->at < p->end) {
			at = step(p, out, at, p->in[p->at++]);
			count++;
			if (p->rules > 0)
				interrupt(p, count);
			else if (at == LINE)
				count += pass(p, out, PEER_BUFFER);
		}
	}
	return count;
}

/* Lines that end in CRLF, to the last, though no dot is undone. */
static void
receive_octets(struct peer *p, FILE *out, unsigned long octets)
{
	unsigned long count;
	char octet = '\n', last;

	for (count = 1; count <= octets; count++) {
		peer_wait(p);
		last = octet;
		octet = p->in[p->at++];
		putc_unlocked(octet, out);
		if ((octet == '\n') != (last == '\r') && count > 1)
			peer_note(
			    p, "-- violation", "bare CR or LF in the text");
		if (p->rules > 0)
			interrupt(p, count);
		else if (octet != '\r' && octet != '\n')
			count += pass(p, out, octets - count);
	}
	if (octet != '\n')
		peer_note(p, "-- violation", "a text without a line end");
}

static bool
is_kept(const struct peer *p)
{
	return *p->setup->directory != '\0';
}

static FILE *
open_file(struct peer *p, char **path)
{
	FILE *out;
	int fd;

	if (asprintf(path, "%s/.new.XXXXXX", p->setup->directory) < 0)
		err(EX_OSERR, "no memory");
	fd = is_kept(p) ? mkstemp(*path) : open("/dev/null", O_WRONLY);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (out == NULL)
		err(EX_CANTCREAT, "cannot keep the text");
	return out;
}

static void
tell_size(struct peer *p, FILE *out)
{
	char number[32];

	if (fflush(out) != 0)
		err(EX_IOERR, "cannot keep the text");
	if (!is_kept(p))
		return;
	snprintf(number, sizeof(number), "%ld", ftell(out));
	peer_note(p, "-- text", number);
}

FILE *
text_receive(struct peer *p, char **path)
{
	FILE *out = open_file(p, path);

	(void)receive(p, out);
	tell_size(p, out);
	peer_note(p, "C:", ".");
	return out;
}

FILE *
text_receive_octets(struct peer *p, char **path, unsigned long octets)
{
	FILE *out = open_file(p, path);

	receive_octets(p, out, octets);
	tell_size(p, out);
	return out;
}

/* The number is whose link(2) succeeds, whoever else is at it. */
static void
number_it(struct peer *p, const char *path)
{
	const char *directory = p->setup->directory;
	char name[4096], temporary[4096];
	unsigned long n = 0;
	FILE *env;

	snprintf(temporary, sizeof(temporary), "%s.env", path);
	env = fopen(temporary, "w");
	if (env == NULL || fputs(p->envelope, env) < 0 || fclose(env) != 0)
		err(EX_CANTCREAT, "cannot write '%s'", temporary);
	do
		snprintf(name, sizeof(name), "%s/%lu.env", directory, ++n);
	while (link(temporary, name) != 0 && errno == EEXIST);
	unlink(temporary);
	snprintf(name, sizeof(name), "%s/%lu.msg", directory, n);
	if (rename(path, name) != 0)
		err(EX_CANTCREAT, "cannot write '%s'", name);
}

void
text_keep(struct peer *p, FILE *text, char *path, bool is_wanted)
{
	if (fclose(text) != 0)
		err(EX_IOERR, "cannot keep the text");
	if (is_kept(p) && is_wanted)
		number_it(p, path);
	else if (is_kept(p))
		unlink(path);
	free(path);
}
