/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mailq/crc.h"
#include "sendmail/bounce.h"

#define MILLISECONDS 0xfffffffffffULL /* 11 hex digits of an ID */
#define CHANCE 0xfffffU               /* and the five others */
#define TRIES 100                     /* IDs that other messages may have */

/* A report on its way into the queue. */
struct sheet {
	struct draft draft;
	struct item item;
};

bool
bounce_is_due(const struct item *item, enum report kind)
{
	const struct envelope *env = &item->env;

	return env->from[0] != '\0' && env->report_of == NULL &&
	    envelope_is_untold(env, kind);
}

/*
 * The line that it is about: the first, by time and sum, of those that were not
 * reported.  Recipients are not in the same order in memory and on disk.
 */
static void
find_line(const struct envelope *env, time_t *when, uint32_t *sum)
{
	const struct rcpt *first = NULL, *to;

	for (to = env->to; to < env->to + env->count; to++) {
		if (!rcpt_is_untold(to, REPORT_FAILED))
			continue;
		if (first == NULL || to->when < first->when ||
		    (to->when == first->when && to->sum < first->sum))
			first = to;
	}
	if (first == NULL)
		return;
	*when = first->when;
	*sum = first->sum;
}

static void
derive_id(const struct item *origin, enum report kind, unsigned try,
    char id[QUEUE_ID + 1])
{
	char line[QUEUE_ID + 32];
	time_t when = origin->created;
	uint32_t sum = 0;

	if (kind == REPORT_FAILED)
		find_line(&origin->env, &when, &sum);
	snprintf(line, sizeof(line), "%s %08" PRIx32, origin->id, sum);
	snprintf(id, QUEUE_ID + 1, "%011llX%05X",
	    (unsigned long long)when * 1000 & MILLISECONDS,
	    (crc_of(line, strlen(line)) + try) & CHANCE);
}

enum found { FOUND_NONE, FOUND_OTHER, FOUND_REPORT };

/*
 * Whether that name is taken in a queue, and by what.  What cannot be read just
 * now may be the report: to make another would be one too many.
 */
static int
seek(const struct queue *queue, const char *id, const char *origin,
    enum found *found, struct fault *f)
{
	struct item item;
	struct fault one;
	enum folder i;
	int rc;

	for (i = 0; i < QUEUE_FOLDERS; i++) {
		one = (struct fault){ 0 };
		rc = item_look(queue, i, id, &item, &one);
		if (rc == EX_OK && item.env.report_of != NULL &&
		    strcmp(item.env.report_of, origin) == 0)
			*found = FOUND_REPORT;
		else if (rc != EX_NOINPUT && *found == FOUND_NONE)
			*found = FOUND_OTHER;
		item_free(&item);
		if (rc == EX_IOERR || rc == EX_TEMPFAIL)
			return fault_set(f, rc, "%s", one.text);
	}
	return EX_OK;
}

/* The same in all queues. */
static int
seek_all(const struct bounce *b, const char *id, const char *origin,
    enum found *found, struct fault *f)
{
	struct queue queue;
	struct fault one;
	size_t i;
	int rc = EX_OK;

	*found = FOUND_NONE;
	for (i = 0; rc == EX_OK && i < b->spool->count; i++) {
		one = (struct fault){ 0 };
		rc = queue_open(&queue, b->spool->path[i], false, &one);
		if (rc == EX_OK) {
			rc = seek(&queue, id, origin, found, f);
			queue_close(&queue);
		} else if (rc == EX_IOERR || rc == EX_TEMPFAIL) {
			fault_set(f, rc, "%s", one.text);
		} else {
			rc = EX_OK;
		}
	}
	return rc;
}

/* An ID for the report, or *is_made: it is there. */
static int
choose_id(const struct bounce *b, const struct item *origin, enum report kind,
    char id[QUEUE_ID + 1], bool *is_made, struct fault *f)
{
	enum found found;
	unsigned try;

	*is_made = false;
	if (!origin->is_kept)
		return EX_OK;
	for (try = 0; try < TRIES; try++) {
		derive_id(origin, kind, try, id);
		if (seek_all(b, id, origin->id, &found, f) != EX_OK)
			return f->code;
		*is_made = found == FOUND_REPORT;
		if (found != FOUND_OTHER)
			return EX_OK;
	}
	return fault_set(f, EX_TEMPFAIL, "no ID is free for a report");
}

static int
add(void *ctx, const void *data, size_t size, struct fault *f)
{
	const unsigned char *at = data;
	struct sheet *r = ctx;
	struct text *text = &r->item.text;
	size_t i;

	for (i = 0; i < size && !text->is_8bit; i++)
		text->is_8bit = at[i] > 127;
	return draft_add(&r->draft, &r->item, data, size, f);
}

static int
no_memory(struct fault *f)
{
	return fault_errno(f, EX_TEMPFAIL, "cannot write a report");
}

