/* SPDX-License-Identifier: ISC */
#include <libgen.h>

#include "conf/line.h"
#include "t/place.h"

#define PIN64 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define PINHEX \
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1B1C1D1E1F"

static void
values_arrive_byte_for_byte(void **state)
{
	static const struct {
		const char *written, *value;
	} cases[] = {
		{ "a;b ;c # d=e : f/g", "a;b ;c # d=e : f/g" },
		{ ";x", ";x" },
		{ "#x", "#x" },
		{ "=x=", "=x=" },
		{ ":x", ":x" },
		{ "a\tb\\", "a\tb\\" },
		{ "  a b \t", "a b" },
		{ "\"  a b \"", "  a b " },
		{ "\"a\"b\"", "a\"b" },
		{ "\"\"\"", "\"" },
		{ "\"", "\"" },
		{ "\"a", "\"a" },
		{ "a\"", "a\"" },
		{ "a \"b\" c", "a \"b\" c" },
		{ "'a'", "'a'" },
		{ "[x]", "[x]" },
		{ "%s$HOME`id`\\n", "%s$HOME`id`\\n" },
		{ "gr\xc3\xbc\xc3\x9f\xff", "gr\xc3\xbc\xc3\x9f\xff" },
	};
	struct place *p = *state;
	char text[256];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), HOST "user=u\npassword=%s\n",
		    cases[i].written);
		assert_int_equal(read_text(p, text), EX_OK);
		assert_string_equal(
		    p->conf.smarthost->password, cases[i].value);
	}
}

static void
a_long_value_is_neither_cut_nor_joined(void **state)
{
	static const char piece[] = "a ;b #c\"d=e:f/g h [x] ";
	static const size_t sizes[] = { 187, 188, 189, 197, 198, 199, 200, 300,
		1000, 60000 };
	static char text[2 * LINE_OCTETS], value[LINE_OCTETS];
	struct place *p = *state;
	size_t i, n;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (n = 0; n < sizes[i]; n++)
			value[n] = piece[n % (sizeof(piece) - 1)];
		value[sizes[i] - 1] = '.';
		value[sizes[i]] = '\0';
		snprintf(text, sizeof(text),
		    HOST "user=u\npassword = %s\nport=26\n", value);
		assert_int_equal(read_text(p, text), EX_OK);
		assert_string_equal(p->conf.smarthost->password, value);
		assert_string_equal(p->conf.smarthost->user, "u");
		assert_string_equal(p->conf.smarthost->port, "26");
	}
}

static void
every_key_of_a_smarthost_is_read(void **state)
{
	struct place *p = *state;
	const struct smarthost *s;
	char text[256];

	assert_int_equal(
	    read_text(p,
		"[smarthost]\nhost=[2001:db8::1]\nport=2525\ntls=implicit\n"
		"user=u\npassword=p\nauth=plain, Login\n"
		"senders=bob@x.org,@y.org\naddress=a@x.org\n"
		"hello=[IPv6:2001:db8::2]\nca=/ca\npin=" PIN64 " " PINHEX "\n"
		"certificate=~/c.pem\nkey=/k\npipelining=no\ntimeout=2m\n"
		"[smarthost b.2_X-]\nhost=h\nuser=u\npassword_file=~/pw\n"
		"[smarthost c]\nhost=h\nuser=u\npassword_command=echo a b\n"),
	    EX_OK);
	assert_int_equal(p->conf.smarthosts, 3);
	s = p->conf.smarthost;
	assert_string_equal(s->name, "");
	assert_string_equal(s->host, "2001:db8::1");
	assert_string_equal(s->port, "2525");
	assert_int_equal(s->tls, TLS_IMPLICIT);
	assert_string_equal(s->user, "u");
	assert_string_equal(s->password, "p");
	assert_int_equal(s->auth.count, 2);
	assert_string_equal(s->auth.word[0], "PLAIN");
	assert_string_equal(s->auth.word[1], "LOGIN");
	assert_null(s->auth.word[2]);
	assert_int_equal(s->senders.count, 2);
	assert_string_equal(s->senders.word[1], "@y.org");
	assert_string_equal(s->address, "a@x.org");
	assert_string_equal(s->hello, "[IPv6:2001:db8::2]");
	assert_string_equal(s->ca, "/ca");
	assert_int_equal(s->pin.count, 2);
	assert_string_equal(s->pin.word[0], PIN64);
	snprintf(text, sizeof(text), "%s/c.pem", p->home);
	assert_string_equal(s->certificate, text);
	assert_string_equal(s->key, "/k");
	assert_true(s->no_pipelining);
	assert_int_equal(s->timeout, 120);
	assert_string_equal(s[1].name, "b.2_X-");
	snprintf(text, sizeof(text), "%s/pw", p->home);
	assert_string_equal(s[1].password_file, text);
	assert_string_equal(s[2].password_command, "echo a b");
}

