/* SPDX-License-Identifier: ISC */
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "mailq/notify.h"

static unsigned
notify_bit(const char *word, size_t len)
{
	static const struct {
		const char *name;
		unsigned bit;
	} bits[] = {
		{ "never", NOTIFY_NEVER },
		{ "success", NOTIFY_SUCCESS },
		{ "failure", NOTIFY_FAILURE },
		{ "delay", NOTIFY_DELAY },
	};
	size_t i;

	for (i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (strlen(bits[i].name) == len &&
		    strncasecmp(bits[i].name, word, len) == 0)
			return bits[i].bit;
	return 0;
}

int
notify_parse(const char *words, unsigned *notify, struct fault *f)
{
	const char *at = words;
	unsigned bits = 0, bit;
	size_t len;

	for (;;) {
		len = strcspn(at, ",");
		bit = notify_bit(at, len);
		if (bit == 0)
			break;
		bits |= bit;
		at += len;

		/* NEVER stands alone (RFC 3461, 4.1). */
		if (*at == '\0' &&
		    (bits == NOTIFY_NEVER || (bits & NOTIFY_NEVER) == 0)) {
			*notify = bits;
			return EX_OK;
		}
		if (*at++ == '\0')
			break;
	}
	return fault_set(f, EX_DATAERR,
	    "'%s' is no NOTIFY: write never, or "
	    "some of success, failure, delay",
	    words);
}

const char *
notify_words(unsigned notify)
{
	static const char *const words[] = {
		[0] = "",
		[NOTIFY_NEVER] = "never",
		[NOTIFY_SUCCESS] = "success",
		[NOTIFY_FAILURE] = "failure",
		[NOTIFY_SUCCESS | NOTIFY_FAILURE] = "success,failure",
		[NOTIFY_DELAY] = "delay",
		[NOTIFY_SUCCESS | NOTIFY_DELAY] = "success,delay",
		[NOTIFY_FAILURE | NOTIFY_DELAY] = "failure,delay",
		[NOTIFY_SUCCESS | NOTIFY_FAILURE | NOTIFY_DELAY] =
		    "success,failure,delay",
	};

	return words[notify];
}

unsigned
notify_join(unsigned one, unsigned other)
{
	unsigned both = one | other;

	if (both == 0)
		return 0;
	if (one == 0 || other == 0)
		both |= NOTIFY_FAILURE | NOTIFY_DELAY;
	return both == NOTIFY_NEVER ? both : both & ~(unsigned)NOTIFY_NEVER;
}
