/* SPDX-License-Identifier: ISC */
#include "sendmail/tell.h"
#include "mailq/word.h"

void
tell_refusals(FILE *out, const struct envelope *env)
{
	const struct rcpt *rcpt;
	size_t n;

	for (n = 0; n < env->count; n++) {
		rcpt = env->to + n;
		if (rcpt->fate == FATE_EXPANDED)
			continue;
		fputs("sendmail: ", out);
		word_print(out, rcpt->addr);
		if (rcpt->fate == FATE_DELIVERED)
			fputs(": accepted", out);
		else if (rcpt->fate == FATE_REFUSED)
			fputs(": refused", out);
		else
			fputs(": not sent, not kept", out);
		if (rcpt->fate != FATE_DELIVERED && rcpt->why != NULL) {
			fputs(": ", out);
			word_print(out, rcpt->why);
		}
		fputc('\n', out);
	}
}

void
tell_accepted(FILE *out, const struct envelope *env)
{
	size_t n;

	for (n = 0; n < env->count; n++) {
		if (env->to[n].fate != FATE_DELIVERED)
			continue;
		fputs("sendmail: ", out);
		word_print(out, env->to[n].addr);
		fputs(": accepted\n", out);
	}
}
