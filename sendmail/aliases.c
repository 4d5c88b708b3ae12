/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sendmail/aliases.h"

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
		for (; *in != '\0' && (in_quotes || *in != ','); in++) {
			if (*in == '"')
				in_quotes = !in_quotes;
			if (in_quotes && in[0] == '\\' && in[1] != '\0')
				in++;
		}
		word = start + strspn(start, " \t\r\n\"");
		if (*word != '|' && *word != '/' && *word != ':') {
			memmove(out, start, (size_t)(in - start));
			out += in - start;
			if (*in == ',')
				*out++ = ',';
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
	return alias_put(&aliases->alias, &aliases->count, name, to, f);
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
	struct fault why = { 0 };
	const char *file = path != NULL ? path : ALIASES_FILE;
	FILE *in;
	int fd, rc;

	rc = conf_open(file, &fd, &why);
	if (rc != EX_OK && path != NULL)
		return fault_set(
		    f, rc, "%s (see [recipients] aliases_file)", why.text);
	if (rc != EX_OK)
		return EX_OK;
	in = fdopen(fd, "r");
	if (in == NULL) {
		close(fd);
		return fault_errno(f, EX_TEMPFAIL, "cannot read aliases");
	}
	rc = read_lines(aliases, in, f);
	if (rc == EX_OK && ferror(in))
		rc = fault_errno(f, EX_TEMPFAIL, "cannot read '%s'", file);
	fclose(in);
	return rc;
}

void
aliases_free(struct aliases *aliases)
{
	alias_free(aliases->alias, aliases->count);
	*aliases = (struct aliases){ 0 };
}
