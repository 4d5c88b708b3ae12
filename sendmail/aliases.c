/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sendmail/aliases.h"

static int
keep_alias(
    struct aliases *aliases, const char *name, const char *to, struct fault *f)
{
	size_t room = aliases->room == 0 ? 64 : aliases->room * 2;
	struct alias *alias, *grown;
	char *at;

	if (aliases->count == ALIASES_NAMES)
		return EX_OK;
	if (aliases->count == aliases->room) {
		grown = realloc(aliases->alias, room * sizeof(*grown));
		if (grown == NULL)
			return fault_errno(
			    f, EX_TEMPFAIL, "cannot keep aliases");
		aliases->alias = grown;
		aliases->room = room;
	}
	alias = aliases->alias + aliases->count;
	alias->name = strdup(name);
	alias->to = strdup(to);
	if (alias->name == NULL || alias->to == NULL) {
		free(alias->name);
		free(alias->to);
		return fault_errno(f, EX_TEMPFAIL, "cannot keep aliases");
	}
	for (at = alias->name; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	aliases->count++;
	return EX_OK;
}

static char *
trim(char *text)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		text[--len] = '\0';
	return text;
}

/*
 * "|program", "/file" and ":include:/file" mean nothing to who has no local
 * delivery; in quotes they may hold commas.  What is left goes out in place.
 */
static void
drop_programs(char *list)
{
	char *in = list, *out = list, *start, *word;
	bool in_quotes;

	while (*in != '\0') {
		start = in;
		in_quotes = false;
		for (; *in != '\0' && (in_quotes || *in != ','); in++)
			if (*in == '"')
				in_quotes = !in_quotes;
		word = start + strspn(start, " \t\"");
		if (*word != '|' && *word != '/' && *word != ':') {
			memmove(out, start, (size_t)(in - start));
			out += in - start;
			*out = ',';
			out += *in == ',';
		}
		in += *in == ',';
	}
	*out = '\0';
}

static int
read_alias(struct aliases *aliases, char *line, struct fault *f)
{
	char *colon, *name, *to;

	colon = line[0] == '"' ? strchr(line + 1, '"') : line;
	colon = colon == NULL ? NULL : strchr(colon, ':');
	if (colon == NULL)
		return EX_OK;
	*colon = '\0';
	name = trim(line);
	if (name[0] == '"' && strlen(name) > 1) {
		name[strlen(name) - 1] = '\0';
		name++;
	}
	to = colon + 1;
	drop_programs(to);
	to = trim(to);
	if (name[0] == '\0' || to[strspn(to, ", \t")] == '\0')
		return EX_OK;
	return keep_alias(aliases, name, to, f);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(
	    ((const struct alias *)a)->name, ((const struct alias *)b)->name);
}

/* A line that begins with a blank continues the one before (aliases(5)). */
static int
read_lines(struct aliases *aliases, FILE *in, struct fault *f)
{
	char *line = NULL, *whole = NULL, *more;
	size_t size = 0, len = 0, add;
	int rc = EX_OK;

	while (rc == EX_OK && getline(&line, &size, in) > 0) {
		if (line[0] == '#' || line[strspn(line, " \t\r\n")] == '\0')
			continue;
		if (line[0] != ' ' && line[0] != '\t' && whole != NULL) {
			rc = read_alias(aliases, whole, f);
			len = 0;
		}
		add = strlen(line);
		more = realloc(whole, len + add + 1);
		if (more == NULL) {
			rc = fault_errno(f, EX_TEMPFAIL, "cannot read aliases");
			break;
		}
		whole = more;
		memcpy(whole + len, line, add + 1);
		len += add;
	}
	if (rc == EX_OK && whole != NULL)
		rc = read_alias(aliases, whole, f);
	free(whole);
	free(line);
	return rc;
}

int
aliases_read(struct aliases *aliases, const char *path, struct fault *f)
{
	struct fault unheard = { 0 };
	const char *file = path != NULL ? path : ALIASES_FILE;
	FILE *in;
	int fd, rc;

	rc = conf_open(file, &fd, path != NULL ? f : &unheard);
	if (rc != EX_OK)
		return path != NULL ? rc : EX_OK;
	in = fdopen(fd, "r");
	if (in == NULL) {
		close(fd);
		return fault_errno(f, EX_TEMPFAIL, "cannot read aliases");
	}
	rc = read_lines(aliases, in, f);
	if (rc == EX_OK && ferror(in))
		rc = fault_errno(f, EX_TEMPFAIL, "cannot read '%s'", file);
	fclose(in);
	if (aliases->count > 0)
		qsort(aliases->alias, aliases->count, sizeof(struct alias),
		    by_name);
	return rc;
}

void
aliases_free(struct aliases *aliases)
{
	size_t i;

	for (i = 0; i < aliases->count; i++) {
		free(aliases->alias[i].name);
		free(aliases->alias[i].to);
	}
	free(aliases->alias);
	*aliases = (struct aliases){ 0 };
}

const char *
aliases_find(const struct aliases *aliases, const char *name)
{
	struct alias key = { (char *)name, NULL };
	const struct alias *hit;

	if (aliases->count == 0)
		return NULL;
	hit =
	    bsearch(&key, aliases->alias, aliases->count, sizeof(key), by_name);
	return hit != NULL ? hit->to : NULL;
}
