/* SPDX-License-Identifier: ISC */
#include "sendmail/tender.h"
#include "sendmail/verdict.h"

/*
 * A server may be tired of a connection that has served it (OpenSMTPD takes
 * 100 messages, others hang up when idle): that is no fault of this message,
 * so it gets a fresh one, once.
 */
static int
lay(struct courier *courier, struct batch *b, struct fault *f)
{
	struct smarthost *smarthost = courier->at;
	struct fault first = { 0 };
	int rc;

	if (smtp_accepted(courier->smtp) == 0)
		return smtp_offer(courier->smtp, &b->letter, false, f);
	rc = smtp_offer(courier->smtp, &b->letter, false, &first);
	if ((rc == EX_OK && !reply_is(&b->letter.mail, 4)) ||
	    (rc != EX_OK && rc != EX_IOERR))
		return rc == EX_OK ? EX_OK : fault_set(f, rc, "%s", first.text);
	courier_leave(courier);
	batch_reset(b);
	rc = courier_meet(courier, smarthost, f);
	if (rc == EX_OK)
		rc = smtp_offer(courier->smtp, &b->letter, false, f);
	return rc;
}

/*
 * Some servers take no mail from <>.  They get a report from who may send
 * there, rather than nobody gets it.
 */
static int
lay_report(struct courier *courier, struct batch *b, struct fault *f)
{
	struct smarthost *smarthost = courier->at;
	const char *address = policy_address(courier->conf, smarthost);
	int rc;

	rc = lay(courier, b, f);
	if (rc != EX_OK || address == NULL ||
	    !verdict_is_about_sender(&b->letter))
		return rc;
	rc = batch_from(b, address, f);
	if (rc == EX_OK)
		rc = courier_meet(courier, smarthost, f);
	return rc == EX_OK ? lay(courier, b, f) : rc;
}

int
tender(
    struct courier *courier, struct batch *b, bool is_report, struct fault *f)
{
	return is_report ? lay_report(courier, b, f) : lay(courier, b, f);
}
