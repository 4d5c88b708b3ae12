/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "sendmail/net.h"

/* This stands before send(2): a moment's pause lets the peer tell them apart. */
ssize_t
send(int fd, const void *data, size_t size, int flags)
{
	const struct timespec moment = { 0, 50000000 };
	ssize_t n = sendto(fd, data, size, flags, NULL, 0);

	if (size < 4096)
		nanosleep(&moment, NULL);
	return n;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
listen_at_loopback(int *port)
{
	struct sockaddr_in addr = { 0 };
	socklen_t size = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	addr.sin_family = AF_INET;
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, size), 0);
	assert_int_equal(listen(fd, 5), 0);
	getsockname(fd, (struct sockaddr *)&addr, &size);
	*port = ntohs(addr.sin_port);
	return fd;
}

struct peer {
	pid_t pid;
	char port[8];
	char path[64]; /* of a local socket */
	struct smarthost s;
	struct net *net;
};

static void
begin(struct peer *p, char *host, int timeout)
{
	p->s.host = host;
	p->s.port = p->port;
	p->s.timeout = timeout;
}

static void
fork_server(struct peer *p, int fd, void (*serve)(int fd))
{
	p->pid = fork();
	assert_true(p->pid >= 0);
	if (p->pid == 0) {
		alarm(20);
		serve(accept(fd, NULL, NULL));
		_exit(0);
	}
	close(fd);
}

static void
connect_to(struct peer *p, FILE *trace)
{
	struct fault f = { 0 };

	assert_int_equal(net_open(&p->net, &p->s, NULL, trace, &f), EX_OK);
	assert_int_equal(net_connect(p->net, &f), EX_OK);
}

/* A server behind 127.0.0.1, and a connection to it. */
static void
start(struct peer *p, void (*serve)(int fd), int timeout, FILE *trace)
{
	int port, fd = listen_at_loopback(&port);

	snprintf(p->port, sizeof(p->port), "%d", port);
	begin(p, "127.0.0.1", timeout);
	fork_server(p, fd, serve);
	connect_to(p, trace);
}

