/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Some builds hand a line number over, some do not; nobody looks at it. */
#define INI_HANDLER_LINENO 1
#include <ini.h>

#include "conf/conf.h"
#include "conf/door.h"
#include "conf/environment.h"
#include "conf/line.h"

#define PREFIX ENVIRONMENT_PREFIX
#define INIH_SECTION 48 /* octets that every build of inih keeps */

/*
 * The file as it is read.  inih gets a short stand-in for each key; the key and
 * the value that count wait here until it calls back.
 */
struct reader {
	struct line line;
	char buffer[BUFSIZ]; /* of the stream, that it can be wiped */
	struct conf *conf;
	const char *home;
	bool others_may_read;
	struct fault fault; /* without the place */
};

static int
refuse_open(const char *path, struct fault *f)
{
	int code;

	switch (errno) {
	case ENOENT:
	case ENOTDIR:
		code = EX_OSFILE;
		break;
	case EACCES:
	case EPERM:
		code = EX_NOPERM;
		break;
	case ELOOP:
	case ENAMETOOLONG:
	case ENXIO:
		code = EX_CONFIG;
		break;
	default:
		code = EX_TEMPFAIL;
	}
	return fault_errno(f, code, "cannot open '%s'", path);
}

static int
inspect(int fd, const char *path, struct fault *f)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return fault_errno(f, EX_TEMPFAIL, "cannot stat '%s'", path);
	if (!S_ISREG(st.st_mode))
		return fault_set(f, EX_CONFIG,
		    "'%s' is no regular file: put one there", path);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return fault_set(f, EX_CONFIG,
		    "'%s' belongs to uid %lu: chown it to root or to uid %lu",
		    path, (unsigned long)st.st_uid, (unsigned long)geteuid());
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return fault_set(f, EX_CONFIG,
		    "'%s' can be written by others: chmod go-w it", path);
	return EX_OK;
}

int
conf_open(const char *path, int *fd, struct fault *f)
{
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (*fd == -1)
		return refuse_open(path, f);
	if (inspect(*fd, path, f) != EX_OK) {
		close(*fd);
		*fd = -1;
	}
	return f->code;
}

/* The section that begins here; inih remembers for us that we are in it. */
static void
open_section(struct reader *r)
{
	if (strlen(r->line.section) > INIH_SECTION)
		fault_set(&r->fault, EX_CONFIG,
		    "the name of the section is too long: keep it under %d "
		    "octets",
		    INIH_SECTION);
	else
		setting_put(
		    r->conf, r->line.section, NULL, NULL, NULL, &r->fault);
}

static char *
next_line(char *stand_in, int size, void *stream)
{
	struct reader *r = stream;

	if (r->fault.code != EX_OK || line_next(&r->line, &r->fault) != EX_OK)
		return NULL;
	switch (r->line.kind) {
	case LINE_NONE:
		return NULL;
	case LINE_SECTION:
		open_section(r);
		snprintf(stand_in, (size_t)size, "[%s]\n", r->line.section);
		break;
	case LINE_KEY:
		snprintf(stand_in, (size_t)size, "key = value\n");
		break;
	}
	return r->fault.code == EX_OK ? stand_in : NULL;
}

static int
set_key(void *user, const char *section, const char *name, const char *value,
    int number)
{
	struct reader *r = user;

	(void)name;
	(void)value;
	(void)number;
	if (*section == '\0')
		fault_set(&r->fault, EX_CONFIG,
		    "a key before any section: write [smarthost] above it");
	else if (setting_is_set(r->conf, section, r->line.key))
		fault_set(&r->fault, EX_CONFIG,
		    "'%s' is set twice in [%s]: keep one of them", r->line.key,
		    section);
	else if (r->others_may_read && strcmp(r->line.key, "password") == 0 &&
	    strcmp(section, "aliases") != 0)
		fault_set(&r->fault, EX_CONFIG,
		    "a password in a file that others can read: chmod o-r "
		    "it, or use password_file");
	else
		setting_put(r->conf, section, r->line.key, r->line.value,
		    r->home, &r->fault);
	return r->fault.code == EX_OK;
}

static int
parse(struct reader *r)
{
	int rc;

	if (setvbuf(r->line.in, r->buffer, _IOFBF, sizeof(r->buffer)) != 0)
		return fault_set(&r->fault, EX_TEMPFAIL, "cannot read");
	rc = ini_parse_stream(next_line, r, set_key, r);
	if (rc != 0)
		return fault_set(&r->fault, EX_TEMPFAIL, "cannot parse");
	return r->fault.code;
}

/* Takes the descriptor. */
static int
read_file(struct conf *conf, int fd, const char *home, struct fault *f)
{
	struct reader r = { .conf = conf, .home = home };
	struct stat st;

	r.line.in = fdopen(fd, "r");
	if (r.line.in == NULL) {
		close(fd);
		return fault_errno(
		    f, EX_TEMPFAIL, "cannot read '%s'", conf->path);
	}
	r.others_may_read = fstat(fd, &st) == -1 || (st.st_mode & S_IROTH) != 0;
	if (parse(&r) != EX_OK)
		fault_set(f, r.fault.code, "%s:%u: %s", conf->path,
		    r.line.number, r.fault.text);
	fclose(r.line.in);
	line_wipe(&r.line);
	explicit_bzero(r.buffer, sizeof(r.buffer));
	return f->code;
}

