/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "conf/words.h"

int
words_add(struct words *words, const char *word, size_t len, struct fault *f)
{
	char **more;

	more = reallocarray(words->word, words->count + 2, sizeof(*more));
	if (more == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep a list");
	words->word = more;
	more[words->count] = strndup(word, len);
	if (more[words->count] == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep a list");
	more[++words->count] = NULL;
	return EX_OK;
}

int
words_split(struct words *words, const char *text,
    bool (*judge)(const char *, size_t), const char *advice, struct fault *f)
{
	const char *at = text + strspn(text, WORDS_PARTING);
	size_t len;
	int rc = EX_OK;

	if (*at == '\0')
		return fault_set(f, EX_CONFIG,
		    "the list is empty: write a word, or remove the key");
	while (rc == EX_OK && *at != '\0') {
		len = strcspn(at, WORDS_PARTING);
		if (judge(at, len))
			rc = words_add(words, at, len, f);
		else
			rc = fault_set(
			    f, EX_CONFIG, "'%.*s' %s", (int)len, at, advice);
		at += len;
		at += strspn(at, WORDS_PARTING);
	}
	return rc;
}

void
words_free(struct words *words)
{
	while (words->count > 0)
		free(words->word[--words->count]);
	free(words->word);
	words->word = NULL;
}
