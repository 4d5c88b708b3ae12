/* SPDX-License-Identifier: ISC */
#include "t/place.h"

static void
variables_override_single_keys(void **state)
{
	struct place *p = *state;

	setenv("ONEHOP_SMARTHOST_PORT", "26", 1);
	setenv("ONEHOP_SMARTHOST_PASSWORD_FILE", "/pw", 1);
	setenv("ONEHOP_ALIASES_ROOT", "b@x.org", 1);
	setenv("ONEHOP_ALIASES_", "c@x.org", 1);
	setenv("ONEHOP_QUEUE_RETRY", "7m", 1);
	setenv("ONEHOP_SENDER_DOMAIN", "x.org", 1);
	setenv("ONEHOP_LOG_TO", "stderr", 1);
	setenv("ONEHOP_SECURITY_SANDBOX", "no", 1);
	setenv("ONEHOP_RECIPIENTS_ALIASES_FILE", "/al", 1);
	setenv("ONEHOP_VERSION", "1", 1);
	setenv("ONEHOP_DEMO_HOST", "not ours", 1);
	setenv("ONEHOP_smarthost_host", "not ours", 1);
	assert_int_equal(read_text(p,
			     HOST "port=25\nuser=\"x\"\npassword=old\n"
				  "[aliases]\nroot=a@x.org\n"),
	    EX_OK);
	assert_string_equal(p->conf.smarthost->host, "h");
	assert_string_equal(p->conf.smarthost->port, "26");
	assert_null(p->conf.smarthost->password);
	assert_string_equal(p->conf.smarthost->password_file, "/pw");
	assert_int_equal(p->conf.aliases, 2);
	assert_string_equal(
	    alias_find(p->conf.alias, 2, "root")->to, "b@x.org");
	assert_string_equal(alias_find(p->conf.alias, 2, "*")->to, "c@x.org");
	assert_int_equal(p->conf.retries, 1);
	assert_int_equal(p->conf.retry[0], 420);
	assert_string_equal(p->conf.domain, "x.org");
	assert_string_equal(p->conf.log_to, "stderr");
	assert_string_equal(p->conf.aliases_file, "/al");
	assert_true(p->conf.no_sandbox);
}

static void
a_variable_counts_as_it_is(void **state)
{
	static const char password[] = " \"a ;b #c\"=d:e/ ";
	struct place *p = *state;

	setenv("ONEHOP_SMARTHOST_USER", "\"u\"", 1);
	setenv("ONEHOP_SMARTHOST_PASSWORD", password, 1);
	assert_int_equal(
	    read_text(p, HOST "user=x\npassword_command=false\n"), EX_OK);
	assert_string_equal(p->conf.smarthost->user, "\"u\"");
	assert_string_equal(p->conf.smarthost->password, password);
	assert_null(p->conf.smarthost->password_command);
}

static void
a_bad_variable_is_named(void **state)
{
	static const struct {
		const char *name, *value, *fault;
	} cases[] = {
		{ "ONEHOP_SMARTHOST_HSOT", "x",
		    "ONEHOP_SMARTHOST_HSOT: unknown key 'hsot' in "
		    "[smarthost]: see onehop.conf(5)" },
		{ "ONEHOP_LOG_", "x",
		    "ONEHOP_LOG_: unknown key '' in [log]: see "
		    "onehop.conf(5)" },
		{ "ONEHOP_SMARTHOST_PORT", "x",
		    "ONEHOP_SMARTHOST_PORT: 'x' is no port: write a number "
		    "from 1 to 65535" },
		{ "ONEHOP_SMARTHOST_USER", "",
		    "ONEHOP_SMARTHOST_USER: there is no value: write one, or "
		    "remove all of it" },
		{ "ONEHOP_SMARTHOST_PASSWORD", "pw\n",
		    "ONEHOP_SMARTHOST_PASSWORD: the value holds octet 0x0a "
		    "(a line end?): remove it" },
		{ "ONEHOP_CONF", "conf/onehop.conf",
		    "ONEHOP_CONF: 'conf/onehop.conf' is no full path: begin "
		    "it with / or ~/" },
		{ "ONEHOP_CONF", "/nonexistent/c",
		    "ONEHOP_CONF: '/nonexistent/c' is not there: write it, "
		    "or unset the variable" },
	};
	struct place *p = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_bytes(p->file, BYTES(HOST "user=u\n"), 0600);
		setenv("ONEHOP_CONF", p->file, 1);
		setenv(cases[i].name, cases[i].value, 1);
		assert_int_equal(read_again(p), EX_CONFIG);
		assert_string_equal(p->fault.text, cases[i].fault);
		unsetenv(cases[i].name);
	}
}

