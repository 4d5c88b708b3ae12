/*
 * A session and two letters in it, with a server that says what stands between
 * octets 0xff, a piece at a turn.  The first octet chooses what we are to do.  No
 * text goes to who has not taken a sender and a recipient, or our login where we
 * have one; and what is taken for accepted has been said in full.
 *
 * SPDX-License-Identifier: ISC
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sendmail/smtp.h"
#include "t/fuzz/judge.h"

#define TURN 0xff
#define HAS_USER 1
#define NO_PIPELINING 2
#define LETTERS 2
#define RCPTS 2
#define PATIENCE 60 /* seconds, that nobody waits for */
#define SILENCE 5   /* ms until the server takes its turn unasked */
#define TEXT "Subject: hi\r\n\r\nhello\r\n.dot\r\n"
#define TEXT_WITH_DOT "Subject: hi\r\n\r\nhello\r\n..dot\r\n.\r\n"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct server {
	int listener;
	const uint8_t *at, *end;
	bool is_left;
	char *heard;
	size_t size;
	FILE *out;
};

/* Two letters, that ask for all there is. */
struct bag {
	struct text text;
	struct letter letter[LETTERS];
	struct letter_rcpt to[LETTERS][RCPTS];
	size_t allowed; /* texts */
	size_t accepted;
};

/* What it says; false if it waits for us, or has gone. */
static bool
hear(struct server *s, int fd)
{
	char octets[65536];
	ssize_t got = recv(fd, octets, sizeof(octets), 0);

	if (got > 0)
		fwrite(octets, 1, (size_t)got, s->out);
	s->is_left = s->is_left || got == 0;
	return got > 0;
}

static void
say_turn(struct server *s, int fd)
{
	const uint8_t *turn = memchr(s->at, TURN, (size_t)(s->end - s->at));

	if (turn == NULL)
		turn = s->end;
	(void)send(fd, s->at, (size_t)(turn - s->at), MSG_NOSIGNAL);
	s->at = turn == s->end ? turn : turn + 1;
}

/* Turn by turn, until it waits for more than is said in one; then the rest. */
static void *
serve(void *ctx)
{
	const struct timeval silence = { .tv_usec = SILENCE * 1000L };
	struct server *s = ctx;
	int fd = accept(s->listener, NULL, NULL), on = 1;
	bool is_turn = true;

	demand(fd != -1);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof(silence));
	while (!s->is_left && s->at < s->end) {
		say_turn(s, fd);
		is_turn = is_turn && hear(s, fd);
	}
	shutdown(fd, SHUT_WR);
	while (!s->is_left)
		hear(s, fd);
	close(fd);
	return NULL;
}

static void
listen_here(struct server *s, char port[8])
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t size = sizeof(a);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->listener = socket(AF_INET, SOCK_STREAM, 0);
	demand(s->listener != -1);
	demand(bind(s->listener, (struct sockaddr *)&a, size) == 0);
	demand(listen(s->listener, 1) == 0);
	demand(getsockname(s->listener, (struct sockaddr *)&a, &size) == 0);
	snprintf(port, 8, "%u", ntohs(a.sin_port));
	s->out = open_memstream(&s->heard, &s->size);
	demand(s->out != NULL);
}

static void
pack(struct bag *bag)
{
	size_t i;

	*bag = (struct bag){ 0 };
	bag->text = (struct text){ .mem = TEXT, .size = strlen(TEXT) };
	for (i = 0; i < LETTERS; i++) {
		bag->to[i][0].addr = "b@example.net";
		bag->to[i][0].orcpt = "rfc822;b@example.net";
		bag->to[i][1].addr = "c@example.com";
		bag->letter[i] = (struct letter){ .from = "a@example.org",
			.to = bag->to[i],
			.count = RCPTS,
			.text = &bag->text,
			.ret = "hdrs",
			.envid = "id" };
	}
}

static void
judge_fault(const struct fault *f, int rc)
{
	demand(rc == f->code && is_plain(f->text));
	demand(rc == EX_OK || f->text[0] != '\0');
}

