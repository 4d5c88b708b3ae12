/* SPDX-License-Identifier: ISC */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "sendmail/auth.h"
#include "sendmail/courier.h"
#include "sendmail/route.h"
#include "sendmail/sandbox.h"

int
courier_ready(struct courier *courier, struct fault *f)
{
	size_t count;
	int rc;

	if (courier->is_ready)
		return EX_OK;
	count = courier->conf->smarthosts + 1;
	if (courier->down == NULL)
		courier->down = calloc(count, sizeof(*courier->down));
	if (courier->unready == NULL)
		courier->unready = calloc(count, sizeof(*courier->unready));
	if (courier->parked == NULL)
		courier->parked = calloc(count, sizeof(struct smtp *));
	if (courier->most == NULL)
		courier->most = calloc(count, sizeof(*courier->most));
	if (courier->down == NULL || courier->unready == NULL ||
	    courier->parked == NULL || courier->most == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot send");
	rc =
	    policy_open(&courier->policy, courier->conf, &courier->patience, f);
	if (rc == EX_OK)
		courier->is_ready = true;
	else
		policy_close(&courier->policy);
	return rc;
}

void
courier_leave(struct courier *courier)
{
	smtp_close(courier->smtp);
	courier->smtp = NULL;
	courier->at = NULL;
}

void
courier_give_up(struct courier *courier, const struct smarthost *smarthost,
    const struct fault *why)
{
	struct fault *down =
	    courier->down + (smarthost - courier->conf->smarthost);

	courier_leave(courier);
	if (down->code == EX_OK && why->code != EX_CONFIG)
		backoff_learn(&courier->backoff, smarthost, why);
	*down = *why;
}

bool
courier_asks_around(const struct courier *courier)
{
	const struct conf *conf = courier->conf;
	size_t i;

	for (i = 0; i < conf->smarthosts; i++)
		if (conf->smarthost[i].password_command != NULL)
			return conf->smarthosts > 1;
	return false;
}

/* Or be told why it could not be had while there was time. */
static int
have_secret(
    struct courier *courier, struct smarthost *smarthost, struct fault *f)
{
	const struct fault *why =
	    courier->unready + (smarthost - courier->conf->smarthost);

	if (why->code != EX_OK)
		return fault_set(f, why->code, "%s", why->text);
	return auth_secret(smarthost, &courier->patience, f);
}

void
courier_prepare(struct courier *courier)
{
	struct smarthost *smarthost = courier->conf->smarthost;
	const size_t count =
	    courier->unready == NULL ? 0 : courier->conf->smarthosts;
	struct fault shut;
	size_t i;

	for (i = 0; i < count; i++) {
		shut = (struct fault){ 0 };
		if ((courier->only == NULL ||
			route_fits(smarthost + i, courier->only)) &&
		    backoff_check(&courier->backoff, smarthost + i, &shut) ==
			EX_OK)
			have_secret(
			    courier, smarthost + i, courier->unready + i);
	}
}

void
courier_confine(struct courier *courier)
{
	if (courier->is_confined || courier->conf->no_sandbox)
		return;
	courier_prepare(courier);
	courier->held = sandbox_enter(courier->conf, courier->backoff.spool);
	courier->is_confined = true;
}

/* How we introduce ourselves is known by now, or is its literal address. */
static int
have_hello(
    struct smarthost *smarthost, const struct policy *policy, struct fault *f)
{
	if (smarthost->hello != NULL || policy->fqdn[0] == '\0')
		return EX_OK;
	smarthost->hello = strdup(policy->fqdn);
	if (smarthost->hello == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot connect");
	return EX_OK;
}

/*
 * A password that cannot be had costs no timeout: that is not remembered.  Nor
 * is it asked for while the smarthost is not.
 */
static int
approach(struct courier *courier, struct smarthost *smarthost, struct fault *f)
{
	int rc;

	rc = backoff_check(&courier->backoff, smarthost, f);
	if (rc == EX_OK)
		rc = have_secret(courier, smarthost, f);
	if (rc == EX_OK)
		rc = have_hello(smarthost, &courier->policy, f);
	if (rc == EX_OK)
		courier_confine(courier);
	if (rc == EX_OK)
		rc = backoff_claim(&courier->backoff, smarthost, f);
	if (rc != EX_OK)
		return rc;
	rc = smtp_open(
	    &courier->smtp, smarthost, &courier->patience, courier->trace, f);
	if (rc != EX_OK && rc != EX_CONFIG)
		backoff_learn(&courier->backoff, smarthost, f);
	return rc;
}

/* Where the session with a smarthost is while it is not met. */
static struct smtp **
place(const struct courier *courier, const struct smarthost *smarthost)
{
	return courier->parked + (smarthost - courier->conf->smarthost);
}

/* From one to another, back to a session that may still be open. */
static void
turn_to(struct courier *courier, struct smarthost *smarthost)
{
	if (courier->at == smarthost)
		return;
	if (courier->at != NULL)
		*place(courier, courier->at) = courier->smtp;
	courier->at = smarthost;
	courier->smtp = *place(courier, smarthost);
	*place(courier, smarthost) = NULL;
}

int
courier_meet(
    struct courier *courier, struct smarthost *smarthost, struct fault *f)
{
	const struct fault *down =
	    courier->down + (smarthost - courier->conf->smarthost);
	int rc;

	if (down->code != EX_OK)
		return fault_set(f, down->code, "%s", down->text);
	turn_to(courier, smarthost);
	if (courier->smtp != NULL && smtp_is_open(courier->smtp))
		return EX_OK;
	courier_leave(courier);
	rc = approach(courier, smarthost, f);
	if (rc == EX_OK)
		courier->at = smarthost;
	else
		courier->down[smarthost - courier->conf->smarthost] = *f;
	return rc;
}

size_t
courier_most(const struct courier *courier)
{
	size_t most = smtp_ehlo(courier->smtp)->rcpt_max;
	size_t seen = courier->most[courier->at - courier->conf->smarthost];

	if (most == 0)
		most = SMTP_RCPTS;
	if (most > SMTP_MOST)
		most = SMTP_MOST;
	return seen != 0 && seen < most ? seen : most;
}

void
courier_learn_most(
    struct courier *courier, const struct smarthost *smarthost, size_t most)
{
	courier->most[smarthost - courier->conf->smarthost] = most;
}

bool
courier_is_down(const struct courier *courier)
{
	size_t i;

	for (i = 0; i < courier->conf->smarthosts; i++)
		if (courier->down == NULL || courier->down[i].code == EX_OK)
			return false;
	return true;
}

/* Whether each that takes mail of this sender is shut, and how many there are. */
static bool
are_shut(const struct courier *courier, const char *sender, size_t *count,
    const struct fault **why)
{
	const struct conf *conf = courier->conf;
	const struct fault *down;
	struct fault unheard = { 0 };
	size_t i;

	*count = 0;
	*why = NULL;
	for (i = 0; i < conf->smarthosts; i++) {
		if (!route_fits(conf->smarthost + i, sender))
			continue;
		++*count;
		down = courier->down + i;
		if (down->code != EX_OK && *why == NULL)
			*why = down;
		if (down->code == EX_OK &&
		    backoff_check(&courier->backoff, conf->smarthost + i,
			&unheard) == EX_OK)
			return false;
	}
	return true;
}

bool
courier_is_shut_for(struct courier *courier, const struct envelope *env,
    const struct fault **why)
{
	struct fault unheard = { 0 };
	bool is_shut;
	char *sender;
	size_t count;

	if (courier_ready(courier, &unheard) != EX_OK ||
	    policy_writer(&courier->policy, env, &sender, &unheard) != EX_OK)
		return false;
	is_shut = are_shut(courier, sender, &count, why);
	free(sender);
	/* Who asks whatever is known shall be told what is missing. */
	return is_shut && (count > 0 || courier->backoff.is_heeded);
}

unsigned
courier_probes(const struct courier *courier, const struct envelope *env)
{
	const struct conf *conf = courier->conf;
	struct fault unheard = { 0 };
	unsigned probes, least = UINT_MAX;
	char *sender;
	size_t i;

	if (policy_writer(&courier->policy, env, &sender, &unheard) != EX_OK)
		return 0;
	for (i = 0; i < conf->smarthosts; i++) {
		if (!route_fits(conf->smarthost + i, sender))
			continue;
		probes = backoff_probes(&courier->backoff, conf->smarthost + i);
		if (probes < least)
			least = probes;
	}
	free(sender);
	return least == UINT_MAX ? 0 : least;
}

void
courier_forgive(struct courier *courier)
{
	size_t i;

	for (i = 0; courier->down != NULL && i < courier->conf->smarthosts; i++)
		courier->down[i] = (struct fault){ 0 };
}

/* Each session, met or parked, ends so. */
static void
end_all(struct courier *courier, void (*end)(struct smtp *))
{
	size_t i;

	end(courier->smtp);
	courier->smtp = NULL;
	courier->at = NULL;
	for (i = 0; courier->parked != NULL && i < courier->conf->smarthosts;
	     i++) {
		end(courier->parked[i]);
		courier->parked[i] = NULL;
	}
}

void
courier_abandon(struct courier *courier)
{
	end_all(courier, smtp_abandon);
}

void
courier_close(struct courier *courier)
{
	end_all(courier, smtp_close);
	if (courier->is_ready)
		policy_close(&courier->policy);
	courier->is_ready = false;
	backoff_close(&courier->backoff);
	free(courier->down);
	free(courier->unready);
	free(courier->parked);
	free(courier->most);
	courier->most = NULL;
	courier->down = NULL;
	courier->unready = NULL;
	courier->parked = NULL;
}
