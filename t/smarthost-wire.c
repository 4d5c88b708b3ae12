/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "t/smarthost.h"

/* One line, one write: several processes share the transcript. */
void
peer_note(struct peer *p, const char *mark, const char *text)
{
	char *line;
	size_t size;
	FILE *out;

	if (p->transcript < 0)
		return;
	out = open_memstream(&line, &size);
	if (out == NULL)
		err(EX_OSERR, "no memory");
	fputs(mark, out);
	if (*text != '\0')
		fputc(' ', out);
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ')
			fprintf(out, "\\x%02x", (unsigned char)*text);
		else
			fputc(*text, out);
	}
	fputc('\n', out);
	fclose(out);
	if (write(p->transcript, line, size) != (ssize_t)size)
		warn("cannot write the transcript");
	free(line);
}

_Noreturn void
peer_end(struct peer *p, const char *why)
{
	peer_flush(p);
	if (why != NULL)
		peer_note(p, "--", why);
	peer_note(p, "-- close", "");
	exit(EX_OK);
}

static _Noreturn void
lost(struct peer *p)
{
	peer_note(p, "-- close", "");
	exit(EX_OK);
}

static ssize_t
write_some(struct peer *p, const char *from, size_t size)
{
	ssize_t n;

	if (p->ssl != NULL)
		return SSL_write(p->ssl, from, (int)size);
	do
		n = write(p->fd, from, size);
	while (n < 0 && errno == EINTR);
	return n;
}

void
peer_flush(struct peer *p)
{
	struct timespec pause = { .tv_sec = p->drip / 1000,
		.tv_nsec = p->drip % 1000 * 1000000L };
	size_t done = 0;
	ssize_t n;

	if (p->is_spoilt && p->put > 0)
		spoil(p);
	while (done < p->put) {
		n = write_some(
		    p, p->out + done, p->drip > 0 ? 1 : p->put - done);
		if (n <= 0)
			lost(p);
		done += (size_t)n;
		p->has_spoken = true;
		if (p->drip > 0)
			nanosleep(&pause, NULL);
	}
	p->put = 0;
	p->drip = 0;
}

void
peer_put(struct peer *p, const void *from, size_t size)
{
	const char *at = from;
	size_t n;

	while (size > 0) {
		if (p->put == PEER_BUFFER)
			peer_flush(p);
		n = PEER_BUFFER - p->put;
		if (n > size)
			n = size;
		memcpy(p->out + p->put, at, n);
		p->put += n;
		at += n;
		size -= n;
	}
}

/* A line feed parts the lines of one reply: "250 a\nb" is 250-a and 250 b. */
void
peer_reply(struct peer *p, const char *reply)
{
	char line[PEER_BUFFER];
	const char *at = reply;
	size_t n;
	bool is_last;

	do {
		n = strcspn(at, "\n");
		is_last = at[n] == '\0';
		if (at == reply)
			snprintf(line, sizeof(line), "%.*s", (int)n, at);
		else
			snprintf(
			    line, sizeof(line), "%.3s %.*s", reply, (int)n, at);
		if (!is_last && strlen(line) > 3)
			line[3] = '-';
		peer_note(p, "S:", line);
		peer_put(p, line, strlen(line));
		peer_put(p, "\r\n", 2);
		at += n + 1;
	} while (!is_last);
	if (p->inject != NULL)
		peer_put(p, p->inject, strlen(p->inject));
	free(p->inject);
	p->inject = NULL;
	if (strncmp(reply, "421", 3) == 0 || strncmp(reply, "221", 3) == 0) {
		peer_flush(p);
		if (p->ssl != NULL)
			SSL_shutdown(p->ssl);
		peer_end(p, NULL);
	}
}

static void
read_more(struct peer *p)
{
	ssize_t n;

	memmove(p->in, p->in + p->at, p->end - p->at);
	p->end -= p->at;
	p->at = 0;
	if (p->end == PEER_BUFFER)
		peer_end(p, "violation a line without an end");
	if (p->ssl != NULL)
		n = SSL_read(
		    p->ssl, p->in + p->end, (int)(PEER_BUFFER - p->end));
	else
		n = read(p->fd, p->in + p->end, PEER_BUFFER - p->end);
	if (n < 0 && p->ssl == NULL && errno == EINTR)
		return;
	if (n <= 0)
		lost(p);
	p->end += (size_t)n;
	if (p->has_spoken)
		peer_note(p, "-- turn", "");
	p->has_spoken = false;
}

