/* SPDX-License-Identifier: ISC */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include "mailq/descriptors.h"
#include "mailq/signals.h"
#include "sendmail/herald.h"
#include "sendmail/settle.h"

/* Orders, each an octet; so is the end of them. */
#define START "s"
#define END "e"

static _Noreturn void
serve(const struct herald *h, int orders)
{
	const struct runner *r = h->runner;
	const time_t longest = settle_longest(r->conf);
	char order;

	runner_detach();
	if (dup2(orders, STDIN_FILENO) == -1)
		_exit(EX_OSERR);
	r->forget(r->ctx);
	signals_release();
	descriptors_close();
	while (read(STDIN_FILENO, &order, 1) == 1 && order == *START)
		runner_tend(r, longest);
	berth_remove(h->berth.path);
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
		serve(h, fd[0]);
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
	berth_take(&h->berth, b->spool, b->caller);
	if (!conf->no_runner || h->berth.path != NULL)
		go(h);
}

/* One that is gone needs no complaint: a runner is haste, not warrant. */
static void
give(const struct herald *h, const char *order)
{
	ssize_t put;

	do
		put = write(h->orders, order, 1);
	while (put == -1 && errno == EINTR);
}

void
herald_start(const struct herald *h)
{
	if (!h->is_sent) {
		runner_start(h->runner);
	} else if (h->orders != -1 && !h->runner->conf->no_runner) {
		give(h, START);
	}
}

void
herald_end(struct herald *h)
{
	if (!h->is_sent || h->orders == -1)
		return;
	berth_leave(&h->berth);
	/* Who is waited for must not wait for a close(2) that failed. */
	if (!h->is_shared)
		give(h, END);
	close(h->orders);
	h->orders = -1;
	while (
	    !h->is_shared && waitpid(h->pid, NULL, 0) == -1 && errno == EINTR)
		continue;
}
