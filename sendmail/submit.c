/* SPDX-License-Identifier: ISC */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "mailq/signals.h"
#include "sendmail/deliver.h"
#include "sendmail/due.h"
#include "sendmail/runq.h"
#include "sendmail/submit.h"

static bool
may_keep(const struct submission *s)
{
	return s->why_not->code != EX_OK || !s->b->courier->conf->no_keep;
}

static void
complain(const struct submission *s, const struct fault *trouble)
{
	if (trouble->code != EX_OK)
		log_say(s->b->courier->log, LOG_CRIT, trouble->text);
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

/*
 * Keep it, with all that its envelope knows, until due.  From then on it is
 * ours, and no signal comes before the caller is told.
 */
static int
keep(const struct submission *s, time_t due, bool is_attempt,
    char why[FAULT_TEXT], struct fault *f)
{
	struct item *item = s->item;
	struct fault no = { 0 };
	const char *what = reason(&item->env);

	snprintf(why, FAULT_TEXT, "%s", what);
	if (!may_keep(s))
		return fault_set(f, EX_TEMPFAIL, "not sent: %s",
		    what[0] != '\0' ? what
				    : "with keep = no there is no queue to "
				      "leave it in");
	signals_defer();
	if (draft_keep(s->draft, item, due, is_attempt, &no) != EX_OK) {
		signals_release();
		return fault_set(f, EX_TEMPFAIL, "%s%s%s", no.text,
		    what[0] != '\0' ? "; not sent: " : "", what);
	}

	/* What an attempt came to is in the log already. */
	if (!is_attempt)
		deliver_log_waiting(s->b->courier, item, "queued", what);
	return EX_OK;
}

/* The next attempt; what an account fault ended was none. */
static time_t
next_try(const struct submission *s, bool is_attempt)
{
	time_t now = time(NULL);

	return is_attempt ? settle_next(s->b->courier->conf, 1, now) : now;
}

/* Those who wait after it was tried: in the queue. */
static int
keep_rest(const struct submission *s, time_t due, bool is_attempt,
    char why[FAULT_TEXT], struct fault *f)
{
	struct item *item = s->item;
	struct fault trouble = { 0 };

	if (!item->is_kept)
		return keep(s, due, is_attempt, why, f);

	/* It was kept before its text went out: the rest is a matter of
	 * record, and of no consequence to who owns it. */
	snprintf(why, FAULT_TEXT, "%s", reason(&item->env));
	if (item_note(item, is_attempt, &trouble) != EX_OK)
		complain(s, &trouble);
	return EX_OK;
}

/*
 * Those who were refused beside others who were not: the caller gets 0, so the
 * sender is told by mail, or it is set aside where a person finds it.
 */
static int
tell_sender(const struct submission *s, struct fault *f)
{
	struct item *item = s->item;
	int rc = EX_OK;

	if (!item->is_kept) {
		if (!envelope_is_untold(&item->env, REPORT_FAILED))
			return EX_OK;
		if (!may_keep(s))
			return fault_set(f, EX_UNAVAILABLE, "nothing is kept");
		if (bounce_is_due(item, REPORT_FAILED))
			return bounce(s->b, item, REPORT_FAILED, f);
		rc = draft_keep(s->draft, item, time(NULL), false, f);
	}
	if (rc == EX_OK)
		rc = settle_rest(s->b, &s->draft->scratch.queue, item, f);
	return rc;
}

/*
 * Nobody got it.  The caller is told, so nothing of it stays here; with -oee he
 * is told by mail alone.
 */
static int
give_back(const struct submission *s, int code)
{
	enum errors errors = s->options->errors;
	struct item *item = s->item;
	struct fault trouble = { 0 };

	if (errors == ERRORS_BERKNET && tell_sender(s, &trouble) == EX_OK)
		code = EX_OK;
	if (errors == ERRORS_MAIL && may_keep(s) &&
	    bounce_is_due(item, REPORT_FAILED))
		bounce(s->b, item, REPORT_FAILED, &trouble);
	if (item->is_kept && code != EX_OK)
		item_done(item, &trouble);
	complain(s, &trouble);
	return code;
}

/* Some were served, or wait. */
static int
finish(const struct submission *s, bool is_attempt, char why[FAULT_TEXT],
    struct fault *f)
{
	const time_t due = next_try(s, is_attempt);
	struct item *item = s->item;
	struct fault trouble = { 0 };
	int rc = EX_OK;

	if (envelope_waiting(&item->env) > 0)
		rc = keep_rest(s, due, is_attempt, why, f);
	if (rc != EX_OK)
		return rc;
	if (tell_sender(s, &trouble) != EX_OK && !item->is_kept)
		return EX_UNAVAILABLE;

	/* What is on disk is ours; the next run tells the sender.  Each note
	 * moved its time. */
	if (envelope_waiting(&item->env) > 0)
		item_due(item, due, &trouble);
	complain(s, &trouble);
	return EX_OK;
}

/* It is ours, named and locked, and nobody waits for what we say. */
static void
settle_alone(const struct submission *s, int rc, const struct fault *account)
{
	struct queue *queue = &s->draft->scratch.queue;
	struct fault trouble = { 0 };

	if (rc == EX_OK)
		settle(s->b, queue, s->item, &trouble);
	else if (envelope_blame(&s->item->env, account->text, &trouble) ==
	    EX_OK)
		item_note(s->item, false, &trouble);
	if (rc != EX_OK)
		item_due(s->item, time(NULL), &trouble);
	complain(s, &trouble);
}

/* The caller has waited long enough: he is told 0, and a child goes on. */
static void
let_go(void *ctx)
{
	struct submission *s = ctx;
	struct fault none = { 0 };
	char why[FAULT_TEXT];
	time_t due = settle_next(s->b->courier->conf, 1, time(NULL));
	sigset_t before;
	pid_t pid = -1;

	/* The text may be on its way, or not yet. */
	sigprocmask(SIG_BLOCK, NULL, &before);
	if (keep(s, due, false, why, &none) == EX_OK) {
		fflush(NULL);
		pid = runner_fork();
	}
	if (pid > 0) {
		s->queued(s->ctx, "no answer yet, a child goes on");
		fflush(NULL);
		_exit(EX_OK);
	}
	if (pid == 0 || !s->item->is_kept)
		sigprocmask(SIG_SETMASK, &before, NULL);
	s->is_detached = pid == 0;
}

/*
 * Whether something else is due that the same connection could take; or it is
 * another smarthost's: to tell would take opening all of it while somebody waits.
 */
static bool
has_more(struct submission *s)
{
	const struct conf *conf = s->b->courier->conf;
	struct fault none = { 0 };
	time_t next = 0;

	if (conf->no_runner || !may_keep(s) ||
	    backoff_is_shut(&s->b->courier->backoff))
		return false;
	due_next(s->b->spool, settle_longest(conf), 0, &next, &none);
	s->others_wait = next != 0;
	return next != 0 && next <= time(NULL) && !s->options->is_verbose &&
	    !courier_asks_around(s->b->courier);
}

/* In a child, over the connection that is open; it sees to the rest, too. */
static void
serve_more(struct submission *s)
{
	const struct runq_choice some = { .only_due = true,
		.most = SUBMIT_SERVED };
	struct courier *courier = s->b->courier;
	struct fault none = { 0 };
	pid_t pid;

	if (courier->smtp == NULL || !smtp_is_open(courier->smtp))
		return;
	pid = s->is_detached ? 0 : runner_fork();
	if (pid == 0)
		runq(s->b, &some, s->why_not, &none);
	if (pid == 0 && !s->is_detached) {
		courier_close(courier);
		herald_start(s->herald);
		_exit(EX_OK);
	}
	if (pid > 0) {
		courier_abandon(courier);
		s->herald->is_shared = true;
		s->others_wait = false;
	}
}

static int
send_now(struct submission *s, char why[FAULT_TEXT], struct fault *f)
{
	struct courier *courier = s->b->courier;
	const struct envelope *env = &s->item->env;
	struct fault account = { 0 };
	bool is_more = !s->stays_open && has_more(s);
	int code = EX_OK, rc;

	herald_send(s->herald, s->b);
	if (may_keep(s) && !courier->conf->no_runner && !s->options->is_verbose)
		patience_begin(
		    &courier->patience, courier->conf->patience, let_go, s);
	rc = deliver(courier, s->item, may_keep(s) ? s->draft : NULL,
	    !is_more && !s->stays_open, &code, &account);
	courier->patience = (struct patience){ 0 };
	if (s->is_detached) {
		settle_alone(s, rc, &account);
	} else if (rc != EX_OK) {
		rc = envelope_blame(&s->item->env, account.text, f);
		if (rc == EX_OK)
			rc = finish(s, false, why, f);
	} else if (envelope_count(env, FATE_REFUSED) > 0 &&
	    envelope_waiting(env) == 0 &&
	    envelope_count(env, FATE_DELIVERED) == 0) {
		rc = give_back(s, code);
	} else {
		rc = finish(s, true, why, f);
	}
	if (is_more)
		serve_more(s);
	return s->is_detached ? EX_OK : rc;
}

static int
send_in_background(struct submission *s, char why[FAULT_TEXT], struct fault *f)
{
	struct courier *courier = s->b->courier;
	struct fault none = { 0 }, account = { 0 };
	pid_t pid;
	int code, rc;

	/* Without a queue there is nobody to hand it to but the caller. */
	if (!may_keep(s) || keep(s, time(NULL), false, why, &none) != EX_OK)
		return send_now(s, why, f);
	fflush(NULL);
	pid = runner_fork();
	s->is_passed_on = pid > 0;
	if (pid > 0)
		courier_abandon(courier);
	if (pid != 0)
		return EX_OK;

	/* Ours already, with its lock, which we inherit: no run comes by. */
	signals_release();
	s->is_detached = true;
	herald_send(s->herald, s->b);
	rc = deliver(courier, s->item, NULL, true, &code, &account);
	settle_alone(s, rc, &account);
	return EX_OK;
}

static enum when
choose(const struct submission *s)
{
	static const enum when by_conf[] = { [DELIVERY_NOW] = WHEN_NOW,
		[DELIVERY_BACKGROUND] = WHEN_BACKGROUND,
		[DELIVERY_QUEUE] = WHEN_QUEUE };

	if (s->options->is_verbose)
		return WHEN_NOW;
	if (s->options->when != WHEN_CONF)
		return s->options->when;
	return by_conf[s->b->courier->conf->delivery];
}

/* There is no way to send it now; with -v a person sees at least why. */
static int
keep_only(struct submission *s, char why[FAULT_TEXT], struct fault *f)
{
	const bool is_for_root = s->why_not->code == EX_NOPERM;
	int rc;

	rc = envelope_blame(&s->item->env,
	    is_for_root ? "waits for root's run" : s->why_not->text, f);
	if (rc == EX_OK)
		rc = keep(s, time(NULL), false, why, f);
	if (rc == EX_OK && is_for_root)
		spool_mark(s->b->caller);
	return rc;
}

/* The message, or a report about it. */
static bool
leaves_something(const struct submission *s, int rc)
{
	const struct envelope *env = &s->item->env;

	if (s->is_detached || (rc == EX_OK && s->item->is_kept))
		return true;
	return envelope_count(env, FATE_REFUSED) > 0 &&
	    !envelope_is_untold(env, REPORT_FAILED);
}

int
submit(struct submission *s, char why[FAULT_TEXT], struct fault *f)
{
	struct courier *courier = s->b->courier;
	enum when when = choose(s);
	int rc;

	why[0] = '\0';
	if (s->why_not->code != EX_OK)
		return keep_only(s, why, f);
	if (when == WHEN_QUEUE)
		return keep(s, time(NULL), false, why, f);

	/* Who wants to see it (-v) sees what is wrong, not what was. */
	if (may_keep(s))
		backoff_open(&courier->backoff, courier->conf, s->b->spool,
		    !s->options->is_verbose);
	rc = when == WHEN_BACKGROUND ? send_in_background(s, why, f)
				     : send_now(s, why, f);
	backoff_save(&courier->backoff);
	/* Whatever ended the runner of what waits: here is a new one. */
	if (!s->is_passed_on && (s->others_wait || leaves_something(s, rc)))
		herald_start(s->herald);
	return rc;
}

void
submit_rest(struct submission *s)
{
	if (s->why_not->code != EX_OK || choose(s) == WHEN_QUEUE)
		return;
	if (has_more(s))
		serve_more(s);
	if (s->others_wait)
		herald_start(s->herald);
}
