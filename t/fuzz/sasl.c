/*
 * What a server asks in a login.  The first octet chooses the mechanism; with its
 * top bit the lines behind it are challenges as they are, else what they are to
 * say in base64, in which octet 1 stands for our nonce.  Who does not know the
 * password never proves himself, gets it only by the mechanisms that show it, and
 * has soon nothing more to ask.
 *
 * SPDX-License-Identifier: ISC
 */
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sendmail/sasl.h"
#include "t/fuzz/judge.h"

#define IS_RAW 0x80
#define USER "alice"
#define SECRET "s3cret-Token"
#define STEPS 16      /* challenges that are tried, */
#define MOST 2        /* and answered by any mechanism */
#define NONCE 128     /* octets of ours, with the NUL */
#define AT_ONCE 20000 /* iterations that need no time */

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const struct mechanism {
	const char *name;
	bool shows; /* the password */
	bool is_scram;
	bool is_blind; /* reads no challenge */
} mechanisms[] = {
	{ .name = "PLAIN", .shows = true },
	{ .name = "LOGIN", .shows = true, .is_blind = true },
	{ .name = "CRAM-MD5" },
	{ .name = "SCRAM-SHA-1", .is_scram = true },
	{ .name = "SCRAM-SHA-256", .is_scram = true },
	{ .name = "SCRAM-SHA-1-PLUS", .is_scram = true },
	{ .name = "SCRAM-SHA-256-PLUS", .is_scram = true },
	{ .name = "EXTERNAL" },
	{ .name = "OAUTHBEARER", .shows = true },
	{ .name = "XOAUTH2", .shows = true },
};

#define MECHANISMS (sizeof(mechanisms) / sizeof(*mechanisms))

struct login {
	const struct mechanism *mechanism;
	struct sasl *sasl;
	char nonce[NONCE]; /* "" before it was said */
	int answered;      /* challenges */
};

