/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "mailq/descriptors.h"

#define MOST 65536 /* that are closed one by one */

#ifndef O_PATH
#define O_PATH 0
#endif

/*
 * Who is put into a chroot may lack /dev; no folder takes an octet, either, and
 * the path alone may be had in a sandbox too.
 */
int
descriptors_nowhere(void)
{
	int fd = open("/dev/null", O_RDWR);

	return fd != -1 ? fd : open("/", O_PATH | O_DIRECTORY);
}

bool
descriptors_fill(void)
{
	bool was_open = fcntl(STDIN_FILENO, F_GETFD) != -1;
	int fd;

	do
		fd = descriptors_nowhere();
	while (fd != -1 && fd <= STDERR_FILENO);
	if (fd != -1)
		close(fd);
	return was_open;
}

void
descriptors_part(void)
{
	struct stat out, err;
	int fd;

	if (fstat(STDOUT_FILENO, &out) == -1 ||
	    fstat(STDERR_FILENO, &err) == -1 || out.st_dev != err.st_dev ||
	    out.st_ino != err.st_ino)
		return;
	fd = descriptors_nowhere();
	if (fd == -1)
		return;
	dup2(fd, STDERR_FILENO);
	close(fd);
}

void
descriptors_end(int first, int last)
{
#ifdef CLOSE_RANGE_CLOEXEC
	if (close_range((unsigned)first, (unsigned)last, 0) == 0)
		return;
#endif
	for (; first <= last && first < MOST; first++)
		close(first);
}

void
descriptors_close(void)
{
	descriptors_end(STDERR_FILENO + 1, INT_MAX);
}
