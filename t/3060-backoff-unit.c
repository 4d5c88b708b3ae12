/* SPDX-License-Identifier: ISC */
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <time.h>

#include "sendmail/backoff.h"
#include "sendmail/patience.h"
#include "t/place.h"

#define QUEUE "[queue]\nretry = 1m 5m 2h\n"

/* A queue, and what one process knows of it. */
struct desk {
	struct spool spool;
	struct backoff backoff;
	struct fault away, refused;
};

static void
begin(struct place *p, struct desk *d)
{
	*d = (struct desk){ 0 };
	fault_set(&d->away, EX_UNAVAILABLE, "cannot connect");
	fault_set(&d->refused, EX_NOPERM, "no login");
	d->spool.path[0] = malloc(128);
	assert_non_null(d->spool.path[0]);
	d->spool.count = 1;
	snprintf(d->spool.path[0], 128, "%s/q", p->home);
	assert_int_equal(read_text(p, HOST QUEUE), EX_OK);
}

static void
end(struct desk *d)
{
	backoff_close(&d->backoff);
	spool_free(&d->spool);
}

/* As a new process would. */
static void
look(const struct place *p, struct desk *d)
{
	backoff_open(&d->backoff, &p->conf, &d->spool, true);
}

static const struct smarthost *
host(const struct place *p)
{
	return p->conf.smarthost;
}

/* What is written down now. */
static struct stamp
read_stamp(const struct desk *d)
{
	int dir = open(d->spool.path[0], O_RDONLY | O_DIRECTORY);
	struct stamps all = { 0 };
	struct fault f = { 0 };
	struct stamp s = { 0 };

	assert_true(dir >= 0);
	assert_int_equal(stamps_read(&all, dir, &f), EX_OK);
	if (all.count > 0)
		s = all.stamp[0];
	s.host = s.port = s.tls = s.user = s.why = NULL;
	stamps_free(&all);
	close(dir);
	return s;
}

/* It was tried so long ago, or its time has come: 0. */
static void
age(const struct desk *d, time_t seconds)
{
	int dir = open(d->spool.path[0], O_RDONLY | O_DIRECTORY);
	struct stamps all = { 0 };
	struct fault f = { 0 };
	size_t i;

	assert_int_equal(stamps_read(&all, dir, &f), EX_OK);
	for (i = 0; i < all.count; i++) {
		all.stamp[i].tried -= seconds;
		if (seconds == 0)
			all.stamp[i].next = time(NULL);
	}
	assert_int_equal(stamps_write(&all, dir, &f), EX_OK);
	stamps_free(&all);
	close(dir);
}

static void
assert_wait(const struct desk *d, time_t seconds, unsigned probes)
{
	struct stamp s = read_stamp(d);

	assert_int_equal(s.probes, probes);
	assert_in_range(s.next, time(NULL) + seconds - 2, time(NULL) + seconds);
}

static int
check(struct place *p, struct desk *d)
{
	struct fault f = { 0 };

	return backoff_check(&d->backoff, host(p), &f);
}

static void
it_grows_by_the_steps(void **state)
{
	static const time_t steps[] = { 60, 300, BACKOFF_MOST, BACKOFF_MOST };
	struct place *p = *state;
	struct fault f = { 0 };
	struct desk d;
	unsigned i;

	begin(p, &d);
	make_folder(p, "q");
	for (i = 0; i < 4; i++) {
		look(p, &d);
		assert_int_equal(check(p, &d), EX_OK);
		assert_false(backoff_is_shut(&d.backoff));
		assert_int_equal(backoff_claim(&d.backoff, host(p), &f), EX_OK);
		backoff_learn(&d.backoff, host(p), &d.away);
		assert_wait(&d, steps[i], i + 1);
		assert_int_equal(backoff_probes(&d.backoff, host(p)), i + 1);
		assert_true(backoff_is_shut(&d.backoff));
		look(p, &d);
		assert_int_equal(check(p, &d), EX_UNAVAILABLE);
		age(&d, 0);
	}
	look(p, &d);
	backoff_learn(&d.backoff, host(p), NULL);
	assert_int_equal(read_stamp(&d).probes, 0);
	assert_int_equal(check(p, &d), EX_OK);
	end(&d);
}

static void
after_a_refused_login_it_is_a_quarter_at_least(void **state)
{
	struct place *p = *state;
	struct desk d;

	begin(p, &d);
	make_folder(p, "q");
	look(p, &d);
	backoff_learn(&d.backoff, host(p), &d.refused);
	assert_wait(&d, BACKOFF_LOGIN, 1);
	age(&d, 0);
	look(p, &d);
	backoff_learn(&d.backoff, host(p), &d.refused);
	assert_wait(&d, BACKOFF_LOGIN, 2);
	age(&d, 0);
	look(p, &d);
	backoff_learn(&d.backoff, host(p), &d.refused);
	assert_wait(&d, BACKOFF_MOST, 3);
	end(&d);
}

