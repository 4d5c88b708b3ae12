/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "sendmail/plain.h"

char *
plain_password(const struct bearer *who, size_t *len)
{
	const size_t user = strlen(who->user), secret = strlen(who->token);
	char *words = malloc(user + secret + 2);

	if (words == NULL)
		return NULL;
	*len = user + secret + 2;
	words[0] = '\0';
	memcpy(words + 1, who->user, user + 1);
	memcpy(words + user + 2, who->token, secret);
	return words;
}

char *
plain_external(const struct bearer *who, size_t *len)
{
	(void)who;
	*len = 0;
	return malloc(1);
}
