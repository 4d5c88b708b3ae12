/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mailq/envelope.h"
#include "mailq/word.h"

/* Many recipients fare alike: they share the words that say why. */
struct words {
	size_t users;
	char text[];
};

static struct words *
around(const char *text)
{
	return (void *)((char *)text - offsetof(struct words, text));
}

static void
release(const char *text)
{
	if (text != NULL && --around(text)->users == 0)
		free(around(text));
}

static int
no_memory(struct fault *f)
{
	return fault_errno(f, EX_TEMPFAIL, "cannot keep an envelope");
}

/* The envelope itself uses the last words, too. */
static int
share(struct envelope *env, const char **shared, const char *text,
    struct fault *f)
{
	struct words *words;
	size_t size;

	if (env->why == NULL || strcmp(env->why, text) != 0) {
		size = strlen(text) + 1;
		words = malloc(sizeof(*words) + size);
		if (words == NULL)
			return no_memory(f);
		words->users = 1;
		memcpy(words->text, text, size);
		release(env->why);
		env->why = words->text;
	}
	around(env->why)->users++;
	*shared = env->why;
	return EX_OK;
}

static void
rcpt_free(struct rcpt *rcpt)
{
	free(rcpt->addr);
	free(rcpt->orcpt);
	release(rcpt->why);
}

void
envelope_free(struct envelope *env)
{
	size_t i;

	for (i = 0; i < env->count; i++)
		rcpt_free(env->to + i);
	free(env->to);
	free(env->from);
	free(env->host);
	free(env->ret);
	free(env->envid);
	free(env->report_of);
	release(env->why);
	*env = (struct envelope){ 0 };
}

static int
copy(char **to, const char *from, struct fault *f)
{
	char *new = strdup(from);

	if (new == NULL)
		return no_memory(f);
	free(*to);
	*to = new;
	return EX_OK;
}

static int
holds_blank(const char *addr, struct fault *f)
{
	return fault_set(f, EX_DATAERR, "'%s' holds a blank", addr);
}

/* It ends in a command (RFC 5321, 4.1.2): nothing may break out of that. */
static int
check(const char *addr, struct fault *f)
{
	bool is_quoted = false;
	const char *at;

	if (strlen(addr) > ENVELOPE_ADDR)
		return fault_set(f, EX_DATAERR,
		    "an address is longer than %d octets: '%.40s...'",
		    ENVELOPE_ADDR, addr);
	for (at = addr; *at != '\0'; at++) {
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return fault_set(f, EX_DATAERR,
			    "'%s' holds a control character", addr);
		if (*at == ' ' && !is_quoted)
			return holds_blank(addr, f);
		if (*at == '"')
			is_quoted = !is_quoted;
		else if (*at == '\\' && is_quoted &&
		    (at[1] == '"' || at[1] == '\\'))
			at++;
	}

	/* What is not closed does not quote. */
	if (is_quoted && strchr(addr, ' ') != NULL)
		return holds_blank(addr, f);
	return EX_OK;
}

int
envelope_from(struct envelope *env, const char *addr, struct fault *f)
{
	if (check(addr, f) != EX_OK)
		return f->code;
	return copy(&env->from, addr, f);
}

int
envelope_host(struct envelope *env, const char *name, struct fault *f)
{
	if (strlen(name) > ENVELOPE_HOST)
		return fault_set(f, EX_DATAERR, "a host's name is too long");
	return copy(&env->host, name, f);
}

static int
make_room(struct envelope *env, struct fault *f)
{
	size_t room = env->room == 0 ? 8 : env->room * 2;
	struct rcpt *to;

	if (env->count < env->room)
		return EX_OK;
	if (room > ENVELOPE_RCPTS)
		room = ENVELOPE_RCPTS;
	if (env->count == room)
		return fault_set(
		    f, EX_DATAERR, "more than %d recipients", ENVELOPE_RCPTS);
	to = realloc(env->to, room * sizeof(*to));
	if (to == NULL)
		return no_memory(f);
	env->to = to;
	env->room = room;
	return EX_OK;
}

int
envelope_to(struct envelope *env, const char *addr, struct fault *f)
{
	struct rcpt *to;

	if (addr[0] == '\0')
		return fault_set(f, EX_DATAERR, "a recipient has no address");
	if (check(addr, f) != EX_OK || make_room(env, f) != EX_OK)
		return f->code;
	to = env->to + env->count;
	*to = (struct rcpt){ .parent = ENVELOPE_NONE, .twin = ENVELOPE_NONE };
	if (copy(&to->addr, addr, f) != EX_OK)
		return f->code;
	env->count++;
	return EX_OK;
}

int
envelope_child(
    struct envelope *env, size_t parent, const char *addr, struct fault *f)
{
	const struct rcpt *from;
	struct rcpt *to;
	int rc;

	rc = envelope_to(env, addr, f);
	if (rc != EX_OK)
		return rc;
	to = env->to + env->count - 1;
	from = env->to + parent;
	to->parent = parent;
	to->notify = from->notify;
	to->is_delayed = from->is_delayed;
	if (from->orcpt != NULL)
		rc = copy(&to->orcpt, from->orcpt, f);
	return rc;
}

