/* SPDX-License-Identifier: ISC */
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/wait.h>

#include <grp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "mailq/clock.h"
#include "mailq/scratch.h"
#include "mailq/signals.h"
#include "mailq/stead.h"

extern char **environ;

#define LOOK 100 /* milliseconds between two looks at who is late */

/* A child at work. */
struct child {
	const struct user *user; /* NULL: nobody */
	pid_t pid;               /* -1: it is over */
	int code;
	bool is_lost;
	intmax_t until; /* when it must be over */
	struct scratch out;
};

/* All of them, and how far they have come. */
struct troop {
	const struct stead *stead;
	const struct users *users;
	struct child child[STEAD_CHILDREN];
	size_t begun, over; /* users */
	sigset_t old;       /* the signals of our caller */
};

/*
 * For good: real, effective and saved ids.  A change of the effective ids may
 * make us dumpable (fs.suid_dumpable), so that is cleared after it; until then
 * the saved uid of root keeps out who would trace us, and to give that up
 * changes nothing more.
 */
static int
become(const struct user *user, struct fault *f)
{
	int rc = user->login == NULL ? setgroups(0, NULL)
				     : initgroups(user->login, user->gid);

	if (rc == 0)
		rc = setresgid(user->gid, user->gid, user->gid);
	if (rc == 0)
		rc = setresuid(user->uid, user->uid, 0);
#ifdef __linux__
	if (rc == 0)
		rc = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
	if (rc == 0)
		rc = setresuid(user->uid, user->uid, user->uid);
	if (rc == -1)
		return fault_errno(f, EX_NOPERM, "cannot work for uid %ju",
		    (uintmax_t)user->uid);
	return EX_OK;
}

static int
keep(const char *name, const char *value, struct fault *f)
{
	if (value == NULL || setenv(name, value, 1) == 0)
		return EX_OK;
	return fault_errno(f, EX_TEMPFAIL, "cannot set %s", name);
}

/* Who has no entry has no home either: that of the environment is root's. */
static int
settle_in(const struct user *user, struct caller *caller, struct fault *f)
{
	const char *tz = getenv("TZ"), *name = user->login;
	int rc;

	environ = NULL;
	rc = keep("TZ", tz, f);
	if (rc == EX_OK)
		rc = caller_find(caller, f);
	if (rc == EX_OK)
		rc = keep("HOME", caller->home, f);
	if (name == NULL)
		name = caller->login;
	if (rc == EX_OK)
		rc = keep("USER", name, f);
	if (rc == EX_OK)
		rc = keep("LOGNAME", name, f);
	return rc;
}

/* In the child; its exit code. */
static int
work(const struct stead *stead, const struct user *user, int fd)
{
	struct caller caller = { 0 };
	struct fault f = { 0 };
	FILE *out = NULL;
	int rc;

	rc = become(user, &f);
	if (rc == EX_OK)
		rc = settle_in(user, &caller, &f);
	if (rc == EX_OK && stead->has_out) {
		out = fdopen(fd, "w");
		if (out == NULL)
			rc = fault_errno(&f, EX_TEMPFAIL, "cannot write");
	}
	if (rc == EX_OK)
		rc = stead->work(stead->ctx, &caller, out);
	else
		stead->trouble(stead->ctx, user, &f);
	if (out != NULL && fclose(out) != 0 && rc == EX_OK)
		rc = EX_IOERR;
	caller_free(&caller);
	return rc;
}

static void
lose(const struct troop *t, struct child *child, const struct fault *f)
{
	child->pid = -1;
	child->is_lost = true;
	child->code = f->code;
	t->stead->trouble(t->stead->ctx, child->user, f);
}

/* What was found in the stead of others is none of this user's. */
static void
close_others(const struct troop *t, const struct child *child)
{
	size_t i;

	for (i = 0; i < STEAD_CHILDREN; i++)
		if (t->child + i != child && t->child[i].user != NULL &&
		    t->child[i].out.fd != -1)
			close(t->child[i].out.fd);
}

