/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mailq/clock.h"
#include "sendmail/dial.h"
#include "sendmail/lookup.h"

struct target {
	struct sockaddr_storage addr;
	socklen_t size;
	int fd;        /* of an attempt under way, or -1 */
	bool is_spent; /* failed, or won */
};

struct dial {
	char *host, *port;
	struct patience *patience;
	long long left; /* ms that may still be spent */
	int why;        /* errno of the last failure */
	size_t count;
	struct target target[LOOKUP_ADDRESSES];
};

static void
add(struct dial *d, const void *addr, socklen_t size)
{
	struct target *t = d->target + d->count;

	memcpy(&t->addr, addr, size);
	t->size = size;
	t->fd = -1;
	d->count++;
}

static int
resolve(struct dial *d, struct fault *f)
{
	struct lookup l = { d->host, d->port, (int)(d->left / 1000),
		d->patience };
	struct addresses found;
	size_t i;

	if (lookup(&l, &found, f) != EX_OK)
		return f->code;
	for (i = 0; i < found.count; i++)
		add(d, &found.address[i].addr, found.address[i].size);
	return EX_OK;
}

static int
local(struct dial *d, struct fault *f)
{
	struct sockaddr_un addr = { 0 };
	size_t len = strlen(d->host);

	if (len >= sizeof(addr.sun_path))
		return fault_set(f, EX_CONFIG,
		    "host '%s' is too long for a socket: %zu octets at most",
		    d->host, sizeof(addr.sun_path) - 1);
	addr.sun_family = AF_UNIX;
	memcpy(addr.sun_path, d->host, len + 1);
	add(d, &addr, sizeof(addr));
	return EX_OK;
}

