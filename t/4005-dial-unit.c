/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "sendmail/dial.h"
#include "sendmail/lookup.h"

/*
 * This stands before the resolver of libc: a host is its addresses, joined by
 * plus signs, and one of none is not known.  "silence" is answered by nobody, and
 * "crash" by a module that does not survive it.
 */
int
getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
    struct addrinfo **list)
{
	struct addrinfo **end = list, *ai;
	struct sockaddr_in6 *six;
	struct sockaddr_in *four;
	char *names = strdup(host), *next = names, *name = NULL;

	*list = NULL;
	if ((hints->ai_flags & AI_NUMERICHOST) != 0 &&
	    (strchr(host, '+') != NULL || isalpha((unsigned char)*host)))
		name = next = NULL;
	if (next != NULL && strcmp(host, "silence") == 0)
		sleep(50);
	if (next != NULL && strcmp(host, "crash") == 0)
		kill(getpid(), SIGKILL);
	while ((name = strsep(&next, "+")) != NULL) {
		ai = calloc(1, sizeof(*ai) + sizeof(*six));
		six = (struct sockaddr_in6 *)(ai + 1);
		four = (struct sockaddr_in *)(ai + 1);
		ai->ai_addr = (struct sockaddr *)(ai + 1);
		if (inet_pton(AF_INET6, name, &six->sin6_addr) == 1) {
			ai->ai_family = six->sin6_family = AF_INET6;
			six->sin6_port =
			    htons((uint16_t)strtol(port, NULL, 10));
			ai->ai_addrlen = sizeof(*six);
		} else if (inet_pton(AF_INET, name, &four->sin_addr) == 1) {
			ai->ai_family = four->sin_family = AF_INET;
			four->sin_port =
			    htons((uint16_t)strtol(port, NULL, 10));
			ai->ai_addrlen = sizeof(*four);
		} else {
			free(ai);
			break;
		}
		*end = ai;
		end = &ai->ai_next;
	}
	free(names);
	return *list == NULL ? EAI_NONAME : 0;
}

