/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <signal.h>
#include <time.h>

#include "conf/secret.h"
#include "t/place.h"

#define LONG 60000 /* ms */
#define NASTY " p\"w;#=: /\t\x01\xff%s "

static void
free_host(struct smarthost *s)
{
	secret_wipe(s);
	assert_null(s->secret);
	free(s->password);
	free(s->password_file);
	free(s->password_command);
	*s = (struct smarthost){ 0 };
}

/* The secret, or what was said instead, is so. */
static void
assert_file_gives(
    struct place *p, const void *bytes, size_t len, const char *want)
{
	struct smarthost s = { 0 };
	struct fault f = { 0 };

	write_bytes(p->file, bytes, len, 0600);
	s.password_file = strdup(p->file);
	secret_fetch(&s, LONG, &f);
	assert_string_equal(f.code == EX_OK ? s.secret : f.text, want);
	assert_true(f.code == EX_OK || f.code == EX_NOPERM);
	free_host(&s);
}

static void
assert_command_gives(const char *command, const char *want)
{
	struct smarthost s = { .timeout = 20 };
	struct fault f = { 0 };

	s.password_command = strdup(command);
	secret_fetch(&s, LONG, &f);
	assert_string_equal(f.code == EX_OK ? s.secret : f.text, want);
	assert_true(f.code == EX_OK || f.code == EX_NOPERM);
	free_host(&s);
}

static void
the_key_itself_comes_first_and_once(void **state)
{
	struct smarthost s = { 0 };
	struct fault f = { 0 };

	(void)state;
	s.password = strdup("a");
	assert_int_equal(secret_fetch(&s, LONG, &f), EX_OK);
	assert_string_equal(s.secret, "a");
	s.password[0] = 'b';
	assert_int_equal(secret_fetch(&s, LONG, &f), EX_OK);
	assert_string_equal(s.secret, "a");
	free_host(&s);
}

static void
the_first_line_of_a_file_is_the_secret(void **state)
{
	static char longest[SECRET_SIZE + 2];
	struct place *p = *state;

	assert_file_gives(p, BYTES("pw"), "pw");
	assert_file_gives(p, BYTES("pw\n"), "pw");
	assert_file_gives(p, BYTES("pw\r\nmore\n"), "pw");
	assert_file_gives(p, BYTES("p\rw\r"), "p\rw\r");
	assert_file_gives(p, BYTES("\"pw\"\n"), "\"pw\"");
	assert_file_gives(p, BYTES(NASTY "\nx\0y"), NASTY);
	assert_file_gives(
	    p, BYTES(""), "password_file: the first line is empty");
	assert_file_gives(
	    p, BYTES("\r\npw\n"), "password_file: the first line is empty");
	assert_file_gives(
	    p, BYTES("p\0w\n"), "password_file: the first line holds a NUL");
	memset(longest, 'x', SECRET_SIZE + 1);
	assert_file_gives(p, longest, SECRET_SIZE + 1,
	    "password_file: the first line is longer than 65536 octets");
	longest[SECRET_SIZE] = '\0';
	assert_file_gives(p, longest, SECRET_SIZE, longest);
}

static void
a_link_and_a_file_that_all_can_read_are_fine(void **state)
{
	struct place *p = *state;
	struct smarthost s = { 0 };
	struct fault f = { 0 };
	char path[256];

	snprintf(path, sizeof(path), "%s/link", p->home);
	assert_int_equal(symlink("c", path), 0);
	write_bytes(p->file, BYTES("pw\n"), 0444);
	s.password_file = strdup(path);
	assert_int_equal(secret_fetch(&s, LONG, &f), EX_OK);
	assert_string_equal(s.secret, "pw");
	free_host(&s);
}

static void
a_file_that_is_not_fit_is_named_with_its_key(void **state)
{
	struct place *p = *state;
	struct smarthost s = { 0 };
	struct fault f = { 0 };

	s.password_file = strdup("/nonexistent/pw");
	assert_int_equal(secret_fetch(&s, LONG, &f), EX_NOPERM);
	assert_string_equal(f.text,
	    "password_file: cannot open '/nonexistent/pw': No such file or "
	    "directory");
	free_host(&s);
	f = (struct fault){ 0 };
	write_bytes(p->file, BYTES("pw\n"), 0666);
	s.password_file = strdup(p->file);
	assert_int_equal(secret_fetch(&s, LONG, &f), EX_NOPERM);
	assert_non_null(strstr(f.text, "can be written by others"));
	assert_null(s.secret);
	free_host(&s);
}

static void
the_first_line_of_a_command_is_the_secret(void **state)
{
	(void)state;
	assert_command_gives("echo pw", "pw");
	assert_command_gives("printf 'p w\\r\\nmore\\n'", "p w");
	assert_command_gives("printf 'p'; sleep 0.2; printf 'w\\n'", "pw");
	assert_command_gives("head -c 60000 /dev/zero | tr '\\0' x | wc -c; "
			     "head -c 300000 /dev/zero",
	    "60000");
	assert_command_gives("cat; echo pw", "pw");
}

