/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sendmail/runq.h"
#include "sendmail/submit.h"

static bool
may_keep(const struct submission *s)
{
	return s->why_not->code != EX_OK || !s->courier->conf->no_keep;
}

/* Everyone who waits does so for this. */
static int
blame(struct envelope *env, const char *why, struct fault *f)
{
	size_t n;
	int rc = EX_OK;

	for (n = 0; rc == EX_OK && n < env->count; n++)
		if (env->to[n].fate == FATE_WAITING)
			rc = envelope_fate(env, n, FATE_DEFERRED, why, f);
	return rc;
}

/* The last word on the first who waits. */
static const char *
reason(const struct envelope *env)
{
	size_t n;

	for (n = 0; n < env->count; n++)
		if (rcpt_waits(env->to + n) && env->to[n].why != NULL)
			return env->to[n].why;
	return "";
}

/* Keep it, with all that its envelope knows, until due. */
static int
keep(const struct submission *s, time_t due, bool is_attempt,
    char why[FAULT_TEXT], struct fault *f)
{
	struct item *item = s->item;
	struct fault no = { 0 };
	const char *what = reason(&item->env);

	snprintf(why, FAULT_TEXT, "%s", what);
	if (!may_keep(s))
		return fault_set(f, EX_TEMPFAIL, "not sent%s%s",
		    what[0] != '\0' ? ": " : "", what);
	if (draft_keep(s->draft, item, due, is_attempt, &no) != EX_OK)
		return fault_set(f, EX_TEMPFAIL, "%s%s%s", no.text,
		    what[0] != '\0' ? "; not sent: " : "", what);
	deliver_log_waiting(s->courier, item, "queued", what);
	return EX_OK;
}

/*
 * Those who wait after it was tried: in the queue, for the next attempt.  What
 * an account fault ended was none.
 */
static int
keep_rest(const struct submission *s, bool is_attempt, char why[FAULT_TEXT],
    struct fault *f)
{
	struct item *item = s->item;
	struct fault trouble = { 0 };
	time_t due = time(NULL);

	if (is_attempt)
		due = runq_next(
		    s->courier->conf, item->journal.attempts + 1, due);
	if (!item->is_kept)
		return keep(s, due, is_attempt, why, f);

	/* It was kept before its text went out: the rest is a matter of
	 * record, and of no consequence to who owns it. */
	snprintf(why, FAULT_TEXT, "%s", reason(&item->env));
	item_note(item, is_attempt, &trouble);
	item_due(item, due, &trouble);
	if (trouble.code != EX_OK)
		log_say(s->courier->log, LOG_CRIT, trouble.text);
	return EX_OK;
}

/* The caller is told, so nothing of it stays here. */
static int
give_back(const struct submission *s, int code)
{
	struct item *item = s->item;
	const struct envelope *env = &item->env;
	struct fault trouble = { 0 };

	if (item->is_kept && item_done(item, &trouble) != EX_OK)
		log_say(s->courier->log, LOG_CRIT, trouble.text);
	if (envelope_waiting(env) > 0 ||
	    envelope_count(env, FATE_DELIVERED) > 0)
		return EX_UNAVAILABLE;
	return code;
}

static int
send_now(const struct submission *s, char why[FAULT_TEXT], struct fault *f)
{
	struct item *item = s->item;
	struct fault account = { 0 };
	int code = EX_OK, rc;
	bool is_attempt;

	rc = deliver(s->courier, item, may_keep(s) ? s->draft : NULL, true,
	    &code, &account);
	is_attempt = rc == EX_OK;
	if (!is_attempt)
		rc = blame(&item->env, account.text, f);
	if (rc != EX_OK)
		return rc;
	if (envelope_count(&item->env, FATE_REFUSED) > 0)
		return give_back(s, code);
	if (envelope_waiting(&item->env) > 0)
		return keep_rest(s, is_attempt, why, f);
	if (item->is_kept)
		rc = item_done(item, f);
	return rc;
}

/* Nothing of the caller's goes along: who waits for EOF must get it. */
static void
detach(void)
{
	int null = open("/dev/null", O_RDWR), fd;

	setsid();
	if (chdir("/") == -1 || null == -1)
		_exit(EX_OSERR);
	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
}

/* Ours already, with its lock: the child inherits that, so no run comes by. */
static void
send_later(const struct submission *s)
{
	struct fault f = { 0 };
	int code;

	if (deliver(s->courier, s->item, NULL, true, &code, &f) == EX_OK)
		runq_settle(
		    s->courier->conf, &s->draft->scratch.queue, s->item, &f);
	if (f.code != EX_OK)
		log_say(s->courier->log, LOG_WARNING, f.text);
	courier_close(s->courier);
}

static int
send_in_background(
    const struct submission *s, char why[FAULT_TEXT], struct fault *f)
{
	struct fault none = { 0 };
	pid_t pid;

	/* Without a queue there is nobody to hand it to but the caller. */
	if (!may_keep(s) || keep(s, time(NULL), false, why, &none) != EX_OK)
		return send_now(s, why, f);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		detach();
		send_later(s);
		_exit(EX_OK);
	}

	/* If there is no child it is queued, and that is success too. */
	return EX_OK;
}

static enum when
choose(const struct submission *s)
{
	if (s->options->is_verbose)
		return WHEN_NOW;
	if (s->options->when != WHEN_CONF)
		return s->options->when;
	switch (s->courier->conf->delivery) {
	case DELIVERY_BACKGROUND:
		return WHEN_BACKGROUND;
	case DELIVERY_QUEUE:
		return WHEN_QUEUE;
	default:
		return WHEN_NOW;
	}
}

int
submit(const struct submission *s, char why[FAULT_TEXT], struct fault *f)
{
	const char *text = s->why_not->text;
	enum when when = choose(s);

	why[0] = '\0';
	if (s->why_not->code != EX_OK) {
		if (s->why_not->code == EX_NOPERM)
			text = "waits for root's run";
		if (blame(&s->item->env, text, f) != EX_OK)
			return f->code;
		return keep(s, time(NULL), false, why, f);
	}
	if (when == WHEN_QUEUE)
		return keep(s, time(NULL), false, why, f);
	if (when == WHEN_BACKGROUND)
		return send_in_background(s, why, f);
	return send_now(s, why, f);
}
