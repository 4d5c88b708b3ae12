/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sendmail/address.h"
#include "sendmail/lookup.h"
#include "sendmail/policy.h"
#include "sendmail/token.h"

/* One walk over the targets of an alias. */
struct walk {
	const struct policy *policy;
	struct envelope *env;
	size_t parent;
	size_t others; /* targets that are not the name itself */
};

static void
choose_domain(struct policy *policy)
{
	if (policy->conf->domain != NULL)
		snprintf(policy->domain, sizeof(policy->domain), "%s",
		    policy->conf->domain);
	else
		host_domain(policy->fqdn, policy->domain);
}

int
policy_open(struct policy *policy, const struct conf *conf,
    struct patience *patience, struct fault *f)
{
	policy->conf = conf;
	host_name(policy->name);
	lookup_fqdn(policy->fqdn, patience);
	choose_domain(policy);
	return aliases_read(&policy->file, conf->aliases_file, f);
}

void
policy_close(struct policy *policy)
{
	aliases_free(&policy->file);
	*policy = (struct policy){ 0 };
}

bool
policy_is_local(
    const struct policy *policy, const char *addr, const char *recorded)
{
	const char *domain = address_domain(addr);

	if (domain == NULL)
		return true;
	return host_is_localhost(domain) ||
	    strcasecmp(domain, policy->name) == 0 ||
	    (policy->fqdn[0] != '\0' &&
		strcasecmp(domain, policy->fqdn) == 0) ||
	    (recorded != NULL && strcasecmp(domain, recorded) == 0);
}

/*
 * The local part in lower case, without its quotes; "" where it is too long to
 * be an alias.
 */
static void
local_name(const char *addr, char name[HOST_NAME + 1])
{
	const char *domain = address_domain(addr);
	size_t len = strlen(addr), i;

	if (domain != NULL)
		len = (size_t)(domain - addr) - 1;
	if (len > HOST_NAME)
		len = 0;
	if (addr[0] == '"' && len > 1)
		len = token_plain(addr + 1, len - 2, name);
	else
		memcpy(name, addr, len);
	for (i = 0; i < len; i++)
		name[i] = (char)tolower((unsigned char)name[i]);
	name[len] = '\0';
}

static const struct alias *
find_alias(const struct policy *policy, const char *name)
{
	const struct conf *conf = policy->conf;
	const struct alias *hit;

	hit = alias_find(conf->alias, conf->aliases, name);
	if (hit == NULL)
		hit = alias_find(policy->file.alias, policy->file.count, name);
	if (hit == NULL)
		hit = alias_find(conf->alias, conf->aliases, "*");
	return hit;
}

/* What a person has to mend. */
static int
bad_alias(
    const struct policy *policy, const struct alias *alias, struct fault *f)
{
	const struct conf *conf = policy->conf;
	bool is_ours = conf->aliases > 0 && alias >= conf->alias &&
	    alias < conf->alias + conf->aliases;
	const char *file = conf->aliases_file;

	if (file == NULL)
		file = ALIASES_FILE;
	if (is_ours)
		file = conf->path != NULL ? conf->path : "the environment";
	return fault_set(f, EX_CONFIG,
	    "alias '%s' leads to '%s', which is no address list: mend it in "
	    "%s%s",
	    alias->name, alias->to, is_ours ? "[aliases] of " : "", file);
}

/* Whether some ancestor goes by that name, or there are too many of them. */
static bool
is_circle(const struct envelope *env, size_t n, const char *name)
{
	char other[HOST_NAME + 1];
	size_t depth;

	for (depth = 0; env->to[n].parent != ENVELOPE_NONE; depth++) {
		n = env->to[n].parent;
		local_name(env->to[n].addr, other);
		if (depth >= POLICY_DEPTH || strcmp(other, name) == 0)
			return true;
	}
	return false;
}

/* Whether an address is the very name that is being expanded. */
static bool
is_itself(const struct walk *walk, const char *addr)
{
	char mine[HOST_NAME + 1], other[HOST_NAME + 1];

	if (!policy_is_local(walk->policy, addr, walk->env->host))
		return false;
	local_name(walk->env->to[walk->parent].addr, mine);
	local_name(addr, other);
	return strcmp(mine, other) == 0;
}

static int
see_target(void *ctx, const struct mailbox *box, struct fault *f)
{
	struct walk *walk = ctx;

	(void)f;
	if (!is_itself(walk, box->addr))
		walk->others++;
	return EX_OK;
}

static int
add_target(void *ctx, const struct mailbox *box, struct fault *f)
{
	struct walk *walk = ctx;

	return kin_add(walk->env, walk->parent, box->addr, f);
}

static int
expand(const struct policy *policy, struct envelope *env, size_t n,
    struct fault *f)
{
	struct walk walk = { policy, env, n, 0 };
	const enum fate before = env->to[n].fate;
	char name[HOST_NAME + 1];
	const struct alias *alias;
	struct fault why = { 0 };
	int rc;

	local_name(env->to[n].addr, name);
	if (name[0] == '\0' || is_circle(env, n, name))
		return EX_OK;
	alias = find_alias(policy, name);
	if (alias == NULL)
		return EX_OK;
	rc =
	    address_list(alias->to, strlen(alias->to), see_target, &walk, &why);
	if (rc == EX_TEMPFAIL)
		return fault_set(f, rc, "%s", why.text);
	if (rc != EX_OK)
		return bad_alias(policy, alias, f);
	if (walk.others == 0)
		return EX_OK;
	/* A name that maps to itself may be there once more, but not as this one. */
	env->to[n].fate = FATE_EXPANDED;
	rc = address_list(alias->to, strlen(alias->to), add_target, &walk, f);
	env->to[n].fate = before;
	return rc == EX_OK ? envelope_fate(env, n, FATE_EXPANDED, NULL, f) : rc;
}

