/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conf/door.h"
#include "conf/host.h"
#include "mailq/signals.h"
#include "sendmail/answer.h"
#include "sendmail/command.h"
#include "sendmail/intake.h"
#include "sendmail/message.h"
#include "sendmail/server.h"

struct dialogue {
	const struct server *server;
	struct options options; /* those that count here */
	struct fault
	    why_not; /* the server's, or that we would meet ourselves */
	struct talk talk;
	unsigned vain;
	bool has_mail; /* item and draft are in use */
	bool by_feed;  /* the last command ended in LF alone */
	bool is_over;
	bool is_detached; /* a child, whose client is gone */
	time_t last;      /* when a text was handed on */
	struct draft draft;
	struct item item;
	struct spool nowhere; /* in the spool's stead, where nothing is kept */
	char host[HOST_NAME + 1];
};

static void
drop(struct dialogue *d)
{
	if (!d->has_mail)
		return;
	item_free(&d->item);
	draft_free(&d->draft);
	talk_limit(&d->talk, 0);
	d->has_mail = false;
}

static void
greet(struct dialogue *d, const char *name, bool is_extended)
{
	struct talk *talk = &d->talk;

	drop(d);
	d->vain++;
	if (name[0] == '\0') {
		talk_say(talk, "501 5.5.4 say who you are");
	} else if (!is_extended) {
		talk_say(talk, "250 %s", d->host);
	} else {
		talk_say(talk, "250-%s", d->host);
		talk_say(talk, "250-PIPELINING");
		talk_say(talk, "250-SIZE %ld", COMMAND_SIZE);
		talk_say(talk, "250-8BITMIME");
		talk_say(talk, "250-SMTPUTF8");
		talk_say(talk, "250-DSN");
		talk_say(talk, "250 ENHANCEDSTATUSCODES");
	}
}

static void
begin_mail(struct dialogue *d, const char *argument)
{
	const struct bounce *b = d->server->b;
	bool is_off = d->why_not.code == EX_OK && b->courier->conf->no_keep;
	struct fault f = { 0 }, why = { 0 };

	if (d->has_mail) {
		d->vain++;
		talk_say(&d->talk, "503 5.5.1 there is a sender already");
		return;
	}
	d->has_mail = true;
	talk_limit(&d->talk, SERVER_MAIL);
	if (draft_begin(&d->draft, &d->item, is_off ? &d->nowhere : b->spool,
		b->caller, &why) != EX_OK)
		fault_set(&f, why.code, "451 4.3.0 %s", why.text);
	else
		command_mail(argument, &d->item.env, &f);
	if (f.code == EX_OK) {
		talk_say(&d->talk, "250 2.1.0 Ok");
		return;
	}
	d->vain++;
	drop(d);
	talk_say(&d->talk, "%s", f.text);
}

static void
add_rcpt(struct dialogue *d, const char *argument)
{
	struct fault f = { 0 };

	if (!d->has_mail)
		fault_set(&f, EX_USAGE, "503 5.5.1 say MAIL first");
	else
		command_rcpt(argument, &d->item.env, &f);
	if (f.code != EX_OK)
		d->vain++;
	talk_say(&d->talk, "%s", f.code == EX_OK ? "250 2.1.5 Ok" : f.text);
}

static void
refuse_text(struct dialogue *d, struct intake *text, const struct fault *f)
{
	bool is_large = intake_is_large(text);

	intake_skip(text);
	if (d->talk.end != TALK_ON)
		return;
	if (is_large)
		talk_say(&d->talk, "552 5.3.4 %s", f->text);
	else if (f->code == EX_DATAERR)
		talk_say(&d->talk, "554 5.6.0 %s", f->text);
	else
		talk_say(&d->talk, "452 4.3.1 %s", f->text);
}

/* What is called from far below goes on with the dialogue it comes from. */
static void serve(struct dialogue *);

/*
 * The client has waited long enough, and a child of ours has the message and
 * the connection: here the dialogue goes on, to its end.
 */
static void
go_on(void *ctx, const char *why)
{
	struct dialogue *d = ctx;
	struct fault none = { 0 };

	(void)why;
	courier_abandon(d->server->b->courier);
	d->server->herald->is_shared = true;
	answer(&d->talk, &d->item, EX_OK, &none);
	talk_flush(&d->talk);
	signals_release();
	drop(d);
	d->options.when = WHEN_QUEUE;
	serve(d);
}

/* What was true of the smarthost a while ago need not be so now. */
static void
refresh(struct dialogue *d)
{
	struct courier *courier = d->server->b->courier;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec - d->last > SERVER_IDLE)
		courier_leave(courier);
	courier_forgive(courier);
	d->last = now.tv_sec;
}

static void
hand_on(struct dialogue *d)
{
	const struct server *server = d->server;
	struct submission s = { .b = server->b,
		.options = &d->options,
		.draft = &d->draft,
		.item = &d->item,
		.why_not = &d->why_not,
		.herald = server->herald,
		.queued = go_on,
		.ctx = d,
		.stays_open = true };
	char why[FAULT_TEXT];
	struct fault f = { 0 };
	int rc;

	talk_flush(&d->talk);
	refresh(d);
	rc = submit(&s, why, &f);
	d->is_detached = s.is_detached;
	if (d->is_detached) {
		d->is_over = true;
		return;
	}
	answer(&d->talk, &d->item, rc, &f);
	talk_flush(&d->talk);
	signals_release();
	d->vain = 0;
	if (d->options.when == WHEN_QUEUE &&
	    server->options->when != WHEN_QUEUE && d->why_not.code == EX_OK)
		herald_start(server->herald);
}

