/*
 * options - what the caller asked for, in sendmail's way
 *
 * Every letter that a sendmail ever had is taken: some are obeyed, the rest
 * are read past, value and all, for the oddest caller must get his mail out.
 * Only a letter that never was, an unknown -bX, and -C are refused.  Command
 * lines are hostile: no word of one names a file, a program, a host or a port.
 * The first word that is no option ends them; -- does too.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_OPTIONS_H
#define SENDMAIL_OPTIONS_H

#include <stdbool.h>

#include "sendmail/mode.h"

#define OPTIONS_TAG 32 /* octets of -L */

/* What happens to a refusal (-oe); what is not given is print. */
enum errors {
	ERRORS_PRINT,  /* -oep: a line on stderr, and the code */
	ERRORS_MAIL,   /* -oem, -oew: a report by mail too */
	ERRORS_QUIET,  /* -oeq: the code only */
	ERRORS_BERKNET /* -oee: a report, exit 0 */
};

/* -od; what is not given is the configuration's. */
enum when { WHEN_CONF, WHEN_NOW, WHEN_BACKGROUND, WHEN_QUEUE };

/* Part of an ID or an address; NULL: whatever there is. */
struct pick {
	const char *part;
	bool is_not; /* all those that it is no part of */
};

struct options {
	enum mode mode;
	enum errors errors;
	enum when when;
	bool recipients_in_header; /* -t */
	bool dot_is_text;          /* -i */
	bool is_verbose;           /* -v; it goes now, whatever -od says */
	bool is_utf8;              /* -U: ask for SMTPUTF8 */
	bool is_relayed;           /* -G: nothing is added to the header */
	const char *from;   /* -f, -r; NULL: not given, "" and "<>": null */
	const char *name;   /* -F; NULL: not given, "" is none */
	const char *body;   /* -B */
	const char *notify; /* -N, sound or NULL */
	const char *ret;    /* -R: "full", "hdrs" or NULL */
	const char *envid;  /* -V, sound xtext or NULL */
	const char *tag;    /* -L, sound or NULL */
	struct fault doubt; /* of EX_OK: -N, -R and -V were sound */
	struct pick run_id, run_recipient, run_sender; /* -qI, -qR, -qS */
	int run_every;   /* -q15m: seconds; 0: once */
	bool stays_here; /* -bD: that in the foreground */
	bool all_users;  /* --all-users */
	bool only_due;   /* --due: by schedule */
	char **words;    /* operands; borrowed from argv */
	int count;
};

/*
 * Parse argv; the strings stay argv's.  EX_USAGE: one line on what is wrong.
 * -N, -R and -V with a bad value count as not given, as in Postfix, and leave a
 * doubt for the log.
 */
int options_parse(struct options *, int argc, char **argv, struct fault *);

#endif
