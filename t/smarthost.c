/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/un.h>

#include <err.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "t/smarthost.h"

static const char usage[] =
    "usage: smarthost [-l address] [-p port] [-u socket] [-P portfile]\n"
    "  -d directory -o transcript   where messages and transcript go\n"
    "  -t implicit|starttls|none    TLS; -c certificate -k key -A clientca\n"
    "  -v 1.0-1.1                   versions of TLS\n"
    "  -U name:password ...         who may log in; none: nobody must\n"
    "  -m 'PLAIN LOGIN'             mechanisms; -I iterations of SCRAM\n"
    "  -b base64                    another binding of SCRAM-PLUS\n"
    "  -C                           AUTH is offered in clear too\n"
    "  -e line ...                  lines of EHLO; -e '' for none\n"
    "  -r rules                     exceptions\n"
    "  -w ms                        how long to watch for who does not wait; 10\n"
    "  -x dialogue -H hello         replay it, for a client of that name\n";

static void
add(const char **list, size_t *count, const char *word)
{
	if (*count == SETUP_LIST)
		errx(EX_USAGE, "more than %d of '%s'", SETUP_LIST, word);
	list[(*count)++] = word;
}

static bool
option_tls(struct setup *setup, const char *use)
{
	setup->is_implicit = strcmp(use, "implicit") == 0;
	setup->has_starttls = strcmp(use, "starttls") == 0;
	return setup->is_implicit || setup->has_starttls ||
	    strcmp(use, "none") == 0;
}

/* Where the value of an option goes, if it is one word kept as it is. */
static const char **
place(struct setup *setup, int letter)
{
	switch (letter) {
	case 'A':
		return &setup->client_ca;
	case 'H':
		return &setup->hello;
	case 'I':
		return &setup->iterations;
	case 'P':
		return &setup->port_file;
	case 'b':
		return &setup->binding;
	case 'c':
		return &setup->certificate;
	case 'd':
		return &setup->directory;
	case 'k':
		return &setup->key;
	case 'l':
		return &setup->address;
	case 'm':
		return &setup->mechanisms;
	case 'o':
		return &setup->transcript;
	case 'p':
		return &setup->port;
	case 'r':
		return &setup->rules;
	case 'u':
		return &setup->socket;
	case 'v':
		return &setup->versions;
	case 'x':
		return &setup->dialogue;
	default:
		return NULL;
	}
}

static bool
option(struct setup *setup, int letter, const char *value)
{
	const char **to = place(setup, letter);

	if (to != NULL) {
		*to = value;
		return true;
	}
	switch (letter) {
	case 'C':
		setup->has_auth_in_clear = true;
		return true;
	case 'U':
		add(setup->user, &setup->users, value);
		return true;
	case 'e':
		add(setup->offer, &setup->offers, value);
		return true;
	case 't':
		return option_tls(setup, value);
	case 'w':
		setup->behind = (int)strtol(value, NULL, 10);
		return true;
	default:
		return false;
	}
}

static int
listen_socket(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(name.sun_path))
		errx(EX_USAGE, "path too long '%s'", path);
	memcpy(name.sun_path, path, strlen(path));
	unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof(name)) != 0 ||
	    listen(fd, SOMAXCONN) != 0)
		err(EX_OSERR, "cannot listen on '%s'", path);
	return fd;
}

static int
listen_port(const char *address, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *ai;
	int on = 1;
	int fd;

	if (getaddrinfo(address, port, &hints, &ai) != 0)
		errx(EX_USAGE, "'%s' port '%s' is no address", address, port);
	fd = socket(ai->ai_family, SOCK_STREAM, 0);
	if (fd < 0)
		err(EX_OSERR, "cannot make a socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) != 0 ||
	    listen(fd, SOMAXCONN) != 0)
		err(EX_OSERR, "cannot listen on '%s' port %s", address, port);
	freeaddrinfo(ai);
	return fd;
}

/* The file appears whole, and only once somebody listens. */
static void
tell_port(int fd, const char *path)
{
	struct sockaddr_storage name = { 0 };
	socklen_t size = sizeof(name);
	char port[NI_MAXSERV];
	char temporary[4096];
	FILE *out;

	if (getsockname(fd, (struct sockaddr *)&name, &size) != 0)
		err(EX_OSERR, "cannot tell the port");
	if (getnameinfo((struct sockaddr *)&name, size, NULL, 0, port,
		sizeof(port), NI_NUMERICSERV) != 0)
		memcpy(port, "0", 2);
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	out = fopen(temporary, "w");
	if (out == NULL || fprintf(out, "%s\n", port) < 0 || fclose(out) != 0 ||
	    rename(temporary, path) != 0)
		err(EX_CANTCREAT, "cannot write '%s'", path);
}

static _Noreturn void
serve(const struct setup *setup, int fd)
{
	struct peer *p = calloc(1, sizeof(*p));
	const char *action;
	int on = 1;

	if (p == NULL)
		err(EX_OSERR, "no memory");
	p->setup = setup;
	p->fd = fd;
	p->transcript = -1;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (setup->transcript != NULL)
		p->transcript = open(setup->transcript,
		    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	rules_read(p);
	peer_note(p, "-- connect", "");
	if (setup->is_implicit) {
		action = rule_find(p, "TLS", "", 1);
		if (action != NULL && rule_act(p, action) != 0)
			peer_end(p, NULL);
		peer_tls(p);
	}
	if (setup->dialogue != NULL)
		replay(p);
	talk(p);
}

int
main(int argc, char **argv)
{
	struct setup setup = { .address = "127.0.0.1",
		.port = "0",
		.directory = "",
		.behind = 10,
		.mechanisms = "PLAIN LOGIN SCRAM-SHA-1 SCRAM-SHA-256",
		.hello = "web1.example.org" };
	int c, fd, peer;

	while ((c = getopt(argc, argv,
		    "A:CH:I:P:U:b:c:d:e:k:l:m:o:p:r:t:u:v:w:x:")) != -1)
		if (!option(&setup, c, optarg))
			errx(EX_USAGE, "what?\n%s", usage);
	if (optind != argc)
		errx(EX_USAGE, "'%s' is no option\n%s", argv[optind], usage);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	if (setup.socket != NULL)
		fd = listen_socket(setup.socket);
	else
		fd = listen_port(setup.address, setup.port);
	if (setup.port_file != NULL)
		tell_port(fd, setup.port_file);
	for (;;) {
		peer = accept(fd, NULL, NULL);
		if (peer < 0)
			continue;
		if (fork() == 0) {
			close(fd);
			serve(&setup, peer);
		}
		close(peer);
	}
}
