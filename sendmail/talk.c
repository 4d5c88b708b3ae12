/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mailq/clock.h"
#include "sendmail/talk.h"

/* Whether the descriptor is ready before the end. */
static bool
wait_for(int fd, short events, long long end)
{
	struct pollfd ready = { .fd = fd, .events = events };
	long long left;
	int n;

	do {
		left = end - clock_ms();
		n = poll(&ready, 1, left > 0 ? (int)left : 0);
	} while (n == -1 && errno == EINTR);
	return n > 0;
}

/* A pipe or socket that is ready takes so much without blocking. */
void
talk_flush(struct talk *talk)
{
	const long long end = clock_ms() + TALK_SILENCE * 1000LL;
	size_t at = 0;
	ssize_t n;

	while (at < talk->gathered && talk->end == TALK_ON) {
		/* Nor would he read why he has to go. */
		if (!wait_for(talk->out, POLLOUT, end)) {
			talk->end = TALK_CLOSED;
			break;
		}
		n = write(talk->out, talk->said + at, talk->gathered - at);
		if (n > 0)
			at += (size_t)n;
		else if (n == -1 && errno != EINTR && errno != EAGAIN)
			talk->end = TALK_CLOSED;
	}
	talk->gathered = 0;
}

static bool
hear_until(struct talk *talk, long long end)
{
	ssize_t n = -1;

	if (talk->start != talk->stop)
		return talk->end == TALK_ON;
	talk_flush(talk);
	if (talk->end == TALK_ON && talk->limit != 0 &&
	    clock_ms() > talk->limit)
		talk->end = TALK_FLOOD;
	while (talk->end == TALK_ON && n == -1) {
		if (!wait_for(talk->in, POLLIN, end)) {
			talk->end = TALK_SILENT;
			break;
		}
		n = read(talk->in, talk->heard, sizeof(talk->heard));
		if (n == 0 || (n == -1 && errno != EINTR && errno != EAGAIN))
			talk->end = TALK_CLOSED;
	}
	talk->start = 0;
	talk->stop = n > 0 ? (size_t)n : 0;
	return talk->end == TALK_ON;
}

void
talk_limit(struct talk *talk, int seconds)
{
	talk->limit = seconds == 0 ? 0 : clock_ms() + seconds * 1000LL;
}

bool
talk_hear(struct talk *talk)
{
	return hear_until(talk, clock_ms() + TALK_SILENCE * 1000LL);
}

/* One deadline for the line: who drips does not move it. */
bool
talk_line(struct talk *talk, char line[TALK_LINE], bool *is_long, bool *by_feed)
{
	const long long end = clock_ms() + TALK_SILENCE * 1000LL;
	size_t size = 0;
	char c = '\0', last = '\0';

	while (c != '\n') {
		if (!hear_until(talk, end))
			return false;
		last = c;
		c = talk->heard[talk->start++];
		if (size == TALK_EXCESS) {
			talk->end = TALK_FLOOD;
			return false;
		}
		if (size < TALK_LINE)
			line[size] = (char)(c == '\0' ? TALK_NUL : c);
		size++;
	}
	*by_feed = last != '\r';
	size -= *by_feed ? 1 : 2;
	*is_long = size >= TALK_LINE;
	line[*is_long ? 0 : size] = '\0';
	return true;
}

void
talk_say(struct talk *talk, const char *fmt, ...)
{
	char line[TALK_REPLY + 1];
	va_list ap;
	size_t size;
	char *at;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	for (at = line; *at != '\0'; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
	size = (size_t)(at - line);
	if (talk->gathered + size + 2 > sizeof(talk->said))
		talk_flush(talk);
	memcpy(talk->said + talk->gathered, line, size);
	memcpy(talk->said + talk->gathered + size, "\r\n", 2);
	talk->gathered += size + 2;
}
