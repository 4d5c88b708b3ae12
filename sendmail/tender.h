/*
 * tender - a letter laid before its smarthost
 *
 * Once more over a fresh connection if it was tired of the old one, and where it
 * is a report that nobody may send, from somebody who may.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_TENDER_H
#define SENDMAIL_TENDER_H

#include "sendmail/batch.h"
#include "sendmail/courier.h"

/* Offer it at the smarthost that the courier has met; as smtp_offer(). */
int tender(struct courier *, struct batch *, bool is_report, struct fault *);

#endif
