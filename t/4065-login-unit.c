/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "t/script.h"

#define TEXT "hello\r\n"

/* "\0alice\0s3cret", "alice", "s3cret" */
#define AUTH_PLAIN "C AUTH PLAIN AGFsaWNlAHMzY3JldA=="
#define ALICE "C YWxpY2U="
#define S3CRET "C czNjcmV0"

/* A server at the loopback, and a letter for it. */
struct play {
	struct script script;
	struct smtp *smtp;
	struct fault f;
	struct text text;
	struct letter_rcpt to;
	struct letter letter;
	char *trace;
	size_t traced;
	FILE *out;
};

static void
begin(struct play *p, const char *const *lines)
{
	*p = (struct play){ 0 };
	script_begin(&p->script, lines, 1);
	p->script.smarthost.user = "alice";
	p->script.smarthost.secret = "s3cret";
	p->text = (struct text){ .mem = TEXT, .size = strlen(TEXT) };
	p->to.addr = "b@example.net";
	p->letter = (struct letter){ .from = "a@example.org",
		.to = &p->to,
		.count = 1,
		.text = &p->text };
	p->out = open_memstream(&p->trace, &p->traced);
	assert_non_null(p->out);
}

static int
open_it(struct play *p)
{
	return smtp_open(&p->smtp, &p->script.smarthost, NULL, p->out, &p->f);
}

static int
offer_it(struct play *p)
{
	assert_int_equal(open_it(p), EX_OK);
	return smtp_offer(p->smtp, &p->letter, false, &p->f);
}

/* Neither trace nor fault may show a secret, in clear or in base64. */
static void
end(struct play *p)
{
	static const char *const SECRETS[] = { "s3cret", "AGFsaWNlAHMz",
		"czNjcmV0" };
	size_t i;

	smtp_close(p->smtp);
	script_end(&p->script);
	fclose(p->out);
	for (i = 0; i < sizeof(SECRETS) / sizeof(SECRETS[0]); i++) {
		assert_null(strstr(p->trace, SECRETS[i]));
		assert_null(strstr(p->f.text, SECRETS[i]));
	}
	free(p->trace);
}

#define GROUPED(auth)                   \
	"S 220 x", "C EHLO me.example", \
	    ("S 250-x\r\n250-PIPELINING\r\n250 AUTH " auth)
#define SINGLE(auth) \
	"S 220 x", "C EHLO me.example", ("S 250-x\r\n250 AUTH " auth)
#define GROUP \
	"C MAIL FROM:<a@example.org>", "C RCPT TO:<b@example.net>", "C DATA"
#define BYE "C QUIT", "S 221 bye", NULL

