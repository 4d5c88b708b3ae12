/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/types.h>

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "conf/host.h"
#include "mailq/word.h"
#include "sendmail/dial.h"
#include "sendmail/net.h"
#include "sendmail/wire.h"

#define HIDDEN_LEAST 4 /* octets by which a hidden word is found, */
#define HIDDEN_MOST 16 /* for who repeats it may cut it */

struct net {
	struct dial *dial;
	struct wire wire;
	FILE *trace;
	char *host, *port;
	int timeout;
	bool is_loopback, is_socket;
	const char *hidden; /* or NULL */
	char peer[HOST_NAME + INET6_ADDRSTRLEN + 16];
	char literal[INET6_ADDRSTRLEN + 16];
	size_t gathered; /* in out[] */
	size_t commands; /* up to there some may be, which may hold a secret */
	char out[NET_GROUP];
};

static int
begin(struct net *net, const struct smarthost *s, struct patience *patience,
    struct fault *f)
{
	net->host = strdup(s->host);
	net->port = strdup(s->port == NULL ? "" : s->port);
	if (net->host == NULL || net->port == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot connect");
	net->is_socket = s->host[0] == '/';
	net->timeout = s->timeout;
	return dial_open(&net->dial, s, patience, f);
}

int
net_open(struct net **made, const struct smarthost *s,
    struct patience *patience, FILE *trace, struct fault *f)
{
	struct net *net = calloc(1, sizeof(*net));

	if (net == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot connect");
	net->trace = trace;
	net->wire.fd = -1;
	net->wire.patience = patience;
	if (begin(net, s, patience, f) != EX_OK) {
		net_close(net);
		return f->code;
	}
	*made = net;
	return EX_OK;
}

static void
hang_up(struct net *net)
{
	wire_close(&net->wire);
	explicit_bzero(net->out, sizeof(net->out));
	net->gathered = net->commands = 0;
}

/* In numbers, without a zone: in an address literal it has no place. */
static const char *
numbers(const struct sockaddr_storage *a, char text[INET6_ADDRSTRLEN])
{
	const void *addr = &((const struct sockaddr_in *)a)->sin_addr;

	if (a->ss_family == AF_INET6)
		addr = &((const struct sockaddr_in6 *)a)->sin6_addr;
	if (inet_ntop(a->ss_family, addr, text, INET6_ADDRSTRLEN) == NULL)
		text[0] = '\0';
	return text;
}

static bool
is_loopback(const struct sockaddr_storage *a)
{
	const struct in_addr *four = &((const struct sockaddr_in *)a)->sin_addr;
	const struct in6_addr *six =
	    &((const struct sockaddr_in6 *)a)->sin6_addr;

	if (a->ss_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(six) ||
		    (IN6_IS_ADDR_V4MAPPED(six) && six->s6_addr[12] == 127);
	return a->ss_family == AF_INET && ntohl(four->s_addr) >> 24 == 127;
}

/* Who is at either end; the literal as RFC 5321, 4.1.3 has it. */
static void
introduce(struct net *net)
{
	struct sockaddr_storage peer = { 0 }, own = { 0 };
	socklen_t peer_size = sizeof(peer), own_size = sizeof(own);
	char text[INET6_ADDRSTRLEN];

	getpeername(net->wire.fd, (struct sockaddr *)&peer, &peer_size);
	getsockname(net->wire.fd, (struct sockaddr *)&own, &own_size);
	net->is_loopback = is_loopback(&peer);
	snprintf(net->peer, sizeof(net->peer), "%s[%s]:%s", net->host,
	    numbers(&peer, text), net->port);
	snprintf(net->literal, sizeof(net->literal), "[%s%s]",
	    own.ss_family == AF_INET6 ? "IPv6:" : "", numbers(&own, text));
}

int
net_connect(struct net *net, struct fault *f)
{
	int fd;

	hang_up(net);
	if (dial_next(net->dial, &fd, f) != EX_OK)
		return f->code;
	wire_open(&net->wire, fd, net->host, NET_SESSION);
	wire_limit(&net->wire, NET_LETTER);
	net_deadline(net, net->timeout);
	if (!net->is_socket) {
		introduce(net);
		return EX_OK;
	}
	net->is_loopback = true;
	snprintf(net->peer, sizeof(net->peer), "%s", net->host);
	snprintf(net->literal, sizeof(net->literal), "[127.0.0.1]");
	return EX_OK;
}

void
net_deadline(struct net *net, int seconds)
{
	wire_deadline(&net->wire, seconds);
}

void
net_dot(struct net *net)
{
	wire_limit(&net->wire, NET_LETTER);
}

int
net_tls(struct net *net, const struct smarthost *s, struct fault *f)
{
	int rc;

	assert(net->wire.tls == NULL && net->gathered == 0);
	rc = wire_tls(&net->wire, s, f);
	if (rc != EX_OK)
		hang_up(net);
	return rc;
}

static void
trace(struct net *net, const char *mark, const char *line)
{
	if (net->trace == NULL)
		return;
	fputs(mark, net->trace);
	word_print(net->trace, line);
	fputc('\n', net->trace);
}

void
net_trace(struct net *net, const char *line)
{
	trace(net, ">>> ", line);
}

bool
net_has_input(const struct net *net)
{
	return net->wire.start != net->wire.end;
}

bool
net_glance(struct net *net)
{
	return wire_glance(&net->wire);
}

void
net_hide(struct net *net, const char *word)
{
	net->hidden = word;
}

static void
blot(const struct net *net, char *line)
{
	size_t len;
	char *at;

	if (net->hidden == NULL)
		return;
	len = strnlen(net->hidden, HIDDEN_MOST);
	if (len < HIDDEN_LEAST)
		return;
	at = memmem(line, strlen(line), net->hidden, len);
	while (at != NULL) {
		memset(at, '*', strcspn(at, " "));
		at = memmem(at, strlen(at), net->hidden, len);
	}
}

int
net_line(struct net *net, char line[NET_LINE], struct fault *f)
{
	struct wire *w = &net->wire;
	size_t used = 0;
	char c = '\0';
	int rc = net_flush(net, f);

	while (rc == EX_OK && c != '\n') {
		if (w->start == w->end)
			rc = wire_hear(w, f);
		if (rc != EX_OK)
			break;
		c = w->in[w->start++];
		if (c != '\n' && used < NET_LINE - 1)
			line[used++] = (char)(c == '\0' ? ' ' : c);
	}
	if (used > 0 && line[used - 1] == '\r')
		used--;
	line[used] = '\0';
	blot(net, line);
	/* A challenge is enough to guess a password by (RFC 5802, 9). */
	if (rc == EX_OK)
		trace(net, "<<< ",
		    strncmp(line, "334 ", 4) == 0 ? "334 ****" : line);
	return rc;
}

void
net_discard(struct net *net)
{
	explicit_bzero(net->out, net->commands);
	net->gathered = net->commands = 0;
}

int
net_flush(struct net *net, struct fault *f)
{
	int rc = wire_say(&net->wire, net->out, net->gathered, f);

	net_discard(net);
	return rc;
}

int
net_put(struct net *net, const void *data, size_t size, struct fault *f)
{
	const char *p = data;
	size_t part;
	int rc = EX_OK;

	while (rc == EX_OK && size > 0) {
		part = NET_GROUP - net->gathered;
		if (part > size)
			part = size;
		memcpy(net->out + net->gathered, p, part);
		net->gathered += part;
		p += part;
		size -= part;
		if (size > 0)
			rc = net_flush(net, f);
	}
	return rc;
}

int
net_room(struct net *net, char **at, size_t *size, struct fault *f)
{
	int rc = EX_OK;

	if (net->gathered == NET_GROUP)
		rc = net_flush(net, f);
	*at = net->out + net->gathered;
	*size = NET_GROUP - net->gathered;
	return rc;
}

void
net_gather(struct net *net, size_t size)
{
	assert(size <= NET_GROUP - net->gathered);
	net->gathered += size;
}

static bool
is_sound(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] < 32 || text[i] == 127)
			return false;
	return true;
}

int
net_command(
    struct net *net, const char *shown, struct fault *f, const char *fmt, ...)
{
	size_t len, room;
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	len = n < 0 ? NET_GROUP : (size_t)n;
	if (len + 2 >= NET_GROUP)
		return fault_set(f, EX_DATAERR, "a command is too long");
	if (len + 2 >= NET_GROUP - net->gathered && net_flush(net, f) != EX_OK)
		return f->code;

