/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/types.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mailq/clock.h"
#include "mailq/signals.h"
#include "sendmail/wire.h"

#define WAIT_IN 1
#define WAIT_OUT 2

void
wire_open(struct wire *w, int fd, const char *host, size_t may_say)
{
	w->host = host;
	w->fd = fd;
	w->tls = NULL;
	w->is_ended = false;
	w->is_silent = false;
	w->is_hurried = false;
	w->said = 0;
	w->may_say = may_say;
	w->start = w->end = 0;
}

void
wire_limit(struct wire *w, int seconds)
{
	w->limit = clock_ms() + seconds * 1000LL;
	w->is_hurried = false;
}

void
wire_deadline(struct wire *w, int seconds)
{
	w->seconds = seconds;
	w->deadline = clock_ms() + seconds * 1000LL;
	if (w->deadline > w->limit)
		w->deadline = w->limit;
}

/*
 * A signal that waits for the last word (deliver) does not wait for long: whoever
 * sent it will kill us soon, and then nobody writes down what is not known.
 */
static void
hurry(struct wire *w)
{
	const long long last = clock_ms() + WIRE_LAST * 1000LL;

	if (w->is_hurried || !signals_wait())
		return;
	w->is_hurried = true;
	if (w->limit > last)
		w->limit = last;
	if (w->deadline > w->limit) {
		w->deadline = w->limit;
		w->seconds = WIRE_LAST;
	}
}

/* What of WAIT_IN and WAIT_OUT can go on; 0 once the deadline is over. */
static int
wait_for(struct wire *w, int what)
{
	struct pollfd p = { 0 };
	long long left;
	int ready;

	p.fd = w->fd;
	p.events = (short)((what & WAIT_IN ? POLLIN : 0) |
	    (what & WAIT_OUT ? POLLOUT : 0));
	do {
		left = w->deadline - clock_ms();
		if (left < 0)
			left = 0;
		left = patience_left(w->patience, left);
		ready = poll(&p, 1, left > WIRE_LOOK ? WIRE_LOOK : (int)left);
		patience_check(w->patience);
		if (ready == 0)
			hurry(w);
		if (ready <= 0 && w->deadline <= clock_ms())
			return 0;
	} while (ready <= 0);

	/* On an error whoever waits shall meet it. */
	if (p.revents & ~(POLLIN | POLLOUT))
		return what;
	return (p.revents & POLLIN ? WAIT_IN : 0) |
	    (p.revents & POLLOUT ? WAIT_OUT : 0);
}

static int
wants(enum tls_want want)
{
	return want == TLS_WANT_WRITE ? WAIT_OUT : WAIT_IN;
}

static int
shake(struct wire *w, struct fault *f)
{
	enum tls_want want = tls_handshake(w->tls, f);

	while (want == TLS_WANT_READ || want == TLS_WANT_WRITE) {
		if (wait_for(w, wants(want)) == 0)
			return fault_set(f, EX_PROTOCOL,
			    "TLS with '%s' failed: no answer in %d s", w->host,
			    w->seconds);
		want = tls_handshake(w->tls, f);
	}
	return want == TLS_FAILED ? f->code : EX_OK;
}

int
wire_tls(struct wire *w, const struct smarthost *s, struct fault *f)
{
	if (w->start != w->end)
		return fault_set(f, EX_PROTOCOL,
		    "'%s' sent octets after the reply to STARTTLS", w->host);
	if (tls_open(&w->tls, s, w->fd, f) != EX_OK)
		return f->code;
	return shake(w, f);
}

static enum tls_want
read_some(struct wire *w, void *buf, size_t size, size_t *got, struct fault *f)
{
	ssize_t n;

	if (w->tls != NULL)
		return tls_read(w->tls, buf, size, got, f);
	n = recv(w->fd, buf, size, 0);
	*got = n < 0 ? 0 : (size_t)n;
	if (n >= 0)
		return TLS_DONE;
	if (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)
		return TLS_WANT_READ;
	fault_errno(f, EX_IOERR,
	    "connection to '%s' lost while waiting for "
	    "an answer",
	    w->host);
	return TLS_FAILED;
}