static void
two_passwords_in_the_environment_are_refused(void **state)
{
	struct place *p = *state;

	setenv("ONEHOP_SMARTHOST_PASSWORD", "a", 1);
	setenv("ONEHOP_SMARTHOST_PASSWORD_FILE", "/b", 1);
	assert_int_equal(read_text(p, HOST "user=u\n"), EX_CONFIG);
	assert_non_null(strstr(p->fault.text, "keep one of them"));
}

static void
the_environment_suffices(void **state)
{
	struct place *p = *state;

	if (access(CONF_ETC, F_OK) == 0)
		skip();
	assert_int_equal(read_again(p), EX_OSFILE);
	assert_string_equal(p->fault.text,
	    "no configuration: write /etc/onehop.conf (see onehop.conf(5)) "
	    "or set ONEHOP_SMARTHOST_HOST");
	assert_null(p->conf.path);
	setenv("ONEHOP_SMARTHOST_USER", "u", 1);
	assert_int_equal(read_again(p), EX_OSFILE);
	setenv("ONEHOP_SMARTHOST_HOST", "h", 1);
	assert_int_equal(read_again(p), EX_OK);
	assert_string_equal(p->conf.smarthost->host, "h");
	assert_string_equal(p->conf.smarthost->port, "587");
	assert_null(p->conf.path);
	unsetenv("ONEHOP_SMARTHOST_USER");
	setenv("ONEHOP_SMARTHOST_PASSWORD", "p", 1);
	assert_int_equal(read_again(p), EX_CONFIG);
	assert_string_equal(p->fault.text,
	    "environment: [smarthost]: a password without a user: write user "
	    "= the login");
	conf_free(&p->conf);
	p->fault = (struct fault){ 0 };
	unsetenv("ONEHOP_SMARTHOST_PASSWORD");
	assert_int_equal(conf_read(&p->conf, NULL, &p->fault), EX_OK);
}

static void
a_home_has_its_file(void **state)
{
	struct place *p = *state;
	char path[256];

	make_folder(p, ".config");
	make_folder(p, ".x");
	write_in(p, ".config/onehop.conf", "[smarthost]\nhost=mine\n");
	write_in(p, ".x/onehop.conf", "[smarthost]\nhost=xdg\n");
	assert_int_equal(read_again(p), EX_OK);
	assert_string_equal(p->conf.smarthost->host, "mine");
	snprintf(path, sizeof(path), "%s/.config/onehop.conf", p->home);
	assert_string_equal(p->conf.path, path);
	snprintf(path, sizeof(path), "%s/.x", p->home);
	setenv("XDG_CONFIG_HOME", path, 1);
	assert_int_equal(read_again(p), EX_OK);
	assert_string_equal(p->conf.smarthost->host, "xdg");
	setenv("XDG_CONFIG_HOME", "/root/.config", 1);
	assert_int_equal(read_again(p), EX_OK);
	assert_string_equal(p->conf.smarthost->host, "mine");
	snprintf(path, sizeof(path), "%s/../x", p->home);
	setenv("XDG_CONFIG_HOME", path, 1);
	assert_int_equal(read_again(p), EX_OK);
	assert_string_equal(p->conf.smarthost->host, "mine");
	assert_int_equal(read_text(p, "[smarthost]\nhost=named\n"), EX_OK);
	assert_string_equal(p->conf.smarthost->host, "named");
}

