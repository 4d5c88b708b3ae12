/* SPDX-License-Identifier: ISC */
#include "sendmail/tender.h"
#include "sendmail/verdict.h"

/* What cannot be made for want of memory or room delays this message alone. */
static int
make(
    struct courier *courier, struct render *r, struct batch *b, struct fault *f)
{
	const struct ehlo *ehlo = smtp_ehlo(courier->smtp);
	struct fault why = { 0 };

	if (render(r, courier->at, ehlo, &b->letter, &why) != EX_OK)
		return fault_set(f, EX_IOERR, "%s", why.text);
	return EX_OK;
}

static int
lay(struct courier *courier, struct render *r, struct batch *b, struct fault *f)
{
	struct smtp *smtp = courier->smtp;
	int rc;

	rc = make(courier, r, b, f);
	if (rc == EX_OK && letter_asks_for_more(&b->letter, smtp_ehlo(smtp))) {
		rc = smtp_ask_again(smtp, f);
		if (rc == EX_OK)
			rc = make(courier, r, b, f);
	}
	return rc == EX_OK ? smtp_offer(smtp, &b->letter, false, f) : rc;
}

/*
 * A server may be tired of a connection that has served it (OpenSMTPD takes
 * 100 messages, others hang up when idle): that is no fault of this message,
 * so it gets a fresh one, once.
 */
static int
lay_twice(
    struct courier *courier, struct render *r, struct batch *b, struct fault *f)
{
	struct smarthost *smarthost = courier->at;
	struct fault first = { 0 };
	int rc;

	if (smtp_accepted(courier->smtp) == 0)
		return lay(courier, r, b, f);
	rc = lay(courier, r, b, &first);
	if ((rc == EX_OK && !reply_is(&b->letter.mail, 4)) ||
	    (rc != EX_OK && rc != EX_IOERR) || verdict_most(&b->letter) > 0)
		return rc == EX_OK ? EX_OK : fault_set(f, rc, "%s", first.text);
	courier_leave(courier);
	batch_reset(b);
	rc = courier_meet(courier, smarthost, f);
	return rc == EX_OK ? lay(courier, r, b, f) : rc;
}

/*
 * Some servers take no mail from <>.  They get a report from who may send
 * there, rather than nobody gets it.
 */
const char *
tender_other(const struct courier *courier, const struct render *r,
    const struct letter *letter)
{
	if (r->item->env.report_of == NULL || letter->from[0] != '\0' ||
	    !verdict_may_be_about_sender(letter))
		return NULL;
	return policy_address(courier->conf, r->smarthost);
}

/* Who refuses MAIL may hang up, too. */
int
tender(
    struct courier *courier, struct render *r, struct batch *b, struct fault *f)
{
	struct smarthost *smarthost = courier->at;
	struct fault first = { 0 };
	const char *other = NULL;
	int rc;

	rc = lay_twice(courier, r, b, &first);
	if (rc == EX_OK || rc == EX_IOERR)
		other = tender_other(courier, r, &b->letter);
	if (other == NULL)
		return rc == EX_OK ? EX_OK : fault_set(f, rc, "%s", first.text);
	if (rc != EX_OK)
		courier_leave(courier);
	rc = batch_from(b, other, f);
	if (rc == EX_OK)
		rc = courier_meet(courier, smarthost, f);
	return rc == EX_OK ? lay_twice(courier, r, b, f) : rc;
}