static bool
is_base64(const char *text)
{
	size_t len = strlen(text);

	return len % 4 == 0 &&
	    strspn(text,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/=") == len;
}

/* What it says, with a NUL behind it; "" if it is no base64. */
static char *
decode(const char *text)
{
	size_t len = strlen(text);
	char *said = calloc(1, len + 1);

	demand(said != NULL);
	if (is_base64(text))
		EVP_DecodeBlock(
		    (uint8_t *)said, (const uint8_t *)text, (int)len);
	return said;
}

/* The iterations that a SCRAM server wants, 0 if there is no number. */
static unsigned long
iterations(const char *said)
{
	const char *at = strstr(said, ",i=");

	return at == NULL ? 0 : strtoul(at + 3, NULL, 10);
}

/* "n,,n=alice,r=NONCE", or with a binding, is the first that SCRAM says. */
static void
keep_nonce(struct login *login, const char *said)
{
	const char *at = strstr(said, ",r=");

	snprintf(login->nonce, NONCE, "%s", at == NULL ? "" : at + 3);
	demand(login->nonce[0] != '\0' && strlen(login->nonce) < NONCE - 1);
}

static void
judge_response(struct login *login, const char *response)
{
	char *said = decode(response);

	demand(is_base64(response) && strlen(response) <= SASL_LINE - 2);
	if (!login->mechanism->shows)
		demand(strstr(said, SECRET) == NULL);
	if (login->mechanism->is_scram && login->nonce[0] == '\0')
		keep_nonce(login, said);
	free(said);
}

/* SCRAM answers only who repeats our nonce and asks for enough. */
static void
judge_challenge(const struct login *login, const char *challenge)
{
	char *said = decode(challenge);

	demand(is_base64(challenge));
	if (login->mechanism->is_scram) {
		demand(strncmp(said, "r=", 2) == 0);
		demand(
		    strncmp(said + 2, login->nonce, strlen(login->nonce)) == 0);
		demand(iterations(said) >= SASL_ITERATIONS_MIN &&
		    iterations(said) <= SASL_ITERATIONS_MAX);
	}
	free(said);
}

static void
judge_fault(const struct fault *f)
{
	demand(f->code == EX_PROTOCOL || f->code == EX_UNAVAILABLE);
	demand(f->text[0] != '\0' && is_plain(f->text));
	demand(strstr(f->text, SECRET) == NULL);
}

static bool
step(struct login *login, const char *challenge)
{
	struct fault f = { 0 };
	const char *response, *why;
	int rc = sasl_step(login->sasl, challenge, &response, &f);

	demand(rc == f.code);
	why = sasl_complaint(login->sasl);
	demand(is_plain(why) && strstr(why, SECRET) == NULL);
	if (rc != EX_OK) {
		judge_fault(&f);
		demand(*response == '\0');
		return false;
	}
	judge_response(login, response);
	if (challenge != NULL) {
		/* The library waits for a first challenge that says a thing. */
		login->answered += *response != '\0';
		demand(login->answered <= MOST);
		if (!login->mechanism->is_blind)
			judge_challenge(login, challenge);
	}
	if (login->mechanism->is_scram)
		demand(!sasl_is_done(login->sasl));
	return true;
}

/* What it is to say, our nonce put in, in base64. */
static char *
encode(const struct login *login, const char *text)
{
	size_t i, len = strlen(text);
	char *said = calloc(1, len * NONCE + 1), *base64;

	demand(said != NULL);
	for (i = 0; i < len; i++)
		if (text[i] == 1)
			strncat(said, login->nonce, NONCE);
		else
			strncat(said, text + i, 1);
	len = strlen(said);
	base64 = calloc(1, len / 3 * 4 + 5);
	demand(base64 != NULL);
	EVP_EncodeBlock((uint8_t *)base64, (uint8_t *)said, (int)len);
	free(said);
	return base64;
}

/* Of one who keeps us busy, or knows the password, there is nothing to learn. */
static bool
is_idle(const char *challenge)
{
	char *said = decode(challenge);
	unsigned long count = iterations(said);
	bool is_slow = count > AT_ONCE && count <= SASL_ITERATIONS_MAX;
	bool knows = strstr(said, SECRET) != NULL;

	free(said);
	return is_slow || knows || strstr(challenge, SECRET) != NULL;
}

static bool
ask(struct login *login, const char *line, bool is_raw)
{
	char *challenge = is_raw ? strdup(line) : encode(login, line);
	bool is_on;

	demand(challenge != NULL);
	is_on = !is_idle(challenge) && step(login, challenge);
	free(challenge);
	return is_on;
}

static void
talk(struct login *login, char *lines, bool is_raw)
{
	bool is_on = true;
	char *line = lines;
	int i;

	if (sasl_is_client_first(login->mechanism->name))
		is_on = step(login, NULL);
	for (i = 0; is_on && lines != NULL && i < STEPS; i++) {
		line = strsep(&lines, "\n");
		is_on = ask(login, line, is_raw);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sasl_who who = { .user = USER,
		.secret = SECRET,
		.host = "smarthost.test",
		.port = "587",
		.binding = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=" };
	struct login login = { 0 };
	struct fault f = { 0 };
	char *lines = calloc(1, size + 1);
	size_t i;

	demand(lines != NULL);
	/* There is no NUL in what net gives. */
	for (i = 1; i < size; i++)
		lines[i - 1] = (char)(data[i] == '\0' ? ' ' : data[i]);
	if (size > 0) {
		login.mechanism =
		    mechanisms + (size_t)(data[0] & ~IS_RAW) % MECHANISMS;
		demand(sasl_open(&login.sasl, login.mechanism->name, &who,
			   &f) == EX_OK);
		talk(&login, lines, (data[0] & IS_RAW) != 0);
		sasl_close(login.sasl);
	}
	free(lines);
	return 0;
}