static void
a_file_that_cannot_be_read_ends_the_search(void **state)
{
	struct place *p = *state;
	uid_t uid = geteuid();
	char path[256];

	snprintf(path, sizeof(path), "%s/.config/onehop.conf", p->home);
	make_folder(p, ".config");
	write_in(p, ".config/onehop.conf", HOST);
	setenv("ONEHOP_SMARTHOST_HOST", "h", 1);
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(chmod(p->home, 0711), 0);
	snprintf(path, sizeof(path), "%s/.config", p->home);
	assert_int_equal(chmod(path, 0711), 0);
	if (uid == 0)
		assert_int_equal(seteuid(NOBODY), 0);
	assert_int_equal(read_again(p), EX_NOPERM);
	assert_int_equal(seteuid(uid), 0);
	assert_int_equal(chmod(path, 0), 0);
	if (uid == 0)
		assert_int_equal(seteuid(NOBODY), 0);
	assert_int_equal(read_again(p), EX_NOPERM);
	assert_int_equal(seteuid(uid), 0);
	assert_int_equal(chmod(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/.config/onehop.conf", p->home);
	assert_string_equal(p->conf.path, path);
	assert_non_null(strstr(p->fault.text, "Permission denied"));
}

static void
a_link_is_followed_but_not_to_nowhere(void **state)
{
	struct place *p = *state;
	char path[256];

	snprintf(path, sizeof(path), "%s/.config/onehop.conf", p->home);
	make_folder(p, ".config");
	assert_int_equal(symlink("../c", path), 0);
	setenv("ONEHOP_SMARTHOST_HOST", "other", 1);
	assert_int_equal(read_again(p), EX_CONFIG);
	assert_non_null(strstr(p->fault.text, "is a link to nowhere"));
	write_bytes(p->file, BYTES(HOST "port=26\n"), 0444);
	assert_int_equal(read_again(p), EX_OK);
	assert_string_equal(p->conf.smarthost->port, "26");
}

static void
what_others_could_have_written_is_refused(void **state)
{
	struct place *p = *state;
	char path[256];

	assert_int_equal(read_text(p, HOST), EX_OK);
	assert_int_equal(chmod(p->file, 0620), 0);
	assert_int_equal(read_again(p), EX_CONFIG);
	assert_int_equal(chmod(p->file, 0602), 0);
	assert_int_equal(read_again(p), EX_CONFIG);
	assert_non_null(strstr(p->fault.text, "chmod go-w it"));
	snprintf(path, sizeof(path), "%s/fifo", p->home);
	assert_int_equal(mkfifo(path, 0600), 0);
	setenv("ONEHOP_CONF", path, 1);
	assert_int_equal(read_again(p), EX_CONFIG);
	setenv("ONEHOP_CONF", p->home, 1);
	assert_int_equal(read_again(p), EX_CONFIG);
	assert_non_null(strstr(p->fault.text, "is no regular file"));
	if (geteuid() != 0)
		return;
	assert_int_equal(chmod(p->file, 0600), 0);
	assert_int_equal(chown(p->file, NOBODY, NOBODY), 0);
	setenv("ONEHOP_CONF", p->file, 1);
	assert_int_equal(read_again(p), EX_CONFIG);
	assert_non_null(strstr(p->fault.text, "belongs to uid 65534"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(variables_override_single_keys),
		CASE(a_variable_counts_as_it_is),
		CASE(a_bad_variable_is_named),
		CASE(two_passwords_in_the_environment_are_refused),
		CASE(the_environment_suffices),
		CASE(a_home_has_its_file),
		CASE(a_file_that_cannot_be_read_ends_the_search),
		CASE(a_link_is_followed_but_not_to_nowhere),
		CASE(what_others_could_have_written_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("where", tests, NULL, NULL);
}
