/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sendmail/auth.h"
#include "sendmail/ehlo.h"

static void
say(struct ehlo *ehlo, const char *const *line)
{
	*ehlo = (struct ehlo){ 0 };
	for (; *line != NULL; line++)
		ehlo_line(ehlo, *line);
}

static void
test_ses(void **state)
{
	static const char *const LINES[] = { "email-smtp.amazonaws.com",
		"8BITMIME", "SIZE 10485760", "AUTH PLAIN LOGIN", "Ok", NULL };
	struct ehlo e;

	(void)state;
	say(&e, LINES);
	assert_true(e.has_8bitmime && e.has_size && e.has_auth);
	assert_false(e.has_starttls || e.has_pipelining || e.has_smtputf8 ||
	    e.has_dsn || e.has_chunking);
	assert_int_equal(e.size, 10485760);
	assert_string_equal(e.auth, " PLAIN LOGIN ");
}

static void
test_all(void **state)
{
	static const char *const LINES[] = { "mail.example.org at your service",
		"pipelining", "SmtpUtf8 ignored words", "DSN", "CHUNKING",
		"STARTTLS", "", "LIMITS RCPTMAX=5", "8BITMIMEX", NULL };
	struct ehlo e;

	(void)state;
	say(&e, LINES);
	assert_true(e.has_pipelining && e.has_smtputf8 && e.has_dsn &&
	    e.has_chunking && e.has_starttls);
	assert_false(e.has_8bitmime || e.has_size || e.has_auth);
}

static void
test_name(void **state)
{
	static const char *const LINES[] = { "auth PLAIN", NULL };
	struct ehlo e;

	(void)state;
	say(&e, LINES);
	assert_false(e.has_auth);
}

static const struct {
	const char *line;
	off_t size;
} SIZES[] = {
	{ "SIZE", 0 },
	{ "SIZE 0", 0 },
	{ "SIZE 1", 1 },
	{ "size 36700160 octets", 36700160 },
	{ "SIZE=36700160", 36700160 },
	{ "SIZE -1", 0 },
	{ "SIZE 10M", 0 },
	{ "SIZE 99999999999999999999999999", 0 },
};

static void
test_size(void **state)
{
	const char *lines[] = { "x", NULL, NULL };
	struct ehlo e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(SIZES) / sizeof(SIZES[0]); i++) {
		lines[1] = SIZES[i].line;
		say(&e, lines);
		assert_true(e.has_size);
		assert_int_equal(e.size, SIZES[i].size);
	}
}

static const struct {
	const char *line;
	unsigned mails, rcpts, domains;
} LIMITS[] = {
	{ "LIMITS", 0, 0, 0 },
	{ "LIMITS MAILMAX=20 RCPTMAX=50 RCPTDOMAINMAX=1", 20, 50, 1 },
	{ "limits rcptmax=5 X=1", 0, 5, 0 },
	{ "LIMITS RCPTMAX=0 MAILMAX=", 0, 0, 0 },
	{ "LIMITS RCPTMAX=5x MAILMAX=-1 RCPTMAX 7", 0, 0, 0 },
	{ "LIMITS RCPTMAX=99999999999999999999999 MAILMAX=1", 1, 0, 0 },
	{ "LIMITS RCPTMAX=4294967297", 0, 0, 0 },
	{ "LIMITS RCPTMAX=999999 MAILMAX=1000000 RCPTDOMAINMAX=07", 0, 999999,
	    0 },
};

static void
test_limits(void **state)
{
	const char *lines[] = { "x", NULL, NULL };
	struct ehlo e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(LIMITS) / sizeof(LIMITS[0]); i++) {
		lines[1] = LIMITS[i].line;
		say(&e, lines);
		assert_int_equal(e.mail_max, LIMITS[i].mails);
		assert_int_equal(e.rcpt_max, LIMITS[i].rcpts);
		assert_int_equal(e.domain_max, LIMITS[i].domains);
	}
}

static const struct {
	const char *lines[4];
	const char *auth;
} LISTS[] = {
	{ { "x", "AUTH PLAIN LOGIN", "AUTH=PLAIN LOGIN", NULL },
	    " PLAIN LOGIN " },
	{ { "x", "AUTH=LOGIN", "auth scram-sha-256", NULL },
	    " LOGIN SCRAM-SHA-256 " },
	{ { "x", "AUTH\tPLAIN  \t LOGIN ", NULL }, " PLAIN LOGIN " },
	{ { "x", "AUTH", NULL }, "" },
	{ { "x", "AUTH P\033LAIN AB.C LOGIN", NULL }, " LOGIN " },
	{ { "x", "AUTH ABCDEFGHIJKLMNOPQRSTU LOGIN", NULL }, " LOGIN " },
};