static void
take_text(struct dialogue *d)
{
	struct intake text = { .talk = &d->talk, .dots.by_feed = d->by_feed };
	const struct source source = intake_source(&text);
	struct fault f = { 0 };
	int rc;

	if (!d->has_mail || d->item.env.count == 0) {
		d->vain++;
		talk_say(&d->talk, "503 5.5.1 say %s first",
		    d->has_mail ? "RCPT" : "MAIL");
		return;
	}
	talk_say(&d->talk, "354 go on, and end with a dot");
	rc = message_receive(&source, &d->options, d->server->b->caller,
	    d->host, &d->draft, &d->item, &f);
	if (rc == EX_OK)
		hand_on(d);
	else
		refuse_text(d, &text, &f);
	drop(d);
}

static void
obey(struct dialogue *d, enum verb verb, const char *argument)
{
	static const char *const simple[] = {
		[VERB_RSET] = "250 2.0.0 Ok",
		[VERB_NOOP] = "250 2.0.0 Ok",
		[VERB_VERB] = "250 2.0.0 Ok",
		[VERB_VRFY] = "252 2.5.0 send to it, and see",
		[VERB_HELP] = "214 2.0.0 see sendmail(8)",
		[VERB_QUIT] = "221 2.0.0 bye",
		[VERB_UNKNOWN] = "500 5.5.2 unknown command",
		[VERB_NOT_HERE] = "502 5.5.1 not offered here",
	};

	switch (verb) {
	case VERB_HELO:
	case VERB_EHLO:
		greet(d, argument, verb == VERB_EHLO);
		break;
	case VERB_MAIL:
		begin_mail(d, argument);
		break;
	case VERB_RCPT:
		add_rcpt(d, argument);
		break;
	case VERB_DATA:
		take_text(d);
		break;
	default:
		if (verb == VERB_RSET)
			drop(d);
		d->is_over = verb == VERB_QUIT;
		d->vain++;
		talk_say(&d->talk, "%s", simple[verb]);
	}
}

/* A client that is there still gets to know why it has to go. */
static void
take_leave(struct dialogue *d)
{
	struct talk *talk = &d->talk;
	enum talk_end end = talk->end;

	if (end == TALK_CLOSED)
		return;
	talk->end = TALK_ON;
	if (end == TALK_SILENT)
		talk_say(talk, "421 4.4.2 %s nothing was said for too long",
		    d->host);
	else if (end == TALK_FLOOD)
		talk_say(talk, "421 4.7.0 %s this has no end", d->host);
	else if (!d->is_over)
		talk_say(talk, "421 4.7.0 %s too many commands for nothing",
		    d->host);
	talk_flush(talk);
}

static void
serve(struct dialogue *d)
{
	char line[TALK_LINE];
	const char *argument;
	bool is_long;
	enum verb verb;

	while (!d->is_over && d->vain < SERVER_VAIN &&
	    talk_line(&d->talk, line, &is_long, &d->by_feed)) {
		verb = command_verb(line, &argument);
		if (is_long)
			talk_say(&d->talk, "500 5.5.6 the line is too long");
		else
			obey(d, verb, argument);
		d->vain += is_long;
	}
	take_leave(d);
	drop(d);
}

/*
 * Neither sender nor recipients come from the command line, and the client is
 * told of refusals by our reply.  Nor does it want to see us talk (-v).
 */
static struct options
choose_options(const struct options *given)
{
	struct options ours = { .mode = given->mode,
		.when = given->when,
		.name = given->name != NULL ? given->name : "" };

	return ours;
}

/* A file may lead back to the socket by any name, and we may come from there. */
static void
open_door(struct dialogue *d)
{
	const struct server *server = d->server;
	const struct conf *conf = server->b->courier->conf;
	struct log *log = server->log;
	const char *host;
	size_t i;

	log->has_uid = door_caller(server->in, &log->uid);
	d->why_not = *server->why_not;
	for (i = 0; d->why_not.code == EX_OK && i < conf->smarthosts; i++) {
		host = conf->smarthost[i].host;
		if (!door_leads_back(server->in, host))
			continue;
		fault_set(&d->why_not, EX_CONFIG,
		    "'%s' leads back to who serves it: write a [smarthost] "
		    "with another host",
		    host);
		d->is_over = log->uid == geteuid();
	}
	if (d->is_over)
		talk_say(&d->talk, "421 4.3.5 %s", d->why_not.text);
	else
		talk_say(&d->talk, "220 %s ESMTP onehop", d->host);
}

int
server_talk(const struct server *server, struct fault *f)
{
	struct dialogue *d = calloc(1, sizeof(*d));
	struct submission rest = { .b = server->b, .herald = server->herald };

	if (d == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot serve");
	d->server = server;
	d->options = choose_options(server->options);
	d->talk = (struct talk){ .in = server->in, .out = server->out };
	host_name(d->host);
	open_door(d);
	serve(d);

	/* Whose mail is due, too, is not known. */
	server->log->has_uid = false;
	rest.options = server->options;
	rest.why_not = &d->why_not;
	rest.is_detached = d->is_detached;
	submit_rest(&rest);
	free(d);
	return EX_OK;
}