static void
test_plain_rides(void **state)
{
	static const char *const LINES[] = { GROUPED("PLAIN LOGIN"), AUTH_PLAIN,
		GROUP, "S 235 ok\r\n250 ok\r\n250 ok\r\n354 go", "C hello",
		"C .", "S 250 ok", "C RSET", GROUP,
		"S 250 ok\r\n250 ok\r\n250 ok\r\n354 go", "C hello", "C .",
		"C QUIT", "S 250 ok\r\n221 bye", NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	assert_int_equal(offer_it(&p), EX_OK);
	assert_int_equal(
	    smtp_text(p.smtp, &p.letter, NULL, false, &p.f), EX_OK);
	assert_string_equal(smtp_peer(p.smtp).auth, "PLAIN");
	assert_int_equal(smtp_offer(p.smtp, &p.letter, false, &p.f), EX_OK);
	assert_int_equal(smtp_text(p.smtp, &p.letter, NULL, true, &p.f), EX_OK);
	fflush(p.out);
	assert_non_null(strstr(p.trace, ">>> AUTH PLAIN ****\n"));
	assert_non_null(strstr(p.trace, ">>> [7 octets of text]\n>>> .\n"));
	end(&p);
}

static void
test_plain_refused_in_group(void **state)
{
	static const char *const LINES[] = { GROUPED("PLAIN"), AUTH_PLAIN,
		GROUP, "S 535 5.7.8 no\r\n250 ok\r\n250 ok\r\n354 go", NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	assert_int_equal(offer_it(&p), EX_NOPERM);
	assert_non_null(strstr(p.f.text, "535 5.7.8 no"));
	assert_int_equal(p.letter.data.code, 0);
	assert_false(smtp_is_open(p.smtp));
	assert_string_equal(smtp_peer(p.smtp).auth, "");
	end(&p);
}

static void
test_one_by_one(void **state)
{
	static const char *const LINES[] = { SINGLE("PLAIN"), AUTH_PLAIN,
		"S 235 ok", "C MAIL FROM:<a@example.org>", "S 550 no", BYE };
	struct play p;

	(void)state;
	begin(&p, LINES);
	assert_int_equal(offer_it(&p), EX_OK);
	assert_int_equal(p.letter.mail.code, 550);
	end(&p);
}

/* The dialogue that Amazon SES shows. */
static void
test_login(void **state)
{
	static const char *const LINES[] = { GROUPED("PLAIN LOGIN"),
		"C AUTH LOGIN", "S 334 VXNlcm5hbWU6", ALICE,
		"S 334 UGFzc3dvcmQ6", S3CRET,
		"S 235 Authentication successful.", GROUP,
		"S 250 ok\r\n550 no\r\n503 no", BYE };
	char *words[] = { "LOGIN", "PLAIN", NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	p.script.smarthost.auth = (struct words){ words, 2 };
	assert_int_equal(offer_it(&p), EX_OK);
	assert_string_equal(smtp_peer(p.smtp).auth, "LOGIN");
	assert_int_equal(p.to.reply.code, 550);
	end(&p);
}

/* What a login may meet, and what becomes of it; nothing else is ever sent. */
static const struct {
	const char *lines[14];
	int rc;
	const char *why;
} REFUSALS[] = {
	{ { SINGLE("PLAIN"), AUTH_PLAIN, "S 535 Authentication failed", BYE },
	    EX_NOPERM, "535 Authentication failed" },
	{ { SINGLE("PLAIN"), AUTH_PLAIN, "S 530 5.7.0 no", BYE }, EX_NOPERM,
	    "530 5.7.0" },
	{ { SINGLE("PLAIN"), AUTH_PLAIN, "S 454 4.7.0 later", BYE },
	    EX_TEMPFAIL, "454 4.7.0 later" },
	{ { SINGLE("PLAIN"), AUTH_PLAIN, "S 250 ok", BYE }, EX_NOPERM,
	    "250 ok" },
	{ { SINGLE("PLAIN"), AUTH_PLAIN, "H", NULL }, EX_UNAVAILABLE, "" },
	{ { SINGLE("PLAIN LOGIN"), AUTH_PLAIN, "S 534 5.7.9 weak",
	      "C AUTH LOGIN", "S 504 5.7.4 Unrecognized", BYE },
	    EX_NOPERM, "504 5.7.4" },
	{ { SINGLE("LOGIN"), "C AUTH LOGIN", "S 334 VXNlcm5hbWU6", ALICE,
	      "S 235 too early", BYE },
	    EX_NOPERM, "without proof" },
	{ { SINGLE("LOGIN"), "C AUTH LOGIN", "S 334 ", ALICE, "S 334 ", S3CRET,
	      "S 334 once more", "C [*]", "S 501 cancelled", BYE },
	    EX_NOPERM, "" },
	{ { SINGLE("SCRAM-SHA-1"), "C AUTH SCRAM-SHA-1 *", "S 334 no base64!",
	      "C [*]", "S 501 cancelled", BYE },
	    EX_NOPERM, "" },
	{ { SINGLE("PLAIN"), AUTH_PLAIN, "S 334 ", "C [*]", "S 501 cancelled",
	      BYE },
	    EX_NOPERM, "" },
	{ { SINGLE("SCRAM-SHA-256 PLAIN"), "C AUTH SCRAM-SHA-256 *",
	      "S 235 welcome, whoever you are", BYE },
	    EX_NOPERM, "without proof" },
	{ { SINGLE("SCRAM-SHA-256 PLAIN"), "C AUTH SCRAM-SHA-256 *",
	      "S 334 cj14LHM9eCxpPTE=", "C [*]", "S 501 cancelled", BYE },
	    EX_NOPERM, "" },
};

static void
test_refusals(void **state)
{
	struct play p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(REFUSALS) / sizeof(REFUSALS[0]); i++) {
		begin(&p, REFUSALS[i].lines);
		assert_int_equal(offer_it(&p), REFUSALS[i].rc);
		assert_int_equal(p.f.code, REFUSALS[i].rc);
		assert_non_null(strstr(p.f.text, REFUSALS[i].why));
		assert_int_equal(p.letter.mail.code, 0);
		assert_false(smtp_is_open(p.smtp));
		end(&p);
	}
}

static void
test_next_mechanism(void **state)
{
	static const char *const LINES[] = { SINGLE("PLAIN LOGIN"), AUTH_PLAIN,
		"S 504 5.5.4 Unrecognized", "C AUTH LOGIN", "S 334", ALICE,
		"S 334 Password:", S3CRET, "S 235 ok",
		"C MAIL FROM:<a@example.org>", "S 550 no", BYE };
	struct play p;

	(void)state;
	begin(&p, LINES);
	assert_int_equal(offer_it(&p), EX_OK);
	assert_string_equal(smtp_peer(p.smtp).auth, "LOGIN");
	end(&p);
}

/* In a group as well: what rode along was refused with it. */
static void
test_next_mechanism_in_group(void **state)
{
	static const char *const LINES[] = { GROUPED("PLAIN LOGIN"), AUTH_PLAIN,
		GROUP, "S 534 5.7.9 weak\r\n530 no\r\n530 no\r\n503 no",
		"C AUTH LOGIN", "S 334", ALICE, "S 334", S3CRET, "S 235 ok",
		"C RSET", GROUP, "S 250 ok\r\n250 ok\r\n250 ok\r\n354 go",
		"C hello", "C .", "S 250 ok", BYE };
	static const char *const LAST[] = { GROUPED("PLAIN"), AUTH_PLAIN, GROUP,
		"S 504 5.5.4 no\r\n530 no\r\n530 no\r\n503 no", BYE };
	static const char *const WAITING[] = { GROUPED("PLAIN LOGIN"),
		AUTH_PLAIN, GROUP,
		"S 504 5.5.4 no\r\n250 ok\r\n250 ok\r\n354 go", NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	assert_int_equal(offer_it(&p), EX_OK);
	assert_int_equal(p.to.reply.code, 250);
	assert_string_equal(smtp_peer(p.smtp).auth, "LOGIN");
	assert_int_equal(
	    smtp_text(p.smtp, &p.letter, NULL, false, &p.f), EX_OK);
	end(&p);
	begin(&p, LAST);
	assert_int_equal(offer_it(&p), EX_NOPERM);
	assert_non_null(strstr(p.f.text, "504 5.5.4 no"));
	assert_int_equal(p.to.reply.code, 0);
	end(&p);
	begin(&p, WAITING);
	assert_int_equal(offer_it(&p), EX_NOPERM);
	assert_int_equal(p.to.reply.code, 0);
	assert_int_equal(p.letter.data.code, 0);
	assert_false(smtp_is_open(p.smtp));
	end(&p);
}

/* RFC 4954, 4: what does not fit into a command waits for its 334. */
static void
test_long_secret(void **state)
{
	static const char *const LINES[] = { GROUPED("PLAIN"), "C AUTH PLAIN",
		"S 334 ", "C AGFsaWNlAHh4*", "S 235 ok", GROUP,
		"S 250 ok\r\n550 no\r\n503 no", BYE };
	char secret[401];
	struct play p;

	(void)state;
	memset(secret, 'x', 400);
	secret[400] = '\0';
	begin(&p, LINES);
	p.script.smarthost.secret = secret;
	assert_int_equal(offer_it(&p), EX_OK);
	assert_string_equal(smtp_peer(p.smtp).auth, "PLAIN");
	end(&p);
}

static void
test_nothing_offered(void **state)
{
	static const char *const NONE[] = { "S 220 x", "C EHLO me.example",
		"S 250-x\r\n250 PIPELINING", BYE };
	static const char *const OTHER[] = { GROUPED("NTLM GSSAPI"), BYE };
	struct play p;

	(void)state;
	begin(&p, NONE);
	assert_int_equal(open_it(&p), EX_NOPERM);
	assert_non_null(strstr(p.f.text, "no login is offered"));
	end(&p);
	begin(&p, OTHER);
	assert_int_equal(open_it(&p), EX_NOPERM);
	assert_non_null(strstr(p.f.text, "(NTLM GSSAPI)"));
	end(&p);
}

static void
test_off(void **state)
{
	static const char *const LINES[] = { GROUPED("PLAIN"), GROUP,
		"S 250 ok\r\n550 no\r\n503 no", BYE };
	char *words[] = { "OFF", NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	p.script.smarthost.auth = (struct words){ words, 1 };
	assert_int_equal(offer_it(&p), EX_OK);
	end(&p);
}

/* No TLS where TLS is wanted: no login, no mail, and the reason. */
static const struct {
	const char *lines[8];
	int rc;
	const char *why;
} NO_TLS[] = {
	{ { SINGLE("PLAIN LOGIN"), BYE }, EX_PROTOCOL,
	    "does not offer STARTTLS" },
	{ { "S 220 x", "C EHLO me.example", "S 250-x\r\n250 STARTTLS",
	      "C STARTTLS", "S 454 not now", BYE },
	    EX_PROTOCOL, "454 not now" },
	{ { "S 220 x", "C EHLO me.example", "S 250-x\r\n250 STARTTLS",
	      "C STARTTLS", "S 250 ok", BYE },
	    EX_PROTOCOL, "250 ok" },
	{ { "S 220 x", "C EHLO me.example", "S 250-x\r\n250 STARTTLS",
	      "C STARTTLS", "S 220 go\r\n250-x\r\n250 AUTH PLAIN", NULL },
	    EX_PROTOCOL, "octets" },
	{ { "S 220 x", "C EHLO me.example", "S 502 what?", BYE },
	    EX_UNAVAILABLE, "502 what?" },
};

static void
test_no_tls(void **state)
{
	struct play p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(NO_TLS) / sizeof(NO_TLS[0]); i++) {
		begin(&p, NO_TLS[i].lines);
		p.script.smarthost.tls = TLS_STARTTLS;
		assert_int_equal(open_it(&p), NO_TLS[i].rc);
		assert_non_null(strstr(p.f.text, NO_TLS[i].why));
		end(&p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{ "PLAIN rides in the first group, and only there",
		    test_plain_rides, NULL, NULL, NULL },
		{ "refused in a group, nothing more is sent, not even a dot",
		    test_plain_refused_in_group, NULL, NULL, NULL },
		{ "PLAIN goes alone without PIPELINING", test_one_by_one, NULL,
		    NULL, NULL },
		{ "LOGIN is a dialogue, ahead of the group", test_login, NULL,
		    NULL, NULL },
		{ "a login that fails says why, and no mail is sent",
		    test_refusals, NULL, NULL, NULL },
		{ "504 leads to the next mechanism", test_next_mechanism, NULL,
		    NULL, NULL },
		{ "in a group too, unless the server then waits for a text",
		    test_next_mechanism_in_group, NULL, NULL, NULL },
		{ "a long password waits for its 334", test_long_secret, NULL,
		    NULL, NULL },
		{ "no mail goes where no login is offered",
		    test_nothing_offered, NULL, NULL, NULL },
		{ "auth = off is obeyed", test_off, NULL, NULL, NULL },
		{ "no login and no mail goes without TLS", test_no_tls, NULL,
		    NULL, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("login", tests, NULL, NULL);
}
