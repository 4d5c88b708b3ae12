/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsasl.h>

#include "sendmail/radix.h"
#include "sendmail/sasl.h"

#define USER "alice"
#define SECRET "a \" ; # = : / \\ password"

static int
serve(Gsasl *gsasl, Gsasl_session *session, Gsasl_property what)
{
	(void)gsasl;
	switch (what) {
	case GSASL_PASSWORD:
		return gsasl_property_set(session, what, SECRET);
	case GSASL_SCRAM_ITER:
		return gsasl_property_set(session, what, "4096");
	case GSASL_SCRAM_SALT:
		return gsasl_property_set(session, what, "QSXCR+Q6sek8bf92");
	default:
		return GSASL_NO_CALLBACK;
	}
}

/* A server of the library, with which a client of ours is to agree. */
struct server {
	Gsasl *gsasl;
	Gsasl_session *session;
};

static void
server_open(struct server *server, const char *mechanism)
{
	assert_int_equal(gsasl_init(&server->gsasl), GSASL_OK);
	gsasl_callback_set(server->gsasl, serve);
	assert_int_equal(
	    gsasl_server_start(server->gsasl, mechanism, &server->session),
	    GSASL_OK);
}

static void
server_close(struct server *server)
{
	gsasl_finish(server->session);
	gsasl_done(server->gsasl);
}

static struct sasl *
client(const char *mechanism, const char *user, const char *secret)
{
	static struct sasl_who who;
	struct fault f = { 0 };
	struct sasl *s = NULL;

	who =
	    (struct sasl_who){ user, secret, "smtp.example.org", "587", NULL };
	assert_int_equal(sasl_open(&s, mechanism, &who, &f), EX_OK);
	return s;
}

static void
expect(struct sasl *s, const char *challenge, const char *response)
{
	struct fault f = { 0 };
	const char *got = NULL;

	assert_int_equal(sasl_step(s, challenge, &got, &f), EX_OK);
	assert_string_equal(got, response);
}

static void
refuse(struct sasl *s, const char *challenge, int code, const char *words)
{
	struct fault f = { 0 };
	const char *got = NULL;

	assert_int_equal(sasl_step(s, challenge, &got, &f), code);
	assert_non_null(strstr(f.text, words));
	assert_false(sasl_is_done(s));
}

static void
a_mechanism_is_known_by_its_name(void **state)
{
	(void)state;
	assert_true(sasl_has("PLAIN"));
	assert_true(sasl_has("LOGIN"));
	assert_true(sasl_has("SCRAM-SHA-1"));
	assert_true(sasl_has("SCRAM-SHA-256"));
	assert_false(sasl_has("ANONYMOUS"));
	assert_false(sasl_has("NTLM"));
	assert_true(sasl_is_bound("SCRAM-SHA-256-PLUS"));
	assert_false(sasl_is_bound("SCRAM-SHA-256"));
	assert_false(sasl_is_bound("NTLM"));
	assert_false(sasl_has(""));
	assert_true(sasl_is_client_first("PLAIN"));
	assert_true(sasl_is_client_first("SCRAM-SHA-1"));
	assert_false(sasl_is_client_first("LOGIN"));
	assert_false(sasl_is_client_first("CRAM-MD5"));
	assert_true(sasl_is_client_first("XOAUTH2"));
}

static void
an_unknown_mechanism_is_refused(void **state)
{
	const struct sasl_who who = { .user = USER, .secret = SECRET };
	struct fault f = { 0 };
	struct sasl *s = NULL;

	(void)state;
	assert_int_equal(sasl_open(&s, "NTLM", &who, &f), EX_UNAVAILABLE);
	assert_null(s);
	sasl_close(NULL);
}

static void
plain_says_user_and_password_once(void **state)
{
	struct sasl *s = client("PLAIN", USER, "secret");
	struct fault f = { 0 };
	const char *got;

	(void)state;
	expect(s, NULL, "AGFsaWNlAHNlY3JldA==");
	assert_true(sasl_is_done(s));
	assert_int_equal(sasl_step(s, "", &got, &f), EX_PROTOCOL);
	assert_string_equal(got, "");
	sasl_close(s);
}

