/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mailq/face.h"
#include "mailq/list.h"
#include "mailq/word.h"

#define KBYTE 1024
#define HEADING                                           \
	"----Queue ID----- --Size-- ---Arrival Time---- " \
	"--Sender/Recipient------\n"

/* What is being listed, and what was listed so far. */
struct list {
	struct face face;
	const char *heading; /* ahead of the first entry; NULL: none */
	struct list_total total;
};

/* Objects of JSON lie a line each, entries for people are parted. */
static void
begin_entry(struct list *l)
{
	const char *before = l->total.shown++ == 0 ? l->heading : "\n";

	if (!l->face.is_json && before != NULL)
		fputs(before, l->face.out);
}

static void
list_message(struct list *l, const struct item *item, time_t due)
{
	begin_entry(l);
	face_message(&l->face, item, due);
	l->total.count++;
	l->total.octets += (uintmax_t)item->text.size;
}

static void
list_strange(struct list *l, const char *name, const char *why)
{
	begin_entry(l);
	face_strange(&l->face, name, why);
}

/* What was sent or moved since the folder was read is no matter of ours. */
static void
list_entry(struct list *l, const struct queue *queue, const struct entry *entry,
    struct fault *f)
{
	struct item item = { 0 };
	struct fault one = { 0 };
	int rc;

	rc = item_look(queue, l->face.folder, entry->name, &item, &one);
	if (rc == EX_OK)
		list_message(l, &item, entry->due);
	else if (rc != EX_NOINPUT)
		list_strange(l, entry->name, one.text);
	item_free(&item);
	if (rc == EX_IOERR || rc == EX_TEMPFAIL)
		fault_set(f, rc, "'%s/%s/%s': %s", l->face.path,
		    queue_folder(l->face.folder), entry->name, one.text);
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

	if (queue_scan(queue, l->face.folder, &listing, &one) != EX_OK)
		fault_set(f, one.code, "'%s': %s", l->face.path, one.text);
	if (listing.count > 0)
		qsort(listing.entry, listing.count, sizeof(*listing.entry),
		    by_name);
	for (i = 0; i < listing.count && !ferror(l->face.out); i++)
		list_entry(l, queue, listing.entry + i, f);
	listing_free(&listing);
}

/* All that turn us away now, a line each; *text is NULL if none does. */
static int
read_stamps(const struct queue *queue, char **text, struct fault *f)
{
	struct stamps stamps = { 0 };
	char *one = NULL;
	FILE *out = NULL;
	size_t size, i;
	int rc;

	*text = NULL;
	rc = stamps_read(&stamps, queue->dir, f);
	for (i = 0; rc == EX_OK && i < stamps.count; i++) {
		if (!stamp_is_fresh(stamps.stamp + i, time(NULL)))
			continue;
		if (out == NULL)
			out = open_memstream(text, &size);
		rc = face_stamp(stamps.stamp + i, &one, f);
		if (out != NULL && one != NULL)
			fprintf(out, "%s%s", ftell(out) == 0 ? "" : "\n", one);
		free(one);
		one = NULL;
	}
	if (out != NULL)
		fclose(out);
	stamps_free(&stamps);
	return rc;
}

/* Whom the account's fault concerns first: it is the first line. */
static void
print_stamps(const struct spool *spool, FILE *out)
{
	struct queue queue;
	struct fault none;
	char *text = NULL, *rest, *line;
	size_t i;

	for (i = 0; i < spool->count; i++) {
		none = (struct fault){ 0 };
		if (queue_open(&queue, spool->path[i], false, &none) != EX_OK)
			continue;
		read_stamps(&queue, &text, &none);
		queue_close(&queue);
		for (rest = text; rest != NULL;) {
			line = strsep(&rest, "\n");
			word_print(out, line);
			putc('\n', out);
		}
		free(text);
		text = NULL;
	}
}

/* What is not ours, or is open to others, may hold our messages even so. */
static void
list_queue(struct list *l, struct fault *f)
{
	struct queue queue;
	struct fault one = { 0 }, unheard = { 0 };
	char *status = NULL;
	int rc;

	rc = queue_open(&queue, l->face.path, false, &one);
	if (rc == EX_NOINPUT)
		return;
	if (rc != EX_OK) {
		fault_set(f, rc == EX_TEMPFAIL ? rc : EX_IOERR, "%s", one.text);
		return;
	}
	if (l->face.is_json)
		read_stamps(&queue, &status, &unheard);
	l->face.status = status;
	for (l->face.folder = QUEUE_ACTIVE; l->face.folder < QUEUE_FOLDERS;
	     l->face.folder++)
		if (queue.folder[l->face.folder] != QUEUE_NO_FOLDER)
			list_folder(l, &queue, f);
	l->face.status = NULL;
	free(status);
	queue_close(&queue);
}

static int
list_all(struct list *l, const struct spool *spool, struct fault *f)
{
	size_t i;

	for (i = 0; i < spool->count; i++) {
		l->face.path = spool->path[i];
		list_queue(l, f);
	}
	if (fflush(l->face.out) != 0 || ferror(l->face.out))
		fault_errno(f, EX_IOERR, "cannot write the list");
	return f->code;
}

int
list_part(const struct spool *spool, FILE *out, bool is_json, const char *user,
    struct list_total *total, struct fault *f)
{
	struct list l = { .face = {
			      .out = out, .is_json = is_json, .user = user } };

	list_all(&l, spool, f);
	*total = l.total;
	return f->code;
}

int
list_join(FILE *out, bool is_json, struct list_total *all,
    const struct list_total *part, const struct text *entries, struct fault *f)
{
	if (part->shown == 0)
		return EX_OK;
	if (!is_json)
		fputs(all->shown == 0 ? HEADING : "\n", out);
	all->shown += part->shown;
	all->count += part->count;
	all->octets += part->octets;
	return text_copy(entries, out, f);
}

/*
 * check_mailq counts by the first line or by the second, as it takes us for
 * sendmail or for Postfix; the second must be the last of all.
 */
void
list_end(FILE *out, const struct list_total *total)
{
	if (total->shown == 0) {
		fputs("Mail queue is empty\n", out);
		return;
	}
	fprintf(out, "\n\t\tTotal requests: %ju\n", total->count);
	fprintf(out, "-- %ju Kbytes in %ju Request%s.\n", total->octets / KBYTE,
	    total->count, total->count == 1 ? "" : "s");
}

int
list_print(const struct spool *spool, FILE *out, bool is_json, struct fault *f)
{
	struct list l = { .face = { .out = out, .is_json = is_json },
		.heading = HEADING };

	if (!is_json)
		print_stamps(spool, out);

	/* A total that is not known to be whole would pass for one. */
	if (list_all(&l, spool, f) != EX_OK || is_json)
		return f->code;
	list_end(out, &l.total);
	if (fflush(out) != 0 || ferror(out))
		fault_errno(f, EX_IOERR, "cannot write the list");
	return f->code;
}

int
list_count(const struct spool *spool, FILE *out, struct fault *f)
{
	struct list_total total;
	FILE *nowhere = fopen("/dev/null", "w");

	if (nowhere == NULL)
		return fault_errno(f, EX_IOERR, "cannot count the queue");
	list_part(spool, nowhere, false, NULL, &total, f);
	fclose(nowhere);
	if (f->code == EX_OK)
		fprintf(out, "%ju\n", total.count);
	return f->code;
}
