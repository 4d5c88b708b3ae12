/*
 * data - the text on the wire
 *
 * Behind DATA every line that begins with a dot gets one more, and a line of one
 * dot ends it all (RFC 5321, 4.5.2).  Behind BDAT, which tells how long it is,
 * it goes as it is (RFC 3030).  A text that lacks its last line end gets that
 * too (RFC 5321, 4.1.1.4).  The text is read and sent in chunks; whether a line
 * begins is kept from one to the next.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_DATA_H
#define SENDMAIL_DATA_H

#include "conf/fault.h"
#include "mailq/text.h"
#include "sendmail/net.h"

/*
 * Put the text, without the dot; what remains in net is to be flushed.  Each
 * chunk may take so many seconds.  EX_IOERR: lost, or the text cannot be read;
 * then the dot must never follow.  Nor after EX_OK if net_has_input(): who speaks
 * amid the text has made up his mind, and gets no more of it.
 */
int data_put(struct net *, const struct text *, int seconds, struct fault *);

/* Put the dot. */
int data_end(struct net *, struct fault *);

/*
 * Put BDAT and the text, as data_put() does.  It has no end but its own: the
 * server has all of it once net is flushed, and not before.  What is not to be
 * flushed is to be discarded.
 */
int data_put_whole(
    struct net *, const struct text *, int seconds, struct fault *);

#endif
