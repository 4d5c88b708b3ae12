/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <err.h>
#include <gsasl.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "t/smarthost.h"

/* Compare what a word in braces stands for; where both go on, or NULL. */
static const char *
match_text(const char *said, const char *wanted)
{
	size_t n = strlen(wanted);

	return strncmp(said, wanted, n) == 0 ? said + n : NULL;
}

static const char *
match_base64(const char *said, const char *wanted, size_t size)
{
	const char *end;
	char *base64;

	if (gsasl_base64_to(wanted, size, &base64, NULL) != GSASL_OK)
		err(EX_OSERR, "no memory");
	end = match_text(said, base64);
	gsasl_free(base64);
	return end;
}

/* Parameters of MAIL and RCPT: " KEY" or " KEY=VALUE", any number of them. */
static const char *
match_parameters(const char *said)
{
	while (*said == ' ' && isupper((unsigned char)said[1]))
		said += 1 + strcspn(said + 1, " ");
	return said;
}

static const char *
match_word(const struct setup *setup, const char *said, const char *word)
{
	const char *user = setup->users > 0 ? setup->user[0] : ":";
	size_t n = strcspn(user, ":");

	if (strncmp(word, "{hello}", 7) == 0)
		return match_text(said, setup->hello);
	if (strncmp(word, "{user}", 6) == 0)
		return match_base64(said, user, n);
	if (strncmp(word, "{password}", 10) == 0)
		return match_base64(said, user + n + 1, strlen(user + n + 1));
	if (strncmp(word, "{parameters}", 12) == 0)
		return match_parameters(said);
	errx(EX_DATAERR, "what is '%s' in a dialogue?", word);
}

static bool
matches(const struct setup *setup, const char *said, const char *wanted)
{
	while (said != NULL && *wanted != '\0') {
		if (*wanted == '{') {
			said = match_word(setup, said, wanted);
			wanted += strcspn(wanted, "}") + 1;
		} else if (*said++ != *wanted++) {
			return false;
		}
	}
	return said != NULL && *said == '\0';
}

/* These servers close on octets behind a command, and behind the dot. */
static void
demand_patience(struct peer *p, const char *verb)
{
	if (!peer_has_input(p))
		return;
	peer_alone(p, verb, true);
	peer_reply(p, "500 5.5.1 Pipelining not supported");
	peer_end(p, NULL);
}

static void
remember(struct peer *p, const char *line)
{
	char *longer;

	if (strncmp(line, "MAIL ", 5) == 0) {
		free(p->envelope);
		p->envelope = NULL;
	} else if (strncmp(line, "RCPT ", 5) != 0) {
		return;
	}
	if (asprintf(&longer, "%s%s\n", p->envelope == NULL ? "" : p->envelope,
		line) < 0)
		err(EX_OSERR, "no memory");
	free(p->envelope);
	p->envelope = longer;
}

static void
hear(struct peer *p, const char *wanted)
{
	const char *line = peer_line(p);

	if (!matches(p->setup, line, wanted)) {
		peer_note(p, "-- mismatch, wanted", wanted);
		peer_end(p, NULL);
	}
	remember(p, line);
	if (strcmp(wanted, "QUIT") != 0)
		demand_patience(p, wanted);
}

static void
hear_text(struct peer *p)
{
	char *path;
	FILE *text = text_receive(p, &path);

	text_keep(p, text, path, true);
	demand_patience(p, "the dot");
}

/* What the server says stands in the dialogue with its continuations. */
static void
say(struct peer *p, const char *line)
{
	peer_note(p, "S:", line);
	peer_put(p, line, strlen(line));
	peer_put(p, "\r\n", 2);
}

/*
 * A dialogue is lines of "S " and "C "; "C ..." is a text up to its dot, "T"
 * the handshake, "#" a remark.
 */
_Noreturn void
replay(struct peer *p)
{
	FILE *in = fopen(p->setup->dialogue, "r");
	char *line = NULL;
	size_t size = 0;

	if (in == NULL)
		err(EX_NOINPUT, "cannot open '%s'", p->setup->dialogue);
	while (getline(&line, &size, in) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, "C ...") == 0)
			hear_text(p);
		else if (strncmp(line, "C ", 2) == 0)
			hear(p, line + 2);
		else if (strncmp(line, "S ", 2) == 0)
			say(p, line + 2);
		else if (strcmp(line, "T") == 0)
			peer_tls(p);
		else if (*line != '#' && *line != '\0')
			errx(EX_DATAERR, "what is '%s'?", line);
	}
	peer_flush(p);
	if (p->ssl != NULL)
		SSL_shutdown(p->ssl);
	peer_end(p, "end");
}
