/*
 * value - what a setting's value may look like
 *
 * Each kind of value in onehop.conf(5) is checked and put into shape here:
 * what was written goes in, and what the rooms above want comes out, or a text
 * that says what to write instead.  Which setting is of which kind is told in
 * setting.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "conf/fault.h"
#include "conf/words.h"

#define VALUE_STEPS 32         /* times in a list of them */
#define VALUE_LONGEST 31536000 /* seconds, 365 days */

enum tls_use { TLS_STARTTLS, TLS_IMPLICIT, TLS_OFF };
enum rewrite { REWRITE_LOCAL, REWRITE_ALL, REWRITE_NEVER };
enum delivery { DELIVERY_NOW, DELIVERY_BACKGROUND, DELIVERY_QUEUE };

enum value {            /* and what it is put into */
	VALUE_TEXT,     /* char *, as it is */
	VALUE_PATH,     /* char *, absolute */
	VALUE_HOST,     /* char *, an address without brackets */
	VALUE_PORT,     /* char *, digits */
	VALUE_TLS,      /* enum tls_use */
	VALUE_AUTH,     /* struct words; empty is auto */
	VALUE_SENDERS,  /* struct words, a@b or @b */
	VALUE_ADDRESS,  /* char * */
	VALUE_HELLO,    /* char *, a name or an address literal */
	VALUE_DOMAIN,   /* char * */
	VALUE_PINS,     /* struct words, base64 or hex */
	VALUE_NO,       /* bool, true if it says no */
	VALUE_TIME,     /* int, seconds */
	VALUE_TIMEOUT,  /* int, seconds, not 0 */
	VALUE_TIMES,    /* int[VALUE_STEPS], 0 behind the last */
	VALUE_REWRITE,  /* enum rewrite */
	VALUE_DELIVERY, /* enum delivery */
	VALUE_LOG,      /* char *, syslog, stderr, none or a path */
	VALUE_JSON      /* bool, true if it says json */
};

/*
 * Replace what is in place by what the value means.  home stands for ~/, and
 * may be NULL.  EX_CONFIG: it is empty, holds a control character, or will not
 * do: "'5' is no time: write 30s, 5m, 2h or 5d".  EX_TEMPFAIL: memory.
 */
int value_put(enum value, void *place, const char *value, const char *home,
    struct fault *);

/* Overwrite, free, make NULL; takes NULL. */
void value_forget(char **);

#endif
