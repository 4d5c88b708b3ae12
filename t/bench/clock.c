/*
 * clock - what it takes to send messages
 *
 *	clock TIMES EACH LAST TRANSCRIPT SESSION INPUT COMMAND...
 *
 * Runs the command so often, and waits until the smarthost that writes this
 * transcript has taken so many messages more, each time and at last.  Tells the
 * milliseconds that passed, and those of the processor: of the command and all
 * that it waited for, and of the processes of a session, a daemon's, if that is
 * not 0.  Whatever goes wrong ends it.
 *
 * SPDX-License-Identifier: ISC
 */
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TAKEN "S: 250 2.0.0 Ok: queued\n"
#define PATIENCE_MS 120000
#define PAUSE_NS 200000

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double
milliseconds(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

/* The first line of a file of a process, empty if it is gone. */
static const char *
look(const char *pid, const char *name, char *line, int size)
{
	char path[300];
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	*line = '\0';
	in = fopen(path, "r");
	if (in != NULL) {
		if (fgets(line, size, in) == NULL)
			*line = '\0';
		fclose(in);
	}
	return line;
}

/*
 * Of one process, if it belongs to the session, in nanoseconds, and of the children
 * it had, in ticks.
 */
static double
spent_by(const char *pid, long session)
{
	char line[1024];
	const char *at;
	long of, user, system;

	at = strrchr(look(pid, "stat", line, sizeof(line)), ')');
	if (at == NULL ||
	    sscanf(at,
		") %*c %*d %*d %ld %*d %*d %*u %*u %*u %*u %*u %*u %*u %ld %ld",
		&of, &user, &system) != 3 ||
	    of != session)
		return 0;
	return strtod(look(pid, "schedstat", line, sizeof(line)), NULL) / 1e6 +
	    (double)(user + system) * 1e3 / (double)sysconf(_SC_CLK_TCK);
}

static double
spent(long session)
{
	struct rusage ours;
	struct dirent *entry;
	double sum;
	DIR *all;

	getrusage(RUSAGE_CHILDREN, &ours);
	sum = milliseconds(ours.ru_utime) + milliseconds(ours.ru_stime);
	if (session == 0)
		return sum;
	all = opendir("/proc");
	if (all == NULL)
		err(1, "cannot read /proc");
	while ((entry = readdir(all)) != NULL)
		if (strspn(entry->d_name, "0123456789") > 0)
			sum += spent_by(entry->d_name, session);
	closedir(all);
	return sum;
}

static void
run(const char *input, char **command)
{
	int fd = open(input, O_RDONLY | O_CLOEXEC), status;
	pid_t child = fork();

	if (child == 0) {
		if (fd == -1 || dup2(fd, STDIN_FILENO) == -1 ||
		    dup2(STDERR_FILENO, STDOUT_FILENO) == -1)
			err(1, "cannot open '%s'", input);
		execvp(command[0], command);
		err(1, "cannot run '%s'", command[0]);
	}
	if (child == -1 || waitpid(child, &status, 0) != child)
		err(1, "cannot run '%s'", command[0]);
	if (status != 0)
		errx(1, "'%s' failed", command[0]);
	close(fd);
}

/* Read on, to the end or until so many were taken. */
static void
await(FILE *transcript, long wanted)
{
	struct timespec pause = { .tv_nsec = PAUSE_NS };
	double began = now();
	char line[4096], *part;

	while (wanted > 0) {
		part = fgets(line, sizeof(line), transcript);
		if (part != NULL && strchr(part, '\n') != NULL) {
			wanted -= strcmp(part, TAKEN) == 0;
			continue;
		}
		if (now() - began > PATIENCE_MS)
			errx(1, "%ld messages have not arrived", wanted);
		fseek(transcript, part == NULL ? 0 : -(long)strlen(part),
		    SEEK_CUR);
		nanosleep(&pause, NULL);
	}
}

static long
number(const char *word)
{
	return strtol(word, NULL, 10);
}

int
main(int argc, char **argv)
{
	FILE *transcript;
	double began, had;
	long times, session;

	if (argc < 8)
		errx(64,
		    "usage: clock TIMES EACH LAST TRANSCRIPT SESSION "
		    "INPUT COMMAND...");
	session = number(argv[5]);
	transcript = fopen(argv[4], "r");
	if (transcript == NULL || fseek(transcript, 0, SEEK_END) != 0)
		err(1, "cannot read '%s'", argv[4]);
	had = spent(session);
	began = now();
	for (times = number(argv[1]); times > 0; times--) {
		run(argv[6], argv + 7);
		await(transcript, number(argv[2]));
	}
	await(transcript, number(argv[3]));
	printf("%.3f %.3f\n", now() - began, spent(session) - had);
	fclose(transcript);
	return 0;
}
