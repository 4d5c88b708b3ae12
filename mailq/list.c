/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mailq/item.h"
#include "mailq/list.h"
#include "mailq/queue.h"
#include "mailq/word.h"

#define NOBODY "MAILER-DAEMON"     /* as Postfix writes the null sender */
#define INDENT 47                  /* columns before a recipient */
#define WIDTH 76                   /* columns before the end of a reason */
#define REASON (JOURNAL_LINE + 32) /* octets: its words, and ours */
#define TIME 20                    /* octets of a time, with the NUL */
#define KBYTE 1024

/* What is being listed, and what was listed so far. */
struct list {
	FILE *out;
	bool is_json;
	const char *path;   /* of the queue */
	enum folder folder; /* in it */
	uintmax_t shown;    /* entries, of strange files too */
	uintmax_t count;    /* messages */
	uintmax_t octets;   /* in them */
};

/* Who was served, or gave way to others, is no matter of a queue any more. */
static bool
is_shown(const struct rcpt *to)
{
	return rcpt_waits(to) || to->fate == FATE_REFUSED;
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
begin_entry(struct list *l)
{
	if (l->shown++ > 0)
		putc('\n', l->out);
	else
		fputs("----Queue ID----- --Size-- ---Arrival Time---- "
		      "--Sender/Recipient------\n",
		    l->out);
}

static void
print_message(struct list *l, const struct item *item)
{
	static const char marks[] = {
		[QUEUE_ACTIVE] = ' ', [QUEUE_HOLD] = '!', [QUEUE_FAILED] = '#'
	};
	char when[TIME];

	begin_entry(l);
	tell_time(when, item->created);
	fprintf(l->out, "%s%c %8jd %19s ", item->id, marks[l->folder],
	    (intmax_t)item->text.size, when);
	word_print(l->out, sender(&item->env));
	putc('\n', l->out);
	print_recipients(l->out, &item->env);
}

/* Its line begins with its path: who counts IDs at line starts skips it. */
static void
print_strange(struct list *l, const char *name, const char *why)
{
	begin_entry(l);
	word_print(l->out, l->path);
	fprintf(l->out, "/%s/", queue_folder(l->folder));
	word_print(l->out, name);
	fputs(" (left alone: ", l->out);
	word_print(l->out, why);
	fputs(")\n", l->out);
}

/* Postfix calls `active' only what is being sent at the moment. */
static void
json_begin(const struct list *l, const char *name)
{
	static const char *const queues[] = { [QUEUE_ACTIVE] = "deferred",
		[QUEUE_HOLD] = "hold",
		[QUEUE_FAILED] = "failed" };

	fprintf(l->out,
	    "{\"queue_name\": \"%s\", \"queue_id\": ", queues[l->folder]);
	word_json(l->out, name);
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
json_message(const struct list *l, const struct item *item, time_t due)
{
	const struct envelope *env = &item->env;
	const struct rcpt *to;
	const char *between = "";

	json_begin(l, item->id);
	fprintf(l->out,
	    ", \"arrival_time\": %jd, \"message_size\": %jd, "
	    "\"forced_expire\": false, \"sender\": ",
	    (intmax_t)item->created, (intmax_t)item->text.size);
	word_json(l->out, sender(env));
	fputs(", \"recipients\": [", l->out);
	for (to = env->to; to < env->to + env->count; to++) {
		if (!is_shown(to))
			continue;
		fputs(between, l->out);
		json_recipient(l->out, env, to);
		between = ", ";
	}
	putc(']', l->out);
	if (l->folder == QUEUE_ACTIVE)
		fprintf(l->out, ", \"next_attempt\": %jd", (intmax_t)due);
	fprintf(l->out, ", \"attempts\": %u}\n", item->journal.attempts);
}

static void
json_strange(const struct list *l, const char *name, const char *why)
{
	json_begin(l, name);
	fputs(", \"forced_expire\": false, \"recipients\": [], \"error\": ",
	    l->out);
	word_json(l->out, why);
	fputs("}\n", l->out);
}

static void
show_message(struct list *l, const struct item *item, time_t due)
{
	if (l->is_json)
		json_message(l, item, due);
	else
		print_message(l, item);
	l->count++;
	l->octets += (uintmax_t)item->text.size;
}

static void
show_strange(struct list *l, const char *name, const char *why)
{
	if (l->is_json)
		json_strange(l, name, why);
	else
		print_strange(l, name, why);
}

/* What was sent or moved since the folder was read is no matter of ours. */
static void
list_entry(struct list *l, const struct queue *queue, const struct entry *entry,
    struct fault *f)
{
	struct item item = { 0 };
	struct fault one = { 0 };
	int rc;

	rc = item_look(queue, l->folder, entry->name, &item, &one);
	if (rc == EX_OK)
		show_message(l, &item, entry->due);
	else if (rc != EX_NOINPUT)
		show_strange(l, entry->name, one.text);
	item_free(&item);
	if (rc == EX_IOERR || rc == EX_TEMPFAIL)
		fault_set(f, rc, "'%s/%s/%s': %s", l->path,
		    queue_folder(l->folder), entry->name, one.text);
}

static int
by_name(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* A folder that could be read in part is listed in part. */
static void
list_folder(struct list *l, const struct queue *queue, struct fault *f)
{
	struct listing listing = { 0 };
	struct fault one = { 0 };
	size_t i;

	if (queue_scan(queue, l->folder, &listing, &one) != EX_OK)
		fault_set(f, one.code, "'%s': %s", l->path, one.text);
	if (listing.count > 0)
		qsort(listing.entry, listing.count, sizeof(*listing.entry),
		    by_name);
	for (i = 0; i < listing.count && !ferror(l->out); i++)
		list_entry(l, queue, listing.entry + i, f);
	listing_free(&listing);
}

/* What is not ours, or is open to others, may hold our messages even so. */
static void
list_queue(struct list *l, struct fault *f)
{
	struct queue queue;
	struct fault one = { 0 };
	int rc;

	rc = queue_open(&queue, l->path, false, &one);
	if (rc == EX_NOINPUT)
		return;
	if (rc != EX_OK) {
		fault_set(f, rc == EX_TEMPFAIL ? rc : EX_IOERR, "%s", one.text);
		return;
	}
	for (l->folder = QUEUE_ACTIVE; l->folder < QUEUE_FOLDERS; l->folder++)
		if (queue.folder[l->folder] != QUEUE_NO_FOLDER)
			list_folder(l, &queue, f);
	queue_close(&queue);
}

/*
 * check_mailq counts by the first line or by the second, as it takes us for
 * sendmail or for Postfix; the second must be the last of all.
 */
static void
print_total(const struct list *l)
{
	if (l->shown == 0) {
		fputs("Mail queue is empty\n", l->out);
		return;
	}
	fprintf(l->out, "\n\t\tTotal requests: %ju\n", l->count);
	fprintf(l->out, "-- %ju Kbytes in %ju Request%s.\n", l->octets / KBYTE,
	    l->count, l->count == 1 ? "" : "s");
}

int
list_print(const struct spool *spool, FILE *out, bool is_json, struct fault *f)
{
	struct list l = { .out = out, .is_json = is_json };
	size_t i;

	for (i = 0; i < spool->count; i++) {
		l.path = spool->path[i];
		list_queue(&l, f);
	}

	/* A total that is not known to be whole would pass for one. */
	if (!is_json && f->code == EX_OK)
		print_total(&l);
	if (fflush(out) != 0 || ferror(out))
		fault_errno(f, EX_IOERR, "cannot write the list");
	return f->code;
}
