/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/host.h"
#include "mailq/memory.h"
#include "sendmail/added.h"
#include "sendmail/address.h"
#include "sendmail/field.h"
#include "sendmail/header.h"
#include "sendmail/request.h"

/* Of all that is added, but a name in encoded words is many times as long. */
#define ROOM (3 * (ENVELOPE_ADDR + HOST_NAME) + 4096)
#define LONGER 8

static bool
take_domain(const char *addr, char domain[HOST_NAME + 1])
{
	const char *from = address_domain(addr);

	if (from == NULL || !host_is_full(from))
		return false;
	snprintf(domain, HOST_NAME + 1, "%s", from);
	return true;
}

static int
take_first(void *ctx, const struct mailbox *box, struct fault *f)
{
	char *domain = ctx;

	(void)f;
	if (domain[0] == '\0')
		(void)take_domain(box->addr, domain);
	return EX_OK;
}

static bool
take_author(const struct added_to *to, char domain[HOST_NAME + 1])
{
	struct fault unheard = { 0 };
	struct field field;
	size_t at = 0;

	domain[0] = '\0';
	while (field_next(to->header, to->size, &at, &field))
		if (field_is(&field, "From") &&
		    address_list(field.body, field.body_size, take_first,
			domain, &unheard) != EX_OK)
			domain[0] = '\0';
	return domain[0] != '\0';
}

/* The resolver is not asked: a caller must not wait for a Message-ID. */
static void
choose_domain(const struct added_to *to, char domain[HOST_NAME + 1])
{
	snprintf(domain, HOST_NAME + 1, "%s", to->host);
	if (host_is_full(domain))
		return;
	host_mailname(domain);
	if (host_is_full(domain) || take_domain(to->item->env.from, domain) ||
	    take_author(to, domain))
		return;
	(void)host_fqdn_at_hand(domain);
	if (domain[0] == '\0')
		snprintf(domain, HOST_NAME + 1, "%s", to->host);
}

/* The queue's name for it is unique here; chance makes it so elsewhere. */
static void
put_id(const struct added_to *to, FILE *out, const char *name)
{
	char domain[HOST_NAME + 1];
	uint64_t chance = 0;

	if (getentropy(&chance, sizeof(chance)) == -1)
		chance = (uint64_t)getpid();
	choose_domain(to, domain);
	fprintf(out, "%s: <%s.%016jx@%s>\r\n", name, to->item->id,
	    (uintmax_t)chance, domain);
}

static const char *
full_name(const struct added_to *to)
{
	return to->options->name != NULL ? to->options->name : to->caller->name;
}

static void
put_from(const struct added_to *to, FILE *out)
{
	const char *addr = to->item->env.from;
	char bare[ENVELOPE_ADDR + 1];

	if (addr[0] == '\0') {
		request_login(to->caller, bare);
		addr = bare;
	}
	fputs("From: ", out);
	header_mailbox(out, strlen("From: "), full_name(to), addr);
}

static void
put_set(const struct added_to *to, unsigned set, FILE *out)
{
	char date[HEADER_DATE];

	header_date(date, time(NULL));
	if ((set & ADDED_RESENT_DATE) != 0)
		fprintf(out, "Resent-Date: %s\r\n", date);
	if ((set & ADDED_RESENT_ID) != 0)
		put_id(to, out, "Resent-Message-ID");
	if ((set & ADDED_DATE) != 0)
		fprintf(out, "Date: %s\r\n", date);
	if ((set & ADDED_FROM) != 0)
		put_from(to, out);
	if ((set & ADDED_ID) != 0)
		put_id(to, out, "Message-ID");
}

int
added_make(const struct added_to *to, unsigned set, char **text, size_t *size,
    struct fault *f)
{
	FILE *out;
	int rc;

	*text = NULL;
	*size = 0;
	if (set == 0)
		return EX_OK;
	out = open_memstream(text, size);
	if (out == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot add to the header");
	rc = memory_reserve(out, ROOM + LONGER * strlen(full_name(to)), f);
	if (rc == EX_OK)
		put_set(to, set, out);
	if (memory_close(out, text, f) != EX_OK)
		rc = f->code;
	return rc;
}
