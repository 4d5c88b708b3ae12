/* SPDX-License-Identifier: ISC */
#include <sys/file.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "conf/secret.h"
#include "sendmail/backoff.h"

#define LOCK_TRIES 100 /* each after LOCK_PAUSE; who holds it is about to end */
#define LOCK_PAUSE 5   /* ms */

/* The first queue that there is; -1 if there is none. */
static int
open_queue(const struct spool *spool)
{
	size_t i;
	int dir;

	for (i = 0; i < spool->count; i++) {
		dir = stamps_open(spool->path[i]);
		if (dir != -1)
			return dir;
	}
	return -1;
}

/* Mostly there are none, and that is not worth opening a queue. */
static bool
has_stamps(const struct spool *spool)
{
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < spool->count; i++) {
		snprintf(
		    path, sizeof(path), "%s/%s", spool->path[i], STAMP_FILE);
		if (access(path, F_OK) == 0)
			return true;
		if (i + 1 < spool->count && access(spool->path[i], F_OK) == 0)
			return false;
	}
	return false;
}

void
backoff_open(struct backoff *b, const struct conf *conf,
    const struct spool *spool, bool is_heeded)
{
	struct fault none = { 0 };
	int dir;

	backoff_close(b);
	*b = (struct backoff){ .conf = conf };
	if (conf->no_keep)
		return;
	b->spool = spool;
	b->is_heeded = is_heeded;
	dir = has_stamps(spool) ? open_queue(spool) : -1;
	if (dir == -1)
		return;
	stamps_read(&b->stamps, dir, &none);
	close(dir);
}

/*
 * Whoever is stopped while he holds the lock must not stop us all: then we go on
 * without, and what somebody else wrote meanwhile may be lost.
 */
static void
lock(int dir)
{
	int tries = LOCK_TRIES;

	while (flock(dir, LOCK_EX | LOCK_NB) == -1 && --tries > 0)
		poll(NULL, 0, LOCK_PAUSE);
}

/* What is remembered by now, locked; -1: there is no queue yet. */
static int
look_again(struct backoff *b)
{
	struct fault none = { 0 };
	int dir = open_queue(b->spool);

	if (dir == -1)
		return -1;
	lock(dir);
	stamps_free(&b->stamps);
	stamps_read(&b->stamps, dir, &none);
	return dir;
}

static void
write_down(struct backoff *b, int dir)
{
	struct fault none = { 0 };

	b->is_unsaved =
	    dir == -1 || stamps_write(&b->stamps, dir, &none) != EX_OK;
}

static const char *
word(const char *text)
{
	return text == NULL ? "" : text;
}

/*
 * What changed later than our settings were read tells nothing about them.  A
 * server that has talked for an hour heeds the stamp; the next process does not.
 */
static bool
is_since(const struct backoff *b, time_t when, time_t then)
{
	return when > then && when <= b->conf->begun;
}

static bool
has_changed(const struct backoff *b, const struct stat *st, time_t since)
{
	return is_since(b, st->st_mtime, since) ||
	    is_since(b, st->st_ctime, since);
}

/* The link of that name, or the file behind it. */
static bool
is_newer(const struct backoff *b, const char *path, time_t than)
{
	struct stat st;

	if (lstat(path, &st) == -1)
		return false;
	return has_changed(b, &st, than) ||
	    (S_ISLNK(st.st_mode) && stat(path, &st) == 0 &&
		has_changed(b, &st, than));
}

static bool
has_new_conf(const struct backoff *b, time_t since)
{
	return b->conf->path != NULL && is_newer(b, b->conf->path, since);
}

/* Root saw a file that those to whom he lends may not look at. */
static bool
is_mended(const struct backoff *b, const struct smarthost *s, time_t since)
{
	char path[PATH_MAX];

	return has_new_conf(b, since) ||
	    (secret_file(s, path) && is_newer(b, path, since)) ||
	    is_since(b, s->secret_changed, since);
}

/* Whether it counts or not. */
static struct stamp *
find_any(const struct backoff *b, const struct smarthost *s)
{
	return stamps_find(&b->stamps, s->host, word(s->port), smarthost_tls(s),
	    word(s->user));
}

/* Who mends the configuration shall not be kept waiting: NULL then, too. */
static struct stamp *
find(const struct backoff *b, const struct smarthost *s)
{
	struct stamp *stamp = find_any(b, s);

	return stamp == NULL || stamp->next < time(NULL) - BACKOFF_OLD ||
		is_mended(b, s, stamp->tried)
	    ? NULL
	    : stamp;
}

static time_t
step(const struct backoff *b, unsigned probes, bool is_login)
{
	const struct conf *conf = b->conf;
	size_t i = probes == 0 ? 0 : probes - 1;
	time_t wait = 60;

	if (conf->retries > 0)
		wait = conf->retry[i < conf->retries ? i : conf->retries - 1];
	if (wait > BACKOFF_MOST)
		wait = BACKOFF_MOST;
	if (is_login && wait < BACKOFF_LOGIN)
		wait = BACKOFF_LOGIN;
	return wait;
}

