/* SPDX-License-Identifier: ISC */
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>

#include "sendmail/sandbox.h"
#include "sendmail/seccomp.h"
#include "t/place.h"

#define ROOM 256
#define NOT_HAD 255 /* what is not to be had here refuses nothing */

/* What is there for the taking, made anew for each test. */
struct scene {
	char home[ROOM], queue[ROOM], secret[ROOM], ca[ROOM], door[ROOM];
	char in_queue[ROOM], in_ca[ROOM], moved[ROOM];
	int ours,
	    others; /* sockets that listen: at the smarthost's port, or not */
};

static int
listen_to(const void *addr, socklen_t size)
{
	const struct sockaddr *name = addr;
	int fd = socket(name->sa_family, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, name, size), 0);
	assert_int_equal(listen(fd, 5), 0);
	return fd;
}

static int
listen_anywhere(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return listen_to(&in, sizeof(in));
}

static unsigned
port_of(int fd)
{
	struct sockaddr_in in = { 0 };
	socklen_t size = sizeof(in);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &size), 0);
	return ntohs(in.sin_port);
}

static void
write_file(const char *path)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs("secret\n", out);
	fclose(out);
}

static void
join(char path[ROOM], const char *folder, const char *name)
{
	snprintf(path, ROOM, "%.120s/%s", folder, name);
}

static void
furnish(const struct place *p, struct scene *s)
{
	struct sockaddr_un door = { .sun_family = AF_UNIX };
	char folder[ROOM];

	join(s->home, p->home, "home");
	join(s->queue, s->home, ".queue");
	join(s->secret, s->home, "secret");
	join(s->ca, s->home, "ca");
	join(s->door, s->home, "door");
	join(s->in_queue, s->queue, "active/A");
	join(s->moved, s->queue, "failed/A");
	join(s->in_ca, s->ca, "A.0");
	assert_int_equal(mkdir(s->home, 0700), 0);
	assert_int_equal(mkdir(s->queue, 0700), 0);
	assert_int_equal(mkdir(s->ca, 0700), 0);
	join(folder, s->queue, "active");
	assert_int_equal(mkdir(folder, 0700), 0);
	join(folder, s->queue, "failed");
	assert_int_equal(mkdir(folder, 0700), 0);
	write_file(s->secret);
	write_file(s->in_queue);
	write_file(s->in_ca);
	snprintf(door.sun_path, sizeof(door.sun_path), "%.100s", s->door);
	close(listen_to(&door, sizeof(door)));
	unlink(s->door);
	assert_int_not_equal(listen_to(&door, sizeof(door)), -1);
	s->ours = listen_anywhere();
	s->others = listen_anywhere();
}

/* Settings and a spool as the program has them. */
static unsigned
enter(struct scene *s)
{
	char port[16], host[] = "localhost";
	struct smarthost smarthost = {
		.host = host, .port = port, .ca = s->ca
	};
	struct conf conf = { .smarthost = &smarthost, .smarthosts = 1 };
	struct spool spool = { .path = { s->queue }, .count = 1 };

	snprintf(port, sizeof(port), "%u", port_of(s->ours));
	return sandbox_enter(&conf, &spool);
}

