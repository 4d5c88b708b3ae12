/*
 * trial - one message on its way through the room `message'
 *
 * For units: command line and octets go in, envelope and text come out.  The
 * octets come from a child, so many at each read(2).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef T_TRIAL_H
#define T_TRIAL_H

#include <sys/socket.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sendmail/message.h"

#define TRIAL_WORDS 10

/* Fields that would be added else, as given and as sent. */
#define GIVEN "Date: d\nFrom: f@x\nMessage-ID: <i@x>\n"
#define SENT "Date: d\r\nFrom: f@x\r\nMessage-ID: <i@x>\r\n"
#define HEAD SENT "\r\n"

struct trial {
	struct options options;
	struct caller caller;
	struct spool spool;
	struct draft draft;
	struct item item;
	struct fault f;
	char *argv[TRIAL_WORDS + 1];
	char *out;
	int rc;
};

static inline void
trial_parse(struct trial *t, char *const *argv)
{
	static char name[] = "sendmail", login[] = "joe", full[] = "Joe Doe";
	int i;

	*t = (struct trial){ .caller = { .login = login, .name = full } };
	t->argv[0] = name;
	for (i = 0; i < TRIAL_WORDS && argv[i] != NULL; i++)
		t->argv[i + 1] = argv[i];
	assert_int_equal(
	    options_parse(&t->options, i + 1, t->argv, &t->f), EX_OK);
}

static inline void
trial_fetch(struct trial *t)
{
	size_t at = 0, got = 1;
	struct fault f = { 0 };

	t->out = malloc((size_t)t->item.text.size + 1);
	assert_non_null(t->out);
	while (at < (size_t)t->item.text.size) {
		assert_int_equal(
		    text_read(&t->item.text, (off_t)at, t->out + at,
			(size_t)t->item.text.size - at, &got, &f),
		    EX_OK);
		at += got;
	}
	t->out[at] = '\0';
}

static inline void
trial_read(struct trial *t, int in)
{
	assert_int_equal(
	    draft_begin(&t->draft, &t->item, &t->spool, &t->caller, &t->f),
	    EX_OK);
	t->rc = message_read(
	    in, &t->options, &t->caller, "web1", &t->draft, &t->item, &t->f);
	trial_fetch(t);
}

static inline void
trial_end(struct trial *t)
{
	free(t->out);
	item_free(&t->item);
	draft_free(&t->draft);
}

/* A child writes, so many octets to be read at once. */
static inline void
trial_feed(struct trial *t, const char *in, size_t size, size_t step)
{
	int ends[2], status;
	ssize_t n = 0;
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ends[0]);
		for (; size > 0 && n >= 0; in += n, size -= (size_t)n)
			n = send(ends[1], in, size < step ? size : step,
			    MSG_NOSIGNAL);
		_exit(0);
	}
	close(ends[1]);
	trial_read(t, ends[0]);
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

#endif
