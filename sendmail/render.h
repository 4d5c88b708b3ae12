/*
 * render - a message as one server gets it
 *
 * Made once the server has said what it offers and before MAIL, for MAIL tells
 * its size; made anew where another smarthost, or this one, offers otherwise.
 * A message that needs nothing is the stored text itself.  A header that has to
 * change goes ahead of the stored body, which is not copied.  Only where the
 * body changes all of it is written, in memory while it is small, else into a
 * file without a name beside the message, or in /tmp.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_RENDER_H
#define SENDMAIL_RENDER_H

#include <stdbool.h>

#include "mailq/draft.h"
#include "mailq/item.h"
#include "sendmail/guise.h"
#include "sendmail/letter.h"
#include "sendmail/mime.h"
#include "sendmail/paper.h"

/* Begins with its policy, item and draft (or NULL), ends in render_free(). */
struct render {
	const struct policy *policy;
	const struct item *item;
	const struct draft *draft;

	/* What it was made for, */
	bool is_made;
	const struct smarthost *smarthost;
	struct mime_takes takes;

	/* of what, */
	char *header; /* as it is stored, without the empty line */
	size_t header_size;

	/* and what came of it. */
	struct guise guise;
	struct paper head, whole;
	struct text headed, changed;
	const struct text *text; /* one of these, or the stored one */
	bool is_utf8;
	char refusal[REPLY_TEXT]; /* "" or a reply in the server's stead */
};

/*
 * Give the letter the text, as it goes through that smarthost, which offers
 * this; or letter->refusal, if it cannot go.  EX_TEMPFAIL, EX_IOERR,
 * EX_CANTCREAT: it could not be made now.
 */
int render(struct render *, const struct smarthost *, const struct ehlo *,
    struct letter *, struct fault *);

void render_free(struct render *);

#endif