	text = net->out + net->gathered;
	room = NET_GROUP - net->gathered;
	va_start(ap, fmt);
	vsnprintf(text, room, fmt, ap);
	va_end(ap);
	if (!is_sound(text, len)) {
		explicit_bzero(text, room);
		return fault_set(
		    f, EX_DATAERR, "a command with a control character in it");
	}
	trace(net, ">>> ", shown == NULL ? text : shown);
	text[len] = '\r';
	text[len + 1] = '\n';
	net->commands = net->gathered += len + 2;
	net->wire.may_say += NET_COMMAND;
	return EX_OK;
}

const char *
net_peer(const struct net *net)
{
	return net->peer;
}

const char *
net_tls_version(const struct net *net)
{
	return net->wire.tls == NULL ? "" : tls_version(net->wire.tls);
}

const char *
net_literal(const struct net *net)
{
	return net->literal;
}

bool
net_binding(const struct net *net, char text[TLS_BINDING])
{
	return net->wire.tls != NULL && tls_binding(net->wire.tls, text);
}

bool
net_is_loopback(const struct net *net)
{
	return net->is_loopback;
}

bool
net_is_socket(const struct net *net)
{
	return net->is_socket;
}

void
net_abandon(struct net *net)
{
	net->wire.is_silent = true;
}

void
net_close(struct net *net)
{
	if (net == NULL)
		return;
	hang_up(net);
	dial_close(net->dial);
	free(net->host);
	free(net->port);
	free(net);
}
