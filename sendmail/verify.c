/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "mailq/word.h"
#include "sendmail/request.h"
#include "sendmail/route.h"
#include "sendmail/verify.h"

/* As the caller named it, whatever stands for it. */
static void
show_name(const struct envelope *env, size_t n, FILE *out)
{
	while (env->to[n].parent != ENVELOPE_NONE)
		n = env->to[n].parent;
	word_print(out, env->to[n].addr);
}

static int
show(const struct policy *policy, const struct envelope *env, size_t n,
    const char *host, FILE *out, struct fault *f)
{
	const struct rcpt *to = env->to + n;
	char *full;

	if (to->is_stuck) {
		show_name(env, n, out);
		fputs("... waits: ", out);
		word_print(out, to->why);
		fputc('\n', out);
		return fault_set(f, EX_CONFIG, "%s", to->why);
	}
	if (policy_complete(policy, to->addr, NULL, &full, f) != EX_OK)
		return f->code;
	show_name(env, n, out);
	fputs("... deliverable: mailer relay, host ", out);
	word_print(out, host);
	fputs(", user ", out);
	word_print(out, full);
	fputc('\n', out);
	free(full);
	return EX_OK;
}

static int
find_host(const struct policy *policy, const struct envelope *env,
    const char **host, struct fault *f)
{
	const struct smarthost *first = NULL;
	char *sender = NULL;
	int rc;

	rc = policy_writer(policy, env, &sender, f);
	if (rc == EX_OK)
		rc = route_first(policy->conf, sender, &first, f);
	if (rc == EX_OK)
		*host = first->host;
	free(sender);
	return rc;
}

int
verify(struct courier *courier, const struct options *options,
    const struct caller *caller, FILE *out, struct fault *f)
{
	const struct policy *policy = &courier->policy;
	struct envelope env = { 0 };
	const char *host = NULL;
	struct fault one;
	size_t n;
	int rc;

	rc = courier_ready(courier, f);
	if (rc == EX_OK)
		rc = request_begin(&env, options, caller, f);
	if (rc == EX_OK)
		rc = request_end(&env, options, "", 0, f);
	if (rc == EX_OK)
		rc = policy_expand(policy, &env, f);
	if (rc == EX_OK)
		rc = find_host(policy, &env, &host, f);
	for (n = 0; host != NULL && n < env.count; n++) {
		one = (struct fault){ 0 };
		if (rcpt_waits(env.to + n) &&
		    show(policy, &env, n, host, out, &one) != EX_OK)
			rc = fault_set(f, one.code, "%s", one.text);
	}
	envelope_free(&env);
	return rc;
}
