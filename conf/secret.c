/* SPDX-License-Identifier: ISC */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

#include "conf/conf.h"
#include "conf/secret.h"

#define SLICE 100 /* ms between two looks at a command that is silent */
#define FDS 65536 /* descriptors closed by hand, where the kernel cannot */

extern char **environ;

/* The first line of a stream, as far as it was read. */
struct first_line {
	char text[SECRET_SIZE + 2]; /* with CR LF */
	size_t len;
	bool is_whole; /* nothing more of it will come */
	bool is_ended; /* nothing more will come at all */
};

/* A command that is being run. */
struct command {
	pid_t pid;
	int fd;         /* what it prints; not blocking */
	long long most; /* ms that it may take */
	long long end;  /* when they are over, by the monotonic clock */
	bool is_over;
	int status; /* then */
};

static long long
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (long long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Read once; what lies behind the first line is read and dropped. */
static int
hear(struct first_line *line, int fd, struct fault *f)
{
	char rest[512];
	size_t room = sizeof(line->text) - line->len;
	bool is_rest = line->is_whole || room == 0;
	ssize_t got;

	if (is_rest)
		got = read(fd, rest, sizeof(rest));
	else
		got = read(fd, line->text + line->len, room);
	explicit_bzero(rest, sizeof(rest));
	if (got == -1 && (errno == EINTR || errno == EAGAIN))
		return EX_OK;
	if (got == -1)
		return fault_errno(f, EX_NOPERM, "cannot read");
	line->is_ended = got == 0;
	if (!is_rest) {
		line->is_whole = got == 0 ||
		    memchr(line->text + line->len, '\n', (size_t)got) != NULL;
		line->len += (size_t)got;
	}
	return EX_OK;
}

static int
keep(struct smarthost *s, struct first_line *line, struct fault *f)
{
	char *end = memchr(line->text, '\n', line->len);
	size_t len = line->len;

	if (end != NULL)
		len = (size_t)(end - line->text);
	if (end != NULL && len > 0 && line->text[len - 1] == '\r')
		len--;
	if (len == 0)
		return fault_set(f, EX_NOPERM, "the first line is empty");
	if (len > SECRET_SIZE)
		return fault_set(f, EX_NOPERM,
		    "the first line is longer than %d octets", SECRET_SIZE);
	if (memchr(line->text, '\0', len) != NULL)
		return fault_set(f, EX_NOPERM, "the first line holds a NUL");
	s->secret = strndup(line->text, len);
	if (s->secret == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep the password");
	return EX_OK;
}

static int
read_file(struct smarthost *s, const char *path, struct fault *f)
{
	struct first_line line = { 0 };
	struct stat st;
	int fd, rc;

	if (conf_open(path, &fd, f) != EX_OK)
		return f->code;
	if (fstat(fd, &st) == 0)
		s->secret_changed =
		    st.st_ctime > st.st_mtime ? st.st_ctime : st.st_mtime;
	rc = EX_OK;
	while (rc == EX_OK && !line.is_whole && line.len < sizeof(line.text))
		rc = hear(&line, fd, f);
	close(fd);
	if (rc == EX_OK)
		rc = keep(s, &line, f);
	explicit_bzero(&line, sizeof(line));
	return rc;
}

/* Ours without ONEHOP_; the strings stay where they are. */
static char **
make_environment(void)
{
	char **from, **made;
	size_t count = 0;

	for (from = environ; *from != NULL; from++)
		count++;
	made = calloc(count + 1, sizeof(*made));
	if (made == NULL)
		return NULL;
	for (count = 0, from = environ; *from != NULL; from++)
		if (strncmp(*from, "ONEHOP_", strlen("ONEHOP_")) != 0)
			made[count++] = *from;
	return made;
}

static void
close_from(int fd)
{
	long most = sysconf(_SC_OPEN_MAX);

#ifdef SYS_close_range
	if (syscall(SYS_close_range, (unsigned)fd, ~0U, 0U) == 0)
		return;
#endif
	if (most < 0 || most > FDS)
		most = FDS;
	for (; fd < most; fd++)
		close(fd);
}

/*
 * Between us and the shell: ends as it does, or, once nobody is left to read the
 * output, whatever killed us, with all of its session; so too at a SIGTERM, for it
 * goes by our name.  What it knows of ours must not end in a core;
 * a limit of 1 is obeyed by those that go into a pipe too.
 */
static _Noreturn void
watch(pid_t shell, int out, const sigset_t *held)
{
	const struct timespec slice = { .tv_nsec = SLICE * 1000000L };
	struct pollfd reader = { .fd = out };
	const struct rlimit no_core = { .rlim_cur = 1, .rlim_max = 1 };
	int sig, status = 0;

	while (waitpid(shell, &status, WNOHANG) == 0) {
		sig = sigtimedwait(held, NULL, &slice);
		if (sig == SIGTERM || poll(&reader, 1, 0) > 0)
			kill(0, SIGKILL);
	}
	if (WIFSIGNALED(status) && setrlimit(RLIMIT_CORE, &no_core) == 0) {
		signal(WTERMSIG(status), SIG_DFL);
		sigprocmask(SIG_UNBLOCK, held, NULL);
		raise(WTERMSIG(status));
	}
	_exit(WIFSIGNALED(status) ? 127 : WEXITSTATUS(status));
}

/* In the child; where no process is to be had nobody watches. */
static _Noreturn void
become(const char *shell_command, int out, char **environment)
{
	char sh[] = "sh", c[] = "-c";
	char *argv[] = { sh, c, (char *)shell_command, NULL };
	int null = open("/dev/null", O_RDWR);
	sigset_t held, before;
	pid_t shell;

	if (setsid() == -1 || null == -1 || dup2(null, STDIN_FILENO) == -1 ||
	    dup2(null, STDERR_FILENO) == -1 || dup2(out, STDOUT_FILENO) == -1 ||
	    signal(SIGPIPE, SIG_DFL) == SIG_ERR)
		_exit(127);
	close_from(STDERR_FILENO + 1);
	sigemptyset(&held);
	sigaddset(&held, SIGCHLD);
	sigaddset(&held, SIGTERM);
	sigprocmask(SIG_BLOCK, &held, &before);
	shell = fork();
	if (shell > 0) {
		free(environment);
		watch(shell, STDOUT_FILENO, &held);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	execve("/bin/sh", argv, environment);
	_exit(127);
}

static int
start(struct command *c, const char *shell_command, struct fault *f)
{
	char **environment;
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) == -1)
		return fault_errno(f, EX_TEMPFAIL, "cannot make a pipe");
	environment = make_environment();
	c->pid = environment == NULL ? -1 : fork();
	if (c->pid == 0)
		become(shell_command, fd[1], environment);
	if (c->pid == -1)
		fault_errno(f, EX_TEMPFAIL, "cannot start a process");
	free(environment);
	close(fd[1]);
	c->fd = fd[0];
	if (c->pid == -1)
		close(fd[0]);
	return f->code;
}

static void
look(struct command *c)
{
	pid_t pid;

	if (c->is_over)
		return;
	pid = waitpid(c->pid, &c->status, WNOHANG);
	c->is_over = pid == c->pid;
}

/* Until it ends its output, or is over: what it left running may hold that. */
static int
listen_to(struct command *c, struct first_line *line, struct fault *f)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	bool was_over;
	int n, rc = EX_OK;

	while (rc == EX_OK && !line->is_ended && now() < c->end) {
		was_over = c->is_over;
		n = poll(&p, 1, was_over ? 0 : SLICE);
		if (n == -1 && errno != EINTR)
			return fault_errno(f, EX_TEMPFAIL, "cannot wait");
		if (n > 0)
			rc = hear(line, c->fd, f);
		if (was_over && (n == 0 || line->is_whole))
			break;
		if (n <= 0)
			look(c);
	}
	return rc;
}

