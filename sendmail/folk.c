/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "sendmail/address.h"
#include "sendmail/folk.h"

static int
keep_first(struct folk *folk, const struct mailbox *box, struct fault *f)
{
	folk->start = box->start;
	folk->end = box->end;
	folk->addr = strdup(box->addr);
	folk->name = strdup(strlen(box->name) > FOLK_NAME ? "" : box->name);
	if (folk->addr == NULL || folk->name == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep an address");
	return EX_OK;
}

static int
see(void *ctx, const struct mailbox *box, struct fault *f)
{
	struct folk *folk = ctx;
	const struct policy *policy = folk->policy;
	const char *recorded = folk->env->host, *address;

	address =
	    policy_replacement(policy, folk->smarthost, box->addr, recorded);
	if (address != NULL)
		folk->address = address;
	if (policy_is_local(policy, box->addr, recorded))
		folk->local++;
	if (policy_is_routable(policy, box->addr, recorded))
		folk->routable++;
	return folk->count++ == 0 ? keep_first(folk, box, f) : EX_OK;
}

int
folk_find(struct folk *folk, const struct field *field, struct fault *f)
{
	struct fault why = { 0 };
	int rc;

	rc = address_list(field->body, field->body_size, see, folk, &why);
	if (rc != EX_OK)
		folk_free(folk);
	return rc == EX_TEMPFAIL ? fault_set(f, rc, "%s", why.text) : EX_OK;
}

void
folk_free(struct folk *folk)
{
	free(folk->addr);
	free(folk->name);
	*folk = (struct folk){ .policy = folk->policy,
		.smarthost = folk->smarthost,
		.env = folk->env };
}