int
backoff_check(
    const struct backoff *b, const struct smarthost *s, struct fault *f)
{
	const struct stamp *stamp = b->is_heeded ? find(b, s) : NULL;

	if (stamp == NULL || !stamp_is_fresh(stamp, time(NULL)))
		return EX_OK;
	return fault_set(f, EX_UNAVAILABLE, "%s", stamp->why);
}

bool
backoff_is_shut(const struct backoff *b)
{
	struct fault none;
	size_t i;

	if (!b->is_heeded)
		return false;
	for (i = 0; i < b->conf->smarthosts; i++) {
		none = (struct fault){ 0 };
		if (backoff_check(b, b->conf->smarthost + i, &none) == EX_OK)
			return false;
	}
	return true;
}

/* What is void begins anew. */
static void
claim(const struct backoff *b, const struct smarthost *s, struct stamp *stamp)
{
	const time_t now = time(NULL);

	if (find(b, s) == NULL) {
		stamp->since = now;
		stamp->probes = 0;
	}
	stamp->tried = b->conf->begun;
	stamp->next = now + step(b, stamp->probes + 1, false);
}

int
backoff_claim(struct backoff *b, const struct smarthost *s, struct fault *f)
{
	struct stamp *stamp;
	int dir;

	if (!b->is_heeded || find_any(b, s) == NULL)
		return EX_OK;
	dir = look_again(b);
	if (backoff_check(b, s, f) == EX_OK) {
		stamp = find_any(b, s);
		if (stamp != NULL) {
			claim(b, s, stamp);
			write_down(b, dir);
		}
	}
	if (dir != -1)
		close(dir);
	return f->code;
}

/* Of those who asked at once the first one counts; whether it is news. */
static bool
count(struct backoff *b, const struct smarthost *s, const struct fault *why,
    unsigned known)
{
	const time_t now = time(NULL);
	struct stamp *stamp = find(b, s);
	struct fault none = { 0 };

	if (stamp != NULL && stamp->probes > known &&
	    stamp_is_fresh(stamp, now))
		return false;
	if (stamp == NULL) {
		stamp = stamps_put(&b->stamps, s->host, word(s->port),
		    smarthost_tls(s), word(s->user));
		if (stamp == NULL)
			return false;
		stamp->since = now;
		stamp->probes = 0;
	}
	stamp->tried = b->conf->begun;
	stamp->probes++;
	stamp->next = now + step(b, stamp->probes, why->code == EX_NOPERM);
	return stamp_say(stamp, why->text, &none) == EX_OK;
}

static bool
clear(struct backoff *b, const struct smarthost *s)
{
	struct stamp *stamp = find_any(b, s);

	if (stamp == NULL)
		return false;
	stamps_drop(&b->stamps, stamp);
	return true;
}

static bool
is_configured(const struct backoff *b, const struct stamp *stamp)
{
	size_t i;

	for (i = 0; i < b->conf->smarthosts; i++)
		if (find_any(b, b->conf->smarthost + i) == stamp)
			return true;
	return false;
}

/*
 * Of smarthosts that nobody has any more; whether there were any.  An older
 * stamp may be of who has other settings for the same queue, from his
 * environment.  Void ones of ours stay, for who claims them.
 */
static bool
clear_strangers(struct backoff *b)
{
	struct stamp *stamp;
	bool had_some = false;
	size_t i;

	for (i = b->stamps.count; i-- > 0;) {
		stamp = b->stamps.stamp + i;
		if (is_configured(b, stamp) || !has_new_conf(b, stamp->tried))
			continue;
		stamps_drop(&b->stamps, stamp);
		had_some = true;
	}
	return had_some;
}

/* Mostly there is nothing to clear, and that is not worth a lock. */
static bool
is_clear(const struct backoff *b)
{
	return b->stamps.count == 0 && !has_stamps(b->spool);
}

unsigned
backoff_probes(const struct backoff *b, const struct smarthost *s)
{
	const struct stamp *stamp = find(b, s);

	return stamp == NULL ? 0 : stamp->probes;
}

bool
backoff_has_probes(const struct backoff *b, unsigned count)
{
	size_t i;

	for (i = 0; i < b->conf->smarthosts; i++)
		if (backoff_probes(b, b->conf->smarthost + i) >= count)
			return true;
	return false;
}

void
backoff_learn(
    struct backoff *b, const struct smarthost *s, const struct fault *why)
{
	unsigned known;
	bool is_news;
	int dir;

	if (b->spool == NULL || (why == NULL && is_clear(b)))
		return;
	known = backoff_probes(b, s);
	dir = look_again(b);
	is_news = why == NULL ? clear(b, s) : count(b, s, why, known);
	if (clear_strangers(b) || is_news)
		write_down(b, dir);
	if (dir != -1)
		close(dir);
}

/* Whoever was here before us knows the same. */
void
backoff_save(struct backoff *b)
{
	struct stamps others = { 0 };
	struct fault none = { 0 };
	int dir = b->is_unsaved ? open_queue(b->spool) : -1;

	if (dir == -1)
		return;
	lock(dir);
	stamps_read(&others, dir, &none);
	if (others.count == 0)
		write_down(b, dir);
	stamps_free(&others);
	close(dir);
}

void
backoff_close(struct backoff *b)
{
	stamps_free(&b->stamps);
	*b = (struct backoff){ 0 };
}
