/*
 * order - what the caller of mailq asked for
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_ORDER_H
#define MAILQ_ORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/fault.h"

#define ORDER_ALL "ALL" /* in the stead of IDs */

enum mode {
	MODE_LIST,
	MODE_SHOW,
	MODE_DELETE,
	MODE_HOLD,
	MODE_RELEASE,
	MODE_RETRY,
	MODE_HELP,
	MODE_VERSION
};

struct order {
	enum mode mode;
	bool is_json;
	bool is_for_all_users;
	bool is_for_all_messages;
	char **id; /* borrowed from argv; those meant, else */
	size_t count;
};

/* EX_USAGE unless all of it makes sense: nothing is done by halves. */
int order_parse(struct order *, int argc, char **argv, struct fault *);

#endif
