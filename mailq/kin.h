/*
 * kin - recipients who stand for one another
 *
 * A name gives way to its targets (aliases), each of them a child of it.  A
 * target who was a recipient before gets one copy, as that one: the child is only
 * there to tell how the name fares, its twin stands for it, and the journal does
 * not know it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_KIN_H
#define MAILQ_KIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "conf/fault.h"
#include "mailq/envelope.h"

/* What is known of a recipient and of those who stand for it. */
struct kin {
	bool is_settled; /* one has met an end, or may have, */
	bool is_tied;    /* and that was a child's twin, which is news */
	bool is_bound;   /* it has to stay: a settled name needs it as a twin */
	bool is_deferred; /* one has been put off, */
	const char *why;  /* and this is why the first was */
	size_t end;       /* for who writes that down (note): where the line */
	time_t when;      /* ends that names it, 0 if there is none; and the */
	uint32_t sum;     /* time and CRC of that of its fate */
};

/* One more target of the parent, be it there or not; as envelope_child(). */
int kin_add(struct envelope *, size_t parent, const char *addr, struct fault *);

/* How each fares, in as many as there are recipients, zeroed. */
void kin_look(const struct envelope *, struct kin *);

#endif
