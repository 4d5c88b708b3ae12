/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "sendmail/answer.h"

#define REFUSED "554 5.0.0 "
#define NOT_NOW "451 4.3.0 "

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Octets of "550 ", if the words begin with such a code, else 0. */
static size_t
code_size(const char *why, char first)
{
	return why[0] == first && is_digit(why[1]) && is_digit(why[2]) &&
		why[3] == ' '
	    ? 4
	    : 0;
}

/* Octets of "5.1.1 ", if the words begin with such a code, else 0. */
static size_t
enhanced_size(const char *why)
{
	size_t at = strspn(why, "0123456789."), dots = 0, i;

	for (i = 0; i < at; i++)
		dots += why[i] == '.';
	return dots == 2 && why[at] == ' ' ? at + 1 : 0;
}

/* What stands behind the codes, and behind an Ok of its own. */
static const char *
bare_words(const char *why)
{
	why += code_size(why, '2');
	why += enhanced_size(why);
	if (strncasecmp(why, "ok", 2) == 0 && strchr(": ", why[2]) != NULL) {
		why += 2;
		why += strspn(why, ": ");
	}
	return why;
}

static const struct rcpt *
find_fate(const struct envelope *env, enum fate fate)
{
	size_t n;

	for (n = 0; n < env->count; n++)
		if (env->to[n].fate == fate && env->to[n].why != NULL)
			return env->to + n;
	return NULL;
}

static const char *
first_waiting(const struct envelope *env)
{
	size_t n;

	for (n = 0; n < env->count; n++)
		if (rcpt_waits(env->to + n) && env->to[n].why != NULL)
			return env->to[n].why;
	return "";
}

static void
say_ours(struct talk *talk, const struct item *item)
{
	const struct rcpt *rcpt = find_fate(&item->env, FATE_DELIVERED);
	const char *words = rcpt == NULL ? "" : bare_words(rcpt->why);

	if (item->is_kept && envelope_waiting(&item->env) > 0)
		talk_say(talk, "250 2.0.0 Ok: queued as %s", item->id);
	else
		talk_say(talk, "250 2.0.0 Ok%s%s", words[0] != '\0' ? ": " : "",
		    words);
}

/* The refusal that speaks for all: of no recipient by name, else the first. */
static const struct rcpt *
choose(const struct envelope *env)
{
	const struct rcpt *first = NULL;
	size_t n;

	for (n = 0; n < env->count; n++) {
		if (env->to[n].fate != FATE_REFUSED || env->to[n].why == NULL)
			continue;
		if (env->to[n].code != EX_NOUSER)
			return env->to + n;
		if (first == NULL)
			first = env->to + n;
	}
	return first;
}

/* Whether someone was accepted, each on a line that is not the last. */
static bool
say_accepted(struct talk *talk, const struct envelope *env, const char *code)
{
	size_t n, lines = 0;

	for (n = 0; n < env->count && lines < ANSWER_LINES; n++) {
		if (env->to[n].fate != FATE_DELIVERED)
			continue;
		talk_say(talk, "%.3s-%s%s: accepted", code, code + 4,
		    env->to[n].addr);
		lines++;
	}
	return lines > 0;
}

static void
say_refused(struct talk *talk, const struct envelope *env)
{
	const struct rcpt *rcpt = choose(env);
	const char *why = rcpt == NULL ? "refused" : rcpt->why;
	size_t size = code_size(why, '5');
	bool is_partial = say_accepted(talk, env, REFUSED);
	bool is_by_name = rcpt != NULL && rcpt->code == EX_NOUSER;

	if (size == 0)
		talk_say(talk, REFUSED "%s", why);
	else if (is_partial ||
	    (!is_by_name &&
		(strncmp(why, "550", 3) == 0 || strncmp(why, "551", 3) == 0 ||
		    strncmp(why, "553", 3) == 0)))
		talk_say(talk, "554 %s", why + size);
	else
		talk_say(talk, "%s", why);
}

static void
say_not_now(
    struct talk *talk, const struct envelope *env, const struct fault *f)
{
	const char *why = first_waiting(env);

	if (say_accepted(talk, env, NOT_NOW) || code_size(why, '4') == 0)
		talk_say(talk, NOT_NOW "%s", f->text);
	else if (strncmp(why, "421", 3) == 0)
		talk_say(talk, "451%s", why + 3);
	else
		talk_say(talk, "%s", why);
}

void
answer(
    struct talk *talk, const struct item *item, int rc, const struct fault *f)
{
	if (rc == EX_OK)
		say_ours(talk, item);
	else if (f->code != EX_OK)
		say_not_now(talk, &item->env, f);
	else
		say_refused(talk, &item->env);
}
