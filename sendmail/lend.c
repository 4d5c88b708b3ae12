/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mailq/stead.h"
#include "mailq/users.h"
#include "sendmail/lend.h"

struct lending {
	struct courier *courier;
	const struct runq_choice *choice;
	const struct fault *why_not;
	bool is_in_vain; /* something waits that has no configuration */
};

static void
complain(const struct log *log, uid_t uid, const struct fault *f)
{
	char line[FAULT_TEXT + 64];

	snprintf(line, sizeof(line), "uid %ju: %s", (uintmax_t)uid, f->text);
	log_say(log, LOG_ERR, line);
}

/* That root has nothing to lend is said once, by root. */
static int
run_as_user(struct courier *courier, const struct lending *l,
    const struct fault *why_not, const struct caller *caller)
{
	struct fault f = { 0 };
	struct spool spool;
	struct bounce b = { courier, &spool, caller };
	int rc;

	rc = spool_find(&spool, caller, &f);
	if (rc == EX_OK)
		rc = runq(&b, l->choice, why_not, &f);
	spool_free(&spool);
	if (rc != EX_OK && (rc != EX_CONFIG || why_not != l->why_not))
		complain(courier->log, caller->uid, &f);
	courier_close(courier);
	return rc;
}

/* Who has his own has no use for what root lends, and keeps none of it. */
static int
run_on_own(const struct lending *l, struct conf *own,
    const struct fault *why_not, const struct caller *caller)
{
	struct log log;
	struct courier courier = {
		.conf = own, .log = &log, .trace = l->courier->trace
	};
	int rc;

	courier_close(l->courier);
	conf_free(l->courier->conf);
	log_open(&log, own, NULL);
	rc = run_as_user(&courier, l, why_not, caller);
	log_close(&log);
	return rc;
}

/*
 * A file of one's own counts whole, be it broken; else what root lends does.
 * Root's own is what he lends, whatever his environment made of it.
 */
static int
work(void *ctx, const struct caller *caller, FILE *out)
{
	const struct lending *l = ctx;
	struct fault why_not = { 0 };
	struct conf own = { 0 };
	int rc;

	(void)out;
	if (caller->uid == 0)
		return run_as_user(l->courier, l, l->why_not, caller);
	conf_read(&own, caller->home, &why_not);
	if (own.path != NULL && strcmp(own.path, CONF_ETC) != 0)
		rc = run_on_own(l, &own, &why_not, caller);
	else
		rc = run_as_user(l->courier, l, l->why_not, caller);
	conf_free(&own);
	return rc;
}

static void
trouble(void *ctx, const struct user *user, const struct fault *f)
{
	const struct lending *l = ctx;

	complain(l->courier->log, user->uid, f);
}

static void
over(void *ctx, const struct user *user, int code, const struct text *out)
{
	struct lending *l = ctx;

	(void)user;
	(void)out;
	if (code == EX_CONFIG && l->why_not->code != EX_OK)
		l->is_in_vain = true;
}

/*
 * While we still may: what cannot be had now is missed by who needs it, and not
 * asked for again as somebody else.
 */
static void
prepare(struct courier *courier)
{
	struct fault unheard = { 0 };

	courier_ready(courier, &unheard);
	courier_prepare(courier);
}

int
lend(struct courier *courier, const struct runq_choice *choice,
    const struct fault *why_not, struct fault *f)
{
	struct runq_choice while_there_is_time = *choice;
	struct lending l = { courier, &while_there_is_time, why_not, false };
	const struct stead stead = { .work = work,
		.trouble = trouble,
		.over = over,
		.ctx = &l,
		.seconds = LEND_SECONDS + LEND_GRACE };
	struct users users = { 0 };

	if (geteuid() != 0)
		return fault_set(f, EX_NOPERM,
		    "--all-users is for root: sendmail -q runs your own queue");
	while_there_is_time.seconds = LEND_SECONDS;
	if (why_not->code == EX_OK)
		prepare(courier);
	if (users_find(&users, f) != EX_OK)
		log_say(courier->log, LOG_ERR, f->text);
	*f = (struct fault){ 0 };
	stead_each(&stead, &users);
	users_free(&users);
	if (!l.is_in_vain)
		return EX_OK;
	log_say(courier->log, LOG_ERR, why_not->text);
	return fault_set(f, EX_CONFIG, "%s", why_not->text);
}
