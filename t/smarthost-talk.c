/* SPDX-License-Identifier: ISC */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "t/smarthost.h"

struct verb {
	const char *name;
	void (*obey)(struct peer *, const char *arg);
	bool is_last; /* of its group, RFC 2920, 3.1 */
};

/* By the rules, else as usual; the code of the reply. */
static int
answer(struct peer *p, const char *action, const char *usual)
{
	int code = rule_act(p, action);

	if (code != 0)
		return code;
	peer_reply(p, usual);
	return (int)strtol(usual, NULL, 10);
}

static void
forget(struct peer *p)
{
	free(p->sender);
	free(p->envelope);
	p->sender = NULL;
	p->envelope = NULL;
	p->rcpts = 0;
	p->accepted = 0;
}

static unsigned long
count(struct peer *p, const char *verb)
{
	static const char *const verbs[] = { "EHLO", "HELO", "STARTTLS", "AUTH",
		"MAIL", "DATA", "DOT", "RSET", "NOOP", "QUIT" };
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (strcmp(verb, verbs[i]) == 0)
			return ++p->count[i];
	return 1;
}

static bool
may_auth(const struct peer *p)
{
	const struct setup *setup = p->setup;

	return setup->users > 0 && *setup->mechanisms != '\0' &&
	    (p->ssl != NULL || !setup->has_starttls ||
		setup->has_auth_in_clear);
}

static void
obey_ehlo(struct peer *p, const char *arg)
{
	static const char *const usual[] = { "PIPELINING", "SIZE", "8BITMIME",
		"ENHANCEDSTATUSCODES", "DSN", "SMTPUTF8" };
	const struct setup *setup = p->setup;
	const char *const *offer = setup->offers > 0 ? setup->offer : usual;
	size_t offers = setup->offers > 0 ? setup->offers : 6;
	const char *action;
	char *reply;
	size_t size, i;
	FILE *out = open_memstream(&reply, &size);

	if (out == NULL)
		err(EX_OSERR, "no memory");
	forget(p);
	p->has_pipelining = p->has_chunking = false;
	fputs("250 smarthost.test", out);
	for (i = 0; i < offers; i++) {
		if (*offer[i] != '\0')
			fprintf(out, "\n%s", offer[i]);
		if (strcasecmp(offer[i], "PIPELINING") == 0)
			p->has_pipelining = true;
		if (strcasecmp(offer[i], "CHUNKING") == 0)
			p->has_chunking = true;
	}
	if (setup->has_starttls && p->ssl == NULL)
		fputs("\nSTARTTLS", out);
	if (may_auth(p))
		fprintf(out, "\nAUTH %s", setup->mechanisms);
	if (fclose(out) != 0)
		err(EX_OSERR, "no memory");
	action = rule_find(p, "EHLO", arg, count(p, "EHLO"));
	/* One that is refused changes nothing (RFC 5321, 4.1.4). */
	if (answer(p, action, reply) == 250)
		p->has_hello = true;
	if (action != NULL && *action == '2') {
		p->has_pipelining = strstr(action, "PIPELINING") != NULL;
		p->has_chunking = strstr(action, "CHUNKING") != NULL;
	}
	free(reply);
}

static void
obey_helo(struct peer *p, const char *arg)
{
	forget(p);
	p->has_pipelining = false;
	p->has_hello = answer(p, rule_find(p, "HELO", arg, count(p, "HELO")),
			   "250 smarthost.test") == 250;
}

static void
obey_starttls(struct peer *p, const char *arg)
{
	const char *action =
	    rule_find(p, "STARTTLS", arg, count(p, "STARTTLS"));

	if (!p->setup->has_starttls || p->ssl != NULL) {
		peer_reply(p, "502 5.5.1 no STARTTLS");
		return;
	}
	if (answer(p, action, "220 2.0.0 ready") != 220)
		return;
	peer_flush(p);
	action = rule_find(p, "TLS", "", 1);
	if (action != NULL && rule_act(p, action) != 0)
		peer_end(p, NULL);
	peer_tls(p);
	forget(p);
	p->has_hello = p->has_pipelining = p->has_chunking = false;
	p->is_known = false;
}

static void
obey_auth(struct peer *p, const char *arg)
{
	char mechanism[64];
	size_t n = strcspn(arg, " ");
	char *initial;
	const char *action;

	snprintf(mechanism, sizeof(mechanism), "%.*s", (int)n, arg);
	if (p->ssl == NULL && p->setup->has_starttls)
		peer_note(p, "-- violation", "AUTH in clear");
	action = rule_find(p, "AUTH", mechanism, count(p, "AUTH"));
	if (action != NULL && rule_act(p, action) != 0)
		return;
	if (!may_auth(p) || p->is_known) {
		peer_reply(p, "503 5.5.1 no AUTH now");
		return;
	}
	initial = arg[n] == '\0' ? NULL : strdup(arg + n + 1);
	p->is_known = auth_talk(p, mechanism, initial);
	free(initial);
}

/* The address between < and >; the caller's to free(). */
static char *
address(const char *arg)
{
	const char *at = strchr(arg, '<');
	char *addr;

	at = at == NULL ? arg : at + 1;
	addr = strndup(at, strcspn(at, ">"));
	if (addr == NULL)
		err(EX_OSERR, "no memory");
	return addr;
}

static const char *
not_now(const struct peer *p)
{
	if (!p->has_hello)
		return "503 5.5.1 EHLO first";
	if (p->setup->has_starttls && p->ssl == NULL)
		return "530 5.7.0 STARTTLS first";
	if (p->setup->users > 0 && !p->is_known)
		return "530 5.7.0 AUTH first";
	return p->sender == NULL ? NULL : "503 5.5.1 one MAIL at a time";
}