static void
plain_takes_an_empty_challenge_to_begin_with(void **state)
{
	struct sasl *s = client("PLAIN", USER, "secret");

	(void)state;
	expect(s, "", "AGFsaWNlAHNlY3JldA==");
	sasl_close(s);
}

static void
plain_alters_no_octet_of_a_password(void **state)
{
	struct sasl *s = client("PLAIN", "j\xf6rg", "\xe4 \"; #=:/\\\x01");

	(void)state;
	expect(s, NULL, "AGr2cmcA5CAiOyAjPTovXAE=");
	assert_true(sasl_is_done(s));
	sasl_close(s);
}

static void
plain_carries_a_password_of_300_octets(void **state)
{
	struct fault f = { 0 };
	struct sasl *s;
	char secret[301], *raw;
	const char *got;
	size_t len;

	(void)state;
	memset(secret, 'x', 300);
	secret[300] = '\0';
	s = client("PLAIN", USER, secret);
	assert_int_equal(sasl_step(s, NULL, &got, &f), EX_OK);
	assert_null(strpbrk(got, "\r\n "));
	assert_int_equal(
	    gsasl_base64_from(got, strlen(got), &raw, &len), GSASL_OK);
	assert_int_equal(len, 307);
	assert_memory_equal(raw + 7, secret, 300);
	gsasl_free(raw);
	sasl_close(s);
}

static void
a_password_beyond_a_line_is_refused(void **state)
{
	char *secret = calloc(1, 10001);
	struct sasl *s;

	(void)state;
	memset(secret, 'x', 10000);
	s = client("PLAIN", USER, secret);
	refuse(s, NULL, EX_UNAVAILABLE, "too long");
	sasl_close(s);
	free(secret);
}

static void
login_says_user_then_password_whatever_it_is_asked(void **state)
{
	static const char *const asked[][2] = {
		{ "VXNlcm5hbWU6", "UGFzc3dvcmQ6" },
		{ "UGFzc3dvcmQ6", "VXNlcm5hbWU6" },
		{ "", "" },
		{ "Username:", "not base64!" },
	};
	struct sasl *s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		s = client("LOGIN", USER, "secret");
		expect(s, asked[i][0], "YWxpY2U=");
		assert_false(sasl_is_done(s));
		expect(s, asked[i][1], "c2VjcmV0");
		assert_true(sasl_is_done(s));
		sasl_close(s);
	}
}

static void
login_is_over_after_the_password(void **state)
{
	struct sasl *s = client("LOGIN", USER, "secret");
	struct fault f = { 0 };
	const char *got;

	(void)state;
	expect(s, "", "YWxpY2U=");
	expect(s, "", "c2VjcmV0");
	assert_int_equal(sasl_step(s, "", &got, &f), EX_PROTOCOL);
	assert_string_equal(got, "");
	sasl_close(s);
}

/*
 * The dialogue up to what the server says last, which is not yet heard: the
 * caller frees it.
 */
static char *
talk(struct sasl *s, struct server *server)
{
	struct fault f = { 0 };
	const char *ours;
	char *first = NULL, *last = NULL;

	assert_int_equal(sasl_step(s, NULL, &ours, &f), EX_OK);
	assert_int_equal(
	    gsasl_step64(server->session, ours, &first), GSASL_NEEDS_MORE);
	assert_int_equal(sasl_step(s, first, &ours, &f), EX_OK);
	assert_false(sasl_is_done(s));
	assert_int_equal(gsasl_step64(server->session, ours, &last), GSASL_OK);
	gsasl_free(first);
	return last;
}

static void
scram(const char *mechanism)
{
	struct server server;
	struct sasl *s = client(mechanism, USER, SECRET);
	char *last;

	server_open(&server, mechanism);
	last = talk(s, &server);
	expect(s, last, "");
	assert_true(sasl_is_done(s));
	gsasl_free(last);
	sasl_close(s);
	server_close(&server);
}

static void
scram_ends_when_the_server_has_proved_itself(void **state)
{
	(void)state;
	scram("SCRAM-SHA-1");
	scram("SCRAM-SHA-256");
}

