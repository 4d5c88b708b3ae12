/*
 * sendmail - one hop: from standard input to the smarthost, or into the queue
 *
 *	options_parse -> message_read -> submit -> exit code
 *	                 server_talk (-bs), the same for each text
 *
 * This is the room that speaks: one line on stderr where something is wrong,
 * nothing where all is well.
 *
 * SPDX-License-Identifier: ISC
 */
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mailq/descriptors.h"
#include "mailq/list.h"
#include "sendmail/check.h"
#include "sendmail/lend.h"
#include "sendmail/message.h"
#include "sendmail/runq.h"
#include "sendmail/server.h"
#include "sendmail/tell.h"
#include "sendmail/verify.h"

#define VERSION "onehop 0.1"

/* What every mode works with. */
struct house {
	struct options options;
	struct caller caller;
	struct spool spool;
	struct conf conf;
	struct fault why_not; /* of EX_OK: conf is usable */
	struct log log;
	struct courier courier;
	struct bounce bounce;
	struct runner runner;
	struct herald herald;
	int in; /* standard input, or -1 if it was closed */
};

/*
 * Callers leave a umask of 0777 and ignored signals.  Those signals stay so; a
 * broken pipe and a file too large are errors of a call to us, not the end.
 */
static int
settle_in(void)
{
	const struct rlimit one = { 1, 1 }, none = { 0, 0 };
	int in = descriptors_fill() ? STDIN_FILENO : -1;

	descriptors_close();
	umask(077);
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	/* A core that goes to a program heeds 1, not 0, which none can raise. */
	if (setrlimit(RLIMIT_CORE, &one) != 0)
		setrlimit(RLIMIT_CORE, &none);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	return in;
}

/* On a terminal a person waits, and is told why he need not. */
static void
tell_queued(void *ctx, const char *why)
{
	(void)ctx;
	if (isatty(STDERR_FILENO))
		tell_waits(stderr, why);
}

/* With -oeq the code has to do; but who was served is always told. */
static void
tell(const struct house *house, const struct item *item, const char *why,
    int rc, const struct fault *f)
{
	bool is_quiet = house->options.errors == ERRORS_QUIET;

	if (rc == EX_OK) {
		if (item->is_kept && envelope_waiting(&item->env) > 0)
			tell_queued(NULL, why);
		return;
	}
	if (f->code != EX_OK && !is_quiet)
		tell_fault(stderr, f->text);
	if (f->code == EX_OK && !is_quiet)
		tell_refusals(stderr, &item->env);
	else
		tell_accepted(stderr, &item->env);
}

static void
close_conf(struct house *house)
{
	courier_close(&house->courier);
	log_close(&house->log);
	conf_free(&house->conf);
	house->courier = (struct courier){ 0 };
	house->why_not = (struct fault){ 0 };
}

/* What a process that only waits has no use for. */
static void
forget(void *ctx)
{
	struct house *house = ctx;

	courier_abandon(&house->courier);
	close_conf(house);
	house->options.tag = NULL;
}

static void
read_conf(struct house *house)
{
	house->bounce =
	    (struct bounce){ &house->courier, &house->spool, &house->caller };
	house->courier.conf = &house->conf;
	house->courier.log = &house->log;
	/* nmh asks for it; a client has no use for what is sent elsewhere. */
	if (house->options.is_verbose && house->options.mode != MODE_SERVER)
		house->courier.trace = stderr;
	conf_read(&house->conf, house->caller.home, &house->why_not);
	log_open(&house->log, &house->conf, house->options.tag);
}

/* What comes before the first message. */
static void
expect_mail(struct house *house)
{
	if (house->options.doubt.code != EX_OK)
		log_say(&house->log, LOG_WARNING, house->options.doubt.text);
	if (house->why_not.code == EX_NOPERM)
		spool_for_root(&house->spool, &house->caller);
}

/* From a descriptor to the caller's exit code. */
static int
take(struct house *house, int in)
{
	struct item item = { 0 };
	struct draft draft = { 0 };
	struct submission s = { .b = &house->bounce,
		.options = &house->options,
		.draft = &draft,
		.item = &item,
		.why_not = &house->why_not,
		.herald = &house->herald,
		.queued = tell_queued };
	const struct spool nowhere = { 0 };
	bool is_off = house->why_not.code == EX_OK && house->conf.no_keep;
	struct fault f = { 0 };
	char host[HOST_NAME + 1], why[FAULT_TEXT] = "";
	int rc;

	expect_mail(house);
	host_name(host);
	rc = draft_begin(&draft, &item, is_off ? &nowhere : &house->spool,
	    &house->caller, &f);
	if (rc == EX_OK)
		rc = message_read(in, &house->options, &house->caller, host,
		    &draft, &item, &f);
	if (rc == EX_OK)
		rc = submit(&s, why, &f);
	tell(house, &item, why, rc, &f);
	item_free(&item);
	draft_free(&draft);
	return rc;
}

static int
serve(struct house *house)
{
	const struct server server = { &house->bounce, &house->options,
		&house->why_not, &house->herald, &house->log, house->in,
		STDOUT_FILENO };
	struct fault f = { 0 };
	int rc;

	/* nmh has both outputs in one pipe, inetd all three in one socket. */
	descriptors_part();
	expect_mail(house);
	if (house->in == -1)
		rc = fault_set(&f, EX_NOINPUT, "standard input is closed");
	else
		rc = server_talk(&server, &f);
	if (rc != EX_OK)
		tell_fault(stderr, f.text);
	return rc;
}

