/*
 * attempt - one message on its way, through as many transactions as it needs
 *
 * What is known of it while its recipients are offered, a batch at a time; and
 * what the replies to a batch make of them: each gets a fate and a line in the
 * log, or comes again within this attempt.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_ATTEMPT_H
#define SENDMAIL_ATTEMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "mailq/draft.h"
#include "mailq/item.h"
#include "sendmail/batch.h"
#include "sendmail/courier.h"
#include "sendmail/render.h"

struct attempt {
	struct courier *courier;
	struct smarthost *smarthost; /* the one that is tried */
	struct item *item;
	struct draft *draft;
	bool is_last;
	struct render render;
	bool is_tried;       /* a server has judged some of them */
	bool is_chased;      /* begun anew with a limit that was just met */
	bool leaves_someone; /* who was judged so far, or is stuck, waits */
	struct batch *ahead; /* offered behind the text before it, or NULL */
	const char *from;    /* of a report that nobody may send; or NULL */
	char *sender;        /* completed, before `address' */
	size_t next;         /* the first recipient that was not offered yet */
	int code;            /* of the refusals so far */
};

/*
 * Begin one, once the courier is ready; EX_CONFIG, EX_TEMPFAIL, as policy has it.
 */
int attempt_open(
    struct attempt **, struct courier *, struct item *, struct fault *);

/* Takes NULL. */
void attempt_close(struct attempt *);

/*
 * Make its next batch ready to ride behind a text that is about to leave; NULL if
 * it must not, or cannot.
 */
struct letter *attempt_prepare(struct attempt *);

/*
 * That batch, if it was offered to who is tried now, for the caller to free; else
 * NULL, and its recipients are next again.
 */
struct batch *attempt_take(struct attempt *);

/*
 * Whether somebody waits though others of the batch get the text: of who was
 * judged before, or of it, as far as RCPT tells.
 */
bool attempt_defers(const struct attempt *, const struct batch *);

/*
 * Give each recipient of a batch its fate; lost: why the connection ended, or
 * NULL.  Who comes again is behind next.  The account's fault is what is left to
 * say: EX_NOPERM.
 */
int attempt_judge(
    struct attempt *, const struct batch *, const char *lost, struct fault *);

/*
 * What was learnt goes to disk before anything else happens, unless the file
 * itself is about to go.
 */
void attempt_note(const struct attempt *);

#endif