static void
a_wrong_signature_is_no_proof(void **state)
{
	struct server server;
	struct sasl *s = client("SCRAM-SHA-256", USER, SECRET);
	char *last, *raw, *forged;
	size_t len;

	(void)state;
	server_open(&server, "SCRAM-SHA-256");
	last = talk(s, &server);
	assert_int_equal(
	    gsasl_base64_from(last, strlen(last), &raw, &len), GSASL_OK);
	assert_memory_equal(raw, "v=", 2);
	raw[5] = raw[5] == 'A' ? 'B' : 'A';
	assert_int_equal(gsasl_base64_to(raw, len, &forged, NULL), GSASL_OK);
	refuse(s, forged, EX_PROTOCOL, "prove itself");
	gsasl_free(forged);
	gsasl_free(raw);
	gsasl_free(last);
	sasl_close(s);
	server_close(&server);
}

static void
an_error_in_the_place_of_a_signature_is_no_proof(void **state)
{
	struct server server;
	struct sasl *s = client("SCRAM-SHA-1", USER, SECRET);
	char *last;

	(void)state;
	server_open(&server, "SCRAM-SHA-1");
	last = talk(s, &server);
	refuse(s, "ZT1vdGhlci1lcnJvcg==", EX_PROTOCOL, "SCRAM-SHA-1");
	gsasl_free(last);
	sasl_close(s);
	server_close(&server);
}

/* What a server says first if it wants so many iterations. */
static char *
ask_for(struct sasl *s, const char *iterations)
{
	struct fault f = { 0 };
	const char *ours;
	char *raw, *nonce, *asked, text[256];
	size_t len;

	assert_int_equal(sasl_step(s, NULL, &ours, &f), EX_OK);
	assert_int_equal(
	    gsasl_base64_from(ours, strlen(ours), &raw, &len), GSASL_OK);
	nonce = strstr(raw, "r=");
	assert_non_null(nonce);
	snprintf(text, sizeof(text), "%.*sOURS,s=QSXCR+Q6sek8bf92,i=%s",
	    (int)(raw + len - nonce), nonce, iterations);
	assert_int_equal(
	    gsasl_base64_to(text, strlen(text), &asked, NULL), GSASL_OK);
	gsasl_free(raw);
	return asked;
}

static void
iterations_out_of_bounds_get_no_proof(void **state)
{
	static const char *const bad[] = { "1", "4095", "1000001", "2147483647",
		"4294967297", "4294971392", "18446744073709555712" };
	struct sasl *s;
	char *asked;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		s = client("SCRAM-SHA-256", USER, SECRET);
		asked = ask_for(s, bad[i]);
		refuse(s, asked, EX_PROTOCOL, "SCRAM-SHA-256");
		gsasl_free(asked);
		sasl_close(s);
	}
}

static void
iterations_within_bounds_get_a_proof(void **state)
{
	struct fault f = { 0 };
	struct sasl *s = client("SCRAM-SHA-256", USER, SECRET);
	char *asked = ask_for(s, "4096");
	const char *ours;

	(void)state;
	assert_int_equal(sasl_step(s, asked, &ours, &f), EX_OK);
	assert_true(strlen(ours) > 0);
	assert_false(sasl_is_done(s));
	gsasl_free(asked);
	sasl_close(s);
}

static void
a_challenge_that_is_not_base64_is_refused(void **state)
{
	static const char *const bad[] = { "not base64", "YQ",
		"YQ= ", "Y!==", "\x01", "YWJj YWJj" };
	struct fault f;
	struct sasl *s;
	const char *ours;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		f = (struct fault){ 0 };
		s = client("SCRAM-SHA-1", USER, SECRET);
		assert_int_equal(sasl_step(s, NULL, &ours, &f), EX_OK);
		refuse(s, bad[i], EX_PROTOCOL, "SCRAM-SHA-1");
		sasl_close(s);
	}
}

static void
scram_leaves_what_is_not_utf8_to_others(void **state)
{
	struct sasl *s = client("SCRAM-SHA-1", "j\xf6rg", SECRET);

	(void)state;
	refuse(s, NULL, EX_UNAVAILABLE, "cannot carry");
	sasl_close(s);
}