static bool
is_beneath(const char *path, const char *home)
{
	size_t len = strlen(home);

	while (len > 0 && home[len - 1] == '/')
		len--;
	return path != NULL && strncmp(path, home, len) == 0 &&
	    path[len] == '/' && path[len + 1] != '\0' &&
	    strstr(path, "/..") == NULL;
}

/*
 * Open conf->path; *fd is -1 if it is not there.  Only what certainly is not
 * there may be passed over, or mail would go by an account that is not meant:
 * so a directory on the way that we may not search counts as a file that we may
 * not read, and a link to nowhere as a broken one.
 */
static int
open_path(struct conf *conf, int *fd, struct fault *f)
{
	struct fault why = { 0 };
	struct stat st;

	if (conf->path == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep a path");
	if (conf_open(conf->path, fd, &why) == EX_OK)
		return EX_OK;
	if (why.code != EX_OSFILE)
		return fault_set(f, why.code, "%s", why.text);
	if (lstat(conf->path, &st) == 0)
		return fault_set(f, EX_CONFIG,
		    "'%s' is a link to nowhere: mend or remove it", conf->path);
	return EX_OK;
}

static int
open_named(struct conf *conf, const char *path, int *fd, struct fault *f)
{
	struct fault why = { 0 };

	if (value_put(VALUE_PATH, &conf->path, path, NULL, &why) == EX_OK &&
	    open_path(conf, fd, &why) == EX_OK && *fd == -1)
		fault_set(&why, EX_CONFIG,
		    "'%s' is not there: write it, or unset the variable",
		    conf->path);
	if (why.code != EX_OK)
		fault_set(f, why.code, PREFIX "CONF: %s", why.text);
	return f->code;
}

static int
open_home(struct conf *conf, const char *home, int *fd, struct fault *f)
{
	const char *xdg = getenv("XDG_CONFIG_HOME");
	bool is_xdg = is_beneath(xdg, home);

	if (asprintf(&conf->path, "%s%s/onehop.conf", is_xdg ? xdg : home,
		is_xdg ? "" : "/.config") == -1)
		conf->path = NULL;
	return open_path(conf, fd, f);
}

/* The first that exists; conf->path is NULL if none does. */
static int
open_first(struct conf *conf, const char *home, int *fd, struct fault *f)
{
	const char *named = getenv(PREFIX "CONF");
	int rc = EX_OK;

	*fd = -1;
	if (named != NULL)
		return open_named(conf, named, fd, f);
	if (home != NULL)
		rc = open_home(conf, home, fd, f);
	if (rc != EX_OK || *fd != -1)
		return rc;
	free(conf->path);
	conf->path = strdup(CONF_ETC);
	rc = open_path(conf, fd, f);
	if (rc == EX_OK && *fd == -1) {
		free(conf->path);
		conf->path = NULL;
	}
	return rc;
}

/* Nothing of what was read counts. */
static void
forget(struct conf *conf)
{
	struct fault ignored = { 0 };
	char *path = conf->path;

	conf->path = NULL;
	setting_free(conf);
	setting_begin(conf, &ignored);
	conf->path = path;
}

static int
finish(struct conf *conf, struct fault *f)
{
	struct fault why = { 0 };

	if (conf->smarthosts == 0 && door_is_open()) {
		conf->is_by_door = true;
		setting_put(conf, "smarthost", "host", DOOR_PATH, NULL, &why);
	}
	if (conf->path == NULL && !setting_is_set(conf, "smarthost", "host"))
		return fault_set(f, EX_OSFILE,
		    "no configuration: write " CONF_ETC " (see onehop.conf(5)) "
		    "or set " PREFIX "SMARTHOST_HOST");
	if (setting_finish(conf, &why) == EX_OK)
		return EX_OK;
	return fault_set(f, why.code, "%s: %s",
	    conf->path == NULL ? "environment" : conf->path, why.text);
}

/*
 * Nothing that he can read names a smarthost, so he goes through the door; but
 * a file that the environment names must be read.
 */
static bool
may_pass_by(void)
{
	return getenv(PREFIX "CONF") == NULL && !environment_has_smarthost() &&
	    door_is_open();
}

int
conf_read(struct conf *conf, const char *home, struct fault *f)
{
	int fd = -1, rc;

	rc = setting_begin(conf, f);
	conf->begun = time(NULL);
	if (rc == EX_OK)
		rc = open_first(conf, home, &fd, f);
	if (rc == EX_NOPERM && may_pass_by()) {
		*f = (struct fault){ 0 };
		rc = EX_OK;
	}
	if (rc == EX_OK && fd != -1)
		rc = read_file(conf, fd, home, f);
	if (rc == EX_OK)
		rc = environment_read(conf, home, f);
	if (rc != EX_OK) {
		forget(conf);
		return rc;
	}
	return finish(conf, f);
}

void
conf_free(struct conf *conf)
{
	setting_free(conf);
}
