/*
 * mailq - what waits in the queues of this user
 *
 * It reads no configuration, so that it works when that is broken, and changes
 * nothing.
 *
 * SPDX-License-Identifier: ISC
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mailq/caller.h"
#include "mailq/list.h"
#include "mailq/spool.h"
#include "mailq/word.h"

#define VERSION "onehop 0.1"

enum mode { MODE_TEXT, MODE_JSON, MODE_HELP, MODE_VERSION };

static void
say(const char *text)
{
	fputs("mailq: ", stderr);
	word_print(stderr, text);
	fputc('\n', stderr);
}

/* Where a caller left them closed, a queue must not become one of these. */
static void
open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd != -1 && fd <= STDERR_FILENO);
	if (fd != -1)
		close(fd);
}

/* -v, -A and -C are sendmail's: check_mailq calls `mailq -C dir'. */
static int
parse_letters(int argc, char **argv, enum mode *mode, struct fault *f)
{
	int letter;

	opterr = 0;
	while ((letter = getopt(argc, argv, "+:A:C:jv")) != -1) {
		switch (letter) {
		case 'j':
			*mode = MODE_JSON;
			break;
		case 'A':
		case 'C':
		case 'v':
			break;
		case ':':
			return fault_set(
			    f, EX_USAGE, "option '-%c' needs a value", optopt);
		default:
			return fault_set(
			    f, EX_USAGE, "unknown option '-%c'", optopt);
		}
	}
	if (optind < argc)
		return fault_set(f, EX_USAGE,
		    "'%s' is no option, and nothing else is taken",
		    argv[optind]);
	return EX_OK;
}

static int
parse(int argc, char **argv, enum mode *mode, struct fault *f)
{
	*mode = MODE_TEXT;
	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		*mode = MODE_HELP;
	else if (argc > 1 && strcmp(argv[1], "--version") == 0)
		*mode = MODE_VERSION;
	else
		return parse_letters(argc, argv, mode, f);
	return EX_OK;
}

static int
answer(enum mode mode, const struct spool *spool, struct fault *f)
{
	switch (mode) {
	case MODE_HELP:
		puts("usage: mailq [-j]\n"
		     "See mailq(1); sendmail -q tries now all that waits.");
		return EX_OK;
	case MODE_VERSION:
		puts(VERSION);
		return EX_OK;
	default:
		return list_print(spool, stdout, mode == MODE_JSON, f);
	}
}

int
main(int argc, char **argv)
{
	struct caller caller = { 0 };
	struct spool spool = { 0 };
	struct fault f = { 0 };
	enum mode mode;
	int rc;

	open_standard();
	rc = parse(argc, argv, &mode, &f);
	if (rc == EX_OK)
		rc = caller_find(&caller, &f);
	if (rc == EX_OK)
		rc = spool_find(&spool, &caller, &f);
	if (rc == EX_OK)
		rc = answer(mode, &spool, &f);
	if (fflush(stdout) != 0 && rc == EX_OK)
		rc = fault_errno(&f, EX_IOERR, "cannot write");
	if (rc != EX_OK)
		say(f.text);
	spool_free(&spool);
	caller_free(&caller);
	return rc;
}
