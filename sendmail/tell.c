/* SPDX-License-Identifier: ISC */
#include "sendmail/tell.h"
#include "mailq/word.h"

static void
begin(FILE *out, const char *what)
{
	fputs("sendmail: ", out);
	word_print(out, what);
}

static void
end(FILE *out, const char *why)
{
	if (why != NULL && why[0] != '\0') {
		fputs(": ", out);
		word_print(out, why);
	}
	fputc('\n', out);
}

void
tell_fault(FILE *out, const char *text)
{
	begin(out, text);
	end(out, NULL);
}

void
tell_waits(FILE *out, const char *why)
{
	begin(out, "queued");
	end(out, why);
}

static void
tell_one(FILE *out, const struct rcpt *rcpt)
{
	if (rcpt->fate == FATE_EXPANDED)
		return;
	begin(out, rcpt->addr);
	if (rcpt->fate == FATE_DELIVERED) {
		fputs(": accepted", out);
		end(out, NULL);
	} else {
		fputs(rcpt->fate == FATE_REFUSED ? ": refused"
						 : ": not sent, not kept",
		    out);
		end(out, rcpt->why);
	}
}

void
tell_refusals(FILE *out, const struct envelope *env)
{
	size_t n;

	for (n = 0; n < env->count; n++)
		tell_one(out, env->to + n);
}

void
tell_accepted(FILE *out, const struct envelope *env)
{
	size_t n;

	for (n = 0; n < env->count; n++)
		if (env->to[n].fate == FATE_DELIVERED)
			tell_one(out, env->to + n);
}