static void
who_has_its_time_come_is_asked_by_one(void **state)
{
	struct place *p = *state;
	struct fault f = { 0 };
	struct desk one, other;

	begin(p, &one);
	begin(p, &other);
	make_folder(p, "q");
	look(p, &one);
	backoff_learn(&one.backoff, host(p), &one.away);
	age(&one, 0);
	look(p, &one);
	look(p, &other);
	assert_int_equal(check(p, &one), EX_OK);
	assert_int_equal(check(p, &other), EX_OK);
	assert_int_equal(backoff_claim(&one.backoff, host(p), &f), EX_OK);
	assert_int_equal(
	    backoff_claim(&other.backoff, host(p), &f), EX_UNAVAILABLE);
	assert_string_equal(f.text, "cannot connect");
	assert_wait(&one, 300, 1);
	backoff_learn(&one.backoff, host(p), &one.away);
	assert_wait(&one, 300, 2);
	end(&one);
	end(&other);
}

static void
of_many_that_did_not_know_one_counts(void **state)
{
	struct place *p = *state;
	struct desk one, other;

	begin(p, &one);
	begin(p, &other);
	make_folder(p, "q");
	look(p, &one);
	look(p, &other);
	backoff_learn(&one.backoff, host(p), &one.away);
	backoff_learn(&other.backoff, host(p), &one.away);
	assert_wait(&one, 60, 1);

	/* But one that had been told, and asked all the same (-q), does. */
	backoff_open(&other.backoff, &p->conf, &other.spool, false);
	assert_int_equal(check(p, &other), EX_OK);
	assert_false(backoff_is_shut(&other.backoff));
	backoff_learn(&other.backoff, host(p), &one.away);
	assert_wait(&one, 300, 2);

	/* And what one learnt to be open is open, whoever did not know. */
	look(p, &one);
	backoff_learn(&other.backoff, host(p), NULL);
	backoff_learn(&one.backoff, host(p), NULL);
	assert_int_equal(read_stamp(&one).probes, 0);
	end(&one);
	end(&other);
}

static void
what_is_learnt_before_there_is_a_queue_is_saved_later(void **state)
{
	struct place *p = *state;
	struct desk one, other;

	begin(p, &one);
	begin(p, &other);
	look(p, &one);
	look(p, &other);
	backoff_learn(&one.backoff, host(p), &one.away);
	backoff_learn(&other.backoff, host(p), &one.away);
	assert_true(backoff_is_shut(&one.backoff));
	backoff_save(&one.backoff);
	make_folder(p, "q");
	backoff_save(&one.backoff);
	assert_wait(&one, 60, 1);
	backoff_learn(&one.backoff, host(p), NULL);
	look(p, &one);
	backoff_learn(&one.backoff, host(p), &one.away);
	backoff_save(&other.backoff);
	assert_wait(&one, 60, 1);
	end(&one);
	end(&other);
}

static void
set_time(const char *path, time_t when)
{
	const struct timespec times[2] = { { .tv_sec = when },
		{ .tv_sec = when } };

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void
who_mends_it_is_not_kept_waiting(void **state)
{
	struct place *p = *state;
	struct fault f = { 0 };
	struct desk d;

	begin(p, &d);
	make_folder(p, "q");
	look(p, &d);
	backoff_learn(&d.backoff, host(p), &d.away);
	assert_int_equal(check(p, &d), EX_UNAVAILABLE);
	assert_int_equal(backoff_probes(&d.backoff, host(p)), 1);

	set_time(p->file, time(NULL) + 60);
	look(p, &d);
	assert_int_equal(check(p, &d), EX_UNAVAILABLE);
	set_time(p->file, time(NULL));
	age(&d, 60);
	p->conf.begun = time(NULL) - 30;
	look(p, &d);
	assert_int_equal(check(p, &d), EX_UNAVAILABLE);
	p->conf.begun = time(NULL);
	look(p, &d);
	assert_int_equal(check(p, &d), EX_OK);
	assert_int_equal(backoff_probes(&d.backoff, host(p)), 0);
	assert_int_equal(backoff_claim(&d.backoff, host(p), &f), EX_OK);
	backoff_learn(&d.backoff, host(p), &d.away);
	assert_wait(&d, 60, 1);
	end(&d);
}

static void
another_account_is_another_matter(void **state)
{
	static const char *const texts[] = { "[smarthost]\nhost=other\n",
		"[smarthost]\nhost=h\nport=26\n",
		"[smarthost]\nhost=h\ntls=implicit\nport=587\n",
		"[smarthost]\nhost=h\nuser=u\npassword=p\n" };
	struct place *p = *state;
	struct desk d;
	size_t i;

	begin(p, &d);
	make_folder(p, "q");
	look(p, &d);
	backoff_learn(&d.backoff, host(p), &d.away);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(read_text(p, texts[i]), EX_OK);
		look(p, &d);
		assert_int_equal(check(p, &d), EX_OK);
		assert_int_equal(backoff_probes(&d.backoff, host(p)), 0);
	}
	assert_int_equal(read_text(p, HOST "[smarthost b]\nhost=b\n"), EX_OK);
	look(p, &d);
	assert_int_equal(check(p, &d), EX_UNAVAILABLE);
	assert_false(backoff_is_shut(&d.backoff));
	end(&d);
}