/* In a child that is confined: errno, 0 if all went well. */
static int
try_it(struct scene *s, unsigned part, int (*attempt)(struct scene *))
{
	int status = 0;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		if ((enter(s) & part) != part)
			_exit(NOT_HAD);
		errno = 0;
		_exit(attempt(s) == -1 ? errno : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
assert_tried(struct scene *s, unsigned part, int (*attempt)(struct scene *),
    int want, const char *what)
{
	int got = try_it(s, part, attempt);

	if (got != want && got != NOT_HAD)
		fail_msg("%s: %s, not %s", what, strerror(got), strerror(want));
}

#define REFUSED(part, attempt)                                          \
	assert_tried(&s, part, attempt,                                 \
	    (part) == SANDBOX_FILES || (part) == SANDBOX_PORTS ? EACCES \
							       : EPERM, \
	    #attempt)
#define GRANTED(attempt) assert_tried(&s, 0, attempt, 0, #attempt)

static int
read_secret(struct scene *s)
{
	return open(s->secret, O_RDONLY);
}

static int
read_passwords(struct scene *s)
{
	(void)s;
	return open("/etc/passwd", O_RDONLY);
}

static int
read_certificate(struct scene *s)
{
	return open(s->in_ca, O_RDONLY);
}

static int
change_certificate(struct scene *s)
{
	return open(s->in_ca, O_WRONLY);
}

static int
read_hosts(struct scene *s)
{
	(void)s;
	return open("/etc/hosts", O_RDONLY);
}

static int
change_hosts(struct scene *s)
{
	(void)s;
	return open("/etc/hosts", O_WRONLY);
}

static int
write_to_nowhere(struct scene *s)
{
	(void)s;
	return open("/dev/null", O_RDWR);
}

static int
open_terminals(struct scene *s)
{
	(void)s;
	return open("/dev/ptmx", O_RDWR);
}

static int
make_in_home(struct scene *s)
{
	char path[ROOM];

	join(path, s->home, ".profile");
	return open(path, O_WRONLY | O_CREAT, 0600);
}

static int
make_in_tmp(struct scene *s)
{
	(void)s;
	return open("/tmp", O_RDWR | O_TMPFILE, 0600);
}

static int
remove_secret(struct scene *s)
{
	return unlink(s->secret);
}

static int
steal_into_queue(struct scene *s)
{
	return rename(s->secret, s->moved);
}

static int
link_into_queue(struct scene *s)
{
	return link(s->secret, s->moved);
}

static int
change_message(struct scene *s)
{
	int fd = open(s->in_queue, O_RDWR);

	return fd == -1 ? -1 : ftruncate(fd, 1);
}

static int
move_message(struct scene *s)
{
	return rename(s->in_queue, s->moved) == 0 &&
		rename(s->moved, s->in_queue) == 0
	    ? 0
	    : -1;
}

/* As scratch does it. */
static int
keep_message(struct scene *s)
{
	char folder[ROOM], path[ROOM], name[64];
	int fd;

	join(folder, s->queue, "active");
	join(path, s->queue, "active/B");
	fd = open(folder, O_RDWR | O_TMPFILE, 0600);
	if (fd == -1 || write(fd, "x", 1) != 1)
		return -1;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, name, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == -1)
		return -1;
	return unlink(path);
}

static int
make_folder_for_held(struct scene *s)
{
	char folder[ROOM];

	join(folder, s->queue, "hold");
	return mkdir(folder, 0700) == 0 || errno == EEXIST ? 0 : -1;
}

static void
files_are_out_of_reach_but_for_what_is_needed(void **state)
{
	struct scene s;

	furnish(*state, &s);
	REFUSED(SANDBOX_FILES, read_secret);
	REFUSED(SANDBOX_FILES, read_passwords);
	REFUSED(SANDBOX_FILES, change_certificate);
	REFUSED(SANDBOX_FILES, change_hosts);
	REFUSED(SANDBOX_FILES, open_terminals);
	REFUSED(SANDBOX_FILES, make_in_home);
	REFUSED(SANDBOX_FILES, make_in_tmp);
	REFUSED(SANDBOX_FILES, remove_secret);
	REFUSED(SANDBOX_FILES, steal_into_queue);
	assert_tried(
	    &s, SANDBOX_FILES, link_into_queue, EXDEV, "link_into_queue");
	GRANTED(read_certificate);
	GRANTED(read_hosts);
	GRANTED(write_to_nowhere);
	GRANTED(change_message);
	GRANTED(move_message);
	GRANTED(keep_message);
	GRANTED(make_folder_for_held);
}

static int
dial(unsigned port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return connect(fd, (struct sockaddr *)&in, sizeof(in));
}

static int
call_smarthost(struct scene *s)
{
	return dial(port_of(s->ours));
}

static int
call_another(struct scene *s)
{
	return dial(port_of(s->others));
}

static int
serve(struct scene *s)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)s;
	return bind(fd, (struct sockaddr *)&in, sizeof(in));
}

static int
come_to_the_door(struct scene *s)
{
	struct sockaddr_un door = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(door.sun_path, sizeof(door.sun_path), "%.100s", s->door);
	return connect(fd, (struct sockaddr *)&door, sizeof(door));
}

static int
look_up(struct scene *s)
{
	struct addrinfo *list = NULL;
	int rc = getaddrinfo("localhost", "25", NULL, &list);

	(void)s;
	if (rc == 0)
		freeaddrinfo(list);
	errno = EHOSTUNREACH;
	return rc == 0 ? 0 : -1;
}

static void
a_port_that_is_no_smarthosts_is_out_of_reach(void **state)
{
	struct scene s;

	furnish(*state, &s);
	REFUSED(SANDBOX_PORTS, call_another);
	REFUSED(SANDBOX_PORTS, serve);
	GRANTED(call_smarthost);
	GRANTED(come_to_the_door);
	GRANTED(look_up);
}

static int
run_a_program(struct scene *s)
{
	char name[] = "true";
	char *argv[] = { name, NULL };

	(void)s;
	return execve("/bin/true", argv, environ);
}

/* What is forsworn is so for children. */
static int
run_from_a_child(struct scene *s)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		run_a_program(s);
		_exit(errno);
	}
	waitpid(pid, &status, 0);
	errno = WEXITSTATUS(status);
	return errno == 0 ? 0 : -1;
}