/* The same by a local socket, whose kernel buffers can be made small. */
static void
start_local(struct peer *p, void (*serve)(int fd), int timeout)
{
	struct sockaddr_un un = { 0 };
	char dir[] = "/tmp/onehop-t-XXXXXX";
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_non_null(mkdtemp(dir));
	snprintf(p->path, sizeof(p->path), "%s/socket", dir);
	un.sun_family = AF_UNIX;
	memcpy(un.sun_path, p->path, strlen(p->path) + 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(listen(fd, 5), 0);
	begin(p, p->path, timeout);
	fork_server(p, fd, serve);
	connect_to(p, NULL);
	assert_string_equal(net_peer(p->net), p->path);
	assert_true(net_is_socket(p->net));
	assert_true(net_is_loopback(p->net));
	unlink(p->path);
	rmdir(dir);
}

static void
stop(struct peer *p)
{
	net_close(p->net);
	kill(p->pid, SIGKILL);
	waitpid(p->pid, NULL, 0);
}

static void
expect_line(struct net *net, const char *text)
{
	struct fault f = { 0 };
	char line[NET_LINE];

	assert_int_equal(net_line(net, line, &f), EX_OK);
	assert_string_equal(line, text);
}

static void
expect_fault(struct net *net, int code, const char *words)
{
	struct fault f = { 0 };
	char line[NET_LINE];

	assert_int_equal(net_line(net, line, &f), code);
	assert_non_null(strstr(f.text, words));
}

static void
tell(int fd, const char *text)
{
	if (sendto(fd, text, strlen(text), MSG_NOSIGNAL, NULL, 0) < 0)
		_exit(1);
}

static void
serve_pieces(int fd)
{
	tell(fd, "22");
	usleep(20000);
	tell(fd, "0 hello\r");
	usleep(20000);
	tell(fd, "\n250-a\n250 b\r\n\r\n");
	sendto(fd,
	    "2\0"
	    "0 x\r\n",
	    7, 0, NULL, 0);
	tell(fd, "250 half");
}

static void
a_line_may_come_in_pieces_and_a_piece_may_hold_lines(void **state)
{
	struct peer p = { 0 };

	(void)state;
	start(&p, serve_pieces, 5, NULL);
	expect_line(p.net, "220 hello");
	expect_line(p.net, "250-a");
	assert_true(net_has_input(p.net));
	expect_line(p.net, "250 b");
	expect_line(p.net, "");
	expect_line(p.net, "2 0 x");
	expect_fault(p.net, EX_IOERR, "hung up");
	expect_fault(p.net, EX_IOERR, "hung up");
	stop(&p);
}

static void
serve_long(int fd)
{
	char text[10000];

	memset(text, 'x', sizeof(text));
	memcpy(text, "220 ", 4);
	text[9997] = '\0';
	tell(fd, text);
	tell(fd, "\r\n250 next\r\n");
	pause();
}

static void
an_overlong_line_is_cut_and_costs_the_next_nothing(void **state)
{
	struct peer p = { 0 };
	struct fault f = { 0 };
	char line[NET_LINE];

	(void)state;
	start(&p, serve_long, 5, NULL);
	assert_int_equal(net_line(p.net, line, &f), EX_OK);
	assert_int_equal(strlen(line), NET_LINE - 1);
	expect_line(p.net, "250 next");
	stop(&p);
}

static void
serve_silence(int fd)
{
	(void)fd;
	pause();
}

static void
serve_drip(int fd)
{
	for (;;) {
		tell(fd, "2");
		usleep(100000);
	}
}

static void
silent_for_a_second(void (*serve)(int fd))
{
	struct peer p = { 0 };
	double began;

	start(&p, serve, 300, NULL);
	net_deadline(p.net, 1);
	began = now();
	expect_fault(p.net, EX_IOERR, "no answer from '127.0.0.1' in 1 s");
	assert_true(now() - began > 0.9 && now() - began < 5);
	stop(&p);
}

static void
silence_ends_at_the_deadline(void **state)
{
	(void)state;
	silent_for_a_second(serve_silence);
}

static void
who_drips_does_not_move_the_deadline(void **state)
{
	(void)state;
	silent_for_a_second(serve_drip);
}

static void
serve_babble(int fd)
{
	char text[1001];

	memset(text, 'x', sizeof(text));
	memcpy(text, "250-", 4);
	text[999] = '\n';
	text[1000] = '\0';
	for (;;)
		tell(fd, text);
}

static int
lines_until_too_much(struct net *net)
{
	struct fault f = { 0 };
	char line[NET_LINE];
	int count = 0;

	while (net_line(net, line, &f) == EX_OK)
		count++;
	assert_int_equal(f.code, EX_PROTOCOL);
	assert_non_null(strstr(f.text, "says more than"));
	return count;
}

static void
who_babbles_is_cut_off(void **state)
{
	struct peer p = { 0 };
	int lines;

	(void)state;
	start(&p, serve_babble, 5, NULL);
	lines = lines_until_too_much(p.net);
	assert_in_range(lines, 900, NET_SESSION / 1000 + 1);
	stop(&p);
}

static void
each_command_earns_an_answer(void **state)
{
	struct peer p = { 0 };
	struct fault f = { 0 };
	int i;

	(void)state;
	start(&p, serve_babble, 5, NULL);
	for (i = 0; i < 256; i++)
		assert_int_equal(net_command(p.net, NULL, &f, "NOOP"), EX_OK);
	assert_true(lines_until_too_much(p.net) > NET_SESSION / 1000 + 900);
	stop(&p);
}

/* Says how many octets each of its recv(2) got. */
static void
serve_sizes(int fd)
{
	char text[NET_GROUP * 2], reply[32];
	ssize_t n;

	while ((n = recv(fd, text, sizeof(text), 0)) > 0) {
		snprintf(reply, sizeof(reply), "%zd\r\n", n);
		tell(fd, reply);
	}
}

static void
a_group_is_one_write(void **state)
{
	struct peer p = { 0 };
	struct fault f = { 0 };
	int i;

	(void)state;
	start(&p, serve_sizes, 5, NULL);
	for (i = 0; i < 20; i++)
		assert_int_equal(
		    net_command(p.net, NULL, &f, "RCPT TO:<%d@x>", 10 + i),
		    EX_OK);
	expect_line(p.net, "320");
	assert_false(net_has_input(p.net));
	assert_int_equal(net_put(p.net, "hello\r\n", 7, &f), EX_OK);
	assert_int_equal(net_put(p.net, ".\r\n", 3, &f), EX_OK);
	assert_int_equal(net_command(p.net, NULL, &f, "QUIT"), EX_OK);
	assert_int_equal(net_flush(p.net, &f), EX_OK);
	expect_line(p.net, "16");
	stop(&p);
}

/* Says how much it got before the other side was done. */
static void
serve_sum(int fd)
{
	char text[4096], reply[32];
	size_t sum = 0, i;
	ssize_t n;

	while ((n = recv(fd, text, sizeof(text), 0)) > 0) {
		for (i = 0; i < (size_t)n; i++, sum++)
			if (text[i] != (char)('a' + sum % 23))
				_exit(1);
		if (sum == 1000000)
			break;
	}
	snprintf(reply, sizeof(reply), "%zu\r\n", sum);
	tell(fd, reply);
}

static char *
large(void)
{
	char *text = malloc(1000000);
	size_t i;

	assert_non_null(text);
	for (i = 0; i < 1000000; i++)
		text[i] = (char)('a' + i % 23);
	return text;
}

static void
a_large_text_arrives_whole(void **state)
{
	struct peer p = { 0 };
	struct fault f = { 0 };
	char *text = large();
	size_t at, step;

	(void)state;
	start(&p, serve_sum, 10, NULL);
	for (at = 0, step = 1; at < 1000000; at += step, step = step * 3 + 1) {
		if (step > 1000000 - at)
			step = 1000000 - at;
		assert_int_equal(net_put(p.net, text + at, step, &f), EX_OK);
	}
	expect_line(p.net, "1000000");
	free(text);
	stop(&p);
}

static void
serve_early(int fd)
{
	int small = 1024, i;

	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	for (i = 0; i < 1000; i++)
		tell(fd, "250 this was not asked for\r\n");
	serve_sum(fd);
}

static void
who_speaks_before_it_reads_is_heard(void **state)
{
	struct peer p = { 0 };
	struct fault f = { 0 };
	char *text = large();
	int i;

	(void)state;
	start_local(&p, serve_early, 5);
	assert_int_equal(net_put(p.net, text, 1000000, &f), EX_OK);
	assert_int_equal(net_flush(p.net, &f), EX_OK);
	for (i = 0; i < 1000; i++)
		expect_line(p.net, "250 this was not asked for");
	expect_line(p.net, "1000000");
	free(text);
	stop(&p);
}

static void
who_reads_nothing_is_given_up_at_the_deadline(void **state)
{
	struct peer p = { 0 };
	struct fault f = { 0 };
	char *text = large();
	double began = now();
	int rc = EX_OK;

	(void)state;
	start_local(&p, serve_silence, 1);
	while (rc == EX_OK)
		rc = net_put(p.net, text, 1000000, &f);
	assert_int_equal(rc, EX_IOERR);
	assert_non_null(strstr(f.text, "takes nothing"));
	assert_true(now() - began < 5);
	free(text);
	stop(&p);
}

static void
serve_farewell(int fd)
{
	tell(fd, "421 bye\r\n");
}

static void
last_words_are_heard_though_sending_failed(void **state)
{
	struct peer p = { 0 };
	struct fault f = { 0 };

	(void)state;
	start_local(&p, serve_farewell, 5);
	waitpid(p.pid, NULL, 0);
	assert_int_equal(net_command(p.net, NULL, &f, "EHLO x"), EX_OK);
	assert_int_equal(net_flush(p.net, &f), EX_IOERR);
	assert_non_null(strstr(f.text, "lost while sending"));
	expect_line(p.net, "421 bye");
	expect_fault(p.net, EX_IOERR, "lost");
	net_close(p.net);
}

static void
no_command_holds_a_control_character(void **state)
{
	static const char *const bad[] = { "MAIL FROM:<a\r\nRCPT TO:<b>>",
		"a\nb", "a\rb", "a\tb", "a\x7f", "\x01" };
	struct peer p = { 0 };
	struct fault f;
	size_t i;

	(void)state;
	start(&p, serve_sizes, 5, NULL);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		f = (struct fault){ 0 };
		assert_int_equal(
		    net_command(p.net, NULL, &f, "%s", bad[i]), EX_DATAERR);
	}
	f = (struct fault){ 0 };
	assert_int_equal(
	    net_command(p.net, NULL, &f, "%*d", NET_GROUP, 1), EX_DATAERR);
	f = (struct fault){ 0 };
	assert_int_equal(net_command(p.net, NULL, &f, "NOOP \xc3\xa4"), EX_OK);
	expect_line(p.net, "9");
	stop(&p);
}