static void
no_fault_holds_the_password(void **state)
{
	struct fault f = { 0 };
	struct sasl *s = client("SCRAM-SHA-1", USER, "hunter2hunter2");
	char *asked = ask_for(s, "1");
	const char *got;

	(void)state;
	assert_int_equal(sasl_step(s, asked, &got, &f), EX_PROTOCOL);
	assert_null(strstr(f.text, "hunter2"));
	assert_string_equal(got, "");
	gsasl_free(asked);
	sasl_close(s);
}

/* RFC 2195, 2. */
static void
cram_answers_as_the_rfc_shows(void **state)
{
	struct sasl *s = client("CRAM-MD5", "tim", "tanstaaftanstaaf");

	(void)state;
	expect(s, "PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+",
	    "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw");
	assert_true(sasl_is_done(s));
	sasl_close(s);
}

/* Our words, decoded; the caller frees them. */
static char *
words(struct sasl *s)
{
	struct fault f = { 0 };
	const char *got = NULL;
	char *raw = NULL, *text;
	size_t len;

	assert_int_equal(sasl_step(s, NULL, &got, &f), EX_OK);
	assert_int_equal(
	    gsasl_base64_from(got, strlen(got), &raw, &len), GSASL_OK);
	text = strndup(raw, len);
	gsasl_free(raw);
	assert_non_null(text);
	assert_int_equal(strlen(text), len);
	return text;
}

static void
a_token_is_said_as_each_mechanism_says_it(void **state)
{
	static const char *const cases[][3] = {
		{ "OAUTHBEARER", "a@b.example",
		    "n,a=a@b.example,\1host=smtp.example.org\1port=587"
		    "\1auth=Bearer ya29.x-_~+/=\1\1" },
		{ "OAUTHBEARER", "a=,b",
		    "n,a=a=3D=2Cb,\1host=smtp.example.org\1port=587"
		    "\1auth=Bearer ya29.x-_~+/=\1\1" },
		{ "XOAUTH2", "a=,b",
		    "user=a=,b\1auth=Bearer ya29.x-_~+/=\1\1" },
	};
	struct sasl *s;
	char *got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		s = client(cases[i][0], cases[i][1], "ya29.x-_~+/=");
		got = words(s);
		assert_string_equal(got, cases[i][2]);
		assert_true(sasl_is_done(s));
		assert_string_equal(sasl_complaint(s), "");
		free(got);
		sasl_close(s);
	}
}

static void
what_parts_words_is_in_no_token(void **state)
{
	static const char *const bad[] = { "", "a b", "a\1b", "a\xe4", "\t" };
	static const char *const names[] = { "OAUTHBEARER", "XOAUTH2" };
	struct sasl *s;
	size_t i;

	(void)state;
	for (i = 0; i < 2 * sizeof(bad) / sizeof(*bad); i++) {
		s = client(names[i % 2], USER, bad[i / 2]);
		refuse(s, NULL, EX_UNAVAILABLE, "cannot carry");
		sasl_close(s);
	}
}

static void
a_refused_token_has_a_reason_and_one_more_word(void **state)
{
	/* challenge, what is kept of it */
	static const char *const cases[][2] = {
		{ "eyJzdGF0dXMiOiI0MDEifQ==", "{\"status\":\"401\"}" },
		{ "eyJzIgoBfxvDpH0=", "{\"s\"??????}" },
		{ "", "no reason to repeat" },
		{ "QmVhcmVyIHRva2Vu", "no reason to repeat" },
	};
	struct fault f;
	struct sasl *s;
	const char *got;
	size_t i;

	(void)state;
	for (i = 0; i < 2 * sizeof(cases) / sizeof(*cases); i++) {
		f = (struct fault){ 0 };
		s = client(
		    i % 2 == 0 ? "OAUTHBEARER" : "XOAUTH2", USER, "token");
		free(words(s));
		expect(s, cases[i / 2][0], i % 2 == 0 ? "AQ==" : "");
		assert_string_equal(sasl_complaint(s), cases[i / 2][1]);
		assert_false(sasl_is_done(s));
		assert_int_equal(sasl_step(s, "", &got, &f), EX_PROTOCOL);
		sasl_close(s);
	}
}

