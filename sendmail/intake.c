/* SPDX-License-Identifier: ISC */
#include "sendmail/intake.h"
#include "sendmail/command.h"

static int
read_text(void *ctx, char chunk[SOURCE_CHUNK], size_t *got, struct fault *f)
{
	struct intake *in = ctx;
	struct talk *talk = in->talk;

	*got = 0;
	while (*got == 0 && in->dots.state != DOTS_OVER) {
		if (!talk_hear(talk))
			return fault_set(f, EX_IOERR, "the client has left");
		talk->start += dots_take(&in->dots, talk->heard + talk->start,
		    talk->stop - talk->start, chunk, got);
	}
	in->taken += (off_t)*got;
	if (intake_is_large(in))
		return fault_set(f, EX_DATAERR,
		    "more than %ld octets are not taken", COMMAND_SIZE);
	return EX_OK;
}

struct source
intake_source(struct intake *in)
{
	return (struct source){ read_text, in };
}

bool
intake_is_large(const struct intake *in)
{
	return in->taken > COMMAND_SIZE;
}

void
intake_skip(struct intake *in)
{
	const struct source rest = intake_source(in);

	in->taken = 0;
	source_drain(&rest);
	if (in->dots.state != DOTS_OVER && in->talk->end == TALK_ON)
		in->talk->end = TALK_FLOOD;
}