static void
obey_mail(struct peer *p, const char *arg)
{
	char *sender = address(arg);
	const char *action = rule_find(p, "MAIL", sender, count(p, "MAIL"));

	if (action == NULL && not_now(p) != NULL) {
		peer_reply(p, not_now(p));
	} else if (answer(p, action, "250 2.1.0 Ok") == 250) {
		forget(p);
		p->sender = sender;
		if (asprintf(&p->envelope, "MAIL %s\n", arg) < 0)
			err(EX_OSERR, "no memory");
		return;
	}
	free(sender);
}

static void
obey_rcpt(struct peer *p, const char *arg)
{
	char *to = address(arg), *longer;
	const char *action = rule_find(p, "RCPT", to, ++p->rcpts);
	int code = 503;

	free(to);
	if (action == NULL && p->sender == NULL)
		peer_reply(p, "503 5.5.1 MAIL first");
	else
		code = answer(p, action, "250 2.1.5 Ok");
	if (p->sender == NULL || code / 10 != 25)
		return;
	p->accepted++;
	if (asprintf(&longer, "%sRCPT %s\n", p->envelope, arg) < 0)
		err(EX_OSERR, "no memory");
	free(p->envelope);
	p->envelope = longer;
}

static bool
is_wanted(const char *action)
{
	if (action == NULL || *action == '2' ||
	    strncmp(action, "keep", 4) == 0 ||
	    strncmp(action, "inject", 6) == 0 ||
	    strncmp(action, "spoil", 5) == 0)
		return true;
	if (strncmp(action, "drip ", 5) != 0 &&
	    strncmp(action, "delay ", 6) != 0 &&
	    strncmp(action, "until ", 6) != 0)
		return false;
	action += strcspn(action, " ") + 1;
	action += strcspn(action, " ");
	action += strspn(action, " ");
	return *action == '\0' || *action == '2';
}

static void
obey_data(struct peer *p, const char *arg)
{
	const char *action;
	char *path;
	FILE *text;

	action = rule_find(p, "DATA", p->sender, count(p, "DATA"));
	if (action == NULL && p->accepted == 0) {
		peer_reply(p, "554 5.5.1 no valid recipients");
		return;
	}
	if (answer(p, action, "354 go on") / 100 != 3)
		return;
	/* Who is kept waiting for it may lose patience. */
	if (action != NULL)
		peer_alone(p, "DATA", true);
	text = text_receive(p, &path);
	peer_alone(p, "the dot", false);
	action = rule_find(p, "DOT", p->sender, count(p, "DOT"));
	text_keep(p, text, path, p->accepted > 0 && is_wanted(action));
	(void)answer(p, action, "250 2.0.0 Ok: queued");
	forget(p);
	(void)arg;
}

/* Whoever is refused has sent his text all the same (RFC 3030, 2). */
static void
obey_bdat(struct peer *p, const char *arg)
{
	const char *action;
	unsigned long octets;
	char *path, *end;
	FILE *text;

	octets = strtoul(arg, &end, 10);
	if (!p->has_chunking || strcmp(end, " LAST") != 0)
		peer_note(p, "-- violation", "a BDAT that was not offered");
	text = text_receive_octets(p, &path, octets);
	action = rule_find(p, "DOT", p->sender, count(p, "DOT"));
	text_keep(p, text, path, p->accepted > 0 && is_wanted(action));
	(void)answer(p, action,
	    p->accepted > 0 ? "250 2.0.0 Ok: queued"
			    : "503 5.5.1 no valid recipients");
	forget(p);
}

static void
obey_rset(struct peer *p, const char *arg)
{
	forget(p);
	answer(p, rule_find(p, "RSET", arg, count(p, "RSET")), "250 2.0.0 Ok");
}

static void
obey_noop(struct peer *p, const char *arg)
{
	answer(p, rule_find(p, "NOOP", arg, count(p, "NOOP")), "250 2.0.0 Ok");
}

static void
obey_quit(struct peer *p, const char *arg)
{
	answer(p, rule_find(p, "QUIT", arg, count(p, "QUIT")), "221 2.0.0 Bye");
}

static void
obey(struct peer *p, const char *line)
{
	static const struct verb verbs[] = { { "EHLO", obey_ehlo, true },
		{ "HELO", obey_helo, true },
		{ "STARTTLS", obey_starttls, true },
		{ "AUTH", obey_auth, false }, { "MAIL", obey_mail, false },
		{ "RCPT", obey_rcpt, false }, { "DATA", obey_data, true },
		{ "BDAT", obey_bdat, false }, { "RSET", obey_rset, false },
		{ "NOOP", obey_noop, true }, { "QUIT", obey_quit, true } };
	size_t n = strcspn(line, " ");
	const char *arg = line + n + strspn(line + n, " ");
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (strlen(verbs[i].name) != n ||
		    strncasecmp(line, verbs[i].name, n) != 0)
			continue;
		if (verbs[i].obey != obey_quit && verbs[i].obey != obey_bdat)
			peer_alone(p, verbs[i].name, verbs[i].is_last);
		verbs[i].obey(p, arg);
		return;
	}
	peer_reply(p, "500 5.5.2 what?");
}

_Noreturn void
talk(struct peer *p)
{
	char *line;

	if (peer_has_input(p))
		peer_note(p, "-- violation", "the client spoke first");
	answer(p, rule_find(p, "GREETING", "", 1), "220 smarthost.test ESMTP");
	for (;;) {
		line = strdup(peer_line(p));
		if (line == NULL)
			err(EX_OSERR, "no memory");
		obey(p, line);
		free(line);
	}
}
