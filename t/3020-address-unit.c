/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sendmail/address.h"

/* A list, and what it says: addresses, each with its name in brackets. */
struct example {
	const char *list;
	const char *want;
};

static const struct example plain[] = {
	{ "", "" },
	{ "  \t ", "" },
	{ ",", "" },
	{ " , ,, ", "" },
	{ "a@x", "a@x" },
	{ " a@x ", "a@x" },
	{ "a@x,b@y", "a@x b@y" },
	{ "a@x, b@y", "a@x b@y" },
	{ "a@x,", "a@x" },
	{ ",a@x", "a@x" },
	{ "a@x,,b@y,", "a@x b@y" },
	{ "root", "root" },
	{ "root, joe@x", "root joe@x" },
	{ "<a@x>", "a@x" },
	{ "<a@x>,<b@y>", "a@x b@y" },
	{ "< a@x >", "a@x" },
	{ "<root>", "root" },
	{ "fail2ban@web-1.example.org", "fail2ban@web-1.example.org" },
	{ "a+b=c@x.org", "a+b=c@x.org" },
	{ "!#$%&'*+-/=?^_`{|}~@x", "!#$%&'*+-/=?^_`{|}~@x" },
	{ "user%x@y", "user%x@y" },
	{ "x!y!user", "x!y!user" },
	{ "-f@x", "-f@x" },
	{ "--", "--" },
	{ "A@X.Org", "A@X.Org" },
	{ "a@under_score.org", "a@under_score.org" },
	{ "a@123.456", "a@123.456" },
	{ "a@x.org.", "a@x.org" },
	{ "<a@x.org.>", "a@x.org" },
	{ "a@[192.0.2.1]", "a@[192.0.2.1]" },
	{ "a@[IPv6:2001:db8::1]", "a@[IPv6:2001:db8::1]" },
	{ "<a@[192.0.2.1]>, b", "a@[192.0.2.1] b" },
	{ "a@[ 192.0.2.1\t]", "a@[192.0.2.1]" },
	{ "=?x?q?a?=@y", "=?x?q?a?=@y" },
	{ "\\root", "root" },
	{ "\\joe@x", "joe@x" },
	{ "<\\joe@x>", "joe@x" },
	{ "bounce+joe=x.org@y", "bounce+joe=x.org@y" },
};

static const struct example names[] = {
	{ "Joe <a@x>", "a@x [Joe]" },
	{ "Joe<a@x>", "a@x [Joe]" },
	{ "Joe Doe <a@x>, Bob <b@y>", "a@x [Joe Doe] b@y [Bob]" },
	{ "Joe Q. Public <a@x>", "a@x [Joe Q. Public]" },
	{ "J.R. Doe <a@x>", "a@x [J.R. Doe]" },
	{ ".NET Team <a@x>", "a@x [.NET Team]" },
	{ "\"Joe Doe\" <a@x>", "a@x [Joe Doe]" },
	{ "\"Joe\" Doe <a@x>", "a@x [Joe Doe]" },
	{ "\"Doe, Joe\" <a@x>", "a@x [Doe, Joe]" },
	{ "\"Joe \\\"X\\\" Doe\" <a@x>", "a@x [Joe \"X\" Doe]" },
	{ "\"a@b\" <a@x>", "a@x [a@b]" },
	{ "\"<b@y>\" <a@x>", "a@x [<b@y>]" },
	{ "\"(Cron Daemon)\" <joe>", "joe [(Cron Daemon)]" },
	{ "root (Cron Daemon)", "root [Cron Daemon]" },
	{ "a@x (Joe Doe)", "a@x [Joe Doe]" },
	{ "(Joe) a@x", "a@x [Joe]" },
	{ "a@x (Joe), b@y", "a@x [Joe] b@y" },
	{ "a@x, (Bob) b@y", "a@x b@y [Bob]" },
	{ "a@x (Joe), b@y (Bob)", "a@x [Joe] b@y [Bob]" },
	{ "a@x (Joe (the \\) second))", "a@x [Joe (the ) second)]" },
	{ "a@x (x, y@z)", "a@x [x, y@z]" },
	{ "Joe (the first) Doe <a@x>", "a@x [Joe Doe]" },
	{ "Joe <a@x> (at home)", "a@x [Joe]" },
	{ "<a@x> (at home)", "a@x [at home]" },
	{ "a(1)@(2)x(3).(4)org(5)", "a@x.org [5]" },
	{ "a . b @ c", "a.b@c" },
	{ "a\r\n .b@\r\n\tc", "a.b@c" },
	{ "Joe\r\n Doe <a@x>", "a@x [Joe Doe]" },
	{ "\"Joe\r\n Doe\" <a@x>", "a@x [Joe Doe]" },
	{ "=?UTF-8?Q?J=C3=B6rg?= <a@x>", "a@x [=?UTF-8?Q?J=C3=B6rg?=]" },
	{ "=?x?q?=3Cb=40y=3E?= <a@x>", "a@x [=?x?q?=3Cb=40y=3E?=]" },
	{ "J\303\266rg <a@x>", "a@x [J\303\266rg]" },
	{ "J\366rg <a@x>", "a@x [J\366rg]" },
	{ "mdadm monitoring <root@host>", "root@host [mdadm monitoring]" },
	{ "'Joe' <a@x>", "a@x ['Joe']" },
};

