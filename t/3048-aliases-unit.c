/*
 * The aliases file: who stands for whom, and nobody else does.  A comma that
 * was written over the end of a list once sent mail to what lay behind it.
 *
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sendmail/aliases.h"

static void
read_text(struct aliases *aliases, const char *text)
{
	char path[] = "/tmp/aliases.XXXXXX";
	int fd = mkstemp(path);
	struct fault f = { 0 };

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	assert_int_equal(aliases_read(aliases, path, &f), EX_OK);
	unlink(path);
}

static const struct {
	const char *text, *name, *to; /* NULL: it is none */
} cases[] = {
	{ "root: a@x.org, b@x.org\n", "root", "a@x.org, b@x.org" },
	{ "root: a@x.org, b@x.org", "root", "a@x.org, b@x.org" },
	{ "root:a@x.org", "root", "a@x.org" },
	{ "Root : admin\n", "root", "admin" },
	{ "\"root\": admin\n", "root", "admin" },
	{ "root: a,\n\tb,\n  c\n", "root", "a,\n\tb,\n  c" },
	{ "# root: no\nroot: yes\n", "root", "yes" },
	{ "root: yes\n# no\n\njoe: x\n", "root", "yes" },
	{ "root: |/bin/sh\n", "root", NULL },
	{ "root: \"|/bin/sh -c 'a, b'\", admin\n", "root", "admin" },
	{ "root: admin, \"|/bin/sh -c 'a, b'\"\n", "root", "admin," },
	{ "root: \"|/bin/fwd --to \\\"x, eve@y.example, \\\" -e\", admin\n",
	    "root", "admin" },
	{ "root: \"a\\\", b\"@y.example, \"|/x \\\\\", c\n", "root",
	    "\"a\\\", b\"@y.example, c" },
	{ "root: /var/mail/root, admin, :include:/etc/x\n", "root", "admin," },
	{ "root: a,\n\t/var/mail/root,\n\t\"|/x\",\n\tb\n", "root", "a,\n\tb" },
	{ "root: /dev/null\n", "root", NULL },
	{ "root:\n", "root", NULL },
	{ "root: ,\n", "root", NULL },
	{ "root\njoe: ann\n", "joe", "ann" },
	{ ": x\njoe: ann\n", "joe", "ann" },
	{ "\"root: x\njoe: ann\n", "joe", "ann" },
	{ "root: \"a, b\n", "root", "\"a, b" },
	{ "", "root", NULL },
};

static void
says_who_stands_for_whom(void **state)
{
	struct aliases aliases;
	const struct alias *hit;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		aliases = (struct aliases){ 0 };
		read_text(&aliases, cases[i].text);
		hit = alias_find(aliases.alias, aliases.count, cases[i].name);
		if (cases[i].to == NULL) {
			assert_null(hit);
		} else {
			assert_non_null(hit);
			assert_string_equal(hit->to, cases[i].to);
		}
		aliases_free(&aliases);
	}
}

/* Of every length, so that the list ends wherever its memory does. */
static void
a_list_ends_where_it_ends(void **state)
{
	struct aliases aliases;
	const struct alias *hit;
	char text[512], to[128];
	int width;

	(void)state;
	for (width = 1; width < 100; width++) {
		aliases = (struct aliases){ 0 };
		snprintf(to, sizeof(to), "%0*d@x", width, 7);
		snprintf(
		    text, sizeof(text), "r: %s\nq: a@x\ns: b@x, %s\n", to, to);
		read_text(&aliases, text);
		assert_int_equal(aliases.count, 3);
		hit = alias_find(aliases.alias, aliases.count, "r");
		assert_non_null(hit);
		assert_string_equal(hit->to, to);
		hit = alias_find(aliases.alias, aliases.count, "s");
		assert_non_null(hit);
		assert_int_equal(strlen(hit->to), 5 + strlen(to));
		aliases_free(&aliases);
	}
}

static void
what_debian_installs(void **state)
{
	static const char *const names[] = { "mailer-daemon", "postmaster",
		"nobody", "hostmaster", "usenet", "news", "webmaster", "www",
		"ftp", "abuse", "noc", "security" };
	struct aliases aliases = { 0 };
	const struct alias *hit;
	char text[1024] = "";
	size_t i, used = 0;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		used += (size_t)snprintf(
		    text + used, sizeof(text) - used, "%s: root\n", names[i]);
	snprintf(text + used, sizeof(text) - used, "root: admin@x.org\n");
	read_text(&aliases, text);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		hit = alias_find(aliases.alias, aliases.count, names[i]);
		assert_non_null(hit);
		assert_string_equal(hit->to, "root");
	}
	aliases_free(&aliases);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_who_stands_for_whom),
		cmocka_unit_test(a_list_ends_where_it_ends),
		cmocka_unit_test(what_debian_installs),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("aliases", tests, NULL, NULL);
}
