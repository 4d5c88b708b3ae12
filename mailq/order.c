/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mailq/order.h"
#include "mailq/queue.h"

static int
set_mode(struct order *order, enum mode mode, struct fault *f)
{
	if (order->mode != MODE_LIST && order->mode != mode)
		return fault_set(
		    f, EX_USAGE, "only one of -c, -d, -h, -H, -r at a time");
	order->mode = mode;
	return EX_OK;
}

static int
take(struct order *order, int letter, struct fault *f)
{
	switch (letter) {
	case 'a':
		order->is_for_all_users = true;
		return EX_OK;
	case 'j':
		order->is_json = true;
		return EX_OK;
	case 'c':
		return set_mode(order, MODE_SHOW, f);
	case 'd':
		return set_mode(order, MODE_DELETE, f);
	case 'h':
		return set_mode(order, MODE_HOLD, f);
	case 'H':
		return set_mode(order, MODE_RELEASE, f);
	case 'r':
		return set_mode(order, MODE_RETRY, f);
	case 'A':
	case 'C':
	case 'v':
		return EX_OK;
	case ':':
		return fault_set(
		    f, EX_USAGE, "option '-%c' needs a value", optopt);
	default:
		return fault_set(f, EX_USAGE, "unknown option '-%c'", optopt);
	}
}

static int
compare(const void *one, const void *other)
{
	return strcmp(*(char *const *)one, *(char *const *)other);
}

/* What is named twice cannot be there the second time. */
static size_t
name_once(char **word, size_t count)
{
	size_t i, kept = 0;

	qsort(word, count, sizeof(*word), compare);
	for (i = 0; i < count; i++)
		if (kept == 0 || strcmp(word[kept - 1], word[i]) != 0)
			word[kept++] = word[i];
	return kept;
}

/* The words behind the options. */
static int
take_ids(struct order *order, char **word, size_t count, struct fault *f)
{
	size_t i;

	if (order->mode == MODE_LIST)
		return count == 0 ? EX_OK
				  : fault_set(f, EX_USAGE,
					"'%s' is no option, and nothing else "
					"is taken",
					word[0]);
	if (order->is_json)
		return fault_set(f, EX_USAGE, "-j is for the list only");
	if (count == 0)
		return fault_set(f, EX_USAGE, "which messages? IDs, or ALL");
	if (count == 1 && strcmp(word[0], ORDER_ALL) == 0) {
		order->is_for_all_messages = true;
		return EX_OK;
	}
	for (i = 0; i < count; i++)
		if (!queue_is_id(word[i]))
			return fault_set(f, EX_USAGE,
			    "'%s' is no ID: those have 16 digits", word[i]);
	order->id = word;
	order->count =
	    order->mode == MODE_DELETE ? name_once(word, count) : count;
	return EX_OK;
}

/* -v, -A and -C are sendmail's: check_mailq calls `mailq -C dir'. */
int
order_parse(struct order *order, int argc, char **argv, struct fault *f)
{
	int letter, rc = EX_OK;

	*order = (struct order){ .mode = MODE_LIST };
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		order->mode = MODE_HELP;
		return EX_OK;
	}
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		order->mode = MODE_VERSION;
		return EX_OK;
	}
	opterr = 0;
	while (rc == EX_OK &&
	    (letter = getopt(argc, argv, "+:A:C:Hacdhjrv")) != -1)
		rc = take(order, letter, f);
	if (rc != EX_OK || argc == 0)
		return rc;
	return take_ids(order, argv + optind, (size_t)(argc - optind), f);
}
