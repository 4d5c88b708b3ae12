/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "sendmail/address.h"
#include "sendmail/route.h"

bool
route_fits(const struct smarthost *smarthost, const char *sender)
{
	const char *domain = address_domain(sender), *at, *word;
	size_t i, local;

	if (smarthost->senders.count == 0 || sender[0] == '\0')
		return true;
	if (domain == NULL)
		return false;
	local = (size_t)(domain - sender) - 1;
	for (i = 0; i < smarthost->senders.count; i++) {
		word = smarthost->senders.word[i];
		at = strrchr(word, '@');
		if (at == NULL || strcasecmp(at + 1, domain) != 0)
			continue;
		if (at == word ||
		    ((size_t)(at - word) == local &&
			strncmp(word, sender, local) == 0))
			return true;
	}
	return false;
}

int
route_first(const struct conf *conf, const char *sender,
    const struct smarthost **first, struct fault *f)
{
	size_t i;

	for (i = 0; i < conf->smarthosts; i++) {
		*first = conf->smarthost + i;
		if (route_fits(*first, sender))
			return EX_OK;
	}
	return fault_set(f, EX_CONFIG,
	    "no [smarthost] takes mail from '%s': see its senders", sender);
}
