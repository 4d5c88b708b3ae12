/*
 * command - what a client's line asks for
 *
 * Verbs in any case (RFC 5321, 4.1.1).  MAIL and RCPT bring a path: an address
 * in angle brackets, maybe with a route ahead of it, which is dropped (C); and
 * parameters: SIZE, BODY, SMTPUTF8, RET and ENVID, or NOTIFY and ORCPT.  The
 * address is read as any other (address), but no comment, no name and no blank
 * outside of quotes belongs into a path.  Programs that write one without
 * brackets are understood.
 *
 * What is wrong is a fault whose text is the reply.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_COMMAND_H
#define SENDMAIL_COMMAND_H

#include "conf/fault.h"
#include "mailq/envelope.h"

#define COMMAND_SIZE (1L << 28) /* octets of a text; what SIZE says */

enum verb {
	VERB_UNKNOWN,
	VERB_HELO,
	VERB_EHLO,
	VERB_MAIL,
	VERB_RCPT,
	VERB_DATA,
	VERB_RSET,
	VERB_NOOP,
	VERB_VRFY,
	VERB_HELP,
	VERB_VERB,
	VERB_QUIT,
	VERB_NOT_HERE /* known, and not offered */
};

/* Which it is; *argument is what stands behind it, blanks around it gone. */
enum verb command_verb(char *line, const char **argument);

/*
 * The argument of MAIL into an empty envelope, that of RCPT into one that has a
 * sender.  EX_DATAERR; EX_TEMPFAIL: the client may try again.
 */
int command_mail(const char *argument, struct envelope *, struct fault *);
int command_rcpt(const char *argument, struct envelope *, struct fault *);

#endif
