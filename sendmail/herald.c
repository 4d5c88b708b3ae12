/* SPDX-License-Identifier: ISC */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sysexits.h>
#include <unistd.h>

#include "mailq/descriptors.h"
#include "mailq/draft.h"
#include "sendmail/herald.h"
#include "sendmail/settle.h"

/* It says nothing, but may outlive the caller; a runner goes further away. */
static _Noreturn void
serve(const struct runner *r, int orders)
{
	const time_t longest = settle_longest(r->conf);
	char order;

	setsid();
	if (chdir("/") == -1 || dup2(orders, STDIN_FILENO) == -1)
		_exit(EX_OSERR);
	r->forget(r->ctx);
	descriptors_end(STDIN_FILENO + 1, INT_MAX);
	while (read(STDIN_FILENO, &order, 1) == 1)
		runner_tend(r, longest);
	_exit(EX_OK);
}

/* Where no process is to be had there would be none for a runner. */
static void
go(struct herald *h)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) == -1)
		return;
	h->pid = fork();
	if (h->pid == 0)
		serve(h->runner, fd[0]);
	close(fd[0]);
	if (h->pid == -1)
		close(fd[1]);
	else
		h->orders = fd[1];
}

void
herald_send(struct herald *h, const struct bounce *b)
{
	const struct conf *conf = b->courier->conf;

	if (h->is_sent || conf->no_sandbox || conf->no_keep)
		return;
	h->is_sent = true;
	h->orders = -1;
	draft_place(b->spool, b->caller);
	if (!conf->no_runner)
		go(h);
}

/* One that is gone needs no complaint: a runner is haste, not warrant. */
void
herald_start(const struct herald *h)
{
	ssize_t put;

	if (!h->is_sent) {
		runner_start(h->runner);
	} else if (h->orders != -1) {
		do
			put = write(h->orders, "", 1);
		while (put == -1 && errno == EINTR);
	}
}

void
herald_end(struct herald *h)
{
	if (!h->is_sent || h->orders == -1)
		return;
	close(h->orders);
	h->orders = -1;
	while (
	    !h->is_shared && waitpid(h->pid, NULL, 0) == -1 && errno == EINTR)
		continue;
}
