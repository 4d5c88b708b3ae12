/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mailq/draft.h"
#include "mailq/note.h"

#define CHUNK 65536 /* octets copied at once */

static int
no_memory(struct fault *f)
{
	return fault_errno(f, EX_TEMPFAIL, "cannot keep a message");
}

int
draft_begin(struct draft *draft, struct item *item, const struct spool *spool,
    const struct caller *caller, struct fault *f)
{
	*draft = (struct draft){ .spool = spool,
		.caller = caller,
		.scratch = { .fd = -1, .queue.dir = -1 },
		.room = 1 };
	*item = (struct item){
		.fd = -1, .dir = -1, .text.fd = -1, .created = time(NULL)
	};
	queue_id(item->id);
	item->mem = malloc(draft->room);
	item->text.mem = item->mem;
	return item->mem == NULL ? no_memory(f) : EX_OK;
}

/* What there is so far, wherever it lies. */
static int
copy(const struct text *text, struct record_writer *to, struct fault *f)
{
	char *buf = malloc(CHUNK);
	size_t got = 0;
	off_t at = 0;
	int rc = EX_OK;

	if (buf == NULL)
		return no_memory(f);
	do {
		rc = text_read(text, at, buf, CHUNK, &got, f);
		if (rc == EX_OK && got > 0)
			rc = record_add(to, buf, got, f);
		at += (off_t)got;
	} while (rc == EX_OK && got > 0);
	free(buf);
	return rc;
}

/* A failing disk may give back another message than it was given. */
static int
compare(
    const struct draft *draft, const struct record_writer *new, struct fault *f)
{
	if (draft->scratch.fd == -1 ||
	    crc_sum(&draft->record.crc) == crc_sum(&new->crc))
		return EX_OK;
	return fault_set(f, EX_IOERR, "a message cannot be read back");
}

static int
write_record(const struct draft *draft, const struct item *item, int fd,
    struct record_writer *record, struct fault *f)
{
	int rc;

	rc = record_begin(record, fd, &item->env, f);
	if (rc == EX_OK)
		rc = copy(&item->text, record, f);
	if (rc == EX_OK)
		rc = compare(draft, record, f);
	return rc;
}

/* From where it is to a fresh file at that place. */
static int
move_to(struct draft *draft, struct item *item, size_t place, struct fault *f)
{
	const struct spool *spool = draft->spool;
	struct scratch scratch = { .must_be_named =
				       draft->scratch.must_be_named };
	struct record_writer record;
	int rc;

	rc = scratch_open(&scratch,
	    place < spool->count ? spool->path[place] : NULL, item->id, f);
	if (rc == EX_OK)
		rc = write_record(draft, item, scratch.fd, &record, f);
	if (rc != EX_OK) {
		scratch_close(&scratch);
		return rc;
	}
	scratch_close(&draft->scratch);
	free(item->mem);
	item->mem = NULL;
	item->text.mem = NULL;
	item->text.fd = scratch.fd;
	item->text.start = (off_t)(RECORD_LINE + record.header);
	draft->scratch = scratch;
	draft->record = record;
	draft->place = place;
	return EX_OK;
}

/* The first of the places from there on that takes it. */
static int
find_place(struct draft *draft, struct item *item, size_t from, size_t end,
    struct fault *f)
{
	struct fault first = { 0 }, one;

	for (; from < end; from++) {
		one = (struct fault){ 0 };
		if (move_to(draft, item, from, &one) == EX_OK)
			return EX_OK;
		fault_set(&first, one.code, "%s", one.text);
	}
	fault_set(&first, EX_TEMPFAIL,
	    "no place for a queue: neither a home nor " SPOOL_PARENT);
	return fault_set(f, EX_TEMPFAIL, "%s", first.text);
}

static int
add_to_memory(struct draft *draft, struct item *item, const void *data,
    size_t size, struct fault *f)
{
	size_t have = (size_t)item->text.size, room = draft->room;
	char *mem;

	while (room < have + size)
		room *= 2;
	if (room > draft->room) {
		mem = realloc(item->mem, room);
		if (mem == NULL)
			return no_memory(f);
		item->mem = mem;
		draft->room = room;
	}
	memcpy(item->mem + have, data, size);
	item->text.mem = item->mem;
	item->text.size += (off_t)size;
	return EX_OK;
}