/* With its copies; [::1] is ::1. */
static int
name(struct dial *d, const struct smarthost *s, struct fault *f)
{
	size_t len = strlen(s->host);
	bool in_brackets = len > 2 && s->host[0] == '[';

	d->port = strdup(s->port == NULL ? "" : s->port);
	d->host = strdup(s->host + in_brackets);
	if (d->host == NULL || d->port == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep a name");
	if (in_brackets && s->host[len - 1] == ']')
		d->host[len - 2] = '\0';
	return EX_OK;
}

static int
find(struct dial *d, struct fault *f)
{
	const unsigned char *p;

	if (d->host[0] == '/')
		return local(d, f);
	for (p = (const unsigned char *)d->host; *p != '\0'; p++)
		if (*p > 126)
			return fault_set(f, EX_CONFIG,
			    "host '%s' is not ASCII: write it as an A-label "
			    "(xn--...)",
			    d->host);
	return resolve(d, f);
}

int
dial_open(struct dial **made, const struct smarthost *s,
    struct patience *patience, struct fault *f)
{
	struct dial *d = calloc(1, sizeof(*d));
	int rc;

	if (d == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep addresses");
	d->patience = patience;
	d->left = DIAL_SECONDS * 1000LL;
	if (s->timeout > 0 && s->timeout < DIAL_SECONDS)
		d->left = s->timeout * 1000LL;
	rc = name(d, s, f);
	if (rc == EX_OK)
		rc = find(d, f);
	if (rc != EX_OK) {
		dial_close(d);
		return rc;
	}
	*made = d;
	return EX_OK;
}

static void
drop(struct target *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

static void
fail(struct dial *d, struct target *t, int why)
{
	drop(t);
	t->is_spent = true;
	d->why = why;
}

/*
 * A local socket whose queue is full says EAGAIN to who will not wait, and
 * poll(2) is of no help: so here connect(2) itself waits.
 */
static int
connect_local(const struct dial *d, struct target *t)
{
	const long long end = clock_ms() + d->left;
	struct timeval wait = { 0 };
	long long left;
	int flags, why;

	do {
		left = patience_left(d->patience, end - clock_ms());
		wait.tv_sec = (time_t)(left / 1000);
		wait.tv_usec = (suseconds_t)(left % 1000 * 1000 + 1);
		setsockopt(t->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
		why = connect(t->fd, (const struct sockaddr *)&t->addr,
			  t->size) == 0
		    ? 0
		    : errno;
		patience_check(d->patience);
	} while ((why == EINTR || why == EAGAIN) && clock_ms() < end);
	if (why != 0)
		return why == EAGAIN ? ETIMEDOUT : why;
	flags = fcntl(t->fd, F_GETFL);
	if (flags < 0 || fcntl(t->fd, F_SETFL, flags | O_NONBLOCK) != 0)
		return errno;
	return 0;
}

static int
connect_inet(const struct target *t)
{
	int yes = 1;

	setsockopt(t->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (connect(t->fd, (const struct sockaddr *)&t->addr, t->size) == 0)
		return 0;

	/* What a signal cut short goes on by itself, as the manual has it. */
	return errno == EINTR ? EINPROGRESS : errno;
}

/* Whether it is connected at once. */
static bool
begin(struct dial *d, struct target *t)
{
	bool is_local = t->addr.ss_family == AF_UNIX;
	int type = SOCK_STREAM | SOCK_CLOEXEC | (is_local ? 0 : SOCK_NONBLOCK);
	int why;

	t->fd = socket(t->addr.ss_family, type, 0);
	if (t->fd < 0)
		why = errno;
	else
		why = is_local ? connect_local(d, t) : connect_inet(t);
	if (why != 0 && why != EINPROGRESS)
		fail(d, t, why);
	return why == 0;
}

/* Whether its attempt is over, and well. */
static bool
is_connected(struct dial *d, struct target *t)
{
	int why = 0;
	socklen_t size = sizeof(why);

	if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &why, &size) != 0)
		why = errno;
	if (why != 0)
		fail(d, t, why);
	return why == 0;
}

/* The first whose attempt succeeds within so many ms, or NULL. */
static struct target *
first(struct dial *d, long long wait)
{
	struct pollfd polled[LOOKUP_ADDRESSES];
	size_t i;
	int ready;

	/* poll(2) passes over those below 0. */
	for (i = 0; i < d->count; i++) {
		polled[i].fd = d->target[i].fd;
		polled[i].events = POLLOUT;
		polled[i].revents = 0;
	}
	wait = patience_left(d->patience, wait);
	ready = poll(polled, (nfds_t)d->count, (int)wait);
	patience_check(d->patience);
	if (ready <= 0)
		return NULL;
	for (i = 0; i < d->count; i++)
		if (polled[i].revents != 0 && is_connected(d, d->target + i))
			return d->target + i;
	return NULL;
}

static struct target *
fresh(struct dial *d)
{
	size_t i;

	for (i = 0; i < d->count; i++)
		if (d->target[i].fd < 0 && !d->target[i].is_spent)
			return d->target + i;
	return NULL;
}

static bool
is_busy(const struct dial *d)
{
	size_t i;

	for (i = 0; i < d->count; i++)
		if (d->target[i].fd >= 0)
			return true;
	return false;
}

/* Who fails makes room for the next at once, who hesitates after a moment. */
static struct target *
race(struct dial *d)
{
	long long now = clock_ms(), end = now + d->left, next = now, until;
	struct target *t = fresh(d), *won = NULL;

	while (won == NULL && now < end && (t != NULL || is_busy(d))) {
		if (t != NULL && (now >= next || !is_busy(d))) {
			won = begin(d, t) ? t : NULL;
			next = now + DIAL_STAGGER;
		} else {
			until = t != NULL && next < end ? next : end;
			won = first(d, until - now);
		}
		t = fresh(d);
		now = clock_ms();
	}
	if (won == NULL && now >= end)
		d->why = ETIMEDOUT;
	d->left = now < end ? end - now : 0;
	return won;
}

int
dial_next(struct dial *d, int *fd, struct fault *f)
{
	struct target *won = race(d);
	size_t i;

	if (won != NULL) {
		*fd = won->fd;
		won->fd = -1;
		won->is_spent = true;
	}
	for (i = 0; i < d->count; i++)
		drop(d->target + i);
	if (won != NULL)
		return EX_OK;

	if (d->why == 0)
		return fault_set(f, EX_UNAVAILABLE,
		    "no other address of '%s' to connect to", d->host);
	errno = d->why;
	if (d->host[0] == '/')
		return fault_errno(
		    f, EX_UNAVAILABLE, "cannot connect to '%s'", d->host);
	return fault_errno(f, EX_UNAVAILABLE, "cannot connect to '%s' port %s",
	    d->host, d->port);
}

void
dial_close(struct dial *d)
{
	size_t i;

	if (d == NULL)
		return;
	for (i = 0; i < d->count; i++)
		drop(d->target + i);
	free(d->host);
	free(d->port);
	free(d);
}
