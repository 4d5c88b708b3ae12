/*
 * mailq - what waits in the queues of this user, and what becomes of it
 *
 * It reads no configuration, so that it works when that is broken, and sends
 * nothing.  For root it looks into the queues of all users, each in that user's
 * stead.
 *
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mailq/caller.h"
#include "mailq/descriptors.h"
#include "mailq/errand.h"
#include "mailq/order.h"
#include "mailq/word.h"

#define VERSION "onehop 0.1"
#define USAGE                                                     \
	"usage: mailq [-aj]\n"                                    \
	"       mailq [-a] -c | -d | -h | -H | -r ID ... | ALL\n" \
	"See mailq(1); sendmail -q tries now all that waits."

static void
say(const char *user, const char *text)
{
	fputs("mailq: ", stderr);
	if (user != NULL) {
		word_print(stderr, user);
		fputs(": ", stderr);
	}
	word_print(stderr, text);
	fputc('\n', stderr);
}

static int
obey(const struct order *order, struct fault *f)
{
	const struct errand errand = { .order = order,
		.out = stdout,
		.is_terminal = isatty(STDOUT_FILENO) == 1,
		.say = say };
	struct caller caller = { 0 };
	int rc;

	rc = caller_find(&caller, f);
	if (rc == EX_OK)
		rc = errand_run(&errand, &caller);
	caller_free(&caller);
	return rc;
}

static int
answer(const struct order *order, struct fault *f)
{
	switch (order->mode) {
	case MODE_HELP:
		puts(USAGE);
		return EX_OK;
	case MODE_VERSION:
		puts(VERSION);
		return EX_OK;
	default:
		return obey(order, f);
	}
}

int
main(int argc, char **argv)
{
	struct order order;
	struct fault f = { 0 };
	int rc;

	descriptors_fill();

	/* A line in one write: several of us may speak at once. */
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	rc = order_parse(&order, argc, argv, &f);
	if (rc == EX_OK)
		rc = answer(&order, &f);
	if (fflush(stdout) != 0 && rc == EX_OK)
		rc = fault_errno(&f, EX_IOERR, "cannot write");
	if (f.code != EX_OK)
		say(NULL, f.text);
	return rc;
}
