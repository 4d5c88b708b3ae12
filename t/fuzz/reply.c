/*
 * What a server says: its replies are those of a plain reading of RFC 5321, 4.2,
 * in their order; the first that is none ends it, and nothing in a reply or its
 * trace speaks to a terminal.
 *
 * SPDX-License-Identifier: ISC
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sendmail/net.h"
#include "sendmail/reply.h"
#include "t/fuzz/judge.h"

#define PATIENCE 60 /* seconds, that nobody waits for */

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What is left of what was said. */
struct said {
	const uint8_t *at, *end;
};

/* The next line as it should come from net; false if it has no end. */
static bool
take_line(struct said *said, char line[NET_LINE])
{
	const uint8_t *end =
	    memchr(said->at, '\n', (size_t)(said->end - said->at));
	size_t i, len;

	if (end == NULL)
		return false;
	len = (size_t)(end - said->at);
	if (len > NET_LINE - 1)
		len = NET_LINE - 1;
	for (i = 0; i < len; i++)
		line[i] = (char)(said->at[i] == '\0' ? ' ' : said->at[i]);
	if (len > 0 && line[len - 1] == '\r')
		len--;
	line[len] = '\0';
	said->at = end + 1;
	return true;
}

/* The code of the next reply, 0 if that is none. */
static int
expect(struct said *said)
{
	char line[NET_LINE] = "";
	long code = 0, same;
	int lines;

	for (lines = 0; lines < REPLY_LINES; lines++) {
		if (!take_line(said, line))
			return 0;
		if (strspn(line, "0123456789") != 3 ||
		    strchr("2345", line[0]) == NULL ||
		    strchr(" -", line[3]) == NULL)
			return 0;
		same = strtol(line, NULL, 10);
		if (lines > 0 && same != code)
			return 0;
		code = same;
		if (line[3] != '-')
			return (int)code;
	}
	return 0;
}

static void
hear(void *ctx, const char *line)
{
	int *lines = ctx;

	demand(++*lines <= REPLY_LINES);
	demand(strlen(line) < NET_LINE - 3 && strchr(line, '\n') == NULL);
}

static void
judge_reply(const struct reply *reply)
{
	int class, subject, detail;
	const char *at;

	demand(strlen(reply->text) < REPLY_TEXT);
	demand(strtol(reply->text, NULL, 10) == reply->code);
	for (at = reply->text; *at != '\0'; at++)
		demand(*at >= ' ' && *at <= '~');
	demand(reply_is(reply, reply->text[0] - '0'));
	if (reply->class == 0) {
		demand(reply->subject == 0 && reply->detail == 0);
		return;
	}
	demand(sscanf(reply->text + 3, " %d.%d.%d", &class, &subject,
		   &detail) == 3);
	demand(class == reply->code / 100);
	demand(reply_has(reply, class, subject, detail));
}

static void
judge_trace(char *trace)
{
	const char *line = strsep(&trace, "\n");

	for (; trace != NULL; line = strsep(&trace, "\n"))
		demand(strncmp(line, "<<< ", 4) == 0 && is_plain(line));
	demand(*line == '\0');
}

static void
judge(struct net *net, struct said said)
{
	struct reply reply;
	struct fault f = { 0 };
	int lines;

	do {
		lines = 0;
		reply_read(&reply, net, hear, &lines, &f);
		demand(reply.code == expect(&said));
		demand((f.code == EX_OK) == (reply.code != 0));
		if (f.code == EX_OK)
			judge_reply(&reply);
	} while (f.code == EX_OK);
	demand(f.code == EX_PROTOCOL || f.code == EX_IOERR);
	demand(f.text[0] != '\0' && is_plain(f.text));
}

/* Somebody to connect to, at a path. */
static int
listen_at(struct sockaddr_un *path)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	path->sun_family = AF_UNIX;
	snprintf(path->sun_path, sizeof(path->sun_path), "/tmp/onehop-fuzz.%ld",
	    (long)getpid());
	unlink(path->sun_path);
	demand(fd != -1);
	demand(bind(fd, (struct sockaddr *)path, sizeof(*path)) == 0);
	demand(listen(fd, 1) == 0);
	return fd;
}

/* Say it all, and hang up. */
static void
say(int listener, const uint8_t *data, size_t size)
{
	int fd = accept(listener, NULL, NULL);

	demand(fd != -1);
	demand(send(fd, data, size, MSG_DONTWAIT) == (ssize_t)size);
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sockaddr_un path = { 0 };
	const struct smarthost smarthost = {
		.host = path.sun_path, .tls = TLS_OFF, .timeout = PATIENCE
	};
	struct fault f = { 0 };
	struct net *net;
	char *trace;
	size_t len;
	FILE *out = open_memstream(&trace, &len);
	int listener = listen_at(&path);

	demand(out != NULL);
	demand(net_open(&net, &smarthost, NULL, out, &f) == EX_OK);
	demand(net_connect(net, &f) == EX_OK);
	say(listener, data, size);
	judge(net, (struct said){ data, data + size });
	net_close(net);
	demand(fclose(out) == 0);
	judge_trace(trace);
	free(trace);
	close(listener);
	unlink(path.sun_path);
	return 0;
}
