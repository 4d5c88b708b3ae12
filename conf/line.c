/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <string.h>

#include "conf/line.h"

#define BLANKS " \t"
#define BOM "\xef\xbb\xbf"

/* One line without its end; *is_end if there is none. */
static int
read_text(struct line *l, bool *is_end, struct fault *f)
{
	size_t len = 0;
	int c;

	l->number++;
	while ((c = getc(l->in)) != EOF && c != '\n') {
		if ((c < ' ' && c != '\t' && c != '\r') || c == 0x7f)
			return fault_set(f, EX_CONFIG,
			    "octet 0x%02x is no text: remove it", c);
		if (len == LINE_OCTETS)
			return fault_set(f, EX_CONFIG,
			    "the line is too long: keep it to %d octets",
			    LINE_OCTETS);
		l->text[len++] = (char)c;
	}
	if (ferror(l->in))
		return fault_errno(f, EX_TEMPFAIL, "cannot read");
	*is_end = c == EOF && len == 0;
	if (c == '\n' && len > 0 && l->text[len - 1] == '\r')
		len--;
	l->text[len] = '\0';
	if (strchr(l->text, '\r') != NULL)
		return fault_set(f, EX_CONFIG,
		    "octet 0x0d is not at the end of the line: remove it");
	return EX_OK;
}

/* Blanks off both ends, in place. */
static char *
strip(char *text)
{
	size_t len;

	text += strspn(text, BLANKS);
	len = strlen(text);
	while (len > 0 && strchr(BLANKS, text[len - 1]) != NULL)
		len--;
	text[len] = '\0';
	return text;
}

static int
take_section(struct line *l, char *text, struct fault *f)
{
	char *end = strchr(text, ']');

	if (end == NULL)
		return fault_set(f, EX_CONFIG,
		    "the section has no end: write ] behind its name");
	*end = '\0';
	if (end[1 + strspn(end + 1, BLANKS)] != '\0')
		return fault_set(f, EX_CONFIG,
		    "something stands behind ']': move it to its own line");
	l->kind = LINE_SECTION;
	l->section = text + 1;
	return EX_OK;
}

static int
take_key(struct line *l, char *text, struct fault *f)
{
	char *equals = strchr(text, '=');
	size_t len;

	if (equals == NULL)
		return fault_set(f, EX_CONFIG,
		    "there is no '=': write key = value, or # before it");
	*equals = '\0';
	l->kind = LINE_KEY;
	l->key = strip(text);
	l->value = strip(equals + 1);
	if (*l->key == '\0')
		return fault_set(f, EX_CONFIG,
		    "there is no key before '=': write key = value");
	len = strlen(l->value);
	if (len > 1 && l->value[0] == '"' && l->value[len - 1] == '"') {
		l->value[len - 1] = '\0';
		l->value++;
	}
	return EX_OK;
}

static int
take(struct line *l, struct fault *f)
{
	char *text = l->text, *start;

	if (l->number == 1 && strncmp(text, BOM, strlen(BOM)) == 0)
		text += strlen(BOM);
	start = text + strspn(text, BLANKS);
	if (*start == '\0' || *start == '#' || *start == ';')
		return EX_OK;
	if (start > text)
		return fault_set(f, EX_CONFIG,
		    "the line is indented: remove the blanks before it");
	if (*text == '[')
		return take_section(l, text, f);
	return take_key(l, text, f);
}

int
line_next(struct line *l, struct fault *f)
{
	bool is_end = false;
	int rc = EX_OK;

	l->kind = LINE_NONE;
	while (rc == EX_OK && !is_end && l->kind == LINE_NONE) {
		rc = read_text(l, &is_end, f);
		if (rc == EX_OK)
			rc = take(l, f);
	}
	return rc;
}

void
line_wipe(struct line *l)
{
	explicit_bzero(l->text, sizeof(l->text));
}
