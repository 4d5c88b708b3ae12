/*
 * shim-malloc - memory that cannot be had
 *
 * Loaded ahead of libc, by LD_PRELOAD, it counts what a process asks malloc and
 * its kin for; strdup, getline, open_memstream and every library ask them too.
 *
 *	FAULT_AT=N	the Nth time there is none
 *	FAULT_ON=1	nor ever after
 *	FAULT_HIT=FILE	is made when that happened
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

/* glibc's own, by the names that nobody can stand in for. */
void *real_malloc(size_t) __asm__("__libc_malloc");
void *real_calloc(size_t, size_t) __asm__("__libc_calloc");
void *real_realloc(void *, size_t) __asm__("__libc_realloc");
void *real_memalign(size_t, size_t) __asm__("__libc_memalign");

/* malloc() has no caller who could hold these for it. */
static unsigned long at, count;
static bool is_lasting;
static const char *hit;

/*
 * What is asked for before the environment is there does not count; nor do the
 * first looks at users and hosts: glibc 2.36 crashes without memory for the one
 * (nss_database.c) and never unlocks after the other (resolv_conf.c).
 */
__attribute__((constructor)) static void
begin(void)
{
	const char *word = getenv("FAULT_AT");
	struct addrinfo *found;

	getpwuid(geteuid());
	if (getaddrinfo("localhost", NULL, NULL, &found) == 0)
		freeaddrinfo(found);
	if (word != NULL)
		at = strtoul(word, NULL, 10);
	is_lasting = getenv("FAULT_ON") != NULL;
	hit = getenv("FAULT_HIT");
	count = 0;
}

static bool
fails(void)
{
	int fd;

	if (at == 0 || ++count < at || (count > at && !is_lasting))
		return false;
	if (count == at && hit != NULL) {
		fd = open(hit, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (fd != -1)
			close(fd);
	}
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t size)
{
	return fails() ? NULL : real_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : real_calloc(n, size);
}

void *
realloc(void *old, size_t size)
{
	return fails() ? NULL : real_realloc(old, size);
}

void *
aligned_alloc(size_t to, size_t size)
{
	return fails() ? NULL : real_memalign(to, size);
}

int
posix_memalign(void **mem, size_t to, size_t size)
{
	void *got = fails() ? NULL : real_memalign(to, size);

	if (got == NULL)
		return ENOMEM;
	*mem = got;
	return 0;
}