static void
judge_reply(const struct reply *reply)
{
	demand(reply->code == 0 || (reply->code >= 200 && reply->code < 600));
	demand(is_plain(reply->text));
}

static void
judge_letter(struct bag *bag, const struct letter *letter)
{
	size_t i;

	judge_reply(&letter->mail);
	judge_reply(&letter->data);
	judge_reply(&letter->end);
	for (i = 0; i < letter->count; i++)
		judge_reply(&letter->to[i].reply);
	if (!reply_is(&letter->end, 2))
		return;
	demand(letter->is_committed && reply_is(&letter->mail, 2));
	demand(letter->data.code == 354 && letter_count(letter, 2) > 0);
	bag->accepted++;
}

/* Whether there may be another. */
static bool
send_letter(struct smtp *smtp, struct bag *bag, size_t n)
{
	struct letter *letter = bag->letter + n;
	struct letter *next =
	    n + 1 < LETTERS && smtp_may_ride(smtp) ? letter + 1 : NULL;
	struct fault f = { 0 };
	int rc = smtp_offer(smtp, letter, false, &f);

	judge_fault(&f, rc);
	if (rc == EX_OK && letter->data.code == 354) {
		demand(reply_is(&letter->mail, 2));
		demand(letter_count(letter, 2) > 0);
		bag->allowed++;
		rc = smtp_text(smtp, letter, next, n + 1 == LETTERS, &f);
		judge_fault(&f, rc);
	}
	judge_letter(bag, letter);
	return rc == EX_OK && smtp_is_open(smtp);
}

static void
play(struct smarthost *smarthost, struct bag *bag)
{
	struct fault f = { 0 };
	struct smtp *smtp = NULL;
	int rc = smtp_open(&smtp, smarthost, NULL, NULL, &f);
	size_t i;

	judge_fault(&f, rc);
	if (rc != EX_OK)
		return;
	for (i = 0; i < LETTERS; i++)
		if (!send_letter(smtp, bag, i))
			break;
	smtp_close(smtp);
}

/* How often that was said. */
static size_t
count(const struct server *s, const char *words)
{
	const char *at = s->heard, *end = s->heard + s->size;
	size_t n = 0;

	while ((at = memmem(at, (size_t)(end - at), words, strlen(words))) !=
	    NULL) {
		at += strlen(words);
		n++;
	}
	return n;
}

static void
judge_heard(const struct server *s, const struct bag *bag, bool is_known)
{
	size_t i, texts = count(s, "Subject: hi\r\n");

	for (i = 0; i < s->size; i++)
		demand((s->heard[i] >= ' ' && s->heard[i] <= '~') ||
		    s->heard[i] == '\r' || s->heard[i] == '\n');
	demand(count(s, "\r\n") == count(s, "\n"));
	demand(texts <= bag->allowed && (texts == 0 || is_known));
	demand(count(s, TEXT_WITH_DOT) + count(s, TEXT) >= bag->accepted);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char port[8], host[] = "127.0.0.1", hello[] = "me.example";
	char name[] = "", user[] = "alice", secret[] = "s3cret-Token";
	struct server s = { .at = data + 1, .end = data + size };
	struct smarthost smarthost = { .name = name,
		.host = host,
		.port = port,
		.tls = TLS_OFF,
		.hello = hello,
		.timeout = PATIENCE };
	struct bag bag;
	pthread_t thread;
	bool has_user;

	if (size == 0)
		return 0;
	has_user = (data[0] & HAS_USER) != 0;
	smarthost.no_pipelining = (data[0] & NO_PIPELINING) != 0;
	smarthost.user = has_user ? user : NULL;
	smarthost.secret = has_user ? secret : NULL;
	pack(&bag);
	listen_here(&s, port);
	demand(pthread_create(&thread, NULL, serve, &s) == 0);
	play(&smarthost, &bag);
	demand(pthread_join(thread, NULL) == 0);
	close(s.listener);
	demand(fclose(s.out) == 0);
	judge_heard(
	    &s, &bag, !has_user || memmem(data, size, "235", 3) != NULL);
	free(s.heard);
	return 0;
}