static int
run_an_open_program(struct scene *s)
{
	char name[] = "true";
	char *argv[] = { name, NULL };

	(void)s;
	return (int)syscall(
	    SYS_execveat, AT_FDCWD, "/bin/true", argv, environ, 0);
}

static int
become_another_user(struct scene *s)
{
	(void)s;
	return setuid(getuid());
}

static int
trace(struct scene *s)
{
	(void)s;
	return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static int
read_a_process(struct scene *s)
{
	char to[1];
	struct iovec here = { to, 1 }, there = { s->home, 1 };

	return (int)process_vm_readv(getpid(), &here, 1, &there, 1, 0);
}

static int
mount_something(struct scene *s)
{
	return mount("none", s->home, "tmpfs", 0, NULL);
}

static int
leave_name_space(struct scene *s)
{
	(void)s;
	return unshare(CLONE_NEWUSER);
}

static int
clone_name_space(struct scene *s)
{
	long pid =
	    syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);

	(void)s;
	if (pid == 0)
		_exit(0);
	return (int)pid;
}

static int
type_into_terminal(struct scene *s)
{
	(void)s;
	return ioctl(STDIN_FILENO, TIOCSTI, "x");
}

static int
load_a_program_into_the_kernel(struct scene *s)
{
	(void)s;
	return (int)syscall(SYS_bpf, 0, NULL, 0);
}

#ifdef __x86_64__
static int
call_by_another_number(struct scene *s)
{
	(void)s;
	return (int)syscall(0x40000000 | SYS_getpid);
}
#endif

/* Which runs programs in a way of its own, and asks no kernel about x32. */
static bool
is_valgrind(void)
{
	const char *libraries = getenv("LD_PRELOAD");

	return libraries != NULL && strstr(libraries, "vgpreload") != NULL;
}

static void
calls_that_serve_an_intruder_are_refused(void **state)
{
	struct scene s;

	furnish(*state, &s);
	if (!is_valgrind()) {
		REFUSED(SANDBOX_CALLS, run_a_program);
		REFUSED(SANDBOX_CALLS, run_from_a_child);
		REFUSED(SANDBOX_CALLS, run_an_open_program);
	}
	REFUSED(SANDBOX_CALLS, become_another_user);
#ifndef SECCOMP_SANITIZER
	REFUSED(SANDBOX_CALLS, trace);
#else
	(void)trace;
#endif
	REFUSED(SANDBOX_CALLS, read_a_process);
	REFUSED(SANDBOX_CALLS, mount_something);
	REFUSED(SANDBOX_CALLS, leave_name_space);
	REFUSED(SANDBOX_CALLS, clone_name_space);
	REFUSED(SANDBOX_CALLS, type_into_terminal);
	REFUSED(SANDBOX_CALLS, load_a_program_into_the_kernel);
#ifdef __x86_64__
	if (!is_valgrind())
		REFUSED(SANDBOX_CALLS, call_by_another_number);
#endif
}

static int
signal_another(struct scene *s)
{
	(void)s;
	return kill(getppid(), 0);
}

static int
signal_a_child(struct scene *s)
{
	pid_t pid = fork();

	(void)s;
	if (pid == 0)
		_exit(pause());
	if (pid == -1 || kill(pid, SIGKILL) == -1)
		return -1;
	return waitpid(pid, NULL, 0) == pid ? 0 : -1;
}

static int
forswear(struct scene *s)
{
	(void)s;
	errno = EINVAL;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : -1;
}

static void
other_processes_get_no_signals(void **state)
{
	struct scene s;

	furnish(*state, &s);
	REFUSED(SANDBOX_OTHERS, signal_another);
	GRANTED(signal_a_child);
	GRANTED(forswear);
}

static void
without_a_queue_there_is_tmp(void **state)
{
	struct scene s;

	furnish(*state, &s);
	join(s.queue, s.home, "none");
	GRANTED(make_in_tmp);
	REFUSED(SANDBOX_FILES, read_passwords);
}

/* As a systemd service whose SystemCallFilter has no @sandbox. */
static void
forbid_landlock(void)
{
	struct sock_filter lines[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 444, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 446, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { sizeof(lines) / sizeof(lines[0]), lines };

	assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	assert_int_equal(
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0), 0);
}

static void
who_would_be_killed_for_it_does_without(void **state)
{
	struct scene s;
	int status = 0;
	pid_t pid;

	furnish(*state, &s);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		forbid_landlock();
		_exit(enter(&s) == SANDBOX_CALLS ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(files_are_out_of_reach_but_for_what_is_needed),
		CASE(a_port_that_is_no_smarthosts_is_out_of_reach),
		CASE(calls_that_serve_an_intruder_are_refused),
		CASE(other_processes_get_no_signals),
		CASE(without_a_queue_there_is_tmp),
		CASE(who_would_be_killed_for_it_does_without),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
