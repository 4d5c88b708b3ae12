/* SPDX-License-Identifier: ISC */
#include "conf/line.h"
#include "t/place.h"

static const struct {
	const char *text;
	size_t len;
	const char *fault;
} malformations[] = {
	{ BYTES(HOST "[smtp]\n"),
	    "3: unknown section 'smtp': the sections are smarthost, "
	    "sender, aliases, recipients, queue, log, security" },
	{ BYTES("[]\n"),
	    "1: unknown section '': the sections are smarthost, "
	    "sender, aliases, recipients, queue, log, security" },
	{ BYTES(HOST "\n# x\n[queue x]\n"),
	    "5: section 'queue x' can have no name: write [queue]" },
	{ BYTES("[smarthost a/b]\n"),
	    "1: bad name in section 'smarthost a/b': write up to 32 "
	    "letters, digits and -_." },
	{ BYTES("[smarthost a b]\n"),
	    "1: bad name in section 'smarthost a b': write up to 32 "
	    "letters, digits and -_." },
	{ BYTES(HOST "hots = x\n"),
	    "3: unknown key 'hots' in [smarthost]: see "
	    "onehop.conf(5)" },
	{ BYTES(HOST "Port = 25\n"),
	    "3: unknown key 'Port' in [smarthost]: see "
	    "onehop.conf(5)" },
	{ BYTES("[log]\nhost = x\n"),
	    "2: unknown key 'host' in [log]: see onehop.conf(5)" },
	{ BYTES(HOST "a:b = c\n"),
	    "3: unknown key 'a:b' in [smarthost]: see "
	    "onehop.conf(5)" },
	{ BYTES(HOST "password s3cret== \n"),
	    "3: unknown key '...' in [smarthost]: see "
	    "onehop.conf(5)" },
	{ BYTES(HOST "port = 25\nport = 25\n"),
	    "4: 'port' is set twice in [smarthost]: keep one of "
	    "them" },
	{ BYTES(HOST "[log]\nto=none\n[smarthost]\nhost = g\n"),
	    "6: 'host' is set twice in [smarthost]: keep one of "
	    "them" },
	{ BYTES("[smarthost a]\nhost=h\n[smarthost  a]\nhost=h\n"),
	    "4: 'host' is set twice in [smarthost  a]: keep one of "
	    "them" },
	{ BYTES("[aliases]\nroot = a\nRoot = b\n"),
	    "3: 'Root' is set twice in [aliases]: keep one of them" },
	{ BYTES(HOST "port\n"),
	    "3: there is no '=': write key = value, or # before it" },
	{ BYTES(HOST "port: 25\n"),
	    "3: there is no '=': write key = value, or # before it" },
	{ BYTES(HOST "  port = 25\n"),
	    "3: the line is indented: remove the blanks before it" },
	{ BYTES(HOST "\tport = 25\n"),
	    "3: the line is indented: remove the blanks before it" },
	{ BYTES(" [smarthost]\n"),
	    "1: the line is indented: remove the blanks before it" },
	{ BYTES(HOST "= 25\n"),
	    "3: there is no key before '=': write key = value" },
	{ BYTES(HOST "user = a\0b\n"), "3: octet 0x00 is no text: remove it" },
	{ BYTES("#\0\n" HOST), "1: octet 0x00 is no text: remove it" },
	{ BYTES(HOST "user = a\x1b[2J\n"),
	    "3: octet 0x1b is no text: remove it" },
	{ BYTES(HOST "user = a\x7f\n"), "3: octet 0x7f is no text: remove it" },
	{ BYTES(HOST "user = a\rb\n"),
	    "3: octet 0x0d is not at the end of the line: remove "
	    "it" },
	{ BYTES("[smarthost] ; main\n"),
	    "1: something stands behind ']': move it to its own "
	    "line" },
	{ BYTES("[smarthost]]\n"),
	    "1: something stands behind ']': move it to its own "
	    "line" },
	{ BYTES("[smarthost\nhost = h\n"),
	    "1: the section has no end: write ] behind its name" },
	{ BYTES(HOST "port = 0\n"),
	    "3: '0' is no port: write a number from 1 to 65535" },
	{ BYTES(HOST "port = 65536\n"),
	    "3: '65536' is no port: write a number from 1 to 65535" },
	{ BYTES(HOST "port = 25x\n"),
	    "3: '25x' is no port: write a number from 1 to 65535" },
	{ BYTES(HOST "timeout = 30\n"),
	    "3: '30' is no time: write 30s, 5m, 2h or 5d, 365d at "
	    "most" },
	{ BYTES(HOST "timeout = 0\n"),
	    "3: '0' is too short: write 1s or more" },
	{ BYTES(HOST "[queue]\nexpire = 366d\n"),
	    "4: '366d' is no time: write 30s, 5m, 2h or 5d, 365d at "
	    "most" },
	{ BYTES(HOST "[queue]\nexpire = 1 h\n"),
	    "4: '1 h' is no time: write 30s, 5m, 2h or 5d, 365d at "
	    "most" },
	{ BYTES(HOST "[queue]\nretry = 1m 0\n"),
	    "4: '1m 0' is no list of times: write up to 32 like 1m "
	    "15m 2h, none of them 0" },
	{ BYTES(HOST "[queue]\nretry = 1m5m\n"),
	    "4: '1m5m' is no list of times: write up to 32 like 1m "
	    "15m 2h, none of them 0" },
	{ BYTES("host = h\n"),
	    "1: a key before any section: write [smarthost] above "
	    "it" },
	{ BYTES(HOST "user =\n"),
	    "3: there is no value: write one, or remove all of it" },
	{ BYTES(HOST "user = \"\"\n"),
	    "3: there is no value: write one, or remove all of it" },
	{ BYTES(HOST "tls = yes\n"),
	    "3: 'yes' will not do: write one of starttls implicit "
	    "off" },
	{ BYTES(HOST "tls = off ; for now\n"),
	    "3: 'off ; for now' will not do: write one of starttls "
	    "implicit off" },
	{ BYTES(HOST "pipelining = 1\n"),
	    "3: '1' will not do: write one of yes no" },
	{ BYTES(HOST "auth = PLAIN NTLM\n"),
	    "3: 'NTLM' is no mechanism: write auto, off, or some of "
	    "SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN (see "
	    "onehop.conf(5))" },
	{ BYTES(HOST "auth = PLAIN, off\n"),
	    "3: 'PLAIN, off' contradicts itself: auto and off stand "
	    "alone" },
	{ BYTES(HOST "senders = bob\n"),
	    "3: 'bob' is no sender: write bob@example.org or "
	    "@example.org" },
	{ BYTES(HOST "senders = ,\n"),
	    "3: the list is empty: write a word, or remove the "
	    "key" },
	{ BYTES(HOST "address = @example.org\n"),
	    "3: '@example.org' is no address: write one like "
	    "app@example.org" },
	{ BYTES(HOST "address = <a@example.org>\n"),
	    "3: '<a@example.org>' is no address: write one like "
	    "app@example.org" },
	{ BYTES(HOST "hello = my host\n"),
	    "3: 'my host' is no host name: write one like "
	    "web1.example.org, or [192.0.2.1] or "
	    "[IPv6:2001:db8::1]" },
	{ BYTES(HOST "hello = 192.0.2.1\n"),
	    "3: '192.0.2.1' is no host name: write one like "
	    "web1.example.org, or [192.0.2.1] or "
	    "[IPv6:2001:db8::1]" },
	{ BYTES(HOST "ca = certs/ca.pem\n"),
	    "3: 'certs/ca.pem' is no full path: begin it with / or "
	    "~/" },
	{ BYTES(HOST "pin = 00ff\n"),
	    "3: '00ff' is no pin: write a SHA-256 in base64 or hex" },
	{ BYTES("[smarthost]\nhost = h:25\n"),
	    "2: 'h:25' is no host: write a name, an IP address or "
	    "the path of a socket; port is another key" },
	{ BYTES("[smarthost]\nhost = [h]\n"),
	    "2: '[h]' is no host: write a name, an IP address or the "
	    "path of a socket; port is another key" },
	{ BYTES("[smarthost]\nhost = a..b\n"),
	    "2: 'a..b' is no host: write a name, an IP address or "
	    "the path of a socket; port is another key" },
	{ BYTES("[sender]\ndomain = [192.0.2.1]\n"),
	    "2: '[192.0.2.1]' is no domain: write one like "
	    "example.org, in ASCII (xn--...)" },
	{ BYTES("[log]\nto = mail.log\n"),
	    "2: 'mail.log' is no log: write syslog, stderr, none or "
	    "a path" },
	{ BYTES(HOST "password = a\npassword_file = /b\n"),
	    "4: 'password_file' beside 'password': keep one of "
	    "them" },
	{ BYTES("[aliases]\nroot =\n"),
	    "2: there is no value: write one, or remove all of it" },
};

