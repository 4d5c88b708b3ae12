/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sendmail/address.h"
#include "sendmail/batch.h"
#include "sendmail/idn.h"
#include "sendmail/token.h"

/* What a server has put off comes again with the next attempt. */
static bool
is_next(const struct rcpt *rcpt)
{
	return rcpt_waits(rcpt) && !rcpt->is_stuck && !rcpt->is_judged;
}

bool
batch_is_due(const struct envelope *env, size_t n)
{
	for (; n < env->count; n++)
		if (is_next(env->to + n))
			return true;
	return false;
}

/*
 * The A-labels of a domain say the same to every server (RFC 6531, 3.2), so that
 * only a local part beyond ASCII asks for SMTPUTF8.
 */
static int
use_a_labels(char **addr, struct fault *f)
{
	const char *domain = address_domain(*addr);
	char ascii[IDN_DOMAIN + 1], *made;
	size_t local;

	if (domain == NULL || address_is_ascii(domain))
		return EX_OK;
	local = (size_t)(domain - *addr);
	if (!token_is_ascii(*addr, local) ||
	    !idn_ascii(domain, strlen(domain), ascii))
		return EX_OK;
	made = malloc(local + strlen(ascii) + 1);
	if (made == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot send");
	memcpy(made, *addr, local);
	memcpy(made + local, ascii, strlen(ascii) + 1);
	free(*addr);
	*addr = made;
	return EX_OK;
}

static int
add_rcpt(struct batch *b, const struct policy *policy,
    const struct envelope *env, size_t n, struct fault *f)
{
	const struct rcpt *rcpt = env->to + n;
	size_t i = b->letter.count;
	int rc;

	rc = policy_complete(policy, rcpt->addr, env->host, &b->addr[i], f);
	if (rc == EX_OK)
		rc = use_a_labels(&b->addr[i], f);
	if (rc != EX_OK) {
		free(b->addr[i]);
		b->addr[i] = NULL;
		return rc;
	}

	/* Nobody reports about a report, whoever it is from in the end. */
	b->to[i] = (struct letter_rcpt){ .addr = b->addr[i],
		.orcpt = rcpt->orcpt,
		.notify = env->report_of != NULL ? NOTIFY_NEVER : rcpt->notify,
		.n = n };
	b->letter.count++;
	return EX_OK;
}

/* Whether so many domains are enough with that of the last recipient, too. */
static bool
has_few_domains(struct batch *b, unsigned most)
{
	const size_t last = b->letter.count - 1;
	const char *domain = address_domain(b->addr[last]), *other;
	size_t i;

	for (i = 0; i < last && domain != NULL; i++) {
		other = address_domain(b->addr[i]);
		if (other != NULL && strcasecmp(domain, other) == 0)
			return true;
	}
	if (b->domains == most)
		return false;
	b->domains++;
	return true;
}

static void
drop_last(struct batch *b)
{
	char **addr = b->addr + --b->letter.count;

	free(*addr);
	*addr = NULL;
}

/*
 * Of as many as one transaction takes, who is of one domain too many comes with
 * the next.
 */
static int
fill(struct batch *b, const struct courier *courier, const struct envelope *env,
    size_t *next, struct fault *f)
{
	const unsigned domains = smtp_ehlo(courier->smtp)->domain_max;
	size_t most = courier_most(courier), first = env->count, n;

	for (n = *next; n < env->count && most > 0; n++) {
		if (!is_next(env->to + n))
			continue;
		if (add_rcpt(b, &courier->policy, env, n, f) != EX_OK)
			return f->code;
		most--;
		if (domains == 0 || has_few_domains(b, domains))
			continue;
		drop_last(b);
		if (first == env->count)
			first = n;
	}
	*next = first < n ? first : n;
	return EX_OK;
}

int
batch_make(struct batch **made, const struct courier *courier,
    const struct item *item, size_t *next, struct fault *f)
{
	const struct envelope *env = &item->env;
	struct batch *b = calloc(1, sizeof(*b));
	int rc;

	*made = NULL;
	if (b == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot send");
	rc = policy_sender(&courier->policy, courier->at, env, &b->from,
	    &b->sender_is_ours, f);
	if (rc == EX_OK)
		rc = use_a_labels(&b->from, f);
	b->letter = (struct letter){ .from = b->from,
		.to = b->to,
		.ret = env->ret,
		.envid = env->envid };
	if (rc == EX_OK)
		rc = fill(b, courier, env, next, f);
	if (rc == EX_OK)
		*made = b;
	else
		batch_free(b);
	return rc;
}

void
batch_reset(struct batch *b)
{
	struct letter *letter = &b->letter;
	size_t i;

	letter->mail = letter->data = letter->end = (struct reply){ 0 };
	letter->is_committed = false;
	for (i = 0; i < letter->count; i++)
		letter->to[i].reply = (struct reply){ 0 };
}

int
batch_from(struct batch *b, const char *from, struct fault *f)
{
	char *copy = strdup(from);

	if (copy == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot send");
	free(b->from);
	b->from = copy;
	b->letter.from = copy;
	batch_reset(b);
	return EX_OK;
}

bool
batch_has(const struct batch *b, int first_digit)
{
	size_t i;

	for (i = 0; i < b->letter.count; i++)
		if (reply_is(&b->to[i].reply, first_digit))
			return true;
	return false;
}

void
batch_free(struct batch *b)
{
	size_t i;

	if (b == NULL)
		return;
	for (i = 0; i < b->letter.count; i++)
		free(b->addr[i]);
	free(b->from);
	free(b);
}
