/*
 * Address lists: what is accepted means the same when it is read again, alone
 * or with the others, and names no domain that was not written.
 *
 * SPDX-License-Identifier: ISC
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mailq/envelope.h"
#include "sendmail/address.h"
#include "sendmail/part.h"
#include "sendmail/token.h"
#include "t/fuzz/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What a list says, joined by commas. */
struct said {
	const char *list;
	size_t size;
	char *text;
	size_t used;
};

static void
judge_domain(const struct said *said, const char *domain)
{
	size_t len;

	if (*domain == '[') {
		demand(memmem(said->list, said->size, domain + 1,
			   strlen(domain) - 2) != NULL);
		return;
	}
	for (; *domain != '\0'; domain += len + (domain[len] == '.')) {
		len = strcspn(domain, ".");
		demand(part_is_label(domain, len));
		demand(memmem(said->list, said->size, domain, len) != NULL);
	}
}

static int
hear(void *ctx, const struct mailbox *box, struct fault *f)
{
	struct said *said = ctx;
	const char *c, *domain = address_domain(box->addr);
	size_t size = strlen(box->addr);

	(void)f;
	demand(size > 0 && size <= ENVELOPE_ADDR);
	demand(token_is_utf8(box->addr, size));
	demand(box->start <= box->end && box->end <= said->size);
	for (c = box->addr; *c != '\0'; c++)
		demand((unsigned char)*c >= ' ' && *c != 127);
	if (domain != NULL)
		judge_domain(said, domain);
	if (said->used > 0)
		said->text[said->used++] = ',';
	memcpy(said->text + said->used, box->addr, size);
	said->used += size;
	return EX_OK;
}

static int
read_list(struct said *said, const char *list, size_t size)
{
	struct fault f = { 0 };
	int rc;

	/* A bare quoted local part is at most twice what was written. */
	*said = (struct said){ .list = list, .size = size };
	said->text = malloc(4 * size + 1);
	demand(said->text != NULL);
	rc = address_list(list, size, hear, said, &f);
	demand(rc == EX_OK || (rc == EX_DATAERR && f.text[0] != '\0'));
	return rc;
}

static void
judge_one(const char *list, size_t size)
{
	char *word = strndup(list, size), *addr, *again;
	struct fault f = { 0 };

	demand(word != NULL);
	if (address_one(word, &addr, &f) == EX_OK) {
		demand(address_one(addr, &again, &f) == EX_OK);
		demand(strcmp(addr, again) == 0);
		free(addr);
		free(again);
	}
	free(word);
}

static void
judge_list(const char *list, size_t size)
{
	struct said first, second;

	if (read_list(&first, list, size) == EX_OK) {
		demand(read_list(&second, first.text, first.used) == EX_OK);
		demand(first.used == second.used &&
		    memcmp(first.text, second.text, first.used) == 0);
		free(second.text);
	}
	free(first.text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *list = (const char *)data;

	judge_one(list, size);
	judge_list(list, strnlen(list, size));
	return 0;
}