static void
each_malformation_is_refused_with_its_line(void **state)
{
	struct place *p = *state;
	size_t i;

	for (i = 0; i < sizeof(malformations) / sizeof(malformations[0]); i++) {
		read_bytes(p, malformations[i].text, malformations[i].len);
		assert_says(p, malformations[i].fault);
		assert_int_equal(p->fault.code, EX_CONFIG);
		assert_int_equal(p->conf.smarthosts, 0);
		assert_int_equal(p->conf.aliases, 0);
		assert_string_equal(p->conf.path, p->file);
	}
}

static void
what_does_not_fit_together_is_refused(void **state)
{
	static const struct {
		const char *text, *fault;
	} cases[] = {
		{ "[smarthost]\nport=25\n",
		    " [smarthost]: no host: write host = the name of the "
		    "server" },
		{ HOST "[smarthost b]\nport=25\n",
		    " [smarthost b]: no host: write host = the name of the "
		    "server" },
		{ HOST "password = x\n",
		    " [smarthost]: a password without a user: write user = "
		    "the login" },
		{ HOST "certificate = /x\n",
		    " [smarthost]: a certificate without its key: write key "
		    "= its file" },
		{ HOST "key = /x\n",
		    " [smarthost]: a key without its certificate: write "
		    "certificate = its file" },
		{ HOST "certificate=/x\nkey=/x\ntls=off\n",
		    " [smarthost]: a certificate without TLS: remove it, or "
		    "tls = off" },
		{ HOST "auth=plain external\n",
		    " [smarthost]: auth = EXTERNAL without a certificate: "
		    "write certificate = its file" },
		{ HOST "auth=external\ncertificate=/x\nkey=/x\nuser=u\n",
		    " [smarthost]: auth = EXTERNAL with a user: remove one of "
		    "them" },
		{ "[smarthost]\nhost=/run/s\ncertificate=/x\nkey=/x\n",
		    " [smarthost]: a local socket has no TLS: remove "
		    "certificate" },
		{ "[smarthost]\nhost=/run/s\nuser=x\n",
		    " [smarthost]: a local socket has no login: remove "
		    "user" },
		{ "[smarthost]\nhost=/run/s\ntls=starttls\n",
		    " [smarthost]: a local socket has no TLS: remove tls" },
	};
	struct place *p = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(read_text(p, cases[i].text), EX_CONFIG);
		assert_says(p, cases[i].fault);
	}
}

