/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "sendmail/courier.h"

int
courier_ready(struct courier *courier, struct fault *f)
{
	int rc;

	if (courier->is_ready)
		return EX_OK;
	if (courier->down == NULL)
		courier->down = calloc(
		    courier->conf->smarthosts + 1, sizeof(*courier->down));
	if (courier->down == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot send");
	rc = policy_open(&courier->policy, courier->conf, f);
	if (rc == EX_OK)
		courier->is_ready = true;
	else
		policy_close(&courier->policy);
	return rc;
}

void
courier_leave(struct courier *courier)
{
	smtp_close(courier->smtp);
	courier->smtp = NULL;
	courier->at = NULL;
}

void
courier_give_up(struct courier *courier, const struct smarthost *smarthost,
    const struct fault *why)
{
	courier->down[smarthost - courier->conf->smarthost] = *why;
	courier_leave(courier);
}

int
courier_meet(
    struct courier *courier, struct smarthost *smarthost, struct fault *f)
{
	const struct fault *down =
	    courier->down + (smarthost - courier->conf->smarthost);
	int rc;

	if (down->code != EX_OK)
		return fault_set(f, down->code, "%s", down->text);
	if (courier->smtp != NULL && courier->at == smarthost &&
	    smtp_is_open(courier->smtp))
		return EX_OK;
	courier_leave(courier);
	rc = smtp_open(&courier->smtp, smarthost, courier->trace, f);
	if (rc == EX_OK)
		courier->at = smarthost;
	else
		courier_give_up(courier, smarthost, f);
	return rc;
}

bool
courier_is_down(const struct courier *courier)
{
	size_t i;

	for (i = 0; i < courier->conf->smarthosts; i++)
		if (courier->down == NULL || courier->down[i].code == EX_OK)
			return false;
	return true;
}

void
courier_close(struct courier *courier)
{
	courier_leave(courier);
	if (courier->is_ready)
		policy_close(&courier->policy);
	courier->is_ready = false;
	free(courier->down);
	courier->down = NULL;
}
