/* SPDX-License-Identifier: ISC */
#include "sendmail/courier.h"

int
courier_ready(struct courier *courier, struct fault *f)
{
	int rc;

	if (courier->is_ready)
		return EX_OK;
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

int
courier_meet(
    struct courier *courier, struct smarthost *smarthost, struct fault *f)
{
	int rc;

	if (courier->smtp != NULL && courier->at == smarthost &&
	    smtp_is_open(courier->smtp))
		return EX_OK;
	courier_leave(courier);
	rc = smtp_open(&courier->smtp, smarthost, courier->trace, f);
	if (rc == EX_OK)
		courier->at = smarthost;
	return rc;
}

void
courier_close(struct courier *courier)
{
	courier_leave(courier);
	if (courier->is_ready)
		policy_close(&courier->policy);
	courier->is_ready = false;
}
