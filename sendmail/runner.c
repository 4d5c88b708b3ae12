/* SPDX-License-Identifier: ISC */
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "mailq/descriptors.h"
#include "mailq/queue.h"
#include "mailq/signals.h"
#include "mailq/stamp.h"
#include "sendmail/due.h"
#include "sendmail/runner.h"
#include "sendmail/runq.h"

#ifndef CLOCK_BOOTTIME
#define CLOCK_BOOTTIME CLOCK_MONOTONIC
#endif

/* The queues that we tend, and .run in each, locked. */
struct post {
	struct spool spool;
	int run[SPOOL_PLACES];
};

/*
 * Nothing of the caller's goes along: who waits for EOF must get it, and what he
 * ignored shall end us all the same.
 */
void
runner_detach(void)
{
	int null = descriptors_nowhere(), fd;

	setsid();
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	if (chdir("/") == -1 || null == -1)
		_exit(EX_OSERR);
	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
}

pid_t
runner_fork(void)
{
	pid_t pid = fork();
	int status;

	if (pid == -1)
		return -1;
	if (pid > 0) {
		while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
			continue;
		return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? pid : -1;
	}
	pid = fork();
	if (pid != 0)
		_exit(pid == -1);
	runner_detach();
	return 0;
}

/* Whether that child has ended; as PID 1 we inherit those of others, too. */
static bool
reap(pid_t pid, int *status)
{
	bool has_ended = false;
	pid_t one;
	int how;

	do {
		one = waitpid(-1, &how, WNOHANG);
		if (one > 0 && one == pid) {
			has_ended = true;
			*status = how;
		}
	} while (one > 0);
	return has_ended;
}

/* Seconds that pass also while the machine sleeps. */
static time_t
boot_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec;
}

/* Until a signal that ends us; false: so many seconds have passed. */
static bool
is_ended_in(const sigset_t *held, time_t seconds)
{
	const time_t end = boot_time() + seconds;
	struct timespec limit = { 0 };
	int sig = SIGCHLD, unheard;

	while (sig == -1 || sig == SIGCHLD) {
		reap(0, &unheard);
		limit.tv_sec = end - boot_time();
		if (limit.tv_sec <= 0)
			return false;
		if (limit.tv_sec > RUNNER_SLEEP)
			limit.tv_sec = RUNNER_SLEEP;
		sig = sigtimedwait(held, NULL, &limit);
	}
	return true;
}

/* A child for one run; whether we are to end. */
static bool
run_once(const struct runner *r, const sigset_t *held, const sigset_t *before,
    bool is_periodic)
{
	bool is_ended = false;
	pid_t pid = fork();
	int sig, status = 0;

	if (pid == 0) {
		sigprocmask(SIG_SETMASK, before, NULL);
		_exit(r->run(r->ctx, is_periodic));
	}
	while (pid != -1 && !reap(pid, &status)) {
		sig = sigwaitinfo(held, NULL);
		if (sig == -1 || sig == SIGCHLD)
			continue;
		kill(pid, SIGTERM);
		is_ended = true;
	}
	return is_ended ||
	    (WIFEXITED(status) && WEXITSTATUS(status) == RUNNER_UNWANTED);
}

