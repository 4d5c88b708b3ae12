/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "sendmail/mode.h"

enum mode
mode_of_name(const char *path)
{
	static const struct {
		const char *name;
		enum mode mode;
	} known[] = {
		{ "mailq", MODE_LIST },
		{ "newaliases", MODE_NOTHING },
		{ "hoststat", MODE_NOTHING },
		{ "purgestat", MODE_NOTHING },
		{ "runq", MODE_RUN },
	};
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(name, known[i].name) == 0)
			return known[i].mode;
	return MODE_SUBMIT;
}

int
mode_of_letter(const char *value, enum mode *mode, struct fault *f)
{
	static const struct {
		char letter;
		enum mode mode;
	} known[] = {
		{ 'm', MODE_SUBMIT },
		{ 'a', MODE_SUBMIT },
		{ 's', MODE_SERVER },
		{ 'p', MODE_LIST },
		{ 'P', MODE_COUNT },
		{ 'i', MODE_NOTHING },
		{ 'h', MODE_NOTHING },
		{ 'H', MODE_NOTHING },
		{ 'v', MODE_VERIFY },
		{ 'V', MODE_VERSION },
		{ 'C', MODE_CHECK },
		{ 'D', MODE_RUN },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (value[0] == known[i].letter && value[1] == '\0') {
			*mode = known[i].mode;
			return EX_OK;
		}
	}
	return fault_set(f, EX_USAGE, "mode '-b%s' is not supported", value);
}

bool
mode_takes_words(enum mode mode)
{
	return mode == MODE_SUBMIT || mode == MODE_VERIFY || mode == MODE_CHECK;
}