static enum tls_want
write_some(
    struct wire *w, const void *buf, size_t size, size_t *put, struct fault *f)
{
	ssize_t n;

	if (w->tls != NULL)
		return tls_write(w->tls, buf, size, put, f);
	n = send(w->fd, buf, size, MSG_NOSIGNAL);
	*put = n < 0 ? 0 : (size_t)n;
	if (n >= 0)
		return TLS_DONE;
	if (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)
		return TLS_WANT_WRITE;
	fault_errno(
	    f, EX_IOERR, "connection to '%s' lost while sending", w->host);
	return TLS_FAILED;
}

static bool
has_room(const struct wire *w)
{
	return !w->is_ended && w->said <= w->may_say &&
	    w->end - w->start < WIRE_AHEAD;
}

/* What can be had without waiting joins in[], which has room. */
static enum tls_want
hear_some(struct wire *w, struct fault *f)
{
	enum tls_want want;
	size_t got;

	memmove(w->in, w->in + w->start, w->end - w->start);
	w->end -= w->start;
	w->start = 0;
	want = read_some(w, w->in + w->end, WIRE_AHEAD - w->end, &got, f);
	if (want == TLS_FAILED || (want == TLS_DONE && got == 0))
		w->is_ended = true;
	w->end += got;
	w->said += got;
	return want;
}

/* Who has just been asked has not answered yet: to look first is in vain. */
static enum tls_want
first_wish(const struct wire *w)
{
	return w->tls != NULL && tls_has_input(w->tls) ? TLS_DONE
						       : TLS_WANT_READ;
}

int
wire_hear(struct wire *w, struct fault *f)
{
	enum tls_want want = first_wish(w);
	size_t had = w->said;

	while (w->said == had && has_room(w)) {
		if (want != TLS_DONE && wait_for(w, wants(want)) == 0) {
			/* Nor is it waited for to say goodbye. */
			w->is_ended = true;
			return fault_set(f, EX_IOERR,
			    "no answer from '%s' in %d s", w->host, w->seconds);
		}
		want = hear_some(w, f);
		if (want == TLS_FAILED)
			return f->code;
	}
	if (w->said > w->may_say)
		return fault_set(f, EX_PROTOCOL,
		    "'%s' says more than %zu octets", w->host, w->may_say);
	if (w->said == had)
		return fault_set(f, EX_IOERR,
		    "connection to '%s' lost while waiting for an answer: it "
		    "hung up",
		    w->host);
	return EX_OK;
}

bool
wire_glance(struct wire *w)
{
	struct fault unheard = { 0 };

	if (has_room(w))
		hear_some(w, &unheard);
	return w->start != w->end || w->is_ended;
}

int
wire_say(struct wire *w, const void *data, size_t size, struct fault *f)
{
	struct fault dropped = { 0 };
	const char *p = data;
	enum tls_want want;
	size_t put;
	int ready;

	while (size > 0) {
		want = write_some(w, p, size, &put, f);
		if (want == TLS_FAILED)
			return f->code;
		p += put;
		size -= put;
		w->limit += (long long)put;
		if (want == TLS_DONE)
			continue;

		/* Whoever does not listen may be waited for in vain. */
		ready = wait_for(w, wants(want) | (has_room(w) ? WAIT_IN : 0));
		if (ready == 0)
			return fault_set(f, EX_IOERR,
			    "'%s' takes nothing for %d s", w->host, w->seconds);
		if (ready & WAIT_IN && has_room(w))
			hear_some(w, &dropped);
	}
	return EX_OK;
}

void
wire_close(struct wire *w)
{
	tls_close(w->tls, w->is_silent);
	w->tls = NULL;
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	w->is_ended = true;
	explicit_bzero(w->in, sizeof(w->in));
	w->start = w->end = 0;
}
