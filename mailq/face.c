/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mailq/face.h"
#include "mailq/word.h"

#define NOBODY "MAILER-DAEMON"     /* as Postfix writes the null sender */
#define INDENT 47                  /* columns before a recipient */
#define WIDTH 76                   /* columns before the end of a reason */
#define REASON (JOURNAL_LINE + 32) /* octets: its words, and ours */
#define TIME 20                    /* octets of a time, with the NUL */

/* Who was served, or refused and reported, is no matter of a queue any more. */
static bool
is_shown(const struct rcpt *to)
{
	return rcpt_waits(to) || rcpt_is_untold(to, REPORT_FAILED);
}

static const char *
sender(const struct envelope *env)
{
	return env->from[0] == '\0' ? NOBODY : env->from;
}

/* Why this recipient is still here; empty if there is no word on it. */
static void
find_reason(const struct rcpt *to, char reason[REASON])
{
	const char *why = to->why == NULL ? "" : to->why;

	if (to->fate != FATE_UNKNOWN)
		snprintf(reason, REASON, "%s", why);
	else if (why[0] == '\0')
		snprintf(reason, REASON, "outcome unknown");
	else
		snprintf(reason, REASON, "outcome unknown: %s", why);
}

/* In columns, as far as octets tell: those that go on in UTF-8 take none. */
static int
width(const char *text)
{
	int columns = 0;

	for (; *text != '\0'; text++)
		columns += ((unsigned char)*text & 0xc0) != 0x80;
	return columns;
}

static void
print_reason(FILE *out, const char *reason)
{
	int columns = width(reason);

	fprintf(out, "%*s(", columns < WIDTH ? WIDTH - columns : 0, "");
	word_print(out, reason);
	fputs(")\n", out);
}

/* As Postfix does: a reason goes before those whom it holds, once. */
static void
print_recipients(FILE *out, const struct envelope *env)
{
	char said[REASON] = "", reason[REASON];
	const struct rcpt *to;

	for (to = env->to; to < env->to + env->count; to++) {
		if (!is_shown(to))
			continue;
		find_reason(to, reason);
		if (strcmp(reason, said) != 0) {
			print_reason(out,
			    reason[0] == '\0' ? "reason unavailable" : reason);
			snprintf(said, sizeof(said), "%s", reason);
		}
		fprintf(out, "%*s", INDENT, "");
		word_print(out, to->addr);
		putc('\n', out);
	}
}

/* As asctime(3) has it, without the year. */
static void
tell_time(char text[TIME], time_t when)
{
	struct tm tm;

	if (localtime_r(&when, &tm) == NULL ||
	    strftime(text, TIME, "%a %b %e %H:%M:%S", &tm) == 0)
		snprintf(text, TIME, "unknown");
}

static void
print_message(const struct face *face, const struct item *item)
{
	static const char marks[] = {
		[QUEUE_ACTIVE] = ' ', [QUEUE_HOLD] = '!', [QUEUE_FAILED] = '#'
	};
	char when[TIME];

	tell_time(when, item->created);
	fprintf(face->out, "%s%c %8jd %19s ", item->id, marks[face->folder],
	    (intmax_t)item->text.size, when);
	word_print(face->out, sender(&item->env));
	putc('\n', face->out);
	print_recipients(face->out, &item->env);
}

/* Its line begins with its path: who counts IDs at line starts skips it. */
static void
print_strange(const struct face *face, const char *name, const char *why)
{
	word_print(face->out, face->path);
	fprintf(face->out, "/%s/", queue_folder(face->folder));
	word_print(face->out, name);
	fputs(" (left alone: ", face->out);
	word_print(face->out, why);
	fputs(")\n", face->out);
}

/* Postfix calls `active' only what is being sent at the moment. */
static void
json_begin(const struct face *face, const char *name)
{
	static const char *const queues[] = { [QUEUE_ACTIVE] = "deferred",
		[QUEUE_HOLD] = "hold",
		[QUEUE_FAILED] = "failed" };

	fprintf(face->out,
	    "{\"queue_name\": \"%s\", \"queue_id\": ", queues[face->folder]);
	word_json(face->out, name);
}

static void
json_end(const struct face *face)
{
	if (face->user != NULL) {
		fputs(", \"user\": ", face->out);
		word_json(face->out, face->user);
	}
	fputs("}\n", face->out);
}

/* Whom the caller named, where others stand for him. */
static const struct rcpt *
original(const struct envelope *env, const struct rcpt *to)
{
	while (to->parent != ENVELOPE_NONE)
		to = env->to + to->parent;
	return to;
}

static void
json_recipient(FILE *out, const struct envelope *env, const struct rcpt *to)
{
	char reason[REASON];

	putc('{', out);
	if (to->parent != ENVELOPE_NONE) {
		fputs("\"orig_address\": ", out);
		word_json(out, original(env, to)->addr);
		fputs(", ", out);
	}
	fputs("\"address\": ", out);
	word_json(out, to->addr);
	find_reason(to, reason);
	if (reason[0] != '\0') {
		fputs(", \"delay_reason\": ", out);
		word_json(out, reason);
	}
	putc('}', out);
}

static void
json_message(const struct face *face, const struct item *item, time_t due)
{
	const struct envelope *env = &item->env;
	const struct rcpt *to;
	const char *between = "";

	json_begin(face, item->id);
	fprintf(face->out,
	    ", \"arrival_time\": %jd, \"message_size\": %jd, "
	    "\"forced_expire\": false, \"sender\": ",
	    (intmax_t)item->created, (intmax_t)item->text.size);
	word_json(face->out, sender(env));
	fputs(", \"recipients\": [", face->out);
	for (to = env->to; to < env->to + env->count; to++) {
		if (!is_shown(to))
			continue;
		fputs(between, face->out);
		json_recipient(face->out, env, to);
		between = ", ";
	}
	putc(']', face->out);
	if (face->folder == QUEUE_ACTIVE)
		fprintf(face->out, ", \"next_attempt\": %jd", (intmax_t)due);
	fprintf(face->out, ", \"attempts\": %u", item->journal.attempts);
	if (face->status != NULL && face->folder == QUEUE_ACTIVE) {
		fputs(", \"smarthost_status\": ", face->out);
		word_json(face->out, face->status);
	}
	json_end(face);
}

static void
json_strange(const struct face *face, const char *name, const char *why)
{
	json_begin(face, name);
	fputs(", \"forced_expire\": false, \"recipients\": [], \"error\": ",
	    face->out);
	word_json(face->out, why);
	json_end(face);
}

void
face_message(const struct face *face, const struct item *item, time_t due)
{
	if (face->is_json)
		json_message(face, item, due);
	else
		print_message(face, item);
}

int
face_stamp(const struct stamp *s, char **text, struct fault *f)
{
	char since[TIME], next[TIME];
	size_t size;
	FILE *out = open_memstream(text, &size);

	if (out == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot list the queue");
	tell_time(since, s->since);
	tell_time(next, s->next);
	fprintf(out,
	    "%s%s%s turns us away since %s (%u in vain, next try %s): %s",
	    s->host, s->port[0] == '\0' ? "" : " port ", s->port, since,
	    s->probes, next, s->why);
	if (fclose(out) == 0 && *text != NULL)
		return EX_OK;
	return fault_errno(f, EX_TEMPFAIL, "cannot list the queue");
}

void
face_strange(const struct face *face, const char *name, const char *why)
{
	if (face->is_json)
		json_strange(face, name, why);
	else
		print_strange(face, name, why);
}
