/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#include <sys/wait.h>

#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mailq/spool.h"

#define STRANGER 54321 /* the first uid to look at for one without an entry */

/* How somebody without an entry is called, and where he lives. */
static const struct {
	const char *logname, *home; /* NULL: not set */
	const char *login, *at;     /* NULL: uid-N, nowhere */
} strangers[] = {
	{ "joe", "/home/joe", "joe", "/home/joe" },
	{ NULL, NULL, NULL, NULL },
	{ "", "", NULL, NULL },
	{ "@x", "relative", NULL, NULL },
	{ "joe@x.org", "/", "joe", "/" },
	{ "joe doe", "./x", "joe_doe", NULL },
	{ "a\nb\tc\x7f\xc3\xb6", "/x", "a_b_c___", "/x" },
	{ "a<b>(c),\"d\"\\;:[e]", "/x", "a_b__c___d_____e_", "/x" },
	{ "a.b-c+d_e{f}!g%h", "/x", "a.b-c+d_e{f}!g%h", "/x" },
};

static void
set(const char *name, const char *value)
{
	if (value == NULL)
		unsetenv(name);
	else
		setenv(name, value, 1);
}

static bool
has_parent(void)
{
	struct stat st;

	return lstat(SPOOL_PARENT, &st) == 0 && S_ISDIR(st.st_mode) &&
	    st.st_uid == 0 && (st.st_mode & 07777) == 01777;
}

static void
the_passwd_file_counts_and_not_the_environment(void **state)
{
	const struct passwd *pw = getpwuid(geteuid());
	struct caller caller;
	struct fault f = { 0 };

	(void)state;
	if (pw == NULL || pw->pw_dir[0] != '/')
		return;
	set("HOME", "/a/lie");
	set("LOGNAME", "liar");
	assert_int_equal(caller_find(&caller, &f), EX_OK);
	assert_int_equal(caller.uid, geteuid());
	assert_string_equal(caller.login, pw->pw_name);
	assert_string_equal(caller.home, pw->pw_dir);
	assert_non_null(caller.name);
	assert_null(strpbrk(caller.name, ",&"));
	caller_free(&caller);
	assert_null(caller.login);
	caller_free(&caller);
}

/* In a process of its own, which has become somebody without an entry. */
static int
be_a_stranger(uid_t uid, size_t i)
{
	struct caller caller;
	struct fault f = { 0 };
	char made[32];
	const char *login = strangers[i].login, *at = strangers[i].at;
	bool is_right;

	snprintf(made, sizeof(made), "uid-%ju", (uintmax_t)uid);
	set("LOGNAME", strangers[i].logname);
	set("HOME", strangers[i].home);
	if (setuid(uid) == -1 || caller_find(&caller, &f) != EX_OK)
		return 2;
	is_right = caller.uid == uid && caller.name[0] == '\0' &&
	    strcmp(caller.login, login == NULL ? made : login) == 0;
	if (at == NULL || caller.home == NULL)
		is_right = is_right && caller.home == at;
	else
		is_right = is_right && strcmp(caller.home, at) == 0;
	caller_free(&caller);
	return is_right ? 0 : 1;
}

static void
who_has_no_entry_has_his_environment(void **state)
{
	uid_t uid = STRANGER;
	int status;
	size_t i;
	pid_t pid;

	/* cmocka's skip() prints "not ok", which prove takes for a failure. */
	(void)state;
	if (geteuid() != 0)
		return;
	while (getpwuid(uid) != NULL)
		uid++;
	for (i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			_exit(be_a_stranger(uid, i));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (status != 0)
			fail_msg("stranger %zu: %#x", i, (unsigned)status);
	}
}

static void
a_queue_lies_in_the_home_or_else_in_the_spool(void **state)
{
	char home[] = "/tmp/onehop-spool-XXXXXX", want[64], spool_path[64];
	struct caller caller = { .uid = STRANGER, .home = home };
	struct spool spool;
	struct fault f = { 0 };
	struct stat st;
	size_t more = has_parent();

	(void)state;
	assert_non_null(mkdtemp(home));
	snprintf(want, sizeof(want), "%s/.queue", home);
	snprintf(spool_path, sizeof(spool_path), SPOOL_PARENT "/%d", STRANGER);
	assert_int_equal(spool_find(&spool, &caller, &f), EX_OK);
	assert_int_equal(spool.count, 1 + more);
	assert_string_equal(spool.path[0], want);
	if (more > 0)
		assert_string_equal(spool.path[1], spool_path);
	spool_free(&spool);
	spool_free(&spool);

	/* To find is not to make. */
	assert_int_equal(lstat(want, &st), -1);
	assert_int_equal(rmdir(home), 0);
	caller.home = NULL;
	assert_int_equal(spool_find(&spool, &caller, &f), EX_OK);
	assert_int_equal(spool.count, more);
	if (more > 0)
		assert_string_equal(spool.path[0], spool_path);
	spool_free(&spool);
}

static void
a_home_that_is_not_there_is_a_place_all_the_same(void **state)
{
	char home[] = "/nonexistent";
	struct caller caller = { .uid = STRANGER, .home = home };
	struct spool spool;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(spool_find(&spool, &caller, &f), EX_OK);
	assert_int_equal(spool.count, 1 + has_parent());
	assert_string_equal(spool.path[0], "/nonexistent/.queue");
	spool_free(&spool);
}

static void
who_is_not_listed_waits_for_root_in_the_spool(void **state)
{
	char home[] = "/nonexistent";
	struct caller caller = { .uid = STRANGER, .home = home };
	struct spool spool;
	struct fault f = { 0 };
	bool has_both = has_parent() > 0;

	(void)state;
	assert_int_equal(spool_find(&spool, &caller, &f), EX_OK);
	spool_for_root(&spool, &caller);
	assert_string_equal(spool.path[0], "/nonexistent/.queue");
	caller.is_unlisted = true;
	spool_for_root(&spool, &caller);
	spool_for_root(&spool, &caller);
	assert_string_equal(
	    spool.path[has_both ? 1 : 0], "/nonexistent/.queue");
	spool_free(&spool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_passwd_file_counts_and_not_the_environment),
		cmocka_unit_test(who_has_no_entry_has_his_environment),
		cmocka_unit_test(a_queue_lies_in_the_home_or_else_in_the_spool),
		cmocka_unit_test(
		    a_home_that_is_not_there_is_a_place_all_the_same),
		cmocka_unit_test(who_is_not_listed_waits_for_root_in_the_spool),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
