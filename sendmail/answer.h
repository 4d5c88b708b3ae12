/*
 * answer - what a client is told about its message
 *
 *	250 2.0.0 Ok: queued as ID        it waits, and is ours
 *	250 2.0.0 Ok: WORDS               the smarthost has it, and said so
 *	550 5.1.1 WORDS                   each recipient was refused by name
 *	554 5.7.1 WORDS                   it was refused for another reason
 *	451 4.3.0 WORDS                   it can neither be sent nor kept
 *
 * So 550, 551 and 553 mean the recipients and nothing else: where MAIL or the
 * text was refused with one of these it is 554, the rest unchanged.  Of several
 * recipients the first counts whose refusal was of another kind, else the first.
 *
 * A smarthost that takes its leave with 421 does so from us: 451 is what our
 * client hears, for we stay.
 *
 * Of some accepted, others not, and nothing kept, no single reply can tell: then
 * a line for each who was accepted goes ahead.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_ANSWER_H
#define SENDMAIL_ANSWER_H

#include "mailq/item.h"
#include "sendmail/talk.h"

#define ANSWER_LINES 100 /* of those accepted, at most */

/* rc and fault are what submit() left. */
void answer(struct talk *, const struct item *, int rc, const struct fault *);

#endif
