/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "sendmail/nest.h"

void
nest_enter(struct nest *nest, const struct entity *e)
{
	struct nest_level *level = nest->level + nest->depth;

	assert(nest->depth < NEST_DEPTH);
	memcpy(level->boundary, e->boundary, sizeof(level->boundary));
	level->size = strlen(level->boundary);
	level->is_digest = e->is_digest;
	nest->depth++;
}

/* The text of a line that is that boundary, or that and two hyphens. */
static bool
is_of(const struct nest_level *level, const char *text, size_t size,
    bool *is_last)
{
	if (size < level->size ||
	    memcmp(text, level->boundary, level->size) != 0)
		return false;
	*is_last =
	    size == level->size + 2 && memcmp(text + level->size, "--", 2) == 0;
	return *is_last || size == level->size;
}

size_t
nest_find(const struct nest *nest, const struct piece *p, bool *is_last)
{
	size_t size = p->size, i;

	*is_last = false;
	if (!p->begins || size < 3 || memcmp(p->at, "--", 2) != 0)
		return 0;
	while (size > 2 && strchr(" \t\r\n", p->at[size - 1]) != NULL)
		size--;
	for (i = nest->depth; i > 0; i--)
		if (is_of(nest->level + i - 1, p->at + 2, size - 2, is_last))
			return i;
	return 0;
}

bool
nest_in_digest(const struct nest *nest)
{
	return nest->depth > 0 && nest->level[nest->depth - 1].is_digest;
}
