/* SPDX-License-Identifier: ISC */
#ifdef __linux__
#include <sys/auxv.h>
#endif

#include <ctype.h>
#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mailq/caller.h"

#define LOGIN_SIZE 128 /* of a name made up */

/* The kernel tells, of capabilities too. */
static bool
is_set_id(void)
{
#ifdef __linux__
	unsigned long is_secure;

	errno = 0;
	is_secure = getauxval(AT_SECURE);
	if (errno != ENOENT)
		return is_secure != 0;
#endif
	return getuid() != geteuid() || getgid() != getegid();
}

/* RFC 5322, 3.2.3: dot-atom-text, so that it can stand before an @. */
static void
make_harmless(char *login)
{
	char *at;

	login[strcspn(login, "@")] = '\0';
	for (at = login; *at != '\0'; at++)
		if ((unsigned char)*at > 126 ||
		    (!isalnum((unsigned char)*at) &&
			strchr("!#$%&'*+-/=?^_`{|}~.", *at) == NULL))
			*at = '_';
}

/* In the gecos field & stands for the login name, its first letter raised. */
static char *
full_name(const char *gecos, const char *login)
{
	size_t len = strcspn(gecos, ","), i;
	char *name = NULL;
	size_t size;
	FILE *out = open_memstream(&name, &size);

	if (out == NULL)
		return NULL;
	for (i = 0; i < len; i++) {
		if (gecos[i] != '&')
			putc(gecos[i], out);
		else
			fprintf(out, "%c%s", toupper((unsigned char)login[0]),
			    login + (login[0] != '\0'));
	}
	if (fclose(out) == 0)
		return name;
	free(name);
	return NULL;
}

static int
no_memory(struct fault *f)
{
	return fault_errno(f, EX_TEMPFAIL, "cannot keep who calls");
}

static int
take(struct caller *caller, const char *login, const char *gecos,
    const char *home, struct fault *f)
{
	char made[LOGIN_SIZE];

	snprintf(made, sizeof(made), "uid-%ju", (uintmax_t)caller->uid);
	if (login == NULL || login[0] == '\0' || login[0] == '@')
		login = made;
	caller->login = strdup(login);
	if (caller->login == NULL)
		return no_memory(f);
	make_harmless(caller->login);
	caller->name = full_name(gecos, caller->login);
	if (caller->name == NULL)
		return no_memory(f);
	if (home == NULL || home[0] != '/')
		return EX_OK;
	caller->home = strdup(home);
	return caller->home == NULL ? no_memory(f) : EX_OK;
}

int
caller_find(struct caller *caller, struct fault *f)
{
	const struct passwd *pw;

	*caller = (struct caller){ .uid = geteuid() };
	if (is_set_id())
		return fault_set(f, EX_NOPERM,
		    "this program must not run set-id: take the bit away");
	errno = 0;
	pw = getpwuid(caller->uid);
	if (pw != NULL)
		return take(caller, pw->pw_name,
		    pw->pw_gecos == NULL ? "" : pw->pw_gecos, pw->pw_dir, f);

	/* These say that there is no entry; others, that nobody knows. */
	if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
	    errno == EIO || errno == EINTR)
		return fault_errno(f, EX_TEMPFAIL, "cannot look up uid %ju",
		    (uintmax_t)caller->uid);
	caller->is_unlisted = true;
	return take(caller, getenv("LOGNAME"), "", getenv("HOME"), f);
}

void
caller_free(struct caller *caller)
{
	free(caller->login);
	free(caller->name);
	free(caller->home);
	*caller = (struct caller){ 0 };
}
