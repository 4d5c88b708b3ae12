/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/environment.h"

#define SECTION 16 /* octets of a section's name in a variable, and a NUL */

extern char **environ;

/* Whether so many octets are a section's name in upper case; then, in lower. */
static bool
read_section(char section[SECTION], const char *upper, size_t len)
{
	size_t i;

	if (len >= SECTION)
		return false;
	for (i = 0; i < len; i++) {
		if (upper[i] < 'A' || upper[i] > 'Z')
			return false;
		section[i] = (char)(upper[i] + ('a' - 'A'));
	}
	section[len] = '\0';
	return setting_has_section(section);
}

/* SECTION_KEY=value; what is not of this form is none of our business. */
static int
set_variable(
    struct conf *conf, const char *name, const char *home, struct fault *f)
{
	size_t len = strcspn(name, "="), bar = strcspn(name, "_");
	struct fault why = { 0 };
	char section[SECTION], *key, *at;

	if (name[len] == '\0' || bar > len || !read_section(section, name, bar))
		return EX_OK;
	key = strndup(name + bar + 1, len - bar - 1);
	if (key == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep a setting");
	for (at = key; *at != '\0'; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at += 'a' - 'A';

	/* No shell can name a variable after "*". */
	at = *key == '\0' && strcmp(section, "aliases") == 0 ? "*" : key;
	if (setting_put(conf, section, at, name + len + 1, home, &why) != EX_OK)
		fault_set(f, why.code, ENVIRONMENT_PREFIX "%.*s: %s", (int)len,
		    name, why.text);
	free(key);
	return f->code;
}

int
environment_read(struct conf *conf, const char *home, struct fault *f)
{
	char **entry;
	int rc = EX_OK;

	/* Any of these three replaces whichever the file has. */
	if (getenv(ENVIRONMENT_PREFIX "SMARTHOST_PASSWORD") != NULL ||
	    getenv(ENVIRONMENT_PREFIX "SMARTHOST_PASSWORD_FILE") != NULL ||
	    getenv(ENVIRONMENT_PREFIX "SMARTHOST_PASSWORD_COMMAND") != NULL)
		setting_drop_password(conf);
	for (entry = environ; rc == EX_OK && *entry != NULL; entry++)
		if (strncmp(*entry, ENVIRONMENT_PREFIX,
			strlen(ENVIRONMENT_PREFIX)) == 0)
			rc = set_variable(
			    conf, *entry + strlen(ENVIRONMENT_PREFIX), home, f);
	return rc;
}

bool
environment_has_smarthost(void)
{
	static const char smarthost[] = ENVIRONMENT_PREFIX "SMARTHOST_";
	char **entry;

	for (entry = environ; *entry != NULL; entry++)
		if (strncmp(*entry, smarthost, strlen(smarthost)) == 0)
			return true;
	return false;
}
