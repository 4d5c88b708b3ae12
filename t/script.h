/*
 * script - a server that says its lines, and hears whether we know ours
 *
 * For units: a child plays one connection by a list of lines,
 *
 *	S text   say a line; several in a row are one write
 *	I text   say it once we have begun to say something, which is not heard
 *	C glob   hear a line; several in a row must come in one read
 *	H        hang up
 *
 * Before it says anything it makes sure that we have nothing more to say, so
 * that a command too early is noticed.  At the end it wants us to hang up.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef T_SCRIPT_H
#define T_SCRIPT_H

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <fnmatch.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sendmail/smtp.h"

#define SCRIPT_HEARD 65536
#define SCRIPT_PATIENCE 20 /* seconds until a silent client is given up */
#define SCRIPT_SILENCE 20  /* ms that it must have nothing more to say */

struct script {
	char folder[64];
	struct sockaddr_un path;
	char port[8];
	int listener;
	pid_t pid;
	struct smarthost smarthost; /* how to get there */
};

/* What the child knows. */
struct scene {
	int fd;
	size_t start, end;
	char heard[SCRIPT_HEARD];
};

static inline void
script_fail(const char *why, const char *line)
{
	fprintf(stderr, "# script: %s: %s\n", why, line);
	_exit(1);
}

static inline size_t
script_recv(struct scene *s)
{
	ssize_t n = recv(s->fd, s->heard, sizeof(s->heard), 0);

	s->start = 0;
	s->end = n < 0 ? 0 : (size_t)n;
	return s->end;
}

static inline void
script_hear(struct scene *s, const char *glob, int is_first)
{
	char *line = s->heard + s->start, *end;

	if (is_first && script_recv(s) == 0)
		script_fail("nothing more came", glob);
	if (is_first)
		line = s->heard;
	end = memchr(line, '\n', s->end - s->start);
	if (end == NULL || end == line || end[-1] != '\r') {
		script_fail("no line in that write", glob);
		return;
	}
	end[-1] = '\0';
	s->start = (size_t)(end + 1 - s->heard);
	if (fnmatch(glob, line, 0) != 0) {
		fprintf(stderr, "# script: wanted '%s'\n", glob);
		script_fail("got", line);
	}
}

static inline void
script_put(struct scene *s, const char *text)
{
	char line[4096];

	snprintf(line, sizeof(line), "%s\r\n", text);
	if (send(s->fd, line, strlen(line), MSG_NOSIGNAL) < 0)
		script_fail("cannot say", text);
}

static inline void
script_interrupt(struct scene *s, const char *text)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };

	if (poll(&p, 1, SCRIPT_PATIENCE * 1000) != 1)
		script_fail("nothing more came", text);
	script_put(s, text);
}

static inline void
script_say(struct scene *s, const char *text)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };

	if (s->start != s->end) {
		s->heard[s->end - 1] = '\0';
		script_fail("said too much", s->heard + s->start);
	}
	if (poll(&p, 1, SCRIPT_SILENCE) != 0)
		script_fail("said too much, or hung up, before", text);
	script_put(s, text);
}

static inline void
script_play(struct script *script, const char *const *line)
{
	static struct scene s;
	struct timeval patience = { .tv_sec = SCRIPT_PATIENCE };
	int is_first = 1;

	s.fd = accept(script->listener, NULL, NULL);
	setsockopt(s.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	for (; *line != NULL; line++)
		if (**line == 'C') {
			script_hear(&s, *line + 2, is_first);
			is_first = 0;
		} else if (**line == 'S') {
			script_say(&s, *line + 2);
			is_first = 1;
		} else if (**line == 'I') {
			script_interrupt(&s, *line + 2);
		} else
			_exit(0);
	if (s.start != s.end)
		script_fail("said too much", s.heard + s.start);
	if (recv(s.fd, s.heard, sizeof(s.heard) - 1, 0) > 0)
		script_fail("said too much at the end", s.heard);
	_exit(0);
}

static inline void
script_listen_path(struct script *s)
{
	s->path.sun_family = AF_UNIX;
	snprintf(s->folder, sizeof(s->folder), "/tmp/onehop-script.XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	snprintf(
	    s->path.sun_path, sizeof(s->path.sun_path), "%s/socket", s->folder);
	s->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(
	    bind(s->listener, (struct sockaddr *)&s->path, sizeof(s->path)), 0);
	s->smarthost.host = s->path.sun_path;
}

static inline void
script_listen_port(struct script *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t size = sizeof(a);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&a, size), 0);
	assert_int_equal(
	    getsockname(s->listener, (struct sockaddr *)&a, &size), 0);
	snprintf(s->port, sizeof(s->port), "%u", ntohs(a.sin_port));
	s->smarthost.host = "127.0.0.1";
}

/* Begin to play, at a local socket or at a port of the loopback. */
static inline void
script_begin(struct script *s, const char *const *lines, int at_port)
{
	*s = (struct script){ 0 };
	if (at_port)
		script_listen_port(s);
	else
		script_listen_path(s);
	assert_int_equal(listen(s->listener, 1), 0);
	s->smarthost.port = s->port;
	s->smarthost.tls = TLS_OFF;
	s->smarthost.hello = "me.example";
	s->smarthost.timeout = SCRIPT_PATIENCE;
	fflush(NULL);
	s->pid = fork();
	assert_true(s->pid >= 0);
	if (s->pid == 0)
		script_play(s, lines);
	close(s->listener);
}

/* The child must have been content. */
static inline void
script_end(struct script *s)
{
	int status = -1;

	assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
	assert_int_equal(status, 0);
	if (s->folder[0] != '\0') {
		unlink(s->path.sun_path);
		rmdir(s->folder);
	}
}

#endif