/* With its domain, if one is known; then as it is. */
static int
complete(const struct policy *policy, const char *addr, const char *recorded,
    char **full, struct fault *f)
{
	struct fault none = { 0 };

	if (policy != NULL &&
	    policy_complete(policy, addr, recorded, full, &none) == EX_OK)
		return EX_OK;
	*full = strdup(addr);
	return *full == NULL ? no_memory(f) : EX_OK;
}

/* What the smarthost that is tried first lets us be, or the one of RFC 5321. */
static const char *
find_sender(const struct conf *conf)
{
	const char *address =
	    policy_address(conf, conf->smarthosts > 0 ? conf->smarthost : NULL);

	return address != NULL ? address : "MAILER-DAEMON";
}

static int
write_envelope(struct envelope *env, const struct item *origin, struct fault *f)
{
	int rc;

	rc = envelope_from(env, "", f);
	if (rc == EX_OK)
		rc = envelope_host(env, origin->env.host, f);
	if (rc == EX_OK)
		rc = envelope_to(env, origin->env.from, f);
	env->report_of = strdup(origin->id);
	return rc == EX_OK && env->report_of == NULL ? no_memory(f) : rc;
}

static int
write_text(
    const struct bounce *b, struct sheet *r, struct dsn *dsn, struct fault *f)
{
	const struct conf *conf = b->courier->conf;
	const struct envelope *env = &dsn->status.origin->env;
	char *from = NULL, *to = NULL;
	int rc;

	rc = complete(
	    dsn->status.policy, find_sender(conf), env->host, &from, f);
	if (rc == EX_OK)
		rc = complete(dsn->status.policy, env->from, env->host, &to, f);
	dsn->from = from;
	dsn->to = to;
	if (rc == EX_OK)
		rc = dsn_write(dsn, add, r, f);
	free(from);
	free(to);
	return rc;
}

static int
write_report(const struct bounce *b, struct sheet *r, const struct item *origin,
    enum report kind, struct fault *f)
{
	const struct policy *policy = &b->courier->policy;
	const time_t since = item_since(origin, time(NULL));
	struct fault unheard = { 0 };
	char host[HOST_NAME + 1];
	struct dsn dsn = { .id = r->item.id,
		.status = { .kind = kind, .origin = origin, .host = host } };

	if (since != 0)
		dsn.status.expires = since + b->courier->conf->expire;
	host_name(host);
	if (courier_ready(b->courier, &unheard) == EX_OK) {
		dsn.status.policy = policy;
		if (policy->fqdn[0] != '\0')
			dsn.status.host = policy->fqdn;
	}
	if (write_envelope(&r->item.env, origin, f) != EX_OK)
		return f->code;
	return write_text(b, r, &dsn, f);
}

static int
note_it(struct item *origin, enum report kind, struct fault *f)
{
	if (origin->is_kept)
		return item_note_reported(origin, kind, f);
	envelope_told(&origin->env, kind);
	return EX_OK;
}

static int
make(const struct bounce *b, struct item *origin, enum report kind,
    const char *id, struct fault *f)
{
	struct sheet r = { 0 };
	int rc;

	rc = draft_begin(&r.draft, &r.item, b->spool, b->caller, f);
	if (rc == EX_OK && id[0] != '\0')
		memcpy(r.item.id, id, QUEUE_ID + 1);
	if (rc == EX_OK)
		rc = write_report(b, &r, origin, kind, f);
	if (rc == EX_OK)
		rc = draft_keep(&r.draft, &r.item, time(NULL), false, f);

	/* Its lock is held until the origin knows of it. */
	if (rc == EX_OK)
		rc = note_it(origin, kind, f);
	item_free(&r.item);
	draft_free(&r.draft);
	return rc;
}

int
bounce(const struct bounce *b, struct item *origin, enum report kind,
    struct fault *f)
{
	char id[QUEUE_ID + 1] = "";
	bool is_made;
	int rc;

	if (!bounce_is_due(origin, kind))
		return EX_OK;

	/* What is reported is on disk first: its line is what the ID is of. */
	if (origin->is_kept && item_note(origin, false, f) != EX_OK)
		return f->code;
	rc = choose_id(b, origin, kind, id, &is_made, f);
	if (rc != EX_OK)
		return rc;
	return is_made ? note_it(origin, kind, f)
		       : make(b, origin, kind, id, f);
}

int
bounce_finish(struct item *origin, const char *report, struct fault *f)
{
	static const enum report kinds[] = { REPORT_FAILED, REPORT_DELAYED };
	char id[QUEUE_ID + 1];
	unsigned i, try;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!bounce_is_due(origin, kinds[i]))
			continue;
		for (try = 0; try < TRIES; try++) {
			derive_id(origin, kinds[i], try, id);
			if (strcmp(id, report) == 0)
				return note_it(origin, kinds[i], f);
		}
	}
	return EX_OK;
}