static void
every_other_key_is_read(void **state)
{
	struct place *p = *state;
	const struct conf *c = &p->conf;

	assert_int_equal(
	    read_text(p,
		HOST "[sender]\ndomain=x.org\naddress=a@x.org\nrewrite=all\n"
		     "[aliases]\nroot=a@x.org, b\nMail.Er:x y=c\n*=d@x.org\n"
		     "[recipients]\naliases_file=/a\n"
		     "[queue]\ndelivery=queue\npatience=0\nkeep=no\n"
		     "retry=1s, 2m 3h\nexpire=1d\nwarn=0\nrunner=no\n"
		     "[log]\nto=~/log\nformat=json\n[security]\nsandbox=no\n"),
	    EX_OK);
	assert_string_equal(c->domain, "x.org");
	assert_string_equal(c->address, "a@x.org");
	assert_int_equal(c->rewrite, REWRITE_ALL);
	assert_int_equal(c->aliases, 3);
	assert_string_equal(alias_find(c->alias, 3, "ROOT")->to, "a@x.org, b");
	assert_string_equal(alias_find(c->alias, 3, "mail.er:x y")->to, "c");
	assert_string_equal(alias_find(c->alias, 3, "*")->to, "d@x.org");
	assert_null(alias_find(c->alias, 3, "roo"));
	assert_string_equal(c->aliases_file, "/a");
	assert_int_equal(c->delivery, DELIVERY_QUEUE);
	assert_int_equal(c->patience, 0);
	assert_true(c->no_keep);
	assert_int_equal(c->retries, 3);
	assert_int_equal(c->retry[0], 1);
	assert_int_equal(c->retry[2], 10800);
	assert_int_equal(c->expire, 86400);
	assert_int_equal(c->warn, 0);
	assert_true(c->no_runner);
	assert_memory_equal(c->log_to, p->home, strlen(p->home));
	assert_true(c->log_is_json);
	assert_true(c->no_sandbox);
}

static void
defaults_are_what_the_manual_says(void **state)
{
	static const int steps[] = { 60, 300, 900, 1800, 3600, 7200, 14400 };
	struct place *p = *state;
	const struct conf *c = &p->conf;

	assert_int_equal(read_text(p, HOST), EX_OK);
	assert_int_equal(c->rewrite, REWRITE_LOCAL);
	assert_int_equal(c->delivery, DELIVERY_NOW);
	assert_int_equal(c->patience, 30);
	assert_int_equal(c->expire, 432000);
	assert_int_equal(c->warn, 14400);
	assert_int_equal(c->retries, 7);
	assert_memory_equal(c->retry, steps, sizeof(steps));
	assert_false(c->no_keep || c->no_runner || c->no_sandbox);
	assert_string_equal(c->log_to, "syslog");
	assert_false(c->log_is_json);
	assert_null(c->domain);
	assert_null(c->address);
	assert_null(c->aliases_file);
	assert_int_equal(c->smarthost->timeout, 300);
	assert_false(c->smarthost->no_pipelining);
	assert_int_equal(c->smarthost->auth.count, 0);
}