static int
judge(const struct command *c, struct fault *f)
{
	if (!c->is_over)
		return fault_set(f, EX_NOPERM,
		    "still runs after %lld s: killed", c->most / 1000);
	if (WIFSIGNALED(c->status))
		return fault_set(
		    f, EX_NOPERM, "died of signal %d", WTERMSIG(c->status));
	if (WEXITSTATUS(c->status) != 0)
		return fault_set(f, EX_NOPERM, "failed with exit code %d",
		    WEXITSTATUS(c->status));
	return EX_OK;
}

/* From its first octet to its last breath. */
static int
attend(struct command *c, struct first_line *line, struct fault *f)
{
	int rc;

	rc = listen_to(c, line, f);
	for (look(c); rc == EX_OK && !c->is_over && now() < c->end; look(c))
		poll(NULL, 0, SLICE / 10);
	if (rc == EX_OK)
		rc = judge(c, f);
	if (!c->is_over) {
		/* Its session may not have been made yet. */
		kill(-c->pid, SIGKILL);
		kill(c->pid, SIGKILL);
		while (waitpid(c->pid, NULL, 0) == -1 && errno == EINTR)
			continue;
	}
	return rc;
}

static int
run(struct smarthost *s, long long ms, struct fault *f)
{
	struct sigaction usual = { .sa_handler = SIG_DFL }, before;
	struct first_line line = { 0 };
	struct command c = { .most = SECRET_SECONDS * 1000LL };
	int rc;

	if (s->timeout > 0 && s->timeout < SECRET_SECONDS)
		c.most = s->timeout * 1000LL;
	if (ms < c.most)
		c.most = ms;
	c.end = now() + c.most;

	/* Where the caller ignored it, no exit code could be had. */
	sigaction(SIGCHLD, &usual, &before);
	rc = start(&c, s->password_command, f);
	if (rc == EX_OK) {
		rc = attend(&c, &line, f);
		close(c.fd);
	}
	sigaction(SIGCHLD, &before, NULL);
	if (rc == EX_OK)
		rc = keep(s, &line, f);
	explicit_bzero(&line, sizeof(line));
	return rc;
}

