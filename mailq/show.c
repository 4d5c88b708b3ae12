/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "mailq/item.h"
#include "mailq/show.h"
#include "mailq/word.h"

#define TIME 32 /* octets of a time, with the NUL */

static void
show_title(FILE *out, const char *title, enum folder folder, const char *id)
{
	fprintf(out, "*** %s %s/%s ***\n", title, queue_folder(folder), id);
}

/* As asctime(3) has it. */
static void
show_time(FILE *out, const char *name, time_t when)
{
	char text[TIME];
	struct tm tm;

	if (localtime_r(&when, &tm) == NULL ||
	    strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", &tm) == 0)
		snprintf(text, sizeof(text), "unknown");
	fprintf(out, "%s: %s\n", name, text);
}

static void
show_word(FILE *out, const char *name, const char *word)
{
	if (word == NULL)
		return;
	fprintf(out, "%s: ", name);
	word_print(out, word[0] == '\0' ? "<>" : word);
	putc('\n', out);
}

/* Who gave way to others is told by their original. */
static void
show_recipient(FILE *out, const struct envelope *env, const struct rcpt *to)
{
	const char *fate =
	    to->fate == FATE_WAITING ? "waiting" : journal_op(to->fate);

	if (to->parent != ENVELOPE_NONE)
		show_word(out, "original_recipient", env->to[to->parent].addr);
	fputs("recipient: ", out);
	word_print(out, to->addr);
	fprintf(out, " (%s", fate);
	if (to->why != NULL && to->why[0] != '\0') {
		fputs(": ", out);
		word_print(out, to->why);
	}
	fputs(")\n", out);
}

static void
show_envelope(FILE *out, const struct item *item, enum folder folder)
{
	const struct envelope *env = &item->env;
	struct stat st;
	size_t i;

	fprintf(out, "message_size: %jd\n", (intmax_t)item->text.size);
	show_time(out, "message_arrival_time", item->created);
	if (folder == QUEUE_ACTIVE && fstat(item->fd, &st) == 0)
		show_time(out, "next_attempt", st.st_mtime);
	fprintf(out, "attempts: %u\n", item->journal.attempts);
	if (item->journal.attempts > 0)
		show_time(out, "last_attempt", item->journal.attempted);
	show_word(out, "host", env->host);
	show_word(out, "ret", env->ret);
	show_word(out, "envelope_id", env->envid);
	show_word(out, "report_of", env->report_of);
	show_word(out, "sender", env->from);
	for (i = 0; i < env->count; i++)
		show_recipient(out, env, env->to + i);
}

/* Pieces of a line do as well; a tab moves the cursor where it should. */
static int
show_harmless(FILE *out, const struct text *text, struct fault *f)
{
	struct text_lines in = { .text = text };
	char *line, *part;
	size_t size;
	int rc;

	rc = text_line(&in, &line, &size, f);
	while (rc == EX_OK && line != NULL && !ferror(out)) {
		if (!in.is_torn && size > 0 && line[size - 1] == '\r')
			line[size - 1] = '\0';
		while ((part = strsep(&line, "\t")) != NULL) {
			word_print(out, part);
			if (line != NULL)
				putc('\t', out);
		}
		if (!in.is_torn)
			putc('\n', out);
		rc = text_line(&in, &line, &size, f);
	}
	return rc;
}

static int
show_item(FILE *out, const struct item *item, enum folder folder,
    bool is_terminal, struct fault *f)
{
	int rc;

	show_title(out, "ENVELOPE RECORDS", folder, item->id);
	show_envelope(out, item, folder);
	show_title(out, "MESSAGE CONTENTS", folder, item->id);
	rc = is_terminal ? show_harmless(out, &item->text, f)
			 : text_copy(&item->text, out, f);
	if (rc == EX_OK)
		show_title(out, "MESSAGE FILE END", folder, item->id);
	if (fflush(out) != 0 || ferror(out))
		fault_errno(f, EX_IOERR, "cannot show a message");
	return f->code;
}

int
show(const struct queue *queue, enum folder folder, const char *id, FILE *out,
    bool is_terminal, struct fault *f)
{
	struct item item = { 0 };
	int rc;

	rc = item_look(queue, folder, id, &item, f);
	if (rc == EX_OK)
		rc = show_item(out, &item, folder, is_terminal, f);
	item_free(&item);
	return rc;
}