/* The .run of a queue; -1: there is no queue. */
static int
open_run(const char *path)
{
	struct queue queue;
	struct fault none = { 0 };
	int fd;

	if (queue_open(&queue, path, false, &none) != EX_OK)
		return -1;
	fd = openat(queue.dir, QUEUE_RUNNER,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	queue_close(&queue);
	return fd;
}

/* Locks .run in each queue that has no runner; whether there is one. */
static bool
take_queues(const struct spool *spool, struct post *post)
{
	struct spool *ours = &post->spool;
	size_t i;
	int fd;

	*ours = (struct spool){ 0 };
	for (i = 0; i < spool->count; i++) {
		fd = open_run(spool->path[i]);
		if (fd != -1 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
			post->run[ours->count] = fd;
			ours->path[ours->count++] = spool->path[i];
		} else if (fd != -1) {
			close(fd);
		}
	}
	return ours->count > 0;
}

/* Who removes a queue, or puts another in its place, takes its .run along. */
static bool
is_still_ours(const struct post *post)
{
	struct stat held, found;
	size_t i;
	int fd;
	bool is_same = true;

	for (i = 0; i < post->spool.count && is_same; i++) {
		fd = open_run(post->spool.path[i]);
		is_same = fd != -1 && fstat(post->run[i], &held) == 0 &&
		    fstat(fd, &found) == 0 && held.st_dev == found.st_dev &&
		    held.st_ino == found.st_ino;
		if (fd != -1)
			close(fd);
	}
	return is_same;
}

/*
 * Whether each queue has its runner.  One that is about to leave looks once more
 * when it has let go of .run.
 */
static bool
is_tended(const struct spool *spool)
{
	bool is_so = true;
	size_t i;
	int fd;

	for (i = 0; i < spool->count && is_so; i++) {
		fd = open_run(spool->path[i]);
		if (fd == -1)
			continue;
		is_so = flock(fd, LOCK_SH | LOCK_NB) == -1;
		close(fd);
	}
	return is_so;
}

/* Seconds until a smarthost that turned us away is asked again, at most. */
static time_t
until_asked(const struct spool *ours)
{
	const time_t now = time(NULL);
	time_t wait = RUNNER_SLEEP;
	struct stamps stamps;
	struct fault none;
	size_t i, j;
	int dir;

	for (i = 0; i < ours->count; i++) {
		none = (struct fault){ 0 };
		stamps = (struct stamps){ 0 };
		dir = stamps_open(ours->path[i]);
		if (dir == -1)
			continue;
		stamps_read(&stamps, dir, &none);
		close(dir);
		for (j = 0; j < stamps.count; j++)
			if (stamp_is_fresh(stamps.stamp + j, now) &&
			    stamps.stamp[j].next - now < wait)
				wait = stamps.stamp[j].next - now;
		stamps_free(&stamps);
	}
	return wait;
}

/*
 * Until nothing waits that could be sent; whether a signal ended it.  What was due
 * before the last run and still is, was passed over: after a while it counts as
 * due again.
 */
static bool
tend(const struct runner *r, const struct post *post, time_t longest)
{
	const struct spool *ours = &post->spool;
	struct fault none;
	sigset_t held, before;
	time_t next, wait, most, began = 0;
	bool is_ended = false;

	signals_hold(&held, &before);
	while (!is_ended && is_still_ours(post)) {
		none = (struct fault){ 0 };
		due_next(ours, longest, began, &next, &none);
		if (none.code == EX_OK &&
		    (next == 0 || (next <= began && !due_holds_mail(ours))))
			break;
		most = until_asked(ours);
		wait = next > began ? next - time(NULL) : most;
		if (wait <= 0) {
			began = time(NULL);
			is_ended = run_once(r, &held, &before, false);
		} else {
			began = wait < most ? began : 0;
			is_ended =
			    is_ended_in(&held, wait < most ? wait : most);
		}
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return is_ended;
}

/*
 * Mail that was stored while we were leaving found .run locked.  One queue that
 * cannot be read any more is no reason to leave another.
 */
static _Noreturn void
serve(const struct runner *r, time_t longest)
{
	struct fault none;
	struct post post;
	time_t next;

	r->forget(r->ctx);
	signals_release();
	for (;;) {
		descriptors_close();
		if (!take_queues(r->spool, &post))
			break;
		if (tend(r, &post, longest))
			break;
		descriptors_close();
		none = (struct fault){ 0 };
		due_next(&post.spool, longest, 0, &next, &none);
		if (next == 0 || !due_holds_mail(&post.spool))
			break;
	}
	_exit(EX_OK);
}

void
runner_tend(const struct runner *r, time_t longest)
{
	if (!is_tended(r->spool) && runner_fork() == 0)
		serve(r, longest);
}

void
runner_start(const struct runner *r)
{
	if (!r->conf->no_runner && !r->conf->no_keep)
		runner_tend(r, settle_longest(r->conf));
}

static void
repeat(const struct runner *r, int seconds)
{
	sigset_t held, before;
	time_t next;

	signals_hold(&held, &before);
	do
		next = boot_time() + seconds;
	while (!run_once(r, &held, &before, true) &&
	    !is_ended_in(&held, next - boot_time()));
}

int
runner_periodic(const struct runner *r, int seconds, bool is_detached)
{
	pid_t pid = is_detached ? runner_fork() : 0;

	if (pid != 0)
		return pid == -1 ? EX_OSERR : EX_OK;
	r->forget(r->ctx);
	signals_release();
	descriptors_close();
	repeat(r, seconds);
	if (is_detached)
		_exit(EX_OK);
	return EX_OK;
}