static void
a_reason_without_end_is_cut(void **state)
{
	struct sasl *s = client("XOAUTH2", USER, "token");
	char reason[2001];

	(void)state;
	memset(reason, 'e', 2000);
	reason[2000] = '\0';
	free(words(s));
	expect(s, reason, "");
	assert_int_equal(strlen(sasl_complaint(s)), 255);
	sasl_close(s);
}

/* Told to the others it would break them in libgsasl 2.2. */
static void
a_binding_is_told_to_plus_alone(void **state)
{
	static const char *const cases[][2] = {
		{ "SCRAM-SHA-1", "n,," },
		{ "SCRAM-SHA-256", "n,," },
		{ "SCRAM-SHA-1-PLUS", "p=tls-exporter,," },
		{ "SCRAM-SHA-256-PLUS", "p=tls-exporter,," },
	};
	const struct sasl_who who = {
		.user = USER, .secret = SECRET, .binding = "AAAA"
	};
	struct fault f = { 0 };
	struct sasl *s;
	char *got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(sasl_open(&s, cases[i][0], &who, &f), EX_OK);
		got = words(s);
		assert_memory_equal(got, cases[i][1], strlen(cases[i][1]));
		free(got);
		sasl_close(s);
	}
}

static void
octets_go_and_come_in_base64(void **state)
{
	char octets[100], text[RADIX_ROOM(sizeof(octets))], *want, *back;
	size_t len, got, i;

	(void)state;
	for (i = 0; i < sizeof(octets); i++)
		octets[i] = (char)(i * 37);
	for (len = 0; len < sizeof(octets); len++) {
		radix_encode(text, octets, len);
		assert_int_equal(
		    gsasl_base64_to(octets, len, &want, NULL), GSASL_OK);
		assert_string_equal(text, want);
		gsasl_free(want);
		back = radix_decode(text, &got);
		assert_non_null(back);
		assert_int_equal(got, len);
		assert_memory_equal(back, octets, len);
		free(back);
	}
}

static void
what_is_no_base64_is_told_from_it(void **state)
{
	static const char *const bad[] = { "A", "AA", "AAA",
		"AA=", "A===", "====", "AA=A", "=AAA", "AAAAA===", "AA==AAAA",
		"AAA\n", " AAA", "AA-_", "AAA\xc3", "AAAA\r\n" };
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_null(radix_decode(bad[i], &len));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(octets_go_and_come_in_base64),
		cmocka_unit_test(what_is_no_base64_is_told_from_it),
		cmocka_unit_test(a_mechanism_is_known_by_its_name),
		cmocka_unit_test(an_unknown_mechanism_is_refused),
		cmocka_unit_test(plain_says_user_and_password_once),
		cmocka_unit_test(plain_takes_an_empty_challenge_to_begin_with),
		cmocka_unit_test(plain_alters_no_octet_of_a_password),
		cmocka_unit_test(plain_carries_a_password_of_300_octets),
		cmocka_unit_test(a_password_beyond_a_line_is_refused),
		cmocka_unit_test(
		    login_says_user_then_password_whatever_it_is_asked),
		cmocka_unit_test(login_is_over_after_the_password),
		cmocka_unit_test(scram_ends_when_the_server_has_proved_itself),
		cmocka_unit_test(a_wrong_signature_is_no_proof),
		cmocka_unit_test(
		    an_error_in_the_place_of_a_signature_is_no_proof),
		cmocka_unit_test(iterations_out_of_bounds_get_no_proof),
		cmocka_unit_test(iterations_within_bounds_get_a_proof),
		cmocka_unit_test(a_challenge_that_is_not_base64_is_refused),
		cmocka_unit_test(scram_leaves_what_is_not_utf8_to_others),
		cmocka_unit_test(no_fault_holds_the_password),
		cmocka_unit_test(cram_answers_as_the_rfc_shows),
		cmocka_unit_test(a_token_is_said_as_each_mechanism_says_it),
		cmocka_unit_test(what_parts_words_is_in_no_token),
		cmocka_unit_test(
		    a_refused_token_has_a_reason_and_one_more_word),
		cmocka_unit_test(a_reason_without_end_is_cut),
		cmocka_unit_test(a_binding_is_told_to_plus_alone),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