static void
port_and_tls_hang_on_each_other(void **state)
{
	static const struct {
		const char *keys, *port;
		enum tls_use tls;
	} cases[] = {
		{ "", "587", TLS_STARTTLS },
		{ "port=25\n", "25", TLS_STARTTLS },
		{ "port=465\n", "465", TLS_IMPLICIT },
		{ "port=2465\n", "2465", TLS_IMPLICIT },
		{ "port=2587\n", "2587", TLS_STARTTLS },
		{ "port=465\ntls=starttls\n", "465", TLS_STARTTLS },
		{ "tls=implicit\n", "465", TLS_IMPLICIT },
		{ "tls=off\n", "587", TLS_OFF },
		{ "tls=off\nport=1025\n", "1025", TLS_OFF },
	};
	struct place *p = *state;
	char text[128];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), HOST "%s", cases[i].keys);
		assert_int_equal(read_text(p, text), EX_OK);
		assert_string_equal(p->conf.smarthost->port, cases[i].port);
		assert_int_equal(p->conf.smarthost->tls, cases[i].tls);
	}
	assert_int_equal(read_text(p, "[smarthost]\nhost=/run/s\n"), EX_OK);
	assert_int_equal(p->conf.smarthost->tls, TLS_OFF);
}

static void
hosts_of_every_kind_are_taken(void **state)
{
	static const struct {
		const char *written, *host;
	} cases[] = {
		{ "smtp.example.org", "smtp.example.org" },
		{ "mail_pit", "mail_pit" },
		{ "smtp.b\xc3\xbc"
		  "cher.example",
		    "smtp.b\xc3\xbc"
		    "cher.example" },
		{ "192.0.2.1", "192.0.2.1" },
		{ "[192.0.2.1]", "192.0.2.1" },
		{ "::1", "::1" },
		{ "[::1]", "::1" },
		{ "/run/onehop.sock", "/run/onehop.sock" },
	};
	struct place *p = *state;
	char text[128];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "[smarthost]\nhost=%s\n",
		    cases[i].written);
		assert_int_equal(read_text(p, text), EX_OK);
		assert_string_equal(p->conf.smarthost->host, cases[i].host);
	}
}

/* Take the # off each line that is a key or a section, and no sentence. */
static void
uncomment(char *text)
{
	char *from = text, *to = text;

	while (*from != '\0') {
		if (*from == '#' && strchr("\n\t #", from[1]) == NULL)
			from++;
		while (*from != '\0' && *from != '\n')
			*to++ = *from++;
		if (*from == '\n')
			*to++ = *from++;
	}
	*to = '\0';
}

static void
the_sample_can_be_read_as_it_is_and_with_every_key(void **state)
{
	static char text[32768];
	struct place *p = *state;
	FILE *in = fopen("conf/onehop.conf", "r");
	size_t len;

	assert_non_null(in);
	len = fread(text, 1, sizeof(text) - 1, in);
	fclose(in);
	assert_in_range(len, 1, sizeof(text) - 2);
	assert_int_equal(read_text(p, text), EX_OK);
	uncomment(text);
	assert_int_equal(read_text(p, text), EX_OK);
	assert_true(p->conf.smarthosts > 1);
}

int
main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		CASE(values_arrive_byte_for_byte),
		CASE(a_long_value_is_neither_cut_nor_joined),
		CASE(every_key_of_a_smarthost_is_read),
		CASE(every_other_key_is_read),
		CASE(defaults_are_what_the_manual_says),
		CASE(port_and_tls_hang_on_each_other),
		CASE(hosts_of_every_kind_are_taken),
		CASE(the_sample_can_be_read_as_it_is_and_with_every_key),
	};

	/* The sample is found from the top of the house. */
	if (argc < 1 || chdir(dirname(argv[0])) != 0 || chdir("..") != 0)
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("setting", tests, NULL, NULL);
}