static const struct example parts[] = {
	{ "\"joe\"@x", "joe@x" },
	{ "\"joe\"", "joe" },
	{ "\"j.d\"@x", "j.d@x" },
	{ "\"j\".d@x", "j.d@x" },
	{ "\"j\\oe\"@x", "joe@x" },
	{ "\"a b\"@x", "\"a b\"@x" },
	{ "\"a\\ b\"@x", "\"a b\"@x" },
	{ "\"a b\".c@x", "\"a b.c\"@x" },
	{ "\"a\\\"b\"@x", "\"a\\\"b\"@x" },
	{ "\"a\\\\b\"@x", "\"a\\\\b\"@x" },
	{ "\"a@b\"@x", "\"a@b\"@x" },
	{ "\"a@b\"", "\"a@b\"" },
	{ "\"a,b\"@x", "\"a,b\"@x" },
	{ "\"a>b\"@x", "\"a>b\"@x" },
	{ "\"a..b\"@x", "\"a..b\"@x" },
	{ "\".a\"@x", "\".a\"@x" },
	{ "\"\"@x", "\"\"@x" },
	{ "<\"a b\"@x>", "\"a b\"@x" },
	{ "\"a\r\n b\"@x", "\"a b\"@x" },
	{ "j\303\266rg@x", "j\303\266rg@x" },
	{ "a@b\303\274cher.example", "a@b\303\274cher.example" },
	{ "\360\237\230\200@x", "\360\237\230\200@x" },
	{ "<@a,@b:c@d>", "c@d" },
	{ "<@a:c@d>", "c@d" },
	{ "Joe <@a.x,@b.y:c@d>", "c@d [Joe]" },
	{ "<@a , , @b : c@d>", "c@d" },
	{ "undisclosed-recipients:;", "" },
	{ "undisclosed-recipients: ;", "" },
	{ "Undisclosed recipients:;", "" },
	{ "unlisted:; (no To-header on input)", "" },
	{ "team: a@x, b@y;", "a@x b@y" },
	{ "team: Joe <a@x>,, b;, c@z", "a@x [Joe] b c@z" },
	{ "a@x, team: b@y;", "a@x b@y" },
	{ "\"my team\": a@x;", "a@x" },
	{ "team: a@x;, other: b@y;", "a@x b@y" },
	{ "team (old): a@x;", "a@x" },
	{ "team:,;", "" },
};

