/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/alias.h"

/* The first that is not before it in the alphabet, or count. */
static size_t
find_place(const struct alias *alias, size_t count, const char *name)
{
	size_t low = 0, high = count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (strcasecmp(alias[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct alias *
alias_find(const struct alias *alias, size_t count, const char *name)
{
	size_t at = find_place(alias, count, name);

	if (at == count || strcasecmp(alias[at].name, name) != 0)
		return NULL;
	return alias + at;
}

static char *
lower_case(const char *name)
{
	char *copy, *at;

	copy = strdup(name);
	for (at = copy; at != NULL && *at != '\0'; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at += 'a' - 'A';
	return copy;
}

/* Make room for a name at its place. */
static int
insert(struct alias **alias, size_t *count, size_t at, const char *name,
    struct fault *f)
{
	struct alias *more;
	char *lower;

	if (*count == ALIAS_NAMES)
		return fault_set(f, EX_CONFIG,
		    "more than %d aliases: keep them in an aliases_file",
		    ALIAS_NAMES);
	more = reallocarray(*alias, *count + 1, sizeof(*more));
	if (more == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep an alias");
	*alias = more;
	lower = lower_case(name);
	if (lower == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep an alias");
	memmove(more + at + 1, more + at, (*count - at) * sizeof(*more));
	more[at] = (struct alias){ .name = lower };
	++*count;
	return EX_OK;
}

int
alias_put(struct alias **alias, size_t *count, const char *name, const char *to,
    struct fault *f)
{
	size_t at = find_place(*alias, *count, name);
	char *copy;

	if (*name == '\0')
		return fault_set(
		    f, EX_CONFIG, "an alias has no name: write name = address");
	if ((at == *count || strcasecmp((*alias)[at].name, name) != 0) &&
	    insert(alias, count, at, name, f) != EX_OK)
		return f->code;
	copy = strdup(to);
	if (copy == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep an alias");
	free((*alias)[at].to);
	(*alias)[at].to = copy;
	return EX_OK;
}

void
alias_free(struct alias *alias, size_t count)
{
	while (count > 0) {
		free(alias[--count].name);
		free(alias[count].to);
	}
	free(alias);
}
