/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mailq/spool.h"
#include "mailq/users.h"

static int
no_memory(struct fault *f)
{
	return fault_errno(f, EX_TEMPFAIL, "cannot list the users");
}

static int
add(struct users *users, uid_t uid, const struct passwd *pw, struct fault *f)
{
	struct user *user = users->user;

	/* Room is doubled whenever the count is a power of two. */
	if ((users->count & (users->count - 1)) == 0) {
		user = reallocarray(user,
		    users->count == 0 ? 1 : users->count * 2, sizeof(*user));
		if (user == NULL)
			return no_memory(f);
		users->user = user;
	}
	user += users->count;
	*user = (struct user){ uid, USERS_NO_GROUP, NULL };
	if (pw != NULL) {
		user->gid = pw->pw_gid;
		user->login = strdup(pw->pw_name);
		if (user->login == NULL)
			return no_memory(f);
	}
	users->count++;
	return EX_OK;
}

static int
by_uid(const void *a, const void *b)
{
	const struct user *x = a, *y = b;

	return x->uid < y->uid ? -1 : x->uid > y->uid;
}

/* Of those who share a uid any name does: it is the uid that owns. */
static void
sort(struct users *users)
{
	size_t i, kept = 0;

	if (users->count == 0)
		return;
	qsort(users->user, users->count, sizeof(*users->user), by_uid);
	for (i = 0; i < users->count; i++) {
		if (kept > 0 && users->user[i].uid == users->user[kept - 1].uid)
			free(users->user[i].login);
		else
			users->user[kept++] = users->user[i];
	}
	users->count = kept;
}

/* Others than these say that there are no more, or nothing. */
static bool
is_trouble(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM ||
	    error == EIO || error == EINTR;
}

static int
add_passwd(struct users *users, struct fault *f)
{
	const struct passwd *pw;
	int rc = EX_OK;

	setpwent();
	while (rc == EX_OK && (errno = 0, pw = getpwent()) != NULL)
		rc = add(users, pw->pw_uid, pw, f);
	if (rc == EX_OK && is_trouble(errno))
		rc = fault_errno(f, EX_TEMPFAIL, "cannot list all users");
	endpwent();
	return rc;
}

/* Whether it is a folder that belongs to the uid that it is called by. */
static bool
names_owner(int dir, const char *name, uid_t *uid)
{
	char number[32];
	struct stat st;

	*uid = (uid_t)strtoumax(name, NULL, 10);
	snprintf(number, sizeof(number), "%ju", (uintmax_t)*uid);
	return strcmp(name, number) == 0 && *uid != (uid_t)-1 &&
	    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode) && st.st_uid == *uid;
}

/* Those that are known already count once; the others may have a name. */
static int
add_owners(DIR *in, struct users *users, struct fault *f)
{
	const size_t known = users->count;
	const struct dirent *e;
	struct user key = { 0 };
	int rc = EX_OK;

	while (rc == EX_OK && (errno = 0, e = readdir(in)) != NULL) {
		if (!names_owner(dirfd(in), e->d_name, &key.uid))
			continue;
		if (known == 0 ||
		    bsearch(&key, users->user, known, sizeof(key), by_uid) ==
			NULL)
			rc = add(users, key.uid, getpwuid(key.uid), f);
	}
	if (rc == EX_OK && errno != 0)
		rc = fault_errno(f, EX_IOERR, "cannot read '%s'", SPOOL_PARENT);
	return rc;
}

static int
add_spool(struct users *users, struct fault *f)
{
	DIR *in;
	int dir, rc;

	dir =
	    open(SPOOL_PARENT, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	in = dir == -1 ? NULL : fdopendir(dir);
	if (in != NULL) {
		rc = add_owners(in, users, f);
		closedir(in);
		return rc;
	}
	if (dir == -1 && (errno == ENOENT || errno == ENOTDIR))
		return EX_OK;
	rc = fault_errno(f, EX_IOERR, "cannot read '%s'", SPOOL_PARENT);
	if (dir != -1)
		close(dir);
	return rc;
}

int
users_find(struct users *users, struct fault *f)
{
	*users = (struct users){ 0 };
	add_passwd(users, f);
	sort(users);
	add_spool(users, f);
	sort(users);
	return f->code;
}

void
users_free(struct users *users)
{
	size_t i;

	for (i = 0; i < users->count; i++)
		free(users->user[i].login);
	free(users->user);
	*users = (struct users){ 0 };
}
