/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <string.h>
#include <unistd.h>

#include "conf/door.h"

/* Root stands before every door, whoever made the socket. */
static bool
is_behind(const struct stat *st)
{
	return st->st_uid == geteuid() && st->st_uid != 0;
}

bool
door_is_open(void)
{
	struct stat st;

	return stat(DOOR_PATH, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    !is_behind(&st);
}

bool
door_is_ours(const char *path)
{
	struct stat st;

	return strcmp(path, DOOR_PATH) == 0 && stat(DOOR_PATH, &st) == 0 &&
	    is_behind(&st);
}
