/*
 * envelope - who sent a message, and how each recipient fares
 *
 * An envelope is written once, ahead of its message (head), and never altered;
 * what became of its recipients since then is told by the journal behind the
 * message, which is replayed into it.
 *
 * Recipients are counted from 0 here, from 1 on disk.  An address that gave way
 * to others (aliases) is `expanded'; those follow the ones of the header.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_ENVELOPE_H
#define MAILQ_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "conf/fault.h"
#include "mailq/notify.h"

#define ENVELOPE_ADDR 998 /* octets: beyond RFC 5321, 4.5.3.1.3, as VERP is */
#define ENVELOPE_RCPTS 100000
#define ENVELOPE_HOST 255
#define ENVELOPE_ENVID 100 /* octets as xtext, RFC 3461, 4.4 */
#define ENVELOPE_ORCPT 500 /* octets, RFC 3461, 4.2 */
#define ENVELOPE_NONE ((size_t)-1)

enum fate {
	FATE_WAITING,   /* nothing was tried, or it was released */
	FATE_DEFERRED,  /* waits: tried, and put off */
	FATE_UNKNOWN,   /* waits: the text was sent, no reply came */
	FATE_DELIVERED, /* the smarthost has it */
	FATE_REFUSED,   /* for good */
	FATE_EXPANDED   /* others stand for it */
};

/* What the sender may want to be told. */
enum report { REPORT_FAILED, REPORT_DELAYED };

struct rcpt {
	char *addr;
	char *orcpt;     /* as it stands on the wire, "rfc822;xtext"; or NULL */
	const char *why; /* the last word on it, shared; or NULL */
	size_t parent;   /* whom it came from, or ENVELOPE_NONE */
	size_t twin;     /* of a child: the same who was there, or that */
	size_t number;   /* of a child in the journal, from 1 */
	unsigned notify; /* enum notify */
	enum fate fate;
	int code;       /* of a refusal just met: what sysexits(3) calls it */
	bool is_stuck;  /* this attempt knows no way to it; why says what for */
	bool is_judged; /* a server has spoken in this attempt */
	bool is_changed;  /* the journal lacks that fate, or those words */
	bool is_noted;    /* a child that the journal knows, by its number */
	bool is_reported; /* a failure report was made */
	bool is_delayed;  /* a delay report was made, of it or its parent */
	time_t when;      /* the journal's line of that fate, */
	uint32_t sum;     /* and its CRC */
};

struct envelope {
	char *from;      /* "" for a report */
	char *host;      /* where it was stored */
	bool is_utf8;    /* SMTPUTF8 was asked for, needed or not */
	char *ret;       /* "full", "hdrs" or NULL */
	char *envid;     /* decoded, or NULL */
	char *report_of; /* the ID whose report this is, or NULL */
	struct rcpt *to;
	size_t count, room;
	const char *why; /* the last one given, to be shared; or NULL */
};

/* An envelope begins as { 0 } and ends here, whatever happened between. */
void envelope_free(struct envelope *);

/*
 * Copies.  EX_DATAERR if the address has a control character anywhere, or a
 * blank outside of quotes, or it, or one more of them, is beyond the limits.
 */
int envelope_from(struct envelope *, const char *addr, struct fault *);
int envelope_host(struct envelope *, const char *name, struct fault *);
int envelope_to(struct envelope *, const char *addr, struct fault *);

/*
 * One more recipient, who stands for the parent and takes notify and orcpt
 * from it (RFC 3461, 5.2.7).
 */
int envelope_child(
    struct envelope *, size_t parent, const char *addr, struct fault *);

/*
 * Whoever stands twice goes once, the first stays: domain without case, local
 * part with (RFC 5321, 2.4).  Only before the envelope was written.
 */
int envelope_unique(struct envelope *, struct fault *);

/*
 * The recipient who is there already, as envelope_unique() compares, or
 * ENVELOPE_NONE; a name for which others stand is not.
 */
size_t envelope_find(const struct envelope *, const char *addr);

/*
 * Recipient n fares so, and why (copied; NULL for no word).  One that gives
 * way to others keeps the last word that there was on it.
 */
int envelope_fate(
    struct envelope *, size_t n, enum fate, const char *why, struct fault *);

/* Whether it still waits: waiting, deferred or unknown. */
bool rcpt_waits(const struct rcpt *);

/*
 * Whether the sender wants to be told that it was refused, or still waits, and
 * was not: NOTIFY may exclude it (RFC 3461, 4.1).
 */
bool rcpt_is_untold(const struct rcpt *, enum report);

/* Whether anyone is untold; whoever is was told now. */
bool envelope_is_untold(const struct envelope *, enum report);
void envelope_told(struct envelope *, enum report);

/* Whether nobody waits but who is stuck. */
bool envelope_is_stuck(const struct envelope *);

/* Everyone who was not tried yet is deferred for this. */
int envelope_blame(struct envelope *, const char *why, struct fault *);

/* How many fare so; how many still wait (waiting, deferred, unknown). */
size_t envelope_count(const struct envelope *, enum fate);
size_t envelope_waiting(const struct envelope *);

#endif
