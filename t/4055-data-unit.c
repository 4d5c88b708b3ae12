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

#include "sendmail/data.h"

#define MOST 100000 /* octets that a socket holds unread */

static int
put(struct net *net, const struct text *text, bool by_bdat, struct fault *f)
{
	if (by_bdat)
		return data_put_whole(net, text, 5, f);
	if (data_put(net, text, 5, f) != EX_OK)
		return f->code;
	return data_end(net, f);
}

/* Send a text over a socket; what arrives is in got. */
static size_t
carry(const struct text *text, bool by_bdat, char got[MOST], int want)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char folder[] = "/tmp/onehop-data.XXXXXX";
	struct smarthost smarthost = { .host = addr.sun_path, .timeout = 5 };
	struct fault f = { 0 };
	struct net *net;
	size_t len = 0;
	ssize_t n;
	int listener, fd;

	assert_non_null(mkdtemp(folder));
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/socket", folder);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(
	    bind(listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(net_open(&net, &smarthost, NULL, NULL, &f), EX_OK);
	assert_int_equal(net_connect(net, &f), EX_OK);
	fd = accept(listener, NULL, NULL);

	assert_int_equal(put(net, text, by_bdat, &f), want);
	if (want == EX_OK)
		assert_int_equal(net_flush(net, &f), EX_OK);
	net_close(net);
	while ((n = read(fd, got + len, MOST - len)) > 0)
		len += (size_t)n;
	close(fd);
	close(listener);
	unlink(addr.sun_path);
	rmdir(folder);
	return len;
}

static size_t
travel(const struct text *text, char got[MOST], int want)
{
	return carry(text, false, got, want);
}

/* So many octets of a pattern, over and over. */
static void
fill(char *to, size_t size, const char *pattern)
{
	size_t i, len = strlen(pattern);

	for (i = 0; i < size; i++)
		to[i] = pattern[i % len];
}

static const struct {
	const char *text, *wire;
} TEXTS[] = {
	{ "", ".\r\n" },
	{ "a\r\n", "a\r\n.\r\n" },
	{ "a", "a\r\n.\r\n" },
	{ ".", "..\r\n.\r\n" },
	{ ".\r\n", "..\r\n.\r\n" },
	{ "..\r\n", "...\r\n.\r\n" },
	{ "a.b\r\n.\r\n.\r\n\r\n.c", "a.b\r\n..\r\n..\r\n\r\n..c\r\n.\r\n" },
	{ "\r\n.\r\nQUIT\r\n", "\r\n..\r\nQUIT\r\n.\r\n" },
	{ "\r\n", "\r\n.\r\n" },
};

static void
test_texts(void **state)
{
	static char got[MOST];
	struct text text = { .fd = -1 };
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
		text.mem = TEXTS[i].text;
		text.size = (off_t)strlen(TEXTS[i].text);
		len = travel(&text, got, EX_OK);
		assert_int_equal(len, strlen(TEXTS[i].wire));
		assert_memory_equal(got, TEXTS[i].wire, len);
	}
}

/* A line of a dot that begins so far before or behind a border. */
static void
test_borders(void **state)
{
	static char mem[3 * NET_GROUP], got[MOST];
	struct text text = { .fd = -1, .mem = mem, .size = sizeof(mem) };
	size_t at, len;
	int off;

	(void)state;
	for (off = -4; off <= 4; off++) {
		fill(mem, sizeof(mem), "x");
		fill(mem + sizeof(mem) - 2, 2, "\r\n");
		at = (size_t)(NET_GROUP + off);
		fill(mem + at, 5, "\r\n.\r\n");
		mem[NET_GROUP + at] = '.';
		len = travel(&text, got, EX_OK);
		assert_int_equal(len, sizeof(mem) + 1 + 3);
		assert_memory_equal(got, mem, at + 2);
		assert_memory_equal(got + at + 2, "..\r\n", 4);
		assert_memory_equal(
		    got + at + 4, mem + at + 3, sizeof(mem) - at - 3);
		assert_memory_equal(got + len - 5, "\r\n.\r\n", 5);
	}
}

static void
test_dots(void **state)
{
	static char mem[30000], got[MOST];
	struct text text = { .fd = -1, .mem = mem, .size = sizeof(mem) };
	size_t i;

	(void)state;
	fill(mem, sizeof(mem), ".\r\n");
	assert_int_equal(travel(&text, got, EX_OK), 40003);
	for (i = 0; i < 40000; i += 4)
		assert_memory_equal(got + i, "..\r\n", 4);
}

static void
test_file(void **state)
{
	static char got[MOST];
	struct text text = { .start = 4, .size = 8 };
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	fputs("past.a\r\n.b\r\nfuture", file);
	assert_int_equal(fflush(file), 0);
	text.fd = fileno(file);
	assert_int_equal(travel(&text, got, EX_OK), 13);
	assert_memory_equal(got, "..a\r\n..b\r\n.\r\n", 13);

	/* A text that ends too early gets no dot. */
	text.size = 1000;
	assert_int_equal(travel(&text, got, EX_IOERR), 0);
	fclose(file);
}

static const struct {
	const char *text, *wire;
} WHOLES[] = {
	{ "", "BDAT 0 LAST\r\n" },
	{ "a\r\n", "BDAT 3 LAST\r\na\r\n" },
	{ "a", "BDAT 3 LAST\r\na\r\n" },
	{ ".\r\n..\r\n", "BDAT 7 LAST\r\n.\r\n..\r\n" },
	{ "\r\n.\r\nQUIT\r\n", "BDAT 11 LAST\r\n\r\n.\r\nQUIT\r\n" },
};

static void
test_whole(void **state)
{
	static char mem[70000], got[MOST];
	struct text text = { .fd = -1 };
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(WHOLES) / sizeof(WHOLES[0]); i++) {
		text.mem = WHOLES[i].text;
		text.size = (off_t)strlen(WHOLES[i].text);
		len = carry(&text, true, got, EX_OK);
		assert_int_equal(len, strlen(WHOLES[i].wire));
		assert_memory_equal(got, WHOLES[i].wire, len);
	}
	fill(mem, sizeof(mem), "\r\n.");
	text.mem = mem;
	text.size = sizeof(mem);
	len = carry(&text, true, got, EX_OK);
	assert_int_equal(len, strlen("BDAT 70002 LAST\r\n") + 70002);
	assert_memory_equal(got + strlen("BDAT 70002 LAST\r\n"), mem, 70000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a dot that begins a line is doubled, a last line ended",
		    test_texts, NULL, NULL, NULL },
		{ "also where two chunks meet", test_borders, NULL, NULL,
		    NULL },
		{ "also ten thousand times", test_dots, NULL, NULL, NULL },
		{ "a file is sent from its offset, and never in half",
		    test_file, NULL, NULL, NULL },
		{ "behind BDAT it goes as it is", test_whole, NULL, NULL,
		    NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("data", tests, NULL, NULL);
}
