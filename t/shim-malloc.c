/*
 * shim-malloc - memory that cannot be had
 *
 * Loaded ahead of libc, by LD_PRELOAD, it counts what a process asks malloc and
 * its kin for; strdup, getline, open_memstream and every library ask them too.
 *
 *	FAULT_AT=N	the Nth time there is none
 *	FAULT_ON=1	nor ever after
 *	FAULT_HIT=FILE	gets "1" in it when that happens; before it has "0"
 *
 * The file is mapped at the start, for who is confined makes none.
 *
 * SPDX-License-Identifier: ISC
 */
#include <sys/mman.h>
#include <sys/stat.h>

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
static char *hit;

/* Where to say so; what another process of the same test said there stays. */
static char *
map(const char *path)
{
	int fd = path == NULL ? -1 : open(path, O_RDWR | O_CREAT, 0600);
	struct stat st;
	void *mem = MAP_FAILED;

	if (fd == -1)
		return NULL;
	if (fstat(fd, &st) == 0 && (st.st_size > 0 || write(fd, "0", 1) == 1))
		mem = mmap(NULL, 1, PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return mem == MAP_FAILED ? NULL : mem;
}

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
	hit = map(getenv("FAULT_HIT"));
	count = 0;
}

static bool
fails(void)
{
	if (at == 0 || ++count < at || (count > at && !is_lasting))
		return false;
	if (count == at && hit != NULL)
		*hit = '1';
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