/* A place that is full gives way to the next, and that to /tmp. */
static int
add_to_file(struct draft *draft, struct item *item, const void *data,
    size_t size, struct fault *f)
{
	const size_t end = draft->spool->count + 1;
	struct fault full = { 0 };

	for (;;) {
		if (record_add(&draft->record, data, size, &full) == EX_OK)
			break;
		if (find_place(draft, item, draft->place + 1, end, f) != EX_OK)
			return f->code;
	}
	item->text.size += (off_t)size;
	return EX_OK;
}

int
draft_add(struct draft *draft, struct item *item, const void *data, size_t size,
    struct fault *f)
{
	if (draft->scratch.fd == -1 &&
	    (size_t)item->text.size + size <= DRAFT_MEMORY)
		return add_to_memory(draft, item, data, size, f);
	if (draft->scratch.fd == -1 &&
	    find_place(draft, item, 0, draft->spool->count + 1, f) != EX_OK)
		return f->code;
	return add_to_file(draft, item, data, size, f);
}

static int
finish(struct draft *draft, struct item *item, time_t due, bool is_attempt,
    struct fault *f)
{
	struct scratch *scratch = &draft->scratch;
	struct journal *journal = &item->journal;
	int rc;

	item->fd = scratch->fd;
	journal_begin(
	    journal, item->fd, item->text.start + item->text.size, &item->env);
	rc = note(journal, &item->env, is_attempt, f);
	if (rc == EX_OK)
		rc = record_end(
		    &draft->record, item->created, item->text.is_8bit, f);
	if (rc == EX_OK) {
		scratch_reserve(scratch, journal->end,
		    DRAFT_RESERVE +
			(off_t)item->env.count * DRAFT_RESERVE_RCPT);
		rc = item_due(item, due, f);
	}
	if (rc == EX_OK)
		rc = scratch_name(scratch, item->id, f);
	if (rc != EX_OK) {
		item->fd = -1;
		return rc;
	}
	journal->is_dirty = false;
	item->dir = scratch->queue.folder[QUEUE_ACTIVE];
	item->is_kept = true;
	scratch->fd = -1;
	if (scratch->queue.is_new)
		spool_mark(draft->caller);
	return EX_OK;
}

int
draft_keep(struct draft *draft, struct item *item, time_t due, bool is_attempt,
    struct fault *f)
{
	const size_t end = draft->spool->count;
	struct fault first = { 0 }, one = { 0 };
	bool must_be_named, is_there;
	size_t place;

	if (item->is_kept)
		return EX_OK;
	is_there = draft->scratch.fd != -1 && draft->place < end;
	if (!is_there && find_place(draft, item, 0, end, f) != EX_OK)
		return f->code;
	for (;;) {
		must_be_named = draft->scratch.must_be_named;
		if (finish(draft, item, due, is_attempt, &one) == EX_OK)
			return EX_OK;
		fault_set(&first, one.code, "%s", one.text);

		/* Once more at this place, if only the way there was wrong;
		 * from then on all are named, so that this ends. */
		place = draft->place +
		    (draft->scratch.must_be_named == must_be_named);
		one = (struct fault){ 0 };
		if (find_place(draft, item, place, end, &one) != EX_OK)
			return fault_set(f, EX_TEMPFAIL, "%s", first.text);
		one = (struct fault){ 0 };
	}
}

static bool
is_queue(const char *path, uid_t uid)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == uid;
}

void
draft_place(const struct spool *spool, const struct caller *caller)
{
	struct queue queue;
	struct fault unheard;
	size_t i;

	for (i = 0; i < spool->count; i++) {
		if (is_queue(spool->path[i], caller->uid))
			return;
		unheard = (struct fault){ 0 };
		if (queue_open(&queue, spool->path[i], true, &unheard) != EX_OK)
			continue;
		if (queue.is_new)
			spool_mark(caller);
		queue_close(&queue);
		return;
	}
}

void
draft_free(struct draft *draft)
{
	if (draft->room > 0)
		scratch_close(&draft->scratch);
	*draft = (struct draft){ 0 };
}
