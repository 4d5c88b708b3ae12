/*
 * batch - one transaction's worth of a message
 *
 * A letter (smtp) and what it points to: the sender as this smarthost gets it,
 * and the next recipients that wait, in full, as many as one transaction takes.
 * Its text is still to come (render).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_BATCH_H
#define SENDMAIL_BATCH_H

#include "mailq/item.h"
#include "sendmail/courier.h"
#include "sendmail/smtp.h"

struct batch {
	struct letter letter;
	struct letter_rcpt to[SMTP_MOST];
	char *addr[SMTP_MOST];
	unsigned domains; /* among them, where they are counted */
	char *from;
	bool sender_is_ours; /* policy_sender() */
};

/* Whether anyone waits to be offered, from recipient n on. */
bool batch_is_due(const struct envelope *, size_t n);

/*
 * Make one, for the smarthost that the courier has met, of the recipients from
 * *next on, which moves to the first that has to wait for another.  *b is NULL
 * after a fault: EX_CONFIG, EX_TEMPFAIL.
 */
int batch_make(struct batch **b, const struct courier *, const struct item *,
    size_t *next, struct fault *);

/* Forget what was said to it, to say it again, */
void batch_reset(struct batch *);

/* and as from that sender (copied). */
int batch_from(struct batch *, const char *from, struct fault *);

/* Whether some recipient got a reply of that digit. */
bool batch_has(const struct batch *, int first_digit);

/* Takes NULL. */
void batch_free(struct batch *);

#endif