/* What cannot be read, and where reading stopped. */
static const struct example refused[] = {
	{ "\"a", "a quote is not closed at octet 1" },
	{ "a@x, \"b\\\"", "a quote is not closed at octet 6" },
	{ "\"a\\", "a quote is not closed" },
	{ "(a", "a comment is not closed at octet 1" },
	{ "a@x (b (c)", "a comment is not closed" },
	{ "a@x (b\\)", "a comment is not closed" },
	{ "a@[1.2.3.4", "a bracket is not closed at octet 3" },
	{ "<a@x", "the list ends too early at octet 5" },
	{ "<", "the list ends too early" },
	{ "a b", "a name without an address" },
	{ "a b, c@x", "a name without an address" },
	{ "a@x b@y", "two addresses without a comma at octet 5" },
	{ "a@x \"b\"", "two addresses without a comma" },
	{ "a@x <b@y>", "stray '<' at octet 5" },
	{ "a@b@c", "stray '@' at octet 4" },
	{ "<a@b@c>", "stray '@'" },
	{ "a@b.@c", "stray '@'" },
	{ "Joe <a@x> b", "text after '>' at octet 11" },
	{ "<a@x><b@y>", "text after '>'" },
	{ "<a@x>@y", "text after '>'" },
	{ "success@simulator.amazonses.com>", "stray '>' at octet 32" },
	{ "a@x>, b@y", "stray '>'" },
	{ ">", "stray '>'" },
	{ "<<a@x>", "stray '<'" },
	{ "<a@x>>", "text after '>'" },
	{ "<>", "an empty address '<>'" },
	{ "a@x, <>", "an empty address '<>'" },
	{ "Joe <>", "an empty address '<>'" },
	{ "\"\"", "an empty address" },
	{ "<\"\">", "an empty address" },
	{ "@x", "stray '@' at octet 1" },
	{ "<@x>", "stray '>'" },
	{ "<@x:>", "an empty address" },
	{ "<@x,@y c@d>", "two addresses without a comma" },
	{ "a@", "not a domain" },
	{ "a@,b@x", "not a domain" },
	{ "<a@>", "not a domain" },
	{ "a@.x", "not a domain" },
	{ "a@x..y", "stray '.'" },
	{ "a@x..", "stray '.'" },
	{ "a@x!y", "not a domain" },
	{ "a@x/y", "not a domain" },
	{ "'a@x'", "not a domain" },
	{ "a@\"x\"", "not a domain" },
	{ "a@[]", "not a domain" },
	{ "a@[ ]", "not a domain" },
	{ "a@[1.2. 3.4]", "not a domain" },
	{ "a@[1.2.3.4\\]]", "not a domain" },
	{ "a@[x>y]", "not a domain" },
	{ "a@[1.2.3.4].x", "stray '.'" },
	{ "a@x[1]", "two addresses without a comma" },
	{ ".a@x", "no local part before the '@'" },
	{ "a.@x", "no local part before the '@'" },
	{ "a..b@x", "no local part before the '@'" },
	{ "a b@x", "no local part before the '@'" },
	{ "\"a\"b@x", "no local part before the '@'" },
	{ "<a b@x>", "no local part before the '@'" },
	{ "a.", "a name without an address" },
	{ "[1.2.3.4]", "two addresses without a comma" },
	{ "|prog", "no mail to a program" },
	{ "\"|prog arg\"", "no mail to a program" },
	{ "<|prog@x>", "no mail to a program" },
	{ "\\|prog", "no mail to a program" },
	{ "/file", "no mail to a file" },
	{ "a@x, /dev/null", "no mail to a file" },
	{ "\"/a b\"@x", "no mail to a file" },
	{ "=?x?Q?Doe,_Joe?= <joe@x>", "half an encoded word at octet 10" },
	{ "=?x?Q?joe?=", "half an encoded word" },
	{ ":include:/x", "stray ':' at octet 1" },
	{ "\":include:/x\"", "no mail to an :include:" },
	{ "a@x; b@y", "stray ';' at octet 4" },
	{ ";", "stray ';'" },
	{ "team: a@x", "a group is not closed" },
	{ "team: a@x, b@y, ", "a group is not closed" },
	{ "team: other: a@x;;", "a group within a group" },
	{ "team: a@x; b@y", "text after a group" },
	{ "team:;;", "text after a group" },
	{ ":;", "stray ':'" },
	{ "mailto:a@x", "a group is not closed" },
	{ "a@x:b", "stray ':'" },
	{ "a)b", "stray ')'" },
	{ "a@x]", "stray ']'" },
	{ "a\\b", "stray '\\'" },
	{ "\\", "the list ends too early" },
	{ "a\001b", "a control character" },
	{ "a\177b@x", "a control character" },
	{ "\033[2J", "a control character" },
	{ "\"a\001b\"@x", "a control character" },
	{ "\"a\tb\"@x", "a control character" },
	{ "j\366rg@x", "an address that is no UTF-8" },
	{ "a@j\366rg.example", "an address that is no UTF-8" },
	{ "\300\257@x", "an address that is no UTF-8" },
	{ "\340\200\257@x", "an address that is no UTF-8" },
	{ "\360\200\200\257@x", "an address that is no UTF-8" },
	{ "\355\240\200@x", "an address that is no UTF-8" },
	{ "\364\220\200\200@x", "an address that is no UTF-8" },
	{ "\303@x", "an address that is no UTF-8" },
};

