/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mailq/directory.h"
#include "mailq/stamp.h"

#define PATH_SIZE 4096

static bool
holds_only_ours(int dir)
{
	static const char *const ours[] = { ".", "..", "active", "hold",
		"failed", ".run", STAMP_FILE, STAMP_NEW };
	const struct dirent *e;
	DIR *list;
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_so = true;
	size_t i;

	list = copy == -1 ? NULL : fdopendir(copy);
	if (list == NULL) {
		if (copy != -1)
			close(copy);
		return false;
	}
	while (is_so && (errno = 0, e = readdir(list)) != NULL) {
		is_so = false;
		for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
			is_so = is_so || strcmp(e->d_name, ours[i]) == 0;
	}
	is_so = is_so && errno == 0;
	closedir(list);
	return is_so;
}

/* Ours alone, or it can be made so without harm to what lies there. */
int
directory_check(
    int dir, const char *path, bool is_top, bool make, struct fault *f)
{
	struct stat st;

	if (fstat(dir, &st) == -1)
		return fault_errno(f, EX_IOERR, "cannot look at '%s'", path);
	if (st.st_uid != geteuid())
		return fault_set(
		    f, EX_CANTCREAT, "'%s' belongs to somebody else", path);
	if ((st.st_mode & 07777) == 0700 || !make)
		return EX_OK;
	if (is_top && !holds_only_ours(dir))
		return fault_set(f, EX_CANTCREAT,
		    "'%s' is open to others and holds other things: move them, "
		    "or chmod 700 it",
		    path);
	if (fchmod(dir, 0700) == -1)
		return fault_errno(f, EX_CANTCREAT, "cannot chmod '%s'", path);
	return EX_OK;
}

static void
find_parent(const char *path, char parent[PATH_SIZE])
{
	const char *end = strrchr(path, '/');

	if (end == NULL)
		snprintf(parent, PATH_SIZE, ".");
	else
		snprintf(parent, PATH_SIZE, "%.*s",
		    end == path ? 1 : (int)(end - path), path);
}

/*
 * Whether nothing of ours can be at path: what should hold it is no directory,
 * or one of somebody else's that we may not enter.
 */
static bool
is_out_of_reach(const char *path)
{
	char parent[PATH_SIZE];
	struct stat st;

	if (lstat(path, &st) == 0)
		return false;
	if (errno != EACCES)
		return errno == ENOTDIR || errno == ENOENT;
	find_parent(path, parent);
	return stat(parent, &st) == -1 || st.st_uid != geteuid();
}

/* A directory in another; *is_made says whether it was not there before. */
int
directory_open(int parent, const char *path, bool make, bool *is_made, int *dir,
    struct fault *f)
{
	const int how = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int code = EX_IOERR, error;

	*is_made = make && mkdirat(parent, path, 0700) == 0;
	if (make && !*is_made && errno != EEXIST)
		return fault_errno(f, EX_CANTCREAT, "cannot make '%s'", path);
	*dir = openat(parent, path, how);
	if (*dir != -1)
		return EX_OK;
	error = errno;
	if (error == ENOENT || (parent == AT_FDCWD && is_out_of_reach(path)))
		code = EX_NOINPUT;
	else if (error == ENOTDIR || error == ELOOP)
		code = EX_CANTCREAT;
	errno = error;
	return fault_errno(f, code, "cannot open '%s'", path);
}
