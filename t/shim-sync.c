/*
 * shim-sync - a sync that does nothing
 *
 * Loaded ahead of libc, by LD_PRELOAD, to see that a test of power cuts bites:
 * SYNC_LIE names what is answered and not done.
 *
 *	file	fsync of a file
 *	folder	fsync of a directory
 *	data	fdatasync
 *
 * SPDX-License-Identifier: ISC
 */
#include <sys/stat.h>
#include <sys/syscall.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
is_lie(const char *about)
{
	const char *word = getenv("SYNC_LIE");

	return word != NULL && strcmp(word, about) == 0;
}

int
fsync(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 &&
	    is_lie(S_ISDIR(st.st_mode) ? "folder" : "file"))
		return 0;
	return (int)syscall(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
	return is_lie("data") ? 0 : (int)syscall(SYS_fdatasync, fd);
}