static void
begin(struct troop *t, struct child *child, const struct user *user)
{
	struct fault f = { 0 };

	*child = (struct child){ .user = user,
		.pid = -1,
		.until = clock_ms() + (intmax_t)t->stead->seconds * 1000,
		.out = { .fd = -1, .queue.dir = -1 } };
	if (t->stead->has_out &&
	    scratch_open(&child->out, NULL, "", &f) != EX_OK) {
		lose(t, child, &f);
		return;
	}
	child->pid = fork();
	if (child->pid == -1) {
		fault_errno(&f, EX_TEMPFAIL, "cannot fork");
		lose(t, child, &f);
	}
	if (child->pid != 0)
		return;
	close_others(t, child);
	/* It has its end even if nobody is left to see to that. */
	signal(SIGALRM, SIG_DFL);
	alarm(t->stead->seconds + 1);
	sigprocmask(SIG_SETMASK, &t->old, NULL);
	_exit(work(t->stead, user, child->out.fd));
}

/* Has it come to an end, or must it? */
static void
look(const struct troop *t, struct child *child)
{
	struct fault f = { 0 };
	int status = 0;
	pid_t pid;

	pid = waitpid(child->pid, &status, WNOHANG | WUNTRACED);
	if (pid == child->pid && WIFSTOPPED(status)) {
		/* Only he can have done that, or root; others wait for it. */
		kill(child->pid, SIGKILL);
		fault_set(&f, EX_TEMPFAIL, "its process was stopped");
		lose(t, child, &f);
	} else if (pid == child->pid) {
		child->pid = -1;
		child->code = WEXITSTATUS(status);
		if (WIFEXITED(status))
			return;
		fault_set(&f, EX_TEMPFAIL, "its process died of signal %d",
		    WTERMSIG(status));
		lose(t, child, &f);
	} else if (clock_ms() >= child->until) {
		/* One that hangs in the kernel is not waited for. */
		kill(child->pid, SIGKILL);
		fault_set(&f, EX_TEMPFAIL, "it took more than %u seconds",
		    t->stead->seconds);
		lose(t, child, &f);
	}
}

static void
finish(struct troop *t, struct child *child)
{
	const struct stead *stead = t->stead;
	struct text out = { .fd = child->out.fd };
	off_t end = -1;

	if (stead->has_out && !child->is_lost)
		end = lseek(out.fd, 0, SEEK_END);
	out.size = end;
	stead->over(
	    stead->ctx, child->user, child->code, end == -1 ? NULL : &out);
	if (stead->has_out)
		scratch_close(&child->out);
	child->user = NULL;
	t->over++;
}

/* Users take their places by turns: in order, the next to end is here. */
static void
attend(struct troop *t)
{
	const size_t turn = t->over;
	struct child *child;
	size_t i;

	for (i = 0; i < STEAD_CHILDREN; i++) {
		child = t->child + (turn + i) % STEAD_CHILDREN;
		if (child->user != NULL && child->pid != -1)
			look(t, child);
		if (child->user == NULL || child->pid != -1)
			continue;
		if (!t->stead->in_order ||
		    child->user == t->users->user + t->over)
			finish(t, child);
	}
}

static void
fill(struct troop *t)
{
	const size_t turn = t->begun;
	struct child *child;
	size_t i;

	for (i = 0; i < STEAD_CHILDREN && t->begun < t->users->count; i++) {
		child = t->child + (turn + i) % STEAD_CHILDREN;
		if (child->user == NULL)
			begin(t, child, t->users->user + t->begun++);
	}
}

/* Told to stop, we tell them; who is about to commit a message does so first. */
static void
pass_on(const struct troop *t, int number)
{
	size_t i;

	for (i = 0; i < STEAD_CHILDREN; i++)
		if (t->child[i].user != NULL && t->child[i].pid > 0)
			kill(t->child[i].pid, number);
	sigprocmask(SIG_SETMASK, &t->old, NULL);
	raise(number);
}

void
stead_each(const struct stead *stead, const struct users *users)
{
	const struct timespec pause = { .tv_nsec = LOOK * 1000000L };
	struct sigaction usual = { .sa_handler = SIG_DFL }, before;
	struct troop t = { .stead = stead, .users = users };
	sigset_t held;
	int number;

	/* Who ignores it gets no word of his children. */
	sigaction(SIGCHLD, &usual, &before);
	signals_hold(&held, &t.old);
	fill(&t);
	while (t.over < users->count) {
		number = sigtimedwait(&held, NULL, &pause);
		if (number > 0 && number != SIGCHLD)
			pass_on(&t, number);
		attend(&t);
		fill(&t);
	}
	sigprocmask(SIG_SETMASK, &t.old, NULL);
	sigaction(SIGCHLD, &before, NULL);
}
