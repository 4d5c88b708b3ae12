/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "sendmail/address.h"
#include "sendmail/people.h"

static int
keep_first(struct people *people, const struct mailbox *box, struct fault *f)
{
	people->start = box->start;
	people->end = box->end;
	people->addr = strdup(box->addr);
	people->name = strdup(box->name);
	if (people->addr == NULL || people->name == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep an address");
	return EX_OK;
}

static int
see(void *ctx, const struct mailbox *box, struct fault *f)
{
	struct people *people = ctx;
	const struct policy *policy = people->policy;
	const char *recorded = people->env->host, *address;

	address =
	    policy_replacement(policy, people->smarthost, box->addr, recorded);
	if (address != NULL)
		people->address = address;
	if (policy_is_local(policy, box->addr, recorded))
		people->local++;
	if (policy_is_routable(policy, box->addr, recorded))
		people->routable++;
	return people->count++ == 0 ? keep_first(people, box, f) : EX_OK;
}

int
people_find(struct people *people, const struct field *field, struct fault *f)
{
	struct fault why = { 0 };
	int rc;

	rc = address_list(field->body, field->body_size, see, people, &why);
	if (rc != EX_OK)
		people_free(people);
	return rc == EX_TEMPFAIL ? fault_set(f, rc, "%s", why.text) : EX_OK;
}

void
people_free(struct people *people)
{
	free(people->addr);
	free(people->name);
	*people = (struct people){ .policy = people->policy,
		.smarthost = people->smarthost,
		.env = people->env };
}
