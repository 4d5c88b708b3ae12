/*
 * repeat - a word that is too long, for units
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef T_REPEAT_H
#define T_REPEAT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The caller frees it. */
static inline char *
repeat(char c, size_t count)
{
	char *text = malloc(count + 1);

	assert_non_null(text);
	memset(text, c, count);
	text[count] = '\0';
	return text;
}

#endif