void
peer_wait(struct peer *p)
{
	if (p->at < p->end)
		return;
	peer_flush(p);
	while (p->at == p->end)
		read_more(p);
}

/* The line lives until the next one; half a line is no reason to answer. */
const char *
peer_line(struct peer *p)
{
	char *line, *end;

	peer_wait(p);
	for (;;) {
		line = p->in + p->at;
		end = memchr(line, '\n', p->end - p->at);
		if (end != NULL)
			break;
		read_more(p);
	}
	p->at += (size_t)(end - line) + 1;
	if (end == line || end[-1] != '\r')
		peer_note(p, "-- violation", "a command ends in a bare LF");
	else
		end--;
	*end = '\0';
	if (memchr(line, '\0', (size_t)(end - line)) != NULL ||
	    memchr(line, '\r', (size_t)(end - line)) != NULL)
		peer_note(p, "-- violation", "CR or NUL in a command");
	peer_note(p, "C:", line);
	return line;
}

/* Whether there is more already, or will be before an answer was given. */
bool
peer_has_input(struct peer *p)
{
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
	char octet;

	if (p->at < p->end)
		return true;
	if (p->ssl != NULL && SSL_pending(p->ssl) > 0)
		return true;
	if (poll(&pfd, 1, p->setup->behind) != 1)
		return false;
	return recv(p->fd, &octet, 1, MSG_PEEK) == 1;
}

/*
 * Nothing may lie behind a command where no PIPELINING was offered, nor, ever,
 * behind one that must be the last of its group (RFC 2920, 3.1).
 */
void
peer_alone(struct peer *p, const char *verb, bool is_last)
{
	char what[80];

	if (p->has_pipelining && !is_last)
		return;
	if (!peer_has_input(p))
		return;
	snprintf(what, sizeof(what), "%s behind %s",
	    p->has_pipelining ? "something" : "pipelining", verb);
	peer_note(p, "-- violation", what);
}

static int
version(const char *name)
{
	if (strncmp(name, "1.0", 3) == 0)
		return TLS1_VERSION;
	if (strncmp(name, "1.1", 3) == 0)
		return TLS1_1_VERSION;
	if (strncmp(name, "1.2", 3) == 0)
		return TLS1_2_VERSION;
	return TLS1_3_VERSION;
}

static SSL_CTX *
context(const struct setup *setup)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	const char *upper;

	if (ctx == NULL || setup->certificate == NULL || setup->key == NULL ||
	    SSL_CTX_use_certificate_chain_file(ctx, setup->certificate) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, setup->key, SSL_FILETYPE_PEM) != 1)
		errx(EX_USAGE, "cannot use certificate and key");
	if (setup->versions != NULL) {
		upper = strchr(setup->versions, '-');
		upper = upper == NULL ? setup->versions : upper + 1;
		SSL_CTX_set_min_proto_version(ctx, version(setup->versions));
		SSL_CTX_set_max_proto_version(ctx, version(upper));
		/* Level 0, for OpenSSL 3 knows no older TLS above it. */
		SSL_CTX_set_cipher_list(ctx, "ALL:@SECLEVEL=0");
	}
	if (setup->client_ca != NULL) {
		SSL_CTX_load_verify_locations(ctx, setup->client_ca, NULL);
		SSL_CTX_set_verify(ctx,
		    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	}
	return ctx;
}

void
peer_tls(struct peer *p)
{
	SSL_CTX *ctx;
	SSL *ssl;

	peer_flush(p);
	if (p->at != p->end)
		peer_end(p, "violation something behind STARTTLS");
	ctx = context(p->setup);
	ssl = SSL_new(ctx);
	if (ssl == NULL || SSL_set_fd(ssl, p->fd) != 1)
		errx(EX_OSERR, "no memory");
	if (SSL_accept(ssl) != 1)
		peer_end(p, "tls failed");
	p->ssl = ssl;
	peer_note(p, "-- tls", SSL_get_version(ssl));
	if (SSL_get0_peer_certificate(ssl) != NULL)
		peer_note(p, "-- tls", "with a certificate of the client");
}
