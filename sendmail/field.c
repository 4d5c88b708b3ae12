/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "sendmail/field.h"

static size_t
name_size(const char *line, size_t size)
{
	size_t i = 0;

	while (i < size && line[i] > ' ' && line[i] <= '~' && line[i] != ':')
		i++;
	return i;
}

size_t
field_begins(const char *line, size_t size)
{
	size_t i = name_size(line, size);

	if (i == 0)
		return 0;
	while (i < size && (line[i] == ' ' || line[i] == '\t'))
		i++;
	return i < size && line[i] == ':' ? i + 1 : 0;
}

/* Behind the line feed of the line at at. */
static size_t
next_line(const char *header, size_t size, size_t at)
{
	const char *feed = memchr(header + at, '\n', size - at);

	return feed == NULL ? size : (size_t)(feed - header) + 1;
}

bool
field_next(const char *header, size_t size, size_t *at, struct field *field)
{
	size_t end, skip;

	if (*at >= size)
		return false;
	field->start = header + *at;
	skip = field_begins(field->start, size - *at);
	if (skip == 0)
		return false;
	end = next_line(header, size, *at);
	while (end < size && (header[end] == ' ' || header[end] == '\t'))
		end = next_line(header, size, end);
	field->size = end - *at;
	field->name = name_size(field->start, field->size);
	field->body = field->start + skip;
	field->body_size = field->size - skip;
	while (field->body_size > 0 &&
	    strchr("\r\n", field->body[field->body_size - 1]) != NULL)
		field->body_size--;
	*at = end;
	return true;
}

bool
field_is(const struct field *field, const char *name)
{
	return strlen(name) == field->name &&
	    strncasecmp(field->start, name, field->name) == 0;
}

unsigned
field_kind(const struct field *field, const struct field_kind *known,
    size_t count, unsigned others)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (field_is(field, known[i].name))
			return known[i].kind;
	return others;
}