/* From the @ on; the end for a bare name, be it in quotes that hold one. */
static const char *
domain(const char *addr)
{
	const char *end = addr + strlen(addr);
	const char *at = strrchr(addr, '@');

	return at == NULL || end[-1] == '"' ? end : at;
}

static int
compare(const char *a, const char *b)
{
	const char *end = domain(a), *other = domain(b);
	size_t len = (size_t)(end - a);
	int order;

	if (len != (size_t)(other - b))
		return len < (size_t)(other - b) ? -1 : 1;
	order = memcmp(a, b, len);
	return order != 0 ? order : strcasecmp(end, other);
}

static int
by_address(const void *a, const void *b)
{
	const struct rcpt *x = *(struct rcpt *const *)a;
	const struct rcpt *y = *(struct rcpt *const *)b;
	int order = compare(x->addr, y->addr);

	if (order != 0)
		return order;
	return x < y ? -1 : x > y;
}

int
envelope_unique(struct envelope *env, struct fault *f)
{
	struct rcpt **sorted;
	size_t i, kept = 0;

	if (env->count < 2)
		return EX_OK;
	sorted = calloc(env->count, sizeof(struct rcpt *));
	if (sorted == NULL)
		return no_memory(f);
	for (i = 0; i < env->count; i++)
		sorted[i] = env->to + i;
	qsort(sorted, env->count, sizeof(struct rcpt *), by_address);

	/* From the last on, so that the one before still has its address. */
	for (i = env->count - 1; i > 0; i--) {
		if (compare(sorted[i - 1]->addr, sorted[i]->addr) != 0)
			continue;
		rcpt_free(sorted[i]);
		sorted[i]->addr = NULL;
	}
	free(sorted);
	for (i = 0; i < env->count; i++)
		if (env->to[i].addr != NULL)
			env->to[kept++] = env->to[i];
	env->count = kept;
	return EX_OK;
}

size_t
envelope_find(const struct envelope *env, const char *addr)
{
	size_t i;

	for (i = 0; i < env->count; i++)
		if (env->to[i].fate != FATE_EXPANDED &&
		    compare(env->to[i].addr, addr) == 0)
			return i;
	return ENVELOPE_NONE;
}

static bool
is_same(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

int
envelope_fate(struct envelope *env, size_t n, enum fate fate, const char *why,
    struct fault *f)
{
	struct rcpt *rcpt = env->to + n;
	const char *shared = NULL;

	if (fate == FATE_EXPANDED) {
		rcpt->is_changed = rcpt->is_changed || rcpt->fate != fate;
		rcpt->fate = fate;
		return EX_OK;
	}
	if (rcpt->fate == fate && is_same(rcpt->why, why))
		return EX_OK;
	if (why != NULL && share(env, &shared, why, f) != EX_OK)
		return f->code;
	release(rcpt->why);
	rcpt->why = shared;
	rcpt->fate = fate;
	rcpt->is_changed = true;
	return EX_OK;
}

bool
rcpt_waits(const struct rcpt *rcpt)
{
	return rcpt->fate == FATE_WAITING || rcpt->fate == FATE_DEFERRED ||
	    rcpt->fate == FATE_UNKNOWN;
}

bool
rcpt_is_untold(const struct rcpt *rcpt, enum report report)
{
	unsigned bit = report == REPORT_FAILED ? NOTIFY_FAILURE : NOTIFY_DELAY;

	if (rcpt->notify != 0 && (rcpt->notify & bit) == 0)
		return false;
	if (report == REPORT_FAILED)
		return rcpt->fate == FATE_REFUSED && !rcpt->is_reported;
	return rcpt_waits(rcpt) && !rcpt->is_delayed;
}

bool
envelope_is_untold(const struct envelope *env, enum report report)
{
	size_t i;

	for (i = 0; i < env->count; i++)
		if (rcpt_is_untold(env->to + i, report))
			return true;
	return false;
}

void
envelope_told(struct envelope *env, enum report report)
{
	struct rcpt *to;

	for (to = env->to; to < env->to + env->count; to++) {
		if (!rcpt_is_untold(to, report))
			continue;
		if (report == REPORT_FAILED)
			to->is_reported = true;
		else
			to->is_delayed = true;
	}
}

bool
envelope_is_stuck(const struct envelope *env)
{
	size_t n;

	for (n = 0; n < env->count; n++)
		if (rcpt_waits(env->to + n) && !env->to[n].is_stuck)
			return false;
	return true;
}

int
envelope_blame(struct envelope *env, const char *why, struct fault *f)
{
	size_t n;
	int rc = EX_OK;

	for (n = 0; rc == EX_OK && n < env->count; n++)
		if (env->to[n].fate == FATE_WAITING)
			rc = envelope_fate(env, n, FATE_DEFERRED, why, f);
	return rc;
}

size_t
envelope_count(const struct envelope *env, enum fate fate)
{
	size_t i, count = 0;

	for (i = 0; i < env->count; i++)
		count += env->to[i].fate == fate;
	return count;
}

size_t
envelope_waiting(const struct envelope *env)
{
	size_t i, count = 0;

	for (i = 0; i < env->count; i++)
		count += rcpt_waits(env->to + i);
	return count;
}