static void
test_auth(void **state)
{
	struct ehlo e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(LISTS) / sizeof(LISTS[0]); i++) {
		say(&e, LISTS[i].lines);
		assert_true(e.has_auth);
		assert_string_equal(e.auth, LISTS[i].auth);
	}
}

static void
test_bounded(void **state)
{
	struct ehlo e = { .has_name = true };
	char line[32];
	int i;

	(void)state;
	for (i = 0; i < 10000; i++) {
		snprintf(line, sizeof(line), "AUTH M%d", i);
		ehlo_line(&e, line);
	}
	assert_true(strlen(e.auth) < EHLO_AUTH);
	assert_true(ehlo_has_auth(&e, "M0"));
	assert_false(ehlo_has_auth(&e, "M9999"));
	assert_false(ehlo_has_auth(&e, "M"));
}

/* What auth_choose() takes, one after the other. */
static const struct {
	const char *auth[4];
	const char *offered, *taken;
} CHOICES[] = {
	{ { NULL }, "AUTH LOGIN PLAIN", "PLAIN LOGIN" },
	{ { NULL }, "AUTH PLAIN SCRAM-SHA-1 SCRAM-SHA-256",
	    "SCRAM-SHA-256 SCRAM-SHA-1 PLAIN" },
	{ { NULL }, "AUTH GSSAPI NTLM CRAM-MD5 ANONYMOUS XOAUTH2", "" },
	{ { NULL }, "HELP", "" },
	{ { "LOGIN", NULL }, "AUTH PLAIN LOGIN", "LOGIN" },
	{ { "LOGIN", "PLAIN", NULL }, "AUTH PLAIN LOGIN", "LOGIN PLAIN" },
	{ { "SCRAM-SHA-256", NULL }, "AUTH PLAIN LOGIN", "" },
	{ { "ANONYMOUS", NULL }, "AUTH ANONYMOUS", "" },
};

static void
choose(
    const struct smarthost *s, const struct ehlo *e, char *taken, size_t size)
{
	struct fault f = { 0 };
	const char *mechanism;
	size_t at = 0, used = 0;

	taken[0] = '\0';
	while ((mechanism = auth_choose(s, NULL, e, &at, &f)) != NULL)
		used += (size_t)snprintf(taken + used, size - used, "%s%s",
		    used == 0 ? "" : " ", mechanism);
	assert_int_equal(f.code, EX_NOPERM);
	assert_true(strlen(f.text) > 0);
}

static void
test_choose(void **state)
{
	const char *lines[] = { "x", NULL, NULL };
	struct smarthost s = { .user = "alice" };
	char *words[4];
	struct ehlo e;
	char taken[128];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(CHOICES) / sizeof(CHOICES[0]); i++) {
		for (n = 0; CHOICES[i].auth[n] != NULL; n++)
			words[n] = (char *)CHOICES[i].auth[n];
		words[n] = NULL;
		s.auth = (struct words){ n == 0 ? NULL : words, n };
		lines[1] = CHOICES[i].offered;
		say(&e, lines);
		choose(&s, &e, taken, sizeof(taken));
		assert_string_equal(taken, CHOICES[i].taken);
	}
}

static void
test_wanted(void **state)
{
	char *off[] = { "OFF", NULL };
	struct smarthost s = { .host = "x.example" };

	(void)state;
	assert_false(auth_is_wanted(&s));
	s.user = "alice";
	assert_true(auth_is_wanted(&s));
	s.host = "/run/onehop.sock";
	assert_false(auth_is_wanted(&s));
	s.host = "x.example";
	s.auth = (struct words){ off, 1 };
	assert_false(auth_is_wanted(&s));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{ "Amazon SES is understood, its Ok passed over", test_ses,
		    NULL, NULL, NULL },
		{ "keywords count in any case, and whole", test_all, NULL, NULL,
		    NULL },
		{ "a server may be called auth", test_name, NULL, NULL, NULL },
		{ "SIZE may be anything", test_size, NULL, NULL, NULL },
		{ "LIMITS are numbers, or none", test_limits, NULL, NULL,
		    NULL },
		{ "mechanisms are joined, and sound", test_auth, NULL, NULL,
		    NULL },
		{ "ten thousand mechanisms are too many", test_bounded, NULL,
		    NULL, NULL },
		{ "the login is our choice, in our order", test_choose, NULL,
		    NULL, NULL },
		{ "a login is wanted where there is a user, no socket and no "
		  "off",
		    test_wanted, NULL, NULL, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("ehlo", tests, NULL, NULL);
}
