/* SPDX-License-Identifier: ISC */
#include <sys/wait.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/door.h"
#include "mailq/queue.h"
#include "mailq/word.h"
#include "sendmail/address.h"
#include "sendmail/check.h"
#include "sendmail/finding.h"
#include "sendmail/ground.h"
#include "sendmail/route.h"
#include "sendmail/sandbox.h"
#include "sendmail/verdict.h"

/* What is tried at a smarthost. */
struct probe {
	char *from;
	bool is_ours;   /* policy_sender() */
	bool is_for_us; /* its senders take mail of who asks */
};

static void
check_file(const struct conf *conf, const struct fault *why_not, FILE *out)
{
	if (conf->is_by_door)
		finding(out, "ok",
		    "configuration: no [smarthost] that this user can read, so "
		    "mail goes through the door: ",
		    DOOR_PATH);
	else if (conf->path != NULL)
		finding(out, why_not->code == EX_OK ? "ok" : "wrong",
		    "configuration: ", conf->path);
	else
		finding(out, why_not->code == EX_OK ? "ok" : "wrong",
		    "configuration: ", "no file, the environment alone");
	if (why_not->code != EX_OK)
		finding(out, "wrong", "", why_not->text);
	if (why_not->code == EX_NOPERM)
		finding(out, "note", "who may not read it stores: ",
		    "sendmail -q --all-users of root sends that");
}

/* Somebody whose mail goes there: who asks, or whom its senders name. */
static const char *
choose_sender(
    const struct smarthost *smarthost, const char *login, const char *full)
{
	size_t i;

	if (route_fits(smarthost, full))
		return login;
	for (i = 0; i < smarthost->senders.count; i++)
		if (smarthost->senders.word[i][0] != '@')
			return smarthost->senders.word[i];
	return "";
}

/* The envelope sender that such a message would get here. */
static int
probe_sender(const struct courier *courier, const struct smarthost *smarthost,
    const struct caller *caller, struct probe *probe, struct fault *f)
{
	const struct policy *policy = &courier->policy;
	struct envelope env = { 0 };
	char *full = NULL;
	int rc;

	rc = policy_complete(policy, caller->login, NULL, &full, f);
	if (rc == EX_OK) {
		probe->is_for_us = route_fits(smarthost, full);
		rc = envelope_from(
		    &env, choose_sender(smarthost, caller->login, full), f);
	}
	if (rc == EX_OK)
		rc = policy_sender(
		    policy, smarthost, &env, &probe->from, &probe->is_ours, f);
	envelope_free(&env);
	free(full);
	return rc;
}

/* Its refusal, and the key that mends it. */
static int
name_refusal(const struct courier *courier, const struct probe *probe,
    const struct letter *letter, struct fault *f)
{
	const struct verdict_facts facts = { .sender_is_ours = probe->is_ours,
		.has_user = courier->at->user != NULL,
		.offers_auth = smtp_peer(courier->smtp).offers_auth };
	struct verdict v;

	verdict(letter, 0, &facts, &v);
	return fault_set(f, EX_UNAVAILABLE, "sender '%s' is not taken: %s%s",
	    probe->from, v.why,
	    v.fate == FATE_REFUSED && !probe->is_ours
		? " (set [sender] address to what this account may send as)"
		: "");
}

static int
probe_mail(struct courier *courier, const struct probe *probe, FILE *out,
    struct fault *f)
{
	struct text nothing = { .mem = "", .fd = -1 };
	struct letter_rcpt nobody = { .addr = "" };
	struct letter letter = {
		.from = probe->from, .to = &nobody, .text = &nothing
	};
	struct smtp_peer peer;
	char line[512];
	int rc;

	rc = smtp_offer(courier->smtp, &letter, true, f);
	if (rc != EX_OK)
		return rc;
	peer = smtp_peer(courier->smtp);
	snprintf(line, sizeof(line), "%s, %s, %s%s", peer.relay,
	    peer.tls[0] != '\0' ? peer.tls : "in clear",
	    peer.auth[0] != '\0' ? "logged in by " : "no login", peer.auth);
	finding(out, "ok", "connected: ", line);
	if (reply_is(&letter.mail, 2)) {
		finding(out, "ok", "sender taken: ",
		    probe->from[0] != '\0' ? probe->from : "<>");
		return EX_OK;
	}
	return name_refusal(courier, probe, &letter, f);
}

/* Whoever did not name a key was let down by where it led to. */
static const char *
where_to_look(const struct fault *f)
{
	static const char *const hints[] = { "see ", "set ", "check ",
		"look at " };
	size_t i;

	for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strstr(f->text, hints[i]) != NULL)
			return "";
	return "see host, port and tls: ";
}

