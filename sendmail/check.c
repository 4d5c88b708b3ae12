/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#ifdef __linux__
#include <sys/vfs.h>
#endif

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mailq/queue.h"
#include "mailq/word.h"
#include "sendmail/address.h"
#include "sendmail/check.h"

#define TMPFS 0x01021994     /* statfs(2) */
#define OVERLAYFS 0x794c7630 /* statfs(2): a container's own layer */

static void
finding(FILE *out, const char *kind, const char *what, const char *detail)
{
	fprintf(out, "%s: %s", kind, what);
	word_print(out, detail);
	fputc('\n', out);
}

static void
check_file(const struct conf *conf, const struct fault *why_not, FILE *out)
{
	size_t i;

	if (conf->path != NULL)
		finding(out, why_not->code == EX_OK ? "ok" : "wrong",
		    "configuration: ", conf->path);
	else
		finding(out, why_not->code == EX_OK ? "ok" : "wrong",
		    "configuration: ", "no file, the environment alone");
	if (why_not->code != EX_OK)
		finding(out, "wrong", "", why_not->text);
	for (i = 0; i < conf->later.count; i++)
		finding(
		    out, "note", "not yet in effect: ", conf->later.word[i]);
}

/* The envelope sender that a message of this user would get here. */
static int
probe_sender(const struct courier *courier, const struct smarthost *smarthost,
    const struct caller *caller, char **from, struct fault *f)
{
	struct envelope env = { 0 };
	bool is_ours;
	int rc;

	rc = envelope_from(&env, caller->login, f);
	if (rc == EX_OK)
		rc = policy_sender(
		    &courier->policy, smarthost, &env, from, &is_ours, f);
	envelope_free(&env);
	return rc;
}

static int
probe_mail(
    struct courier *courier, const char *from, FILE *out, struct fault *f)
{
	struct text nothing = { .mem = "", .fd = -1 };
	struct letter letter = { .from = from, .text = &nothing };
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
		finding(out, "ok", "sender taken: ", from);
		return EX_OK;
	}
	return fault_set(f, EX_UNAVAILABLE,
	    "sender '%s' is not taken: %s (set [sender] address to what this "
	    "account may send as)",
	    from, letter.mail.text);
}

static const char *
tls_word(enum tls_use use)
{
	switch (use) {
	case TLS_IMPLICIT:
		return "implicit";
	case TLS_STARTTLS:
		return "starttls";
	default:
		return "off";
	}
}

static int
check_smarthost(struct courier *courier, struct smarthost *smarthost,
    const struct caller *caller, FILE *out, struct fault *f)
{
	char *from = NULL;
	int rc;

	fprintf(out, "ok: smarthost%s%s: %s port %s, tls=%s\n",
	    smarthost->name[0] != '\0' ? " " : "", smarthost->name,
	    smarthost->host, smarthost->port, tls_word(smarthost->tls));
	rc = courier_ready(courier, f);
	if (rc == EX_OK)
		rc = probe_sender(courier, smarthost, caller, &from, f);
	if (rc == EX_OK)
		rc = courier_meet(courier, smarthost, f);
	if (rc == EX_OK)
		rc = probe_mail(courier, from, out, f);
	courier_leave(courier);
	free(from);
	if (rc != EX_OK)
		finding(out, "wrong", "", f->text);
	return rc;
}

/* What lies where the queue is, or would be. */
static void
check_ground(const char *path, FILE *out)
{
#ifdef __linux__
	struct statfs fs;

	if (statfs(path, &fs) == -1)
		return;
	if (fs.f_type == TMPFS)
		finding(out, "note", "on tmpfs, lost at the next boot: ", path);
	if (fs.f_type == OVERLAYFS)
		finding(out, "note",
		    "on a container's own layer, lost "
		    "with it (mount a volume): ",
		    path);
#endif
	if (strncmp(path, "/var/www/", 9) == 0)
		finding(out, "note",
		    "beneath a web root, keep it from being served: ", path);
}

static void
check_place(const char *path, FILE *out, bool *is_found)
{
	struct queue queue;
	struct fault f = { 0 };
	int rc;

	rc = queue_open(&queue, path, false, &f);
	if (rc == EX_OK) {
		finding(out, *is_found ? "note" : "ok", "queue: ", path);
		check_ground(path, out);
		queue_close(&queue);
		*is_found = true;
	} else if (rc != EX_NOINPUT) {
		finding(out, "note", "queue: ", f.text);
	}
}

static void
check_queue(const struct spool *spool, FILE *out)
{
	bool is_found = false;
	size_t i;

	for (i = 0; i < spool->count; i++)
		check_place(spool->path[i], out, &is_found);
	if (!is_found && spool->count > 0)
		finding(out, "note", "queue: none yet; first choice is ",
		    spool->path[0]);
	if (spool->count == 0)
		finding(out, "note", "queue: ",
		    "there is no place for one: "
		    "what cannot go at once is given back (75)");
	finding(out, "note", "retries: ",
	    "what waits goes with `sendmail -q': run it from cron or a timer");
}

int
check(struct courier *courier, const struct spool *spool,
    const struct caller *caller, const struct fault *why_not, FILE *out,
    struct fault *f)
{
	const struct conf *conf = courier->conf;
	struct fault one;
	size_t i;

	check_file(conf, why_not, out);
	if (why_not->code != EX_OK)
		fault_set(f, EX_CONFIG, "%s", why_not->text);
	for (i = 0; why_not->code == EX_OK && i < conf->smarthosts; i++) {
		one = (struct fault){ 0 };
		if (check_smarthost(courier, conf->smarthost + i, caller, out,
			&one) != EX_OK)
			fault_set(f, one.code, "%s", one.text);
	}
	check_queue(spool, out);
	return f->code;
}

static int
add_word(void *ctx, const struct mailbox *box, struct fault *f)
{
	return envelope_to(ctx, box->addr, f);
}

static void
show(const struct envelope *env, size_t n, const char *host, const char *full,
    FILE *out)
{
	size_t top = n;

	while (env->to[top].parent != ENVELOPE_NONE)
		top = env->to[top].parent;
	word_print(out, env->to[top].addr);
	fputs("... deliverable: mailer relay, host ", out);
	word_print(out, host);
	fputs(", user ", out);
	word_print(out, full);
	fputc('\n', out);
}

int
check_addresses(struct courier *courier, char **words, int count, FILE *out,
    struct fault *f)
{
	struct envelope env = { 0 };
	char *full;
	size_t n;
	int i, rc;

	rc = courier_ready(courier, f);
	for (i = 0; rc == EX_OK && i < count; i++)
		rc =
		    address_list(words[i], strlen(words[i]), add_word, &env, f);
	if (rc == EX_OK && env.count == 0)
		rc = fault_set(f, EX_USAGE, "no recipients: name some");
	if (rc == EX_OK)
		rc = policy_expand(&courier->policy, &env, f);
	for (n = 0; rc == EX_OK && n < env.count; n++) {
		if (!rcpt_waits(env.to + n))
			continue;
		rc = policy_complete(
		    &courier->policy, env.to[n].addr, NULL, &full, f);
		if (rc != EX_OK)
			break;
		show(&env, n, courier->conf->smarthost[0].host, full, out);
		free(full);
	}
	envelope_free(&env);
	return rc;
}
