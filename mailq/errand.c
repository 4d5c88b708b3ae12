/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "mailq/change.h"
#include "mailq/errand.h"
#include "mailq/list.h"
#include "mailq/show.h"
#include "mailq/spool.h"
#include "mailq/stead.h"
#include "mailq/users.h"
#include "mailq/visit.h"

#define SECONDS 30 /* for the queues of one user, among those of all */

/* How far it is carried out: for one user, or joined from many. */
struct job {
	const struct errand *errand;
	struct change change;
	FILE *out;
	const char *user; /* in whose stead; NULL: our own */
	bool *found;      /* of each ID */
	struct list_total total;
	int code; /* the worst so far */
};

/* From what leaves least to do to what leaves most. */
static size_t
rank(int code)
{
	static const int codes[] = { EX_OK, EX_NOINPUT, EX_DATAERR, EX_NOPERM,
		EX_TEMPFAIL, EX_IOERR };
	const size_t count = sizeof(codes) / sizeof(codes[0]);
	size_t i;

	for (i = 0; i < count && codes[i] != code;)
		i++;
	return i;
}

static void
worsen(struct job *job, int code)
{
	if (rank(code) > rank(job->code))
		job->code = code;
}

static void
complain(void *ctx, const struct fault *f)
{
	struct job *job = ctx;

	job->errand->say(job->user, f->text);
	worsen(job, f->code);
}

static int
show_one(void *ctx, struct queue *queue, enum folder folder, const char *id,
    struct fault *f)
{
	const struct job *job = ctx;

	/* That it cannot be written was said of the first one. */
	if (ferror(job->out))
		return EX_OK;
	return show(queue, folder, id, job->out, job->errand->is_terminal, f);
}

static int
change_one(void *ctx, struct queue *queue, enum folder folder, const char *id,
    struct fault *f)
{
	const struct job *job = ctx;

	return change(&job->change, queue, folder, id, f);
}

static void
visit_ids(struct job *job, const struct visit *visit)
{
	struct fault f;
	size_t i;
	int rc;

	for (i = 0; i < job->errand->order->count; i++) {
		f = (struct fault){ 0 };
		rc = visit_one(visit, job->errand->order->id[i], &f);
		job->found[i] = rc != EX_NOINPUT;
		if (rc != EX_OK && rc != EX_NOINPUT)
			complain(job, &f);
	}
}

static unsigned
folders(const struct job *job)
{
	if (job->errand->order->mode != MODE_SHOW)
		return change_folders(job->change.deed);
	return 1U << QUEUE_ACTIVE | 1U << QUEUE_HOLD | 1U << QUEUE_FAILED;
}

static enum deed
deed(enum mode mode)
{
	switch (mode) {
	case MODE_DELETE:
		return CHANGE_DELETE;
	case MODE_HOLD:
		return CHANGE_HOLD;
	case MODE_RELEASE:
		return CHANGE_RELEASE;
	default:
		return CHANGE_RETRY;
	}
}

/* Carry it out in the queues of one user, whoever we are by now. */
static void
serve(struct job *job, const struct spool *spool)
{
	const struct order *order = job->errand->order;
	const struct visit visit = {
		.spool = spool,
		.call = order->mode == MODE_SHOW ? show_one : change_one,
		.trouble = complain,
		.ctx = job,
	};
	struct fault f = { 0 };
	int rc = EX_OK;

	change_begin(&job->change, deed(order->mode));
	if (order->mode == MODE_LIST && job->user != NULL)
		rc = list_part(spool, job->out, order->is_json, job->user,
		    &job->total, &f);
	else if (order->mode == MODE_LIST)
		rc = list_print(spool, job->out, order->is_json, &f);
	else if (order->is_for_all_messages)
		visit_all(&visit, folders(job));
	else
		visit_ids(job, &visit);
	if (rc != EX_OK)
		complain(job, &f);
}

static void
serve_caller(struct job *job, const struct caller *caller)
{
	struct spool spool;
	struct fault f = { 0 };

	if (spool_find(&spool, caller, &f) == EX_OK)
		serve(job, &spool);
	else
		complain(job, &f);
	spool_free(&spool);
}