static void
show_smarthost(const struct smarthost *smarthost, FILE *out)
{
	fprintf(out,
	    "ok: smarthost%s%s: ", smarthost->name[0] != '\0' ? " " : "",
	    smarthost->name);
	if (smarthost->host[0] == '/')
		fprintf(out, "%s, a local socket\n", smarthost->host);
	else
		fprintf(out, "%s port %s, tls=%s\n", smarthost->host,
		    smarthost->port, smarthost_tls(smarthost));
}

static int
check_smarthost(struct courier *courier, struct smarthost *smarthost,
    const struct caller *caller, bool *is_for_us, FILE *out, struct fault *f)
{
	struct probe probe = { 0 };
	int rc;

	show_smarthost(smarthost, out);
	rc = probe_sender(courier, smarthost, caller, &probe, f);
	if (rc == EX_OK && !probe.is_for_us)
		finding(out, "note",
		    "not for mail of this user (see senders): ", caller->login);
	if (rc == EX_OK)
		rc = courier_meet(courier, smarthost, f);
	if (rc == EX_OK)
		rc = probe_mail(courier, &probe, out, f);
	courier_leave(courier);
	free(probe.from);
	*is_for_us = *is_for_us || probe.is_for_us;
	if (rc != EX_OK)
		finding(out, "wrong", where_to_look(f), f->text);
	return rc;
}

/* All of them, and what they hang on. */
static int
check_smarthosts(struct courier *courier, const struct caller *caller,
    FILE *out, struct fault *f)
{
	const struct conf *conf = courier->conf;
	struct fault one = { 0 };
	bool is_for_us = false;
	size_t i;

	if (courier_ready(courier, &one) != EX_OK ||
	    policy_check(&courier->policy, &one) != EX_OK) {
		finding(out, "wrong", "", one.text);
		fault_set(f, one.code, "%s", one.text);
	}
	for (i = 0; courier->is_ready && i < conf->smarthosts; i++) {
		one = (struct fault){ 0 };
		if (check_smarthost(courier, conf->smarthost + i, caller,
			&is_for_us, out, &one) != EX_OK)
			fault_set(f, one.code, "%s", one.text);
	}
	if (!courier->is_ready || is_for_us)
		return f->code;
	finding(out, "wrong",
	    "no [smarthost] takes mail of this user: ", "set senders of one");
	return fault_set(f, EX_CONFIG, "no smarthost for this user");
}

/* What holds, and what this kernel has no means for. */
static void
show_sandbox(const struct courier *courier, FILE *out)
{
	static const struct {
		unsigned bit;
		const char *what;
	} parts[] = { { SANDBOX_FILES, "files" }, { SANDBOX_PORTS, "ports" },
		{ SANDBOX_OTHERS, "other processes" },
		{ SANDBOX_CALLS, "system calls" } };
	size_t i;

	if (courier->conf->no_sandbox)
		finding(out, "note", "sandbox: off, by [security] sandbox", "");
	for (i = 0;
	     courier->is_confined && i < sizeof(parts) / sizeof(parts[0]); i++)
		if ((courier->held & parts[i].bit) != 0)
			finding(out, "ok",
			    "sandbox: confined to what is needed: ",
			    parts[i].what);
		else
			finding(out, "note",
			    "sandbox: this kernel, or what we run in, cannot confine ",
			    parts[i].what);
}

/*
 * The sandbox is for good, and what comes behind the check, as the test message,
 * begins outside of it.
 */
static int
check_apart(struct courier *courier, const struct caller *caller, FILE *out,
    struct fault *f)
{
	int status = 0;
	pid_t pid;

	fflush(out);
	pid = fork();
	if (pid == -1)
		return fault_errno(f, EX_OSERR, "cannot start a process");
	if (pid == 0) {
		check_smarthosts(courier, caller, out, f);
		courier_confine(courier);
		show_sandbox(courier, out);
		_exit(fflush(out) == 0 ? f->code : EX_IOERR);
	}
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EX_OK)
		return EX_OK;
	return fault_set(f,
	    WIFEXITED(status) ? WEXITSTATUS(status) : EX_SOFTWARE,
	    "a smarthost cannot be used");
}

int
check(struct courier *courier, const struct spool *spool,
    const struct caller *caller, const struct fault *why_not, FILE *out,
    struct fault *f)
{
	const struct conf *conf = courier->conf;

	check_file(conf, why_not, out);
	if (courier->log->trouble != 0)
		finding(out, "note",
		    "the log of [log] to cannot be opened, syslog serves: ",
		    strerror(courier->log->trouble));
	if (why_not->code != EX_OK)
		fault_set(f, EX_CONFIG, "%s", why_not->text);
	else
		check_apart(courier, caller, out, f);
	ground_check(
	    spool, caller, conf->no_keep && why_not->code == EX_OK, out);
	return f->code;
}
