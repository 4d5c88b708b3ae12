/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <string.h>

#include "sendmail/graft.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * Where a line may be broken last: before a blank that does not begin it, for
 * nothing but blanks may not be left behind, and is no half of a quoted pair.
 */
static size_t
find_break(const struct graft *g, size_t end)
{
	size_t i, found = end;
	bool is_inside = g->column > 0;

	for (i = g->at; i < end; i++) {
		if (g->list[i] == '\n') {
			is_inside = false;
			found = end;
		} else if (!is_blank(g->list[i])) {
			is_inside = true;
		} else if (is_inside && (i == 0 || g->list[i - 1] != '\\')) {
			found = i;
		}
	}
	return found;
}

static void
copy(struct graft *g, size_t end)
{
	for (; g->at < end; g->at++) {
		putc(g->list[g->at], g->out);
		g->column = g->list[g->at] == '\n' ? 0 : g->column + 1;
	}
}

/* The column where end comes to lie. */
static size_t
column_of(const struct graft *g, size_t end)
{
	size_t column = g->column, i;

	for (i = g->at; i < end; i++)
		column = g->list[i] == '\n' ? 0 : column + 1;
	return column;
}

void
graft_reach(struct graft *g, size_t start, size_t width)
{
	size_t fold;

	/* What closes it, and a comma, have room, too. */
	if (column_of(g, start) + width + 2 > GRAFT_LINE) {
		fold = find_break(g, start);
		copy(g, fold);
		if (fold < start) {
			fputs("\r\n", g->out);
			g->column = 0;
		}
	}
	copy(g, start);
}

void
graft_put(struct graft *g, size_t start, size_t end, const char *text)
{
	copy(g, start);
	fputs(text, g->out);
	g->column += strlen(text);
	g->at = end;
}

void
graft_end(struct graft *g)
{
	copy(g, g->size);
}