static int
put_box(void *ctx, const struct mailbox *box, struct fault *f)
{
	FILE *out = ctx;

	(void)f;
	fprintf(out, "%s%s", ftell(out) > 0 ? " " : "", box->addr);
	if (box->name[0] != '\0')
		fprintf(out, " [%s]", box->name);
	return EX_OK;
}

/* In memory of just that size, for the sanitizers to watch. */
static int
read_list(const char *list, char *got, size_t room, struct fault *f)
{
	size_t i, size = strlen(list);
	char *copy = malloc(size > 0 ? size : 1);
	FILE *out = fmemopen(got, room, "w");
	int rc;

	assert_non_null(copy);
	assert_non_null(out);
	for (i = 0; i < size; i++)
		copy[i] = list[i];
	got[0] = '\0';
	rc = address_list(copy, size, put_box, out, f);
	fclose(out);
	free(copy);
	return rc;
}

static void
understand(const struct example *examples, size_t count)
{
	char got[512];
	size_t i;

	for (i = 0; i < count; i++) {
		struct fault f = { 0 };

		if (read_list(examples[i].list, got, sizeof(got), &f) != EX_OK)
			fail_msg("'%s': %s", examples[i].list, f.text);
		assert_string_equal(got, examples[i].want);
	}
}

static void
test_plain(void **state)
{
	(void)state;
	understand(plain, sizeof(plain) / sizeof(plain[0]));
}

static void
test_names(void **state)
{
	(void)state;
	understand(names, sizeof(names) / sizeof(names[0]));
}

static void
test_parts(void **state)
{
	(void)state;
	understand(parts, sizeof(parts) / sizeof(parts[0]));
}

static void
test_refused(void **state)
{
	char got[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct fault f = { 0 };
		int rc = read_list(refused[i].list, got, sizeof(got), &f);

		if (rc != EX_DATAERR ||
		    strncmp(f.text, refused[i].want, strlen(refused[i].want)) !=
			0)
			fail_msg("'%s': %d %s", refused[i].list, rc, f.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{ "lists of plain addresses are read", test_plain, NULL, NULL,
		    NULL },
		{ "names, comments and folding are no addresses", test_names,
		    NULL, NULL, NULL },
		{ "quotes, routes, groups and UTF-8 are read", test_parts, NULL,
		    NULL, NULL },
		{ "what is no list is refused, with the place", test_refused,
		    NULL, NULL, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