static void
nothing_is_remembered_where_nothing_is_kept(void **state)
{
	struct place *p = *state;
	struct fault f = { 0 };
	struct backoff none = { 0 };
	struct desk d;

	begin(p, &d);
	make_folder(p, "q");
	assert_int_equal(read_text(p, HOST "[queue]\nkeep=no\n"), EX_OK);
	look(p, &d);
	backoff_learn(&d.backoff, host(p), &d.away);
	assert_int_equal(check(p, &d), EX_OK);
	assert_int_equal(read_stamp(&d).probes, 0);
	assert_int_equal(backoff_check(&none, host(p), &f), EX_OK);
	assert_int_equal(backoff_claim(&none, host(p), &f), EX_OK);
	backoff_learn(&none, host(p), &d.away);
	backoff_save(&none);
	backoff_close(&none);
	end(&d);
}

static void
a_lock_that_is_never_given_back_holds_nobody_up(void **state)
{
	struct place *p = *state;
	struct timespec from, to;
	struct desk d;
	int dir;

	begin(p, &d);
	make_folder(p, "q");
	dir = open(d.spool.path[0], O_RDONLY | O_DIRECTORY);
	assert_int_equal(flock(dir, LOCK_EX), 0);
	look(p, &d);
	clock_gettime(CLOCK_MONOTONIC, &from);
	backoff_learn(&d.backoff, host(p), &d.away);
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_wait(&d, 60, 1);

	/* But is waited for, for a while. */
	assert_in_range((to.tv_sec - from.tv_sec) * 1000 +
		(to.tv_nsec - from.tv_nsec) / 1000000,
	    400, 30000);
	close(dir);
	end(&d);
}

static void
without_an_end_patience_lasts(void **state)
{
	struct patience p = { 0 };

	(void)state;
	assert_int_equal(patience_left(NULL, 700), 700);
	assert_int_equal(patience_left(&p, 700), 700);
	patience_check(NULL);
	patience_check(&p);
	assert_int_equal(p.end, 0);

	patience_begin(&p, 3600, NULL, NULL);
	assert_int_equal(patience_left(&p, 7200000), 7200000);
}

static void
count(void *ctx)
{
	++*(int *)ctx;
}

static void
patience_tells_when_it_is_over(void **state)
{
	struct patience p = { 0 };
	int told = 0;

	(void)state;
	patience_begin(&p, 3600, count, &told);
	assert_in_range(patience_left(&p, 7200000), 3590000, 3600000);
	assert_int_equal(patience_left(&p, 5), 5);
	patience_check(&p);
	assert_int_equal(told, 0);

	patience_begin(&p, 0, count, &told);
	assert_int_equal(patience_left(&p, 5), 0);
	patience_check(&p);
	assert_int_equal(told, 1);
	assert_int_equal(patience_left(&p, 5), 5);
	patience_check(&p);
	assert_int_equal(told, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(it_grows_by_the_steps),
		CASE(after_a_refused_login_it_is_a_quarter_at_least),
		CASE(who_has_its_time_come_is_asked_by_one),
		CASE(of_many_that_did_not_know_one_counts),
		CASE(what_is_learnt_before_there_is_a_queue_is_saved_later),
		CASE(who_mends_it_is_not_kept_waiting),
		CASE(another_account_is_another_matter),
		CASE(nothing_is_remembered_where_nothing_is_kept),
		CASE(a_lock_that_is_never_given_back_holds_nobody_up),
		cmocka_unit_test(without_an_end_patience_lasts),
		cmocka_unit_test(patience_tells_when_it_is_over),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
