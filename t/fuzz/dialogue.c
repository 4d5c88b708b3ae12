/*
 * What a client says over -bs; the first octet says how LF counts in its texts.
 * What gets into an envelope is fit for a command, every refusal is a reply, and
 * a text is the same in whatever pieces it comes.
 *
 * SPDX-License-Identifier: ISC
 */
#include <sys/mman.h>

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sendmail/address.h"
#include "sendmail/command.h"
#include "sendmail/intake.h"
#include "t/fuzz/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
judge_envelope(const struct envelope *env)
{
	size_t i;

	if (env->from != NULL && env->from[0] != '\0')
		judge_address(env->from);
	if (env->envid != NULL)
		demand(is_plain(env->envid));
	for (i = 0; i < env->count; i++) {
		judge_address(env->to[i].addr);
		if (env->to[i].orcpt != NULL)
			demand(is_plain(env->to[i].orcpt));
	}
}

static void
judge_reply(const struct fault *f)
{
	demand(f->code == EX_DATAERR || f->code == EX_TEMPFAIL);
	demand(f->text[0] == '4' || f->text[0] == '5');
	demand(strspn(f->text, "0123456789") == 3 && f->text[3] == ' ');
}

/* As many octets as a piece has, at a time. */
static size_t
take(struct dots *dots, const char *octets, size_t size, size_t piece,
    char *text, size_t *used)
{
	size_t at = 0, some, got;

	*used = 0;
	while (at < size && dots->state != DOTS_OVER) {
		some = size - at < piece ? size - at : piece;
		at += dots_take(dots, octets + at, some, text + *used, &got);
		demand(got <= some + 1);
		*used += got;
	}
	return at;
}

static void
judge_text(const char *octets, size_t size, bool by_feed)
{
	struct dots whole = { .by_feed = by_feed }, bits = whole;
	char *one = malloc(2 * size + 2), *other = malloc(2 * size + 2);
	size_t used, used_too;

	demand(one != NULL && other != NULL);
	demand(take(&whole, octets, size, size + 1, one, &used) ==
	    take(&bits, octets, size, 1, other, &used_too));
	demand(whole.state == bits.state && used == used_too);
	demand(used <= size && memcmp(one, other, used) == 0);
	free(one);
	free(other);
}

static void
read_text(struct talk *talk, bool by_feed)
{
	struct intake in = { .talk = talk, .dots.by_feed = by_feed };

	intake_skip(&in);
	demand(in.dots.state == DOTS_OVER || talk->end != TALK_ON);
}

static void
obey(struct talk *talk, char *line, bool by_feed, struct envelope *env)
{
	struct fault f = { 0 };
	const char *argument;

	switch (command_verb(line, &argument)) {
	case VERB_MAIL:
		envelope_free(env);
		*env = (struct envelope){ 0 };
		if (command_mail(argument, env, &f) != EX_OK)
			judge_reply(&f);
		break;
	case VERB_RCPT:
		if (command_rcpt(argument, env, &f) != EX_OK)
			judge_reply(&f);
		break;
	case VERB_DATA:
		read_text(talk, by_feed);
		break;
	default:
		break;
	}
	judge_envelope(env);
	if (f.code != EX_OK)
		talk_say(talk, "%s", f.text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct talk talk = { .in = memfd_create("client", 0),
		.out = open("/dev/null", O_WRONLY) };
	struct envelope env = { 0 };
	char line[TALK_LINE];
	bool is_long, by_feed;

	if (size > 0)
		judge_text((const char *)data + 1, size - 1, (*data & 1) != 0);
	demand(talk.in != -1 && talk.out != -1);
	demand(write(talk.in, data, size) == (ssize_t)size);
	demand(lseek(talk.in, 0, SEEK_SET) == 0);
	while (talk_line(&talk, line, &is_long, &by_feed)) {
		demand(strlen(line) < TALK_LINE);
		if (!is_long)
			obey(&talk, line, by_feed, &env);
	}
	talk_flush(&talk);
	envelope_free(&env);
	close(talk.in);
	close(talk.out);
	return 0;
}
