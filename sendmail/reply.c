/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "sendmail/reply.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The code of a line, 0 if it has none: "250-text", "250 text" or "250". */
static int
code_of(const char *line)
{
	if (line[0] < '2' || line[0] > '5')
		return 0;
	if (!is_digit(line[1]) || !is_digit(line[2]))
		return 0;
	if (line[3] != '\0' && line[3] != ' ' && line[3] != '-')
		return 0;
	return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

static const char *
behind_code(const char *line)
{
	return line[3] == '\0' ? line + 3 : line + 4;
}

/* One to three digits; NULL if they are none, or more. */
static const char *
read_number(const char *at, int *number)
{
	const char *start = at;

	*number = 0;
	for (; is_digit(*at) && at - start < 3; at++)
		*number = *number * 10 + (*at - '0');
	return at == start || is_digit(*at) ? NULL : at;
}

/*
 * "2.1.5", and OpenSMTPD's "2.0.0:".  One of another class than the code says
 * nothing: Yahoo's "554 6.6.0" is no enhanced code.
 */
static void
read_enhanced(struct reply *reply, const char *text)
{
	int subject, detail;

	if (text[0] != '0' + reply->code / 100 || text[1] != '.')
		return;
	text = read_number(text + 2, &subject);
	if (text == NULL || *text != '.')
		return;
	text = read_number(text + 1, &detail);
	if (text == NULL || (*text != '\0' && *text != ' ' && *text != ':'))
		return;
	reply->class = reply->code / 100;
	reply->subject = subject;
	reply->detail = detail;
}

/*
 * What is no printable ASCII has no place in a reply (RFC 5321, 4.2), and might
 * forge a line of a log or speak to a terminal.
 */
static void
append(struct reply *reply, const char *text)
{
	size_t at = strlen(reply->text);

	for (; *text != '\0' && at < sizeof(reply->text) - 1; text++)
		if (*text == '\t')
			reply->text[at++] = ' ';
		else
			reply->text[at++] =
			    *text >= ' ' && *text <= '~' ? *text : '?';
	reply->text[at] = '\0';
}

static void
begin(struct reply *reply, const char *line)
{
	*reply = (struct reply){ .code = code_of(line) };
	read_enhanced(reply, behind_code(line));
	memcpy(reply->text, line, 3);
	if (*behind_code(line) != '\0')
		append(reply, " ");
	append(reply, behind_code(line));
}

static int
strange(struct reply *reply, const struct net *net, const char *line,
    struct fault *f)
{
	*reply = (struct reply){ 0 };
	return fault_set(f, EX_PROTOCOL, "strange reply from '%s': '%.200s'",
	    net_peer(net), line);
}

static int
read_line(
    struct reply *reply, struct net *net, char line[NET_LINE], struct fault *f)
{
	if (net_line(net, line, f) != EX_OK) {
		*reply = (struct reply){ 0 };
		return f->code;
	}
	if (code_of(line) == 0)
		return strange(reply, net, line, f);
	if (reply->code == 0) {
		begin(reply, line);
		return EX_OK;
	}
	/* Lines of two replies, run into each other (RFC 5321, 4.2.1). */
	if (code_of(line) != reply->code)
		return strange(reply, net, line, f);
	if (*behind_code(line) != '\0') {
		append(reply, " / ");
		append(reply, behind_code(line));
	}
	return EX_OK;
}

int
reply_read(struct reply *reply, struct net *net,
    void (*each)(void *ctx, const char *line), void *ctx, struct fault *f)
{
	char line[NET_LINE];
	int lines;

	*reply = (struct reply){ 0 };
	for (lines = 0; lines < REPLY_LINES; lines++) {
		if (read_line(reply, net, line, f) != EX_OK)
			return f->code;
		if (each != NULL)
			each(ctx, behind_code(line));
		if (line[3] != '-')
			return EX_OK;
	}
	*reply = (struct reply){ 0 };
	return fault_set(f, EX_PROTOCOL,
	    "a reply of more than %d lines from '%s'", REPLY_LINES,
	    net_peer(net));
}

void
reply_make(struct reply *reply, const char *text)
{
	begin(reply, text);
}

bool
reply_is(const struct reply *reply, int first_digit)
{
	return reply->code / 100 == first_digit;
}

bool
reply_has(const struct reply *reply, int class, int subject, int detail)
{
	return reply->class == class && reply->subject == subject &&
	    reply->detail == detail;
}