static void
serve_escape(int fd)
{
	tell(fd, "220 \033]0;title\007\r\n");
	pause();
}

static void
the_trace_shows_both_sides_but_no_secret(void **state)
{
	struct peer p = { 0 };
	struct fault f = { 0 };
	char *text = NULL, line[NET_LINE];
	size_t size = 0;
	FILE *trace = open_memstream(&text, &size);

	(void)state;
	start(&p, serve_escape, 5, trace);
	assert_int_equal(
	    net_command(p.net, "AUTH PLAIN ****", &f, "AUTH PLAIN hunter2"),
	    EX_OK);
	net_trace(p.net, "text of 12 octets");
	assert_int_equal(net_line(p.net, line, &f), EX_OK);
	stop(&p);
	fclose(trace);
	assert_non_null(strstr(
	    text, ">>> AUTH PLAIN ****\n>>> text of 12 octets\n<<< 220 "));
	assert_null(strstr(text, "hunter2"));
	assert_null(strchr(text, '\033'));
	assert_null(strchr(text, '\007'));
	free(text);
}

static void
a_connection_can_say_who_is_at_its_ends(void **state)
{
	struct peer p = { 0 };
	char text[64];

	(void)state;
	start(&p, serve_silence, 5, NULL);
	snprintf(text, sizeof(text), "127.0.0.1[127.0.0.1]:%s", p.port);
	assert_string_equal(net_peer(p.net), text);
	assert_string_equal(net_literal(p.net), "[127.0.0.1]");
	assert_string_equal(net_tls_version(p.net), "");
	assert_true(net_is_loopback(p.net));
	assert_false(net_is_socket(p.net));
	stop(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_line_may_come_in_pieces_and_a_piece_may_hold_lines),
		cmocka_unit_test(
		    an_overlong_line_is_cut_and_costs_the_next_nothing),
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(who_drips_does_not_move_the_deadline),
		cmocka_unit_test(who_babbles_is_cut_off),
		cmocka_unit_test(each_command_earns_an_answer),
		cmocka_unit_test(a_group_is_one_write),
		cmocka_unit_test(a_large_text_arrives_whole),
		cmocka_unit_test(who_speaks_before_it_reads_is_heard),
		cmocka_unit_test(who_reads_nothing_is_given_up_at_the_deadline),
		cmocka_unit_test(last_words_are_heard_though_sending_failed),
		cmocka_unit_test(no_command_holds_a_control_character),
		cmocka_unit_test(the_trace_shows_both_sides_but_no_secret),
		cmocka_unit_test(a_connection_can_say_who_is_at_its_ends),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
