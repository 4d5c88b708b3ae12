/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/un.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sendmail/reply.h"

/* A server that says all it has to say, and hangs up. */
struct server {
	char folder[64];
	struct sockaddr_un addr;
	struct smarthost smarthost;
	struct net *net;
};

static void
server_open(struct server *s, const char *words, size_t size)
{
	struct fault f = { 0 };
	int listener, fd;

	*s = (struct server){ .addr.sun_family = AF_UNIX };
	snprintf(s->folder, sizeof(s->folder), "/tmp/onehop-reply.XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	snprintf(
	    s->addr.sun_path, sizeof(s->addr.sun_path), "%s/socket", s->folder);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(
	    bind(listener, (struct sockaddr *)&s->addr, sizeof(s->addr)), 0);
	assert_int_equal(listen(listener, 1), 0);

	s->smarthost.host = s->addr.sun_path;
	s->smarthost.tls = TLS_OFF;
	s->smarthost.timeout = 5;
	assert_int_equal(
	    net_open(&s->net, &s->smarthost, NULL, NULL, &f), EX_OK);
	assert_int_equal(net_connect(s->net, &f), EX_OK);
	fd = accept(listener, NULL, NULL);
	assert_int_equal(write(fd, words, size), (ssize_t)size);
	close(fd);
	close(listener);
	net_deadline(s->net, 5);
}

static void
server_close(struct server *s)
{
	net_close(s->net);
	unlink(s->addr.sun_path);
	rmdir(s->folder);
}

static void
count(void *ctx, const char *line)
{
	int *n = ctx;

	assert_non_null(line);
	(*n)++;
}

static const struct {
	const char *wire;
	int code, class, subject, detail;
	const char *text;
} REPLIES[] = {
	{ "250 Ok\r\n", 250, 0, 0, 0, "250 Ok" },
	{ "250\r\n", 250, 0, 0, 0, "250" },
	{ "250 \r\n", 250, 0, 0, 0, "250" },
	{ "250 Ok\n", 250, 0, 0, 0, "250 Ok" },
	{ "250-\n250\n", 250, 0, 0, 0, "250" },
	{ "250 2.1.5 Ok\r\n", 250, 2, 1, 5, "250 2.1.5 Ok" },
	{ "250 2.1.5\r\n", 250, 2, 1, 5, "250 2.1.5" },
	{ "250 2.0.0: 832a2432 Message accepted\r\n", 250, 2, 0, 0,
	    "250 2.0.0: 832a2432 Message accepted" },
	{ "550-5.7.1 No\r\n550 5.7.1 way\r\n", 550, 5, 7, 1,
	    "550 5.7.1 No / 5.7.1 way" },
	{ "550-No\r\n550-\r\n550 way\r\n", 550, 0, 0, 0, "550 No / way" },
	{ "550 5.7.139 x\r\n", 550, 5, 7, 139, "550 5.7.139 x" },
	{ "550 5.2.1000 x\r\n", 550, 0, 0, 0, "550 5.2.1000 x" },
	{ "550 5.2. x\r\n", 550, 0, 0, 0, "550 5.2. x" },
	{ "550 5.2.1x\r\n", 550, 0, 0, 0, "550 5.2.1x" },
	{ "554 6.6.0 x\r\n", 554, 0, 0, 0, "554 6.6.0 x" },
	{ "450 5.1.1 x\r\n", 450, 0, 0, 0, "450 5.1.1 x" },
	{ "599 x\r\n", 599, 0, 0, 0, "599 x" },
	{ "250 a\tb\033[2J\xc2\x85\r\n", 250, 0, 0, 0, "250 a b?[2J??" },
};

static void
test_replies(void **state)
{
	struct fault f = { 0 };
	struct server s;
	struct reply r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(REPLIES) / sizeof(REPLIES[0]); i++) {
		server_open(&s, REPLIES[i].wire, strlen(REPLIES[i].wire));
		assert_int_equal(reply_read(&r, s.net, NULL, NULL, &f), EX_OK);
		assert_int_equal(r.code, REPLIES[i].code);
		assert_true(reply_has(&r, REPLIES[i].class, REPLIES[i].subject,
		    REPLIES[i].detail));
		assert_string_equal(r.text, REPLIES[i].text);
		server_close(&s);
	}
}