void
freeaddrinfo(struct addrinfo *ai)
{
	struct addrinfo *next;

	while (ai != NULL) {
		next = ai->ai_next;
		free(ai);
		ai = next;
	}
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* On an address, at the given port or at any; -1 where there is no such. */
static int
listen_at(const char *addr, int *port, int backlog)
{
	struct sockaddr_in6 six = { 0 };
	struct sockaddr_in four = { 0 };
	socklen_t size = sizeof(six);
	bool is_six = strchr(addr, ':') != NULL;
	int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM, 0), rc,
	    yes = 1;

	six.sin6_family = AF_INET6;
	six.sin6_port = htons((uint16_t)*port);
	inet_pton(AF_INET6, addr, &six.sin6_addr);
	four.sin_family = AF_INET;
	four.sin_port = htons((uint16_t)*port);
	inet_pton(AF_INET, addr, &four.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (is_six)
		rc = bind(fd, (struct sockaddr *)&six, sizeof(six));
	else
		rc = bind(fd, (struct sockaddr *)&four, sizeof(four));
	if (fd < 0 || rc != 0 || listen(fd, backlog) != 0) {
		close(fd);
		return -1;
	}
	getsockname(fd, (struct sockaddr *)&six, &size);
	*port = ntohs(six.sin6_port); /* where IPv4 has it too */
	return fd;
}

static struct dial *
dial(char *host, int port, int timeout)
{
	struct smarthost s = { 0 };
	struct fault f = { 0 };
	struct dial *d = NULL;
	char text[8];

	snprintf(text, sizeof(text), "%d", port);
	s.host = host;
	s.port = text;
	s.timeout = timeout;
	assert_int_equal(dial_open(&d, &s, NULL, &f), EX_OK);
	return d;
}

/* The next connection is to that address. */
static void
expect(struct dial *d, const char *addr)
{
	struct sockaddr_storage peer = { 0 };
	socklen_t size = sizeof(peer);
	struct fault f = { 0 };
	char text[INET6_ADDRSTRLEN];
	int fd = -1;

	assert_int_equal(dial_next(d, &fd, &f), EX_OK);
	assert_int_equal(getpeername(fd, (struct sockaddr *)&peer, &size), 0);
	assert_int_equal(getnameinfo((struct sockaddr *)&peer, size, text,
			     sizeof(text), NULL, 0, NI_NUMERICHOST),
	    0);
	assert_string_equal(text, addr);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

static void
expect_none(struct dial *d, const char *words)
{
	struct fault f = { 0 };
	int fd = -1;

	assert_int_equal(dial_next(d, &fd, &f), EX_UNAVAILABLE);
	assert_non_null(strstr(f.text, words));
	assert_int_equal(fd, -1);
}

static void
families_take_turns_and_each_address_has_one(void **state)
{
	static const char *const order[] = { "127.0.0.1", "::1", "127.0.0.2",
		"127.0.0.3" };
	struct dial *d;
	int port = 0, fd[4], i;

	(void)state;
	for (i = 0; i < 4; i++) {
		fd[i] = listen_at(order[i], &port, 5);
		if (fd[i] < 0)
			skip();
	}
	d = dial("127.0.0.1+127.0.0.2+127.0.0.3+::1", port, 5);
	for (i = 0; i < 4; i++)
		expect(d, order[i]);
	expect_none(d, "no other address");
	for (i = 0; i < 4; i++)
		close(fd[i]);
	dial_close(d);
}

static void
an_ipv6_address_may_stand_in_brackets(void **state)
{
	int port = 0, fd = listen_at("::1", &port, 5);
	struct dial *d;

	(void)state;
	if (fd < 0)
		skip();
	d = dial("[::1]", port, 5);
	expect(d, "::1");
	dial_close(d);
	close(fd);
}

static void
a_dead_address_does_not_hide_one_that_lives(void **state)
{
	int port = 0, fd = listen_at("127.0.0.1", &port, 5);
	struct dial *d = dial("::1+127.0.0.2+127.0.0.1", port, 5);
	double began = now();

	(void)state;
	expect(d, "127.0.0.1");
	assert_true(now() - began < 0.4);
	expect_none(d, "Connection refused");
	close(fd);
	dial_close(d);
}

/* An address that never answers: its queue is full, so it drops every SYN. */
struct deaf {
	int fd, busy[4];
};

static void
deaf_open(struct deaf *deaf, const char *addr, int *port)
{
	struct sockaddr_in four = { 0 };
	int i;

	deaf->fd = listen_at(addr, port, 0);
	if (deaf->fd < 0)
		skip();
	four.sin_family = AF_INET;
	four.sin_port = htons((uint16_t)*port);
	inet_pton(AF_INET, addr, &four.sin_addr);
	for (i = 0; i < 4; i++) {
		deaf->busy[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(
		    deaf->busy[i], (struct sockaddr *)&four, sizeof(four));
	}
	usleep(50000);
}

static void
deaf_close(struct deaf *deaf)
{
	int i;

	for (i = 0; i < 4; i++)
		close(deaf->busy[i]);
	close(deaf->fd);
}

static void
a_deaf_address_costs_a_moment_not_a_timeout(void **state)
{
	int port = 0, fd = listen_at("127.0.0.1", &port, 5);
	struct deaf deaf;
	struct dial *d;
	double began;

	(void)state;
	deaf_open(&deaf, "127.0.0.2", &port);
	d = dial("127.0.0.2+127.0.0.1", port, 60);
	began = now();
	expect(d, "127.0.0.1");
	assert_true(now() - began > 0.2 && now() - began < 5);
	dial_close(d);
	deaf_close(&deaf);
	close(fd);
}

static void
who_lost_is_asked_again_until_the_time_is_up(void **state)
{
	int port = 0, fd = listen_at("127.0.0.1", &port, 5);
	struct deaf deaf;
	struct dial *d;
	double began;

	(void)state;
	deaf_open(&deaf, "127.0.0.2", &port);
	d = dial("127.0.0.2+127.0.0.1", port, 2);
	began = now();
	expect(d, "127.0.0.1");
	expect_none(d, "timed out");
	assert_true(now() - began > 1.9 && now() - began < 5);
	expect_none(d, "timed out");
	assert_true(now() - began < 5);
	dial_close(d);
	deaf_close(&deaf);
	close(fd);
}

static void
refuse(char *host, char *port, int code, const char *words)
{
	struct smarthost s = { 0 };
	struct fault f = { 0 };
	struct dial *d = NULL;
	int fd;

	s.host = host;
	s.port = port;
	s.timeout = 2;
	if (dial_open(&d, &s, NULL, &f) == EX_OK)
		dial_next(d, &fd, &f);
	assert_int_equal(f.code, code);
	assert_non_null(strstr(f.text, words));
	dial_close(d);
}

static void
no_connection_is_a_fault_that_says_why(void **state)
{
	char port[8], path[200];
	int n = 0, fd = listen_at("127.0.0.1", &n, 1);

	(void)state;
	close(fd);
	snprintf(port, sizeof(port), "%d", n);
	snprintf(port, sizeof(port), "%d", n);
	memset(path, '/', sizeof(path));
	path[199] = '\0';
	refuse("127.0.0.1", port, EX_UNAVAILABLE, "Connection refused");
	refuse("127.0.0.1", port, EX_UNAVAILABLE,
	    "cannot connect to '127.0.0.1' port ");
	refuse("nowhere", port, EX_UNAVAILABLE, "cannot find 'nowhere': ");
	refuse("/nonexistent/socket", port, EX_UNAVAILABLE,
	    "cannot connect to '/nonexistent/socket': No such file");
	refuse(path, port, EX_CONFIG, "too long");
	refuse("m\xc3\xbcller.example", port, EX_CONFIG, "A-label");
}

static void
a_name_that_nobody_answers_for_is_given_up(void **state)
{
	double began = now();
	int status;

	(void)state;
	refuse("silence", "25", EX_UNAVAILABLE,
	    "cannot look up 'silence': no answer within 2 s");
	assert_true(now() - began > 1.9 && now() - began < 10);
	refuse("crash", "25", EX_TEMPFAIL,
	    "cannot look up 'crash': the process that asked is lost");
	/* And nobody is left. */
	assert_int_equal(waitpid(-1, &status, 0), -1);
}

static void
count(void *ctx)
{
	++*(int *)ctx;
}

static void
whoever_has_no_patience_is_told_meanwhile(void **state)
{
	struct lookup l = { .host = "silence", .port = "25", .seconds = 2 };
	struct addresses found;
	struct patience p;
	struct fault f = { 0 };
	int told = 0;

	(void)state;
	l.patience = &p;
	patience_begin(&p, 1, count, &told);
	assert_int_equal(lookup(&l, &found, &f), EX_UNAVAILABLE);
	assert_int_equal(told, 1);
	l.host = "127.0.0.1+::1";
	patience_begin(&p, 0, count, &told);
	assert_int_equal(lookup(&l, &found, &f), EX_OK);
	assert_int_equal(told, 2);
	assert_int_equal(found.count, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(families_take_turns_and_each_address_has_one),
		cmocka_unit_test(an_ipv6_address_may_stand_in_brackets),
		cmocka_unit_test(a_dead_address_does_not_hide_one_that_lives),
		cmocka_unit_test(a_deaf_address_costs_a_moment_not_a_timeout),
		cmocka_unit_test(who_lost_is_asked_again_until_the_time_is_up),
		cmocka_unit_test(no_connection_is_a_fault_that_says_why),
		cmocka_unit_test(a_name_that_nobody_answers_for_is_given_up),
		cmocka_unit_test(whoever_has_no_patience_is_told_meanwhile),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
