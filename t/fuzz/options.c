/*
 * Command lines, words parted by NUL: each is understood or 64, and what gets
 * into an envelope can neither end a command nor name anything.
 *
 * SPDX-License-Identifier: ISC
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sendmail/address.h"
#include "sendmail/request.h"
#include "t/fuzz/judge.h"

#define WORDS 32

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
judge_envelope(const struct envelope *env)
{
	size_t i;

	judge_address(env->from);
	for (i = 0; i < env->count; i++)
		judge_address(env->to[i].addr);
	if (env->envid != NULL)
		demand(is_plain(env->envid) && env->envid[0] != '\0');
}

static void
judge(const struct options *o)
{
	char login[] = "joe", name[] = "Joe";
	const struct caller caller = { .login = login, .name = name };
	struct envelope env = { 0 };
	struct fault f = { 0 };
	int rc;

	demand(o->count == 0 || mode_takes_words(o->mode));
	demand(o->run_every >= 0);
	if (o->tag != NULL)
		demand(is_plain(o->tag) && strchr(o->tag, ' ') == NULL);
	rc = request_begin(&env, o, &caller, &f);
	if (rc == EX_OK)
		rc = request_end(&env, o, "", 0, &f);
	if (rc == EX_OK)
		judge_envelope(&env);
	demand(rc == EX_OK || rc == EX_USAGE || rc == EX_DATAERR);
	demand(is_plain(f.text));
	envelope_free(&env);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *words = malloc(size + 1), *at = words, *argv[WORDS + 1];
	struct options o;
	struct fault f = { 0 };
	int argc = 0, rc;

	demand(words != NULL);
	if (size > 0)
		memcpy(words, data, size);
	words[size] = '\0';
	for (; at <= words + size && argc < WORDS; at += strlen(at) + 1)
		argv[argc++] = at;
	argv[argc] = NULL;
	rc = options_parse(&o, argc, argv, &f);
	demand(rc == EX_OK || (rc == EX_USAGE && f.text[0] != '\0'));
	demand(is_plain(f.text));
	if (rc == EX_OK)
		judge(&o);
	free(words);
	return 0;
}