/* What goes back: the text, what was found, and what it comes to. */
static int
serve_other(void *ctx, const struct caller *caller, FILE *out)
{
	struct job *job = ctx;
	struct fault f = { 0 };

	job->out = out;
	job->user = caller->login;
	job->total = (struct list_total){ 0 };
	serve_caller(job, caller);
	fwrite(job->found, sizeof(bool), job->errand->order->count, out);
	fwrite(&job->total, sizeof(job->total), 1, out);
	if (fflush(out) != 0 || ferror(out)) {
		fault_errno(&f, EX_IOERR, "cannot hand back what was found");
		complain(job, &f);

		/* Half of it would be taken for something else. */
		return ftruncate(fileno(out), 0) == 0 ? job->code : EX_IOERR;
	}
	return job->code;
}

static bool
read_back(const struct text *out, off_t at, void *data, size_t size)
{
	return at >= 0 && pread(out->fd, data, size, at) == (ssize_t)size;
}

static int
join(struct job *job, const struct text *out, struct fault *f)
{
	const struct order *order = job->errand->order;
	struct text text = *out;
	struct list_total part;
	bool found = false, is_whole;
	size_t i;

	text.size -= (off_t)(order->count * sizeof(found) + sizeof(part));
	is_whole = read_back(
	    out, out->size - (off_t)sizeof(part), &part, sizeof(part));
	for (i = 0; is_whole && i < order->count; i++) {
		is_whole =
		    read_back(out, text.size + (off_t)i, &found, sizeof(found));
		job->found[i] = job->found[i] || found;
	}
	if (!is_whole || text.size < 0)
		return fault_errno(f, EX_IOERR, "cannot read what was found");
	if (order->mode != MODE_LIST)
		return text_copy(&text, job->out, f);
	return list_join(
	    job->out, order->is_json, &job->total, &part, &text, f);
}

static void
complain_of(void *ctx, const struct user *user, const struct fault *f)
{
	struct job *job = ctx;
	char number[32];

	snprintf(number, sizeof(number), "uid-%ju", (uintmax_t)user->uid);
	job->errand->say(user->login == NULL ? number : user->login, f->text);
	worsen(job, f->code);
}

/* Whoever wrote nothing has said why. */
static void
add_other(void *ctx, const struct user *user, int code, const struct text *out)
{
	struct job *job = ctx;
	struct fault f = { 0 };

	worsen(job, code);
	if (out != NULL && out->size > 0 && join(job, out, &f) != EX_OK)
		complain_of(job, user, &f);
}

static void
serve_all(struct job *job)
{
	const struct stead stead = {
		.work = serve_other,
		.trouble = complain_of,
		.over = add_other,
		.ctx = job,
		.seconds = SECONDS,
		.has_out = true,
		.in_order = true,
	};
	struct users users;
	struct fault f = { 0 };

	if (users_find(&users, &f) != EX_OK)
		complain(job, &f);
	stead_each(&stead, &users);
	users_free(&users);

	/* As for one user: only a total that is whole. */
	if (job->errand->order->mode == MODE_LIST &&
	    !job->errand->order->is_json && job->code == EX_OK)
		list_end(job->out, &job->total);
	if (fflush(job->out) != 0 || ferror(job->out)) {
		f = (struct fault){ 0 };
		fault_errno(&f, EX_IOERR, "cannot write");
		complain(job, &f);
	}
}

static void
name_missing(struct job *job)
{
	struct fault f;
	size_t i;

	for (i = 0; i < job->errand->order->count; i++) {
		if (job->found[i])
			continue;
		f = (struct fault){ 0 };
		fault_set(&f, EX_NOINPUT, "there is no message '%s'",
		    job->errand->order->id[i]);
		complain(job, &f);
	}
}

static int
refuse(struct job *job, const struct fault *f)
{
	complain(job, f);
	return job->code;
}

int
errand_run(const struct errand *errand, const struct caller *caller)
{
	const struct order *order = errand->order;
	struct job job = { .errand = errand, .out = errand->out };
	struct fault f = { 0 };

	if (order->is_for_all_users && caller->uid != 0) {
		fault_set(&f, EX_NOPERM, "-a is for root");
		return refuse(&job, &f);
	}
	job.found = calloc(order->count + 1, sizeof(bool));
	if (job.found == NULL) {
		fault_errno(&f, EX_TEMPFAIL, "cannot keep an order");
		return refuse(&job, &f);
	}
	if (order->is_for_all_users)
		serve_all(&job);
	else
		serve_caller(&job, caller);
	name_missing(&job);
	free(job.found);
	return job.code;
}