static const struct {
	const char *wire;
	int rc;
} STRANGE[] = {
	{ "\r\n", EX_PROTOCOL },
	{ "25\r\n", EX_PROTOCOL },
	{ "150 x\r\n", EX_PROTOCOL },
	{ "850 NONSENSE\r\n", EX_PROTOCOL },
	{ "2500 x\r\n", EX_PROTOCOL },
	{ "25x x\r\n", EX_PROTOCOL },
	{ " 250 x\r\n", EX_PROTOCOL },
	{ "250_x\r\n", EX_PROTOCOL },
	{ "5.2.1 Subject is Mandatory\r\n", EX_PROTOCOL },
	{ "250-a\r\n251 b\r\n", EX_PROTOCOL },
	{ "250-a\r\nb\r\n", EX_PROTOCOL },
	{ "", EX_IOERR },
	{ "250 Ok", EX_IOERR },
	{ "250-a\r\n", EX_IOERR },
};

static void
test_strange(void **state)
{
	struct server s;
	struct fault f;
	struct reply r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(STRANGE) / sizeof(STRANGE[0]); i++) {
		f = (struct fault){ 0 };
		server_open(&s, STRANGE[i].wire, strlen(STRANGE[i].wire));
		assert_int_equal(
		    reply_read(&r, s.net, NULL, NULL, &f), STRANGE[i].rc);
		assert_int_equal(r.code, 0);
		assert_string_equal(r.text, "");
		server_close(&s);
	}
}

static void
test_nul(void **state)
{
	struct fault f = { 0 };
	struct server s;
	struct reply r;

	(void)state;
	server_open(&s, "250 a\0b\r\n", 9);
	assert_int_equal(reply_read(&r, s.net, NULL, NULL, &f), EX_OK);
	assert_string_equal(r.text, "250 a b");
	server_close(&s);
}

static void
test_counted(void **state)
{
	static const char WORDS[] = "250-a\r\n250-b\r\n250 c\r\n354 d\r\n";
	struct fault f = { 0 };
	struct server s;
	struct reply r;
	int lines = 0;

	(void)state;
	server_open(&s, WORDS, strlen(WORDS));
	assert_int_equal(reply_read(&r, s.net, count, &lines, &f), EX_OK);
	assert_int_equal(lines, 3);
	assert_int_equal(reply_read(&r, s.net, count, &lines, &f), EX_OK);
	assert_int_equal(r.code, 354);
	server_close(&s);
}

/* So many octets of a pattern, over and over. */
static void
fill(char *to, size_t size, const char *pattern)
{
	size_t i, len = strlen(pattern);

	for (i = 0; i < size; i++)
		to[i] = pattern[i % len];
}

static void
test_endless(void **state)
{
	struct fault f = { 0 };
	char words[50000];
	struct server s;
	struct reply r;
	int lines = 0;

	(void)state;
	fill(words, sizeof(words), "250-\n");
	server_open(&s, words, sizeof(words));
	assert_int_equal(reply_read(&r, s.net, count, &lines, &f), EX_PROTOCOL);
	assert_int_equal(lines, REPLY_LINES);
	assert_int_equal(r.code, 0);
	server_close(&s);
}

static void
test_long(void **state)
{
	char words[60000];
	struct fault f = { 0 };
	struct server s;
	struct reply r;

	(void)state;
	fill(words, sizeof(words), "x");
	fill(words, 4, "250 ");
	fill(words + sizeof(words) - 8, 8, "\n354 y\r\n");
	server_open(&s, words, sizeof(words));
	assert_int_equal(reply_read(&r, s.net, NULL, NULL, &f), EX_OK);
	assert_int_equal(strlen(r.text), REPLY_TEXT - 1);
	assert_int_equal(reply_read(&r, s.net, NULL, NULL, &f), EX_OK);
	assert_int_equal(r.code, 354);
	server_close(&s);
}

static void
test_made(void **state)
{
	struct reply r;

	(void)state;
	reply_make(&r, "553 5.6.7 no");
	assert_int_equal(r.code, 553);
	assert_true(reply_is(&r, 5));
	assert_false(reply_is(&r, 4));
	assert_true(reply_has(&r, 5, 6, 7));
	assert_false(reply_has(&r, 5, 6, 8));
	assert_string_equal(r.text, "553 5.6.7 no");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{ "replies are read, of one line or several", test_replies,
		    NULL, NULL, NULL },
		{ "what is no reply is none", test_strange, NULL, NULL, NULL },
		{ "a NUL is a blank", test_nul, NULL, NULL, NULL },
		{ "replies are parted by their last lines", test_counted, NULL,
		    NULL, NULL },
		{ "a reply that never ends is given up", test_endless, NULL,
		    NULL, NULL },
		{ "a long line is cut, and costs no more than itself",
		    test_long, NULL, NULL, NULL },
		{ "one of our own looks like theirs", test_made, NULL, NULL,
		    NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
