/* SPDX-License-Identifier: ISC */
#include <sys/syscall.h>
#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "mailq/descriptors.h"
#include "sendmail/landlock.h"

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/wait.h>

#define SECCOMP_FILTER 2 /* PR_GET_SECCOMP: a filter is in force */

/* The same numbers on every machine. */
#define CREATE_RULESET 444
#define ADD_RULE 445
#define RESTRICT_SELF 446
#define VERSION 1U /* a flag: which ABI is there? */

#define PATH_BENEATH 1 /* kinds of rules */
#define NET_PORT 2

#define READ_FILE (1ULL << 2)
#define WRITE_FILE (1ULL << 1)
#define READ_DIR (1ULL << 3)
#define REMOVE_FILE (1ULL << 5)
#define MAKE_DIR (1ULL << 7)
#define MAKE_REG (1ULL << 8)
#define REFER (1ULL << 13)     /* from one folder to another; ABI 2 */
#define TRUNCATE (1ULL << 14)  /* ABI 3 */
#define IOCTL_DEV (1ULL << 15) /* of a device opened from now on; ABI 5 */
#define FIRST ((1ULL << 13) - 1)

#define BIND_TCP (1ULL << 0)
#define CONNECT_TCP (1ULL << 1)
#define SCOPE_ABSTRACT_SOCKET (1ULL << 0)
#define SCOPE_SIGNAL (1ULL << 1)

#define ABI_REFER 2
#define ABI_TRUNCATE 3
#define ABI_NET 4
#define ABI_IOCTL_DEV 5
#define ABI_SCOPE 6

/* An older kernel takes the newer struct as long as it finds zeros there. */
struct ruleset {
	uint64_t files, net, scope;
};

/* The kernel reads it up to the last octet of parent. */
struct beneath {
	uint64_t allowed;
	int32_t parent;
};

struct port {
	uint64_t allowed, port;
};

/* All that it knows of, so that what is not allowed is forbidden. */
static struct ruleset
everything(int abi)
{
	struct ruleset all = { .files = FIRST | REFER };

	if (abi >= ABI_TRUNCATE)
		all.files |= TRUNCATE;
	if (abi >= ABI_IOCTL_DEV)
		all.files |= IOCTL_DEV;
	if (abi >= ABI_NET)
		all.net = BIND_TCP | CONNECT_TCP;
	if (abi >= ABI_SCOPE)
		all.scope = SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL;
	return all;
}

static int
ask_abi(void)
{
	return (int)syscall(CREATE_RULESET, NULL, 0, VERSION);
}

/*
 * A filter that we were started with may have us killed for the question, as
 * that of a systemd service does whose SystemCallFilter has no @sandbox: so where
 * there is one, a child asks first.
 */
static bool
may_ask(void)
{
	int status = 0;
	pid_t pid;

	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != SECCOMP_FILTER)
		return true;
	pid = fork();
	if (pid == 0) {
		ask_abi();
		_exit(0);
	}
	while (pid != -1 && waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	return pid != -1 && WIFEXITED(status);
}

void
landlock_begin(struct landlock *l)
{
	struct ruleset all;

	l->fd = l->first = l->last = -1;
	l->abi = may_ask() ? ask_abi() : 0;
	if (l->abi < ABI_REFER)
		return;
	all = everything(l->abi);
	l->fd = (int)syscall(CREATE_RULESET, &all, sizeof(all), 0);
}

static uint64_t
rights(enum landlock_use use)
{
	switch (use) {
	case LANDLOCK_READ:
		return READ_FILE;
	case LANDLOCK_LIST:
		return READ_FILE | READ_DIR;
	case LANDLOCK_WRITE:
		return READ_FILE | WRITE_FILE | TRUNCATE;
	default:
		return READ_FILE | READ_DIR | WRITE_FILE | TRUNCATE |
		    REMOVE_FILE | MAKE_REG | MAKE_DIR | REFER;
	}
}

/* What is a right to a folder only cannot be had on a file. */
bool
landlock_path(struct landlock *l, const char *path, enum landlock_use use)
{
	const uint64_t to_file = READ_FILE | WRITE_FILE | TRUNCATE;
	struct beneath rule = { .allowed =
				    rights(use) & everything(l->abi).files };
	long rc;

	if (l->fd == -1)
		return false;
	rule.parent = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent == -1)
		return false;
	rc = syscall(ADD_RULE, l->fd, PATH_BENEATH, &rule, 0);
	if (rc == -1 && errno == EINVAL) {
		rule.allowed &= to_file;
		rc = syscall(ADD_RULE, l->fd, PATH_BENEATH, &rule, 0);
	}
	/* One call ends them all, as long as they follow on each other. */
	if (l->first == -1)
		l->first = l->last = rule.parent;
	else if (rule.parent == l->last + 1)
		l->last++;
	else
		close(rule.parent);
	return rc == 0;
}

void
landlock_port(const struct landlock *l, unsigned port)
{
	const struct port rule = { .allowed = CONNECT_TCP, .port = port };

	if (l->fd != -1 && l->abi >= ABI_NET)
		syscall(ADD_RULE, l->fd, NET_PORT, &rule, 0);
}

unsigned
landlock_enter(struct landlock *l)
{
	unsigned held = LANDLOCK_FILES;

	if (l->abi >= ABI_NET)
		held |= LANDLOCK_PORTS;
	if (l->abi >= ABI_SCOPE)
		held |= LANDLOCK_OTHERS;
	if (l->fd == -1 || syscall(RESTRICT_SELF, l->fd, 0) != 0)
		held = 0;
	landlock_drop(l);
	return held;
}

#else

void
landlock_begin(struct landlock *l)
{
	*l = (struct landlock){ .fd = -1, .first = -1 };
}

bool
landlock_path(struct landlock *l, const char *path, enum landlock_use use)
{
	(void)l;
	(void)path;
	(void)use;
	return false;
}

void
landlock_port(const struct landlock *l, unsigned port)
{
	(void)l;
	(void)port;
}

unsigned
landlock_enter(struct landlock *l)
{
	landlock_drop(l);
	return 0;
}

#endif

void
landlock_drop(struct landlock *l)
{
	if (l->fd != -1)
		close(l->fd);
	if (l->first != -1)
		descriptors_end(l->first, l->last);
	l->fd = l->first = -1;
}
