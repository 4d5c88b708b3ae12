/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#ifdef __linux__
#include <sys/vfs.h>
#endif

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "conf/door.h"
#include "mailq/queue.h"
#include "sendmail/finding.h"
#include "sendmail/ground.h"

#define PATH_SIZE 4096
#define TMPFS 0x01021994     /* statfs(2) */
#define OVERLAYFS 0x794c7630 /* statfs(2): a container's own layer */

/* What lies where the queue is, or would be. */
static void
check_ground(const char *path, FILE *out)
{
#ifdef __linux__
	struct statfs fs;

	if (statfs(path, &fs) == -1)
		return;
	if (fs.f_type == TMPFS)
		finding(out, "note", "on tmpfs, lost at the next boot: ", path);
	if (fs.f_type == OVERLAYFS)
		finding(out, "note",
		    "on a container's own layer, lost "
		    "with it (mount a volume): ",
		    path);
#endif
	if (strncmp(path, "/var/www/", 9) == 0)
		finding(out, "note",
		    "beneath a web root, keep it from being served: ", path);
}

static void
check_place(const char *path, FILE *out, bool *is_found)
{
	struct queue queue;
	struct fault f = { 0 };
	int rc;

	rc = queue_open(&queue, path, false, &f);
	if (rc == EX_OK) {
		finding(out, *is_found ? "note" : "ok", "queue: ", path);
		check_ground(path, out);
		queue_close(&queue);
		*is_found = true;
	} else if (rc != EX_NOINPUT) {
		finding(out, "note", "queue: ", f.text);
	}
}

/* Whether a queue can be made there. */
static bool
can_be_made(const char *path)
{
	char parent[PATH_SIZE];
	size_t len = (size_t)(strrchr(path, '/') - path);

	snprintf(parent, sizeof(parent), "%.*s", len == 0 ? 1 : (int)len, path);
	return faccessat(AT_FDCWD, path, F_OK, 0) != 0 &&
	    faccessat(AT_FDCWD, parent, W_OK | X_OK, AT_EACCESS) == 0;
}

static void
check_queue(const struct spool *spool, FILE *out)
{
	bool is_found = false;
	size_t i;

	for (i = 0; i < spool->count; i++)
		check_place(spool->path[i], out, &is_found);
	for (i = 0; i < spool->count && !is_found; i++) {
		if (!can_be_made(spool->path[i]))
			continue;
		finding(out, "note", "queue: none yet; it will be ",
		    spool->path[i]);
		is_found = true;
	}
	if (spool->is_squatted)
		finding(out, "note", "queue: ",
		    "somebody else has laid a thing in " SPOOL_PARENT
		    " that bears your uid: have root remove it");
	if (!is_found)
		finding(out, "note", "queue: ",
		    "none can be made: what cannot go at once is given back "
		    "(75); see INSTALL for " SPOOL_PARENT);
}

static bool
is_there(const char *folder, const char *file, char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "%s%s", folder, file);
	return access(path, F_OK) == 0;
}

/* Enabled by root, by root for each user, or by this one. */
static bool
has_timer(const struct caller *caller, char path[PATH_SIZE])
{
	static const char timer[] = "/timers.target.wants/onehop-queue.timer";
	char own[PATH_SIZE / 2];

	if (is_there("/etc/systemd/system", timer, path) ||
	    is_there("/etc/systemd/user", timer, path))
		return true;
	if (caller->home == NULL)
		return false;
	snprintf(own, sizeof(own), "%s/.config/systemd/user", caller->home);
	return is_there(own, timer, path);
}

/* Who sees to what waits when no call does: the runner is haste, not warrant. */
static void
check_warrant(const struct caller *caller, FILE *out)
{
	char path[PATH_SIZE];
	bool is_found;

	/* The cron line leaves it to the timer where there is systemd. */
	if (access("/run/systemd/system", F_OK) == 0)
		is_found = has_timer(caller, path);
	else
		is_found = is_there("/etc/cron.d", "/onehop", path);
	if (is_found)
		finding(out, "ok", "retries: ", path);
	else
		finding(out, "note", "retries: ",
		    "no timer of ours is enabled, nor is there a "
		    "/etc/cron.d/onehop: what waits depends on its runner and "
		    "on the next call (see INSTALL, or put `sendmail -q --due' "
		    "into a crontab)");
}

/* Whether others of this machine send by what a user here can read. */
static void
check_door(FILE *out)
{
	static const char unit[] =
	    "/etc/systemd/system/sockets.target.wants/onehop.socket";
	struct stat st;

	if (door_is_ours())
		finding(out, "ok", "door: this user serves ", DOOR_PATH);
	else if (door_is_open())
		finding(out, "ok", "door: ", DOOR_PATH);
	else if (stat(DOOR_PATH, &st) == 0)
		finding(out, "note", "door: this is no socket: ", DOOR_PATH);
	else if (access(unit, F_OK) == 0)
		finding(out, "note",
		    "door: enabled, but not there (systemctl start "
		    "onehop.socket): ",
		    DOOR_PATH);
	else
		finding(out, "note",
		    "door: none is enabled here, who can read no [smarthost] "
		    "stores",
		    "");
}

void
ground_check(const struct spool *spool, const struct caller *caller,
    bool is_off, FILE *out)
{
	check_door(out);
	if (is_off) {
		finding(out, "note", "queue: ",
		    "keep = no: nothing is kept, what cannot go at once is "
		    "given back (75)");
		return;
	}
	check_queue(spool, out);
	check_warrant(caller, out);
}