static int
run_chosen(
    struct house *house, const struct runq_choice *chosen, struct fault *f)
{
	if (house->options.all_users)
		return lend(&house->courier, chosen, &house->why_not, f);
	return runq(&house->bounce, chosen, &house->why_not, f);
}

static int
run(struct house *house)
{
	const struct options *o = &house->options;
	const struct runq_choice chosen = { .only_due = o->only_due,
		.id = o->run_id,
		.recipient = o->run_recipient,
		.sender = o->run_sender };
	struct fault f = { 0 };
	int rc;

	if (o->run_every > 0 && (!o->all_users || geteuid() == 0))
		return runner_periodic(
		    &house->runner, o->run_every, !o->stays_here);
	rc = run_chosen(house, &chosen, &f);
	if (rc != EX_OK)
		tell_fault(stderr, f.text);
	return rc;
}

static int
list(struct house *house)
{
	struct fault f = { 0 };
	int rc;

	rc = house->options.mode == MODE_COUNT
	    ? list_count(&house->spool, stdout, &f)
	    : list_print(&house->spool, stdout, false, &f);
	if (rc != EX_OK)
		tell_fault(stderr, f.text);
	return rc;
}

/* A message of our own, to those who are named. */
static int
send_test(struct house *house)
{
	static const char text[] =
	    "Subject: onehop works\n"
	    "Auto-Submitted: auto-generated\n"
	    "\n"
	    "This is the test message of sendmail -bC: it left this\n"
	    "machine by the smarthost that onehop.conf names.\n";
	int end[2], rc;

	if (pipe(end) == -1) {
		tell_fault(stderr, "cannot make a pipe");
		return EX_OSERR;
	}
	rc = write(end[1], text, sizeof(text) - 1) == -1 ? EX_OSERR : EX_OK;
	close(end[1]);
	if (rc == EX_OK)
		rc = take(house, end[0]);
	close(end[0]);
	if (rc == EX_OK)
		puts("test message: sent, or queued (see mailq)");
	return rc;
}

static int
check_all(struct house *house)
{
	struct fault f = { 0 };
	int rc;

	rc = check(&house->courier, &house->spool, &house->caller,
	    &house->why_not, stdout, &f);
	if (rc == EX_OK && house->options.count > 0)
		rc = send_test(house);
	return rc;
}

static int
verify_all(struct house *house)
{
	struct fault f = { 0 };
	int rc;

	if (house->why_not.code != EX_OK)
		rc = fault_set(&f,
		    house->why_not.code == EX_TEMPFAIL ? EX_TEMPFAIL
						       : EX_CONFIG,
		    "%s", house->why_not.text);
	else
		rc = verify(&house->courier, &house->options, &house->caller,
		    stdout, &f);
	if (rc != EX_OK)
		tell_fault(stderr, f.text);
	return rc;
}

/* One of a runner's runs: by schedule, by today's configuration. */
static int
run_due(void *ctx, bool is_periodic)
{
	const struct runq_choice due = { .only_due = true };
	struct house *house = ctx;
	struct fault f = { 0 };
	int rc;

	read_conf(house);
	if (!is_periodic && house->conf.no_runner)
		rc = RUNNER_UNWANTED;
	else
		rc = run_chosen(house, &due, &f);
	if (f.code != EX_OK)
		log_say(&house->log, LOG_ERR, f.text);
	close_conf(house);
	return rc;
}

static int
configured(struct house *house)
{
	int rc;

	house->runner = (struct runner){ &house->spool, &house->conf, forget,
		run_due, house };
	house->herald = (struct herald){ .runner = &house->runner };
	read_conf(house);
	switch (house->options.mode) {
	case MODE_RUN:
		rc = run(house);
		break;
	case MODE_SERVER:
		rc = serve(house);
		break;
	case MODE_CHECK:
		rc = check_all(house);
		break;
	case MODE_VERIFY:
		rc = verify_all(house);
		break;
	default:
		rc = take(house, house->in);
		break;
	}
	herald_end(&house->herald);
	close_conf(house);
	return rc;
}

static int
dispatch(struct house *house)
{
	switch (house->options.mode) {
	case MODE_HELP:
		puts("usage: sendmail [-bCimpqtv] [-F name] [-f sender] "
		     "[recipient ...]\n"
		     "See sendmail(8) and onehop.conf(5); sendmail -bC says "
		     "whether all is set up.");
		return EX_OK;
	case MODE_VERSION:
		puts(VERSION);
		return EX_OK;
	case MODE_NOTHING:
		return EX_OK;
	case MODE_LIST:
	case MODE_COUNT:
		return list(house);
	default:
		return configured(house);
	}
}

int
main(int argc, char **argv)
{
	struct house house = { 0 };
	struct fault f = { 0 };
	int rc;

	house.in = settle_in();
	rc = options_parse(&house.options, argc, argv, &f);
	if (rc == EX_OK)
		rc = caller_find(&house.caller, &f);
	if (rc == EX_OK)
		rc = spool_find(&house.spool, &house.caller, &f);
	if (rc == EX_OK)
		rc = dispatch(&house);
	else if (rc == EX_USAGE || house.options.errors != ERRORS_QUIET)
		tell_fault(stderr, f.text);
	if (fflush(stdout) != 0 && rc == EX_OK) {
		tell_fault(stderr, "cannot write the output");
		rc = EX_IOERR;
	}
	conf_free(&house.conf);
	spool_free(&house.spool);
	caller_free(&house.caller);
	return rc;
}
