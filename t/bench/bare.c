/*
 * bare - the least that could send a message
 *
 *	bare DATA|BDAT HOST PORT CA FROM TO <message
 *
 * What t/bench/run compares with: it spools standard input to an unnamed file of
 * the working directory, then sends it over implicit TLS, one command at a time, as
 * it is, with no login, dots or deadline.  Whatever goes wrong ends it.
 *
 * SPDX-License-Identifier: ISC
 */
#include <sys/socket.h>
#include <sys/types.h>

#include <err.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 65536
#define RECORD 16384 /* octets, as TLS has it */

static int
spool(void)
{
	static char buf[CHUNK];
	int fd = open(".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	ssize_t n;

	if (fd == -1)
		err(1, "cannot make a file");
	while ((n = read(STDIN_FILENO, buf, sizeof(buf))) > 0)
		if (write(fd, buf, (size_t)n) != n)
			err(1, "cannot write");
	if (n == -1)
		err(1, "cannot read");
	return fd;
}

static int
call(const char *host, const char *port)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found, *a;
	int fd = -1, on = 1;

	if (getaddrinfo(host, port, &hints, &found) != 0)
		errx(1, "cannot find '%s'", host);
	for (a = found; a != NULL && fd == -1; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype, 0);
		if (fd != -1 && connect(fd, a->ai_addr, a->ai_addrlen) == -1) {
			close(fd);
			fd = -1;
		}
	}
	if (fd == -1)
		err(1, "cannot connect to '%s'", host);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	freeaddrinfo(found);
	return fd;
}

static SSL *
shake(SSL_CTX *ctx, const char *host, const char *ca, int fd)
{
	SSL *ssl;

	if (ctx == NULL || SSL_CTX_load_verify_file(ctx, ca) != 1)
		errx(1, "cannot use '%s'", ca);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	ssl = SSL_new(ctx);
	if (ssl == NULL || SSL_set_fd(ssl, fd) != 1 ||
	    SSL_set1_host(ssl, host) != 1 || SSL_connect(ssl) != 1)
		errx(1, "no TLS with '%s'", host);
	return ssl;
}

/* To the end of a reply, which nothing follows. */
static void
hear(SSL *ssl, char good)
{
	char line[4096];
	int used = 0, n;

	do {
		n = SSL_read(ssl, line + used, (int)sizeof(line) - 1 - used);
		if (n <= 0)
			errx(1, "the server hung up");
		used += n;
		line[used] = '\0';
	} while (line[used - 1] != '\n');
	if (line[0] != good)
		errx(1, "the server says %s", line);
}

static void
say(SSL *ssl, char good, const char *verb, const char *word, const char *rest)
{
	char line[1024];
	int len = snprintf(line, sizeof(line), "%s%s%s\r\n", verb, word, rest);

	if (len >= (int)sizeof(line) || SSL_write(ssl, line, len) != len)
		errx(1, "cannot say '%s'", verb);
	hear(ssl, good);
}

static void
put(SSL *ssl, int fd)
{
	static char buf[RECORD];
	ssize_t n;
	off_t at = 0;

	while ((n = pread(fd, buf, sizeof(buf), at)) > 0) {
		if (SSL_write(ssl, buf, (int)n) != n)
			errx(1, "cannot send");
		at += n;
	}
}

static void
put_text(SSL *ssl, int fd, bool in_one)
{
	char line[64];

	if (in_one) {
		snprintf(line, sizeof(line), "BDAT %jd LAST\r\n",
		    (intmax_t)lseek(fd, 0, SEEK_END));
		SSL_write(ssl, line, (int)strlen(line));
		put(ssl, fd);
		hear(ssl, '2');
	} else {
		say(ssl, '3', "DATA", "", "");
		put(ssl, fd);
		say(ssl, '2', "", ".", "");
	}
}

int
main(int argc, char **argv)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl;
	int text;

	if (argc != 7)
		errx(64, "usage: bare DATA|BDAT HOST PORT CA FROM TO <message");
	text = spool();
	ssl = shake(ctx, argv[2], argv[4], call(argv[2], argv[3]));
	hear(ssl, '2');
	say(ssl, '2', "EHLO ", "localhost", "");
	say(ssl, '2', "MAIL FROM:<", argv[5], ">");
	say(ssl, '2', "RCPT TO:<", argv[6], ">");
	put_text(ssl, text, strcmp(argv[1], "BDAT") == 0);
	say(ssl, '2', "QUIT", "", "");
	SSL_shutdown(ssl);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	return 0;
}
