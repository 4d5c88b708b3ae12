/*
 * head - an envelope as lines of words
 *
 * Ahead of its message in a queue file lies who sent it to whom: a line each,
 * in this order, and an empty line.  A word is written so that none can break
 * out of its line (word); an empty one is <>.
 *
 *	from alice@example.org
 *	host web1.example.org
 *	option utf8
 *	option ret=hdrs
 *	option envid=QQ314159
 *	option report-of=19F2C6A7B0101234
 *	to bob@example.net notify=failure,delay orcpt=rfc822;bob@example.net
 *
 * A line that this room would not write makes the whole broken: whoever reads
 * it knows less than whoever wrote it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_HEAD_H
#define MAILQ_HEAD_H

#include <stdio.h>

#include "conf/fault.h"
#include "mailq/envelope.h"
#include "mailq/text.h"

/*
 * Write the recipients that stand for themselves and all else, empty line too,
 * and flush.  EX_DATAERR if what was set by hand is beyond its limit.
 */
int head_write(const struct envelope *, FILE *, struct fault *);

/* Read the text, all of it, into an empty envelope; EX_DATAERR, EX_IOERR. */
int head_read(struct envelope *, const struct text *, struct fault *);

#endif