static int
copy(struct smarthost *s, struct fault *f)
{
	s->secret = strdup(s->password);
	if (s->secret == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep the password");
	return EX_OK;
}

bool
secret_file(const struct smarthost *s, char path[PATH_MAX])
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	int len;

	if (s->password != NULL || s->password_command != NULL)
		return false;
	if (s->password_file != NULL)
		len = snprintf(path, PATH_MAX, "%s", s->password_file);
	else if (directory != NULL && directory[0] == '/')
		len = snprintf(path, PATH_MAX, "%s/onehop.password", directory);
	else
		return false;
	return len < PATH_MAX;
}

int
secret_fetch(struct smarthost *s, long long ms, struct fault *f)
{
	struct fault why = { 0 };
	const char *key = "password";
	char path[PATH_MAX];

	if (s->secret != NULL)
		return EX_OK;
	if (s->password != NULL) {
		copy(s, &why);
	} else if (s->password_command != NULL) {
		key = "password_command";
		run(s, ms, &why);
	} else if (secret_file(s, path)) {
		if (s->password_file != NULL)
			key = "password_file";
		read_file(s, path, &why);
	} else {
		fault_set(&why, EX_NOPERM,
		    "there is none: set password_file, password_command or "
		    "password");
	}
	if (why.code == EX_OK)
		return EX_OK;
	return fault_set(f, why.code == EX_TEMPFAIL ? EX_TEMPFAIL : EX_NOPERM,
	    "%s: %s", key, why.text);
}

void
secret_wipe(struct smarthost *s)
{
	value_forget(&s->secret);
}
