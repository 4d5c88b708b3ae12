/* SPDX-License-Identifier: ISC */
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mailq/clock.h"
#include "mailq/descriptors.h"
#include "sendmail/lookup.h"

/* What a process of its own is to find out; what it says has a fixed size. */
struct question {
	void (*find)(const void *about, void *answer);
	const void *about;
	size_t size;
};

enum outcome { ANSWERED, SILENT, LOST };

/* Of getaddrinfo(3). */
struct findings {
	int rc, why; /* and errno */
	struct addresses addresses;
};

/* Who is asked. */
struct helper {
	pid_t pid;
	int fd; /* what it says */
};

/*
 * In the helper.  Nothing of ours goes along: while it holds the lock of a
 * message or the caller's standard output, others wait for it.  What it writes
 * fits into a pipe.  It has its end even if nobody is left to see to that.
 */
static _Noreturn void
serve(const struct question *q, int out, void *answer)
{
	const int null = descriptors_nowhere();

#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
#else
	sigset_t none;

	sigemptyset(&none);
	signal(SIGALRM, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(LOOKUP_SECONDS + 1);
#endif
	if (null == -1 || dup2(null, STDIN_FILENO) == -1 ||
	    dup2(out, STDOUT_FILENO) == -1 || dup2(null, STDERR_FILENO) == -1)
		_exit(EX_OSERR);
	descriptors_close();
	q->find(q->about, answer);
	out = STDOUT_FILENO;
	_exit(
	    write(out, answer, q->size) == (ssize_t)q->size ? EX_OK : EX_IOERR);
}

/* Whether there is one. */
static bool
begin(struct helper *h, const struct question *q, void *answer)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) == -1)
		return false;
	h->fd = fd[0];
	h->pid = fork();
	if (h->pid == 0)
		serve(q, fd[1], answer);
	close(fd[1]);
	if (h->pid == -1)
		close(fd[0]);
	return h->pid != -1;
}

static void
end(const struct helper *h, enum outcome outcome)
{
	close(h->fd);
	if (outcome != ANSWERED)
		kill(h->pid, SIGKILL);
	while (waitpid(h->pid, NULL, 0) == -1 && errno == EINTR)
		continue;
}

/* All of it, within so many ms. */
static enum outcome
hear(const struct helper *h, const struct question *q, void *answer,
    long long wait)
{
	const long long until = clock_ms() + wait;
	struct pollfd polled = { .fd = h->fd, .events = POLLIN };
	char *to = answer;
	size_t heard = 0;
	ssize_t n;

	while (heard < q->size) {
		wait = until - clock_ms();
		n = poll(&polled, 1, wait > 0 ? (int)wait : 0);
		if (n == 0)
			return SILENT;
		if (n > 0)
			n = read(h->fd, to + heard, q->size - heard);
		if (n == 0 || (n == -1 && errno != EINTR))
			return LOST;
		if (n > 0)
			heard += (size_t)n;
	}
	return ANSWERED;
}

/* Where no process is to be had we ask ourselves: late is better than never. */
static enum outcome
ask(const struct question *q, void *answer, long long wait)
{
	struct helper h;
	enum outcome outcome;

	if (!begin(&h, q, answer)) {
		q->find(q->about, answer);
		return ANSWERED;
	}
	outcome = hear(&h, q, answer, wait);
	end(&h, outcome);
	return outcome;
}

/* Once patience is over it is asked anew, maybe by a child: nothing is shared. */
static enum outcome
ask_patiently(const struct question *q, void *answer, int seconds,
    struct patience *patience)
{
	const long long until = clock_ms() + seconds * 1000LL;
	enum outcome outcome;

	do {
		outcome =
		    ask(q, answer, patience_left(patience, until - clock_ms()));
		patience_check(patience);
	} while (outcome == SILENT && clock_ms() < until);
	return outcome;
}

static const struct addrinfo *
seek(const struct addrinfo *ai, int family, bool same)
{
	while (ai != NULL && (ai->ai_family == family) != same)
		ai = ai->ai_next;
	return ai;
}

static void
add(struct addresses *to, const struct addrinfo *ai)
{
	struct address *a = to->address + to->count;

	if (to->count == LOOKUP_ADDRESSES || ai->ai_addrlen > sizeof(a->addr))
		return;
	memcpy(&a->addr, ai->ai_addr, ai->ai_addrlen);
	a->size = ai->ai_addrlen;
	to->count++;
}

/* RFC 8305, 4. */
static void
interleave(struct addresses *to, const struct addrinfo *list)
{
	int family = list->ai_family;
	const struct addrinfo *one = list, *other = seek(list, family, false);
	bool ones_turn = true;

	while (one != NULL || other != NULL) {
		if (one != NULL && (ones_turn || other == NULL)) {
			add(to, one);
			one = seek(one->ai_next, family, true);
		} else {
			add(to, other);
			other = seek(other->ai_next, family, false);
		}
		ones_turn = !ones_turn;
	}
}

/*
 * No AI_ADDRCONFIG: it hides 127.0.0.1 from a host whose only other address is
 * IPv6, and a family that cannot be reached costs one failed connect(2).
 */
static void
resolve(const struct lookup *l, int flags, struct findings *found)
{
	struct addrinfo hints = { 0 }, *list = NULL;

	hints.ai_family = AF_UNSPEC;
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_NUMERICSERV | flags;
	*found = (struct findings){ 0 };
	errno = 0;
	found->rc = getaddrinfo(l->host, l->port, &hints, &list);
	found->why = errno;
	if (found->rc != 0)
		return;
	interleave(&found->addresses, list);
	freeaddrinfo(list);
}

static void
find_addresses(const void *about, void *answer)
{
	resolve(about, 0, answer);
}

static int
judge(const struct findings *found, const char *host, struct fault *f)
{
	if (found->rc == 0)
		return EX_OK;
	errno = found->why;
	if (found->rc == EAI_SYSTEM)
		return fault_errno(f, EX_UNAVAILABLE, "cannot find '%s'", host);
	return fault_set(f,
	    found->rc == EAI_MEMORY ? EX_TEMPFAIL : EX_UNAVAILABLE,
	    "cannot find '%s': %s", host, gai_strerror(found->rc));
}

int
lookup(const struct lookup *l, struct addresses *addresses, struct fault *f)
{
	struct findings found;
	const struct question q = { find_addresses, l, sizeof(found) };
	enum outcome outcome = ANSWERED;
	int seconds = LOOKUP_SECONDS;

	if (l->seconds < seconds)
		seconds = l->seconds;
	resolve(l, AI_NUMERICHOST, &found);
	if (found.rc != 0)
		outcome = ask_patiently(&q, &found, seconds, l->patience);
	if (outcome == SILENT)
		return fault_set(f, EX_UNAVAILABLE,
		    "cannot look up '%s': no answer within %d s", l->host,
		    seconds);
	if (outcome == LOST)
		return fault_set(f, EX_TEMPFAIL,
		    "cannot look up '%s': the process that asked is lost",
		    l->host);
	*addresses = found.addresses;
	return judge(&found, l->host, f);
}

static void
find_fqdn(const void *about, void *answer)
{
	(void)about;
	host_fqdn(answer);
}

void
lookup_fqdn(char name[HOST_NAME + 1], struct patience *patience)
{
	const struct question q = { find_fqdn, NULL, HOST_NAME + 1 };

	if (!host_fqdn_at_hand(name) &&
	    ask_patiently(&q, name, LOOKUP_SECONDS, patience) != ANSWERED)
		name[0] = '\0';
}
