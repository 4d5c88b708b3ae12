/*
 * shim-clock - a clock that is wrong
 *
 * Loaded ahead of libc, by LD_PRELOAD.  Only the time of day is wrong; what
 * merely goes on, CLOCK_MONOTONIC and CLOCK_BOOTTIME, does so.
 *
 *	CLOCK_OFF=N	it is N seconds ahead
 *	CLOCK_AT=N	it stands still at that second
 *	CLOCK_JUMP=N	it is CLOCK_OFF ahead only from the Nth look on
 *
 * Unless
 *
 *	CLOCK_FAST=N	what goes on does so N times as fast, and poll(2) waits
 *			for so much less
 *
 * SPDX-License-Identifier: ISC
 */
#include <sys/syscall.h>
#include <sys/time.h>

#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Each process that was forked goes on counting by itself. */
static unsigned long looks;

static long long
number(const char *name)
{
	const char *word = getenv(name);

	return word == NULL ? 0 : strtoll(word, NULL, 10);
}

static void
falsify(struct timespec *t)
{
	if (getenv("CLOCK_AT") != NULL)
		*t = (struct timespec){ .tv_sec = (time_t)number("CLOCK_AT") };
	else if (++looks >= (unsigned long)number("CLOCK_JUMP"))
		t->tv_sec += (time_t)number("CLOCK_OFF");
}

static void
hurry(struct timespec *t)
{
	long long ms = t->tv_sec * 1000LL + t->tv_nsec / 1000000;

	ms *= number("CLOCK_FAST");
	t->tv_sec = (time_t)(ms / 1000);
	t->tv_nsec = (long)(ms % 1000) * 1000000;
}

int
clock_gettime(clockid_t clock, struct timespec *t)
{
	if (syscall(SYS_clock_gettime, clock, t) == -1)
		return -1;
	if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
		falsify(t);
	else if (getenv("CLOCK_FAST") != NULL)
		hurry(t);
	return 0;
}

time_t
time(time_t *to)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	if (to != NULL)
		*to = t.tv_sec;
	return t.tv_sec;
}

int
gettimeofday(struct timeval *restrict to, void *restrict zone)
{
	struct timespec t;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &t);
	to->tv_sec = t.tv_sec;
	to->tv_usec = (suseconds_t)(t.tv_nsec / 1000);
	return 0;
}

int
poll(struct pollfd *fds, nfds_t count, int ms)
{
	struct timespec left = { 0 };
	long long times = number("CLOCK_FAST");

	if (ms > 0 && times > 0)
		ms = (int)(ms / times) + 1;
	left.tv_sec = ms / 1000;
	left.tv_nsec = ms % 1000 * 1000000L;
	return ppoll(fds, count, ms < 0 ? NULL : &left, NULL);
}

/* What _FORTIFY_SOURCE makes of it. */
int poll_checked(struct pollfd *, nfds_t, int, size_t) __asm__("__poll_chk");

int
poll_checked(struct pollfd *fds, nfds_t count, int ms, size_t size)
{
	(void)size;
	return poll(fds, count, ms);
}