static void
without_a_smarthost_the_other_keys_stay(void **state)
{
	struct place *p = *state;

	assert_int_equal(
	    read_text(p, "[sender]\ndomain=x.org\n[log]\nto=none\n"),
	    EX_CONFIG);
	assert_says(p,
	    " no [smarthost]: write this section, and in it host = the name "
	    "of the server");
	assert_string_equal(p->conf.domain, "x.org");
	assert_string_equal(p->conf.log_to, "none");
}

static void
an_overlong_line_is_refused_and_the_longest_is_not(void **state)
{
	static char text[LINE_OCTETS + 64];
	struct place *p = *state;
	size_t at = strlen(HOST "user=x\n");
	char *end;

	snprintf(text, sizeof(text), HOST "user=x\npassword=");
	memset(text + at + 9, 'p', LINE_OCTETS - 9);
	end = text + at + LINE_OCTETS;
	memcpy(end, "\n", 2);
	assert_int_equal(read_text(p, text), EX_OK);
	assert_int_equal(strlen(p->conf.smarthost->password), LINE_OCTETS - 9);
	memcpy(end, "p\n", 3);
	assert_int_equal(read_text(p, text), EX_CONFIG);
	assert_says(p, "4: the line is too long: keep it to 65536 octets");
}

static void
a_password_that_others_can_read_is_refused(void **state)
{
	struct place *p = *state;

	assert_int_equal(read_text(p, HOST "user=x\npassword=y\n"), EX_OK);
	assert_int_equal(chmod(p->file, 0640), 0);
	assert_int_equal(read_again(p), EX_OK);
	assert_int_equal(chmod(p->file, 0644), 0);
	assert_int_equal(read_again(p), EX_CONFIG);
	assert_says(p,
	    "4: a password in a file that others can read: chmod o-r it, or "
	    "use password_file");
	write_bytes(p->file,
	    BYTES(HOST "user=x\npassword_file=/y\n[aliases]\npassword=a\n"),
	    0644);
	assert_int_equal(read_again(p), EX_OK);
}

static void
bom_crlf_comments_and_a_missing_last_line_end_are_fine(void **state)
{
	struct place *p = *state;

	assert_int_equal(
	    read_text(p,
		"\xef\xbb\xbf[smarthost]\r\n\r\n# c\r\n ; c\r\n\t# [x]\r\n"
		"host = h\r\nuser=a b\r\n[log]\t\r\n\t\r\nto = none"),
	    EX_OK);
	assert_string_equal(p->conf.smarthost->host, "h");
	assert_string_equal(p->conf.smarthost->user, "a b");
	assert_string_equal(p->conf.log_to, "none");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(each_malformation_is_refused_with_its_line),
		CASE(what_does_not_fit_together_is_refused),
		CASE(without_a_smarthost_the_other_keys_stay),
		CASE(an_overlong_line_is_refused_and_the_longest_is_not),
		CASE(a_password_that_others_can_read_is_refused),
		CASE(bom_crlf_comments_and_a_missing_last_line_end_are_fine),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
