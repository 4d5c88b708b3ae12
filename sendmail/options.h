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

#include "conf/fault.h"

enum mode {
	MODE_SUBMIT,  /* -bm */
	MODE_SERVER,  /* -bs: SMTP on standard input and output */
	MODE_LIST,    /* -bp, mailq */
	MODE_ALIASES, /* -bi, newaliases: nothing to do */
	MODE_VERIFY,  /* -bv */
	MODE_CHECK,   /* -bC */
	MODE_RUN,     /* -q, or -bD beside it */
	MODE_HELP,
	MODE_VERSION
};

/* What happens to a refusal (-oe); what is not given is print. */
enum errors {
	ERRORS_PRINT,  /* -oep: a line on stderr, and the code */
	ERRORS_MAIL,   /* -oem, -oew: a report by mail too */
	ERRORS_QUIET,  /* -oeq: the code only */
	ERRORS_BERKNET /* -oee: a report, exit 0 */
};

/* -od; what is not given is the configuration's. */
enum when { WHEN_CONF, WHEN_NOW, WHEN_BACKGROUND, WHEN_QUEUE };

struct options {
	enum mode mode;
	enum errors errors;
	enum when when;
	bool recipients_in_header; /* -t */
	bool dot_is_text;          /* -i */
	bool is_verbose;           /* -v; it goes now, whatever -od says */
	const char *from;   /* -f, -r; NULL: not given, "" and "<>": null */
	const char *name;   /* -F; NULL: not given, "" is none */
	const char *body;   /* -B */
	const char *notify; /* -N, sound or NULL */
	const char *ret;    /* -R: "full", "hdrs" or NULL */
	const char *envid;  /* -V, sound xtext or NULL */
	const char *run_id; /* -qI, -qR, -qS: parts of what to run, or NULL */
	const char *run_recipient, *run_sender;
	int run_every;   /* -q15m: seconds; 0: once */
	bool stays_here; /* -bD: that in the foreground */
	bool all_users;  /* --all-users */
	bool only_due;   /* --due: by schedule */
	char **words;    /* operands; borrowed from argv */
	int count;
};

/*
 * Parse argv; the strings stay argv's.  EX_USAGE: one line on what is wrong.
 * -N, -R and -V with a bad value count as not given, as in Postfix.
 */
int options_parse(struct options *, int argc, char **argv, struct fault *);

#endif