static void
a_command_that_fails_or_is_silent_is_a_fault(void **state)
{
	(void)state;
	assert_command_gives(
	    "echo pw; exit 3", "password_command: failed with exit code 3");
	assert_command_gives("exec 2>/dev/null; nonexistent-program",
	    "password_command: failed with exit code 127");
	assert_command_gives(
	    "echo pw; kill -9 $$", "password_command: died of signal 9");
	assert_command_gives(
	    "echo pw; kill -11 $$", "password_command: died of signal 11");
	assert_command_gives(
	    "true", "password_command: the first line is empty");
	assert_command_gives(
	    "echo; echo pw", "password_command: the first line is empty");
}

static void
a_command_gets_nothing_of_ours(void **state)
{
	int fd[2];

	(void)state;
	setenv("ONEHOP_SMARTHOST_PASSWORD", "s3cret", 1);
	setenv("ONLY_THIS", "stays", 1);
	assert_command_gives("env | grep -c ONEHOP_; echo x; true", "0");
	assert_command_gives("echo $ONLY_THIS", "stays");
	unsetenv("ONLY_THIS");
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(dup2(fd[1], 9), 9);
	assert_command_gives(
	    "{ echo x >&9; } 2>/dev/null && echo open || echo closed",
	    "closed");
	close(fd[0]);
	close(fd[1]);
	close(9);
}

static void
a_hanging_command_is_killed_with_its_children(void **state)
{
	struct place *p = *state;
	struct smarthost s = { .timeout = 1 };
	struct fault f = { 0 };
	char command[256], octet;
	time_t begun = time(NULL);
	ssize_t got = -1;
	int fifo;

	assert_int_equal(mkfifo(p->file, 0600), 0);
	fifo = open(p->file, O_RDONLY | O_NONBLOCK);
	assert_int_not_equal(fifo, -1);
	snprintf(command, sizeof(command),
	    "{ echo x; exec sleep 50; } >%s & echo pw; wait", p->file);
	s.password_command = strdup(command);
	assert_int_equal(secret_fetch(&s, LONG, &f), EX_NOPERM);
	assert_string_equal(
	    f.text, "password_command: still runs after 1 s: killed");

	/* The end of the stream comes when nobody holds it any more. */
	assert_int_equal(read(fifo, &octet, 1), 1);
	while (got != 0 && time(NULL) - begun < 20)
		got = read(fifo, &octet, 1);
	assert_int_equal(got, 0);
	assert_in_range(time(NULL) - begun, 0, 10);
	close(fifo);
	free_host(&s);
}

static void
a_command_is_given_up_when_its_caller_is_in_a_hurry(void **state)
{
	struct smarthost s = { .timeout = 50 };
	struct fault f = { 0 };
	time_t begun = time(NULL);

	(void)state;
	s.password_command = strdup("sleep 30; echo pw");
	assert_int_equal(secret_fetch(&s, 300, &f), EX_NOPERM);
	assert_non_null(strstr(f.text, "killed"));
	assert_in_range(time(NULL) - begun, 0, 10);
	free_host(&s);
}

static void
what_a_command_leaves_running_keeps_nobody_waiting(void **state)
{
	time_t begun = time(NULL);

	(void)state;
	assert_command_gives("sleep 15 & echo pw", "pw");
	assert_in_range(time(NULL) - begun, 0, 10);
}

static void
a_caller_who_ignores_his_children_changes_nothing(void **state)
{
	(void)state;
	signal(SIGCHLD, SIG_IGN);
	assert_command_gives("echo pw", "pw");
	assert_command_gives(
	    "exit 1", "password_command: failed with exit code 1");
	assert_ptr_equal(signal(SIGCHLD, SIG_DFL), SIG_IGN);
}

static void
the_credentials_directory_is_the_last_resort(void **state)
{
	struct place *p = *state;
	struct smarthost s = { 0 };
	struct fault f = { 0 };

	unsetenv("CREDENTIALS_DIRECTORY");
	assert_int_equal(secret_fetch(&s, LONG, &f), EX_NOPERM);
	assert_string_equal(f.text,
	    "password: there is none: set password_file, password_command or "
	    "password");
	f = (struct fault){ 0 };
	setenv("CREDENTIALS_DIRECTORY", p->home, 1);
	assert_int_equal(secret_fetch(&s, LONG, &f), EX_NOPERM);
	assert_non_null(strstr(f.text, "onehop.password"));
	f = (struct fault){ 0 };
	write_in(p, "onehop.password", NASTY "\n");
	assert_int_equal(secret_fetch(&s, LONG, &f), EX_OK);
	assert_string_equal(s.secret, NASTY);
	free_host(&s);
	s.password = strdup("key");
	assert_int_equal(secret_fetch(&s, LONG, &f), EX_OK);
	assert_string_equal(s.secret, "key");
	free_host(&s);
	unsetenv("CREDENTIALS_DIRECTORY");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_key_itself_comes_first_and_once),
		CASE(the_first_line_of_a_file_is_the_secret),
		CASE(a_link_and_a_file_that_all_can_read_are_fine),
		CASE(a_file_that_is_not_fit_is_named_with_its_key),
		CASE(the_first_line_of_a_command_is_the_secret),
		CASE(a_command_that_fails_or_is_silent_is_a_fault),
		CASE(a_command_gets_nothing_of_ours),
		CASE(a_hanging_command_is_killed_with_its_children),
		CASE(a_command_is_given_up_when_its_caller_is_in_a_hurry),
		CASE(what_a_command_leaves_running_keeps_nobody_waiting),
		CASE(a_caller_who_ignores_his_children_changes_nothing),
		CASE(the_credentials_directory_is_the_last_resort),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
