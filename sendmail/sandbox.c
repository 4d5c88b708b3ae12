/* SPDX-License-Identifier: ISC */
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sendmail/late.h"
#include "sendmail/sandbox.h"
#include "sendmail/seccomp.h"
#include "sendmail/tls.h"

#define DNS 53
#define PATH_SIZE 4096

/*
 * /usr is what all may read; on some systems libraries lie outside of it, and
 * certificates at the other end of the links in the trust store.
 */
static const char *const read_only[] = {
	"/usr",
	"/lib",
	"/lib64",
	"/nix/store",
	"/gnu/store",
	"/etc/ca-certificates",
	"/etc/pki/ca-trust",
	"/var/lib/ca-certificates",
	"/etc/gai.conf",
	"/etc/host.conf",
	"/etc/hosts",
	"/etc/ld.so.cache",
	"/etc/localtime",
	"/etc/nsswitch.conf",
	"/etc/resolv.conf",
};

/* Whether mail can be kept as before; a place that is not there is none. */
static bool
allow_queues(struct landlock *l, const struct spool *spool)
{
	bool is_any = false;
	size_t i;

	for (i = 0; spool != NULL && i < spool->count; i++) {
		if (landlock_path(l, spool->path[i], LANDLOCK_KEEP))
			is_any = true;
		else if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			return false;
	}
	return is_any || landlock_path(l, "/tmp", LANDLOCK_KEEP);
}

/* Folders are parted by colons. */
static void
allow_store(struct landlock *l)
{
	const char *file, *at;
	char folder[PATH_SIZE];
	size_t len;

	tls_store(&file, &at);
	landlock_path(l, file, LANDLOCK_READ);
	for (; *at != '\0'; at += len + (at[len] == ':')) {
		len = strcspn(at, ":");
		snprintf(folder, sizeof(folder), "%.*s", (int)len, at);
		landlock_path(l, folder, LANDLOCK_LIST);
	}
}

static void
allow_smarthost(struct landlock *l, const struct smarthost *s)
{
	if (s->host[0] != '/')
		landlock_port(l, (unsigned)strtoul(s->port, NULL, 10));
	if (s->ca != NULL)
		landlock_path(l, s->ca, LANDLOCK_LIST);
	else if (s->tls != TLS_OFF && s->pin.count == 0)
		allow_store(l);
	if (s->certificate != NULL)
		landlock_path(l, s->certificate, LANDLOCK_READ);
	if (s->key != NULL)
		landlock_path(l, s->key, LANDLOCK_READ);
}

static unsigned
confine_reach(const struct conf *conf, const struct spool *spool)
{
	struct landlock l;
	size_t i;

	landlock_begin(&l);
	if (l.fd != -1 && !allow_queues(&l, spool))
		landlock_drop(&l);
	if (l.fd == -1)
		return 0;
	for (i = 0; i < sizeof(read_only) / sizeof(read_only[0]); i++)
		landlock_path(&l, read_only[i], LANDLOCK_READ);
#ifdef SECCOMP_SANITIZER
	landlock_path(&l, "/proc", LANDLOCK_LIST);
#endif
	landlock_path(&l, "/dev/null", LANDLOCK_WRITE);
	for (i = 0; i < conf->smarthosts; i++)
		allow_smarthost(&l, conf->smarthost + i);
	landlock_port(&l, DNS);
	return landlock_enter(&l);
}

/* What libraries read, and one that may be out of reach. */
static void
prepare(const struct conf *conf)
{
	const struct smarthost *s;
	bool has_tls = false, has_user = false;
	size_t i;

	for (i = 0; i < conf->smarthosts; i++) {
		s = conf->smarthost + i;
		has_tls = has_tls || s->tls != TLS_OFF;
		has_user = has_user || s->user != NULL;
	}
	if (has_tls)
		tls_ready();
	if (has_user)
		late_prepare();
}

unsigned
sandbox_enter(const struct conf *conf, const struct spool *spool)
{
	unsigned held;

	prepare(conf);
#ifdef __linux__
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#endif
	held = confine_reach(conf, spool);
	if (seccomp_enter())
		held |= SANDBOX_CALLS;
	return held;
}