int
policy_complete(const struct policy *policy, const char *addr,
    const char *recorded, char **full, struct fault *f)
{
	const char *domain = address_domain(addr);
	size_t len = strlen(addr);
	char *out;

	*full = NULL;
	if (addr[0] == '\0' || !policy_is_local(policy, addr, recorded)) {
		*full = strdup(addr);
		return *full != NULL
		    ? EX_OK
		    : fault_errno(f, EX_TEMPFAIL, "cannot complete '%s'", addr);
	}
	if (policy->domain[0] == '\0')
		return fault_set(f, EX_CONFIG,
		    "'%s' has no domain, and this machine knows none: "
		    "set [sender] domain",
		    addr);
	if (domain != NULL)
		len = (size_t)(domain - addr) - 1;
	out = malloc(len + strlen(policy->domain) + 2);
	if (out == NULL)
		return fault_errno(
		    f, EX_TEMPFAIL, "cannot complete '%s'", addr);
	memcpy(out, addr, len);
	out[len] = '@';
	memcpy(out + len + 1, policy->domain, strlen(policy->domain) + 1);
	*full = out;
	return EX_OK;
}

/* What is wrong with one name is no matter of the others. */
static int
find_way(const struct policy *policy, struct envelope *env, size_t n,
    struct fault *f)
{
	struct fault why = { 0 };
	char *full = NULL;
	int rc;

	if (!policy_is_local(policy, env->to[n].addr, env->host))
		return EX_OK;
	rc = expand(policy, env, n, &why);
	if (rc == EX_OK && env->to[n].fate != FATE_EXPANDED)
		rc = policy_complete(
		    policy, env->to[n].addr, env->host, &full, &why);
	free(full);
	if (rc == EX_OK)
		return EX_OK;
	if (rc != EX_CONFIG)
		return fault_set(f, rc, "%s", why.text);
	env->to[n].is_stuck = true;
	return envelope_fate(env, n, FATE_DEFERRED, why.text, f);
}

static int
ignore(void *ctx, const struct mailbox *box, struct fault *f)
{
	(void)ctx;
	(void)box;
	(void)f;
	return EX_OK;
}

int
policy_expand(
    const struct policy *policy, struct envelope *env, struct fault *f)
{
	enum fate fate;
	size_t n;
	int rc = EX_OK;

	for (n = 0; rc == EX_OK && n < env->count; n++) {
		env->to[n].is_stuck = env->to[n].is_judged = false;
		fate = env->to[n].fate;
		if (fate == FATE_WAITING || fate == FATE_DEFERRED)
			rc = find_way(policy, env, n, f);
	}
	return rc;
}

int
policy_check(const struct policy *policy, struct fault *f)
{
	const struct conf *conf = policy->conf;
	struct fault why;
	size_t i;

	for (i = 0; i < conf->aliases; i++) {
		why = (struct fault){ 0 };
		if (address_list(conf->alias[i].to, strlen(conf->alias[i].to),
			ignore, NULL, &why) != EX_OK)
			return bad_alias(policy, conf->alias + i, f);
	}
	for (i = 0; i < policy->file.count; i++) {
		why = (struct fault){ 0 };
		if (address_list(policy->file.alias[i].to,
			strlen(policy->file.alias[i].to), ignore, NULL,
			&why) != EX_OK)
			return bad_alias(policy, policy->file.alias + i, f);
	}
	return EX_OK;
}

const char *
policy_address(const struct conf *conf, const struct smarthost *smarthost)
{
	return smarthost != NULL && smarthost->address != NULL
	    ? smarthost->address
	    : conf->address;
}

bool
policy_is_routable(
    const struct policy *policy, const char *addr, const char *recorded)
{
	const char *domain = address_domain(addr);

	return !policy_is_local(policy, addr, recorded) &&
	    strchr(domain, '.') != NULL;
}

const char *
policy_replacement(const struct policy *policy,
    const struct smarthost *smarthost, const char *addr, const char *recorded)
{
	enum rewrite rewrite = policy->conf->rewrite;

	if (rewrite == REWRITE_NEVER ||
	    (rewrite == REWRITE_LOCAL &&
		policy_is_routable(policy, addr, recorded)))
		return NULL;
	return policy_address(policy->conf, smarthost);
}

int
policy_sender(const struct policy *policy, const struct smarthost *smarthost,
    const struct envelope *env, char **full, bool *is_ours, struct fault *f)
{
	const char *address = NULL;
	int rc;

	*full = NULL;
	*is_ours = false;
	if (env->from[0] != '\0')
		address =
		    policy_replacement(policy, smarthost, env->from, env->host);
	if (address == NULL) {
		rc = policy_complete(policy, env->from, env->host, full, f);
		*is_ours = *full != NULL && strcmp(*full, env->from) != 0;
		return rc;
	}
	*is_ours = true;
	*full = strdup(address);
	if (*full == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep '%s'", address);
	return EX_OK;
}

int
policy_writer(const struct policy *policy, const struct envelope *env,
    char **full, struct fault *f)
{
	struct fault unheard = { 0 };

	if (policy_complete(policy, env->from, env->host, full, &unheard) ==
	    EX_OK)
		return EX_OK;
	*full = strdup(env->from);
	if (*full == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot send");
	return EX_OK;
}
