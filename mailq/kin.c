/* SPDX-License-Identifier: ISC */
#include "mailq/kin.h"

int
kin_add(struct envelope *env, size_t parent, const char *addr, struct fault *f)
{
	const size_t twin = envelope_find(env, addr);
	struct rcpt *to;
	int rc;

	/* Nobody who gets it is left out for want of room for him twice. */
	if (twin != ENVELOPE_NONE && env->count == ENVELOPE_RCPTS)
		return EX_OK;
	rc = envelope_child(env, parent, addr, f);
	if (rc == EX_OK && twin != ENVELOPE_NONE) {
		to = env->to + env->count - 1;
		env->to[twin].notify =
		    notify_join(env->to[twin].notify, to->notify);
		to->twin = twin;
		to->fate = FATE_EXPANDED;
		to->is_changed = true;
	}
	return rc;
}

static void
see(struct kin *kin, const struct rcpt *to)
{
	kin->is_settled = kin->is_settled || to->fate == FATE_DELIVERED ||
	    to->fate == FATE_REFUSED || to->fate == FATE_UNKNOWN;
	if (to->fate == FATE_DEFERRED) {
		kin->is_deferred = true;
		kin->why = to->why;
	}
}

static void
pass_on(const struct kin *from, struct kin *to)
{
	to->is_settled = to->is_settled || from->is_settled;
	if (from->is_deferred) {
		to->is_deferred = true;
		to->why = from->why;
	}
}

/*
 * Children follow their parents, and twins: going backwards, each is seen
 * complete.  A twin may be a name itself that gave way only after this child came,
 * so its own children follow, too.
 */
static void
look(const struct envelope *env, struct kin *kin)
{
	const struct rcpt *to;
	struct kin *parent;
	size_t i;

	for (i = env->count; i-- > 0;) {
		to = env->to + i;
		see(kin + i, to);
		if (to->twin != ENVELOPE_NONE) {
			see(kin + i, env->to + to->twin);
			pass_on(kin + to->twin, kin + i);
		}
		if (to->parent == ENVELOPE_NONE)
			continue;
		parent = kin + to->parent;
		pass_on(kin + i, parent);
		parent->is_tied = parent->is_tied ||
		    (to->twin != ENVELOPE_NONE && to->is_changed &&
			kin[i].is_settled);
	}
}

/*
 * What stands for a settled name stays.  A twin that came from another name would
 * go with that, were it not in the journal, and so those it came from.
 */
static void
bind(const struct envelope *env, struct kin *kin)
{
	const struct rcpt *to;
	size_t i, n;

	for (i = 0; i < env->count; i++) {
		to = env->to + i;
		if (to->twin == ENVELOPE_NONE || !kin[to->parent].is_settled)
			continue;
		for (n = to->twin; n != ENVELOPE_NONE && !kin[n].is_bound;
		     n = env->to[n].parent)
			kin[n].is_bound = true;
	}
}

void
kin_look(const struct envelope *env, struct kin *kin)
{
	look(env, kin);
	bind(env, kin);
}
