/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "buf.h"
#include "claim.h"
#include "clock.h"
#include "conf.h"
#include "elsewhere.h"
#include "fail.h"
#include "harness.h"
#include "mem.h"
#include "spool.h"
#include "submit.h"
#include "token.h"
#include "tries.h"

#define ID "aaaaaaaaaaaa"

int64_t __real_clock_boot_ms(void);
int64_t __wrap_clock_boot_ms(void);

#define QUEUES "\"queues\": [\"amd64\"]"
#define RUNS "\"state\": \"running\", " QUEUES

static int64_t later_ms;
static const struct spool *spool;
static const struct conf *conf;
static const struct queue *q;
static struct elsewhere elsewhere;

int64_t
__wrap_clock_boot_ms(void)
{
	return __real_clock_boot_ms() + later_ms;
}

static void
set_scene(void)
{
	spool = harness_spool("amd64");
	conf = harness_conf("backoff: 60s\nelsewhere: 10m\n");
	q = harness_queue("amd64");
}

/* A worker's file, whose last beat was so long ago. */
static void
put_worker(const char *name, const char *host, const char *rest, int ago_s)
{
	char *path = mem_printf("spool/workers/%s", name);
	char *text = mem_printf("{\"worker\": \"%s\", \"host\": \"%s\", "
	    "\"lease\": 60, \"beat_time\": %lld, %s}", name, host,
	    (long long)clock_now_s() - ago_s, rest);

	harness_write(path, text);
	free(path);
	free(text);
}

static const char *
own_host(void)
{
	static char host[256];

	ck_assert_int_eq(gethostname(host, sizeof host - 1), 0);
	return host;
}

static void
note_try(const char *worker, unsigned attempt)
{
	struct token t = { .label = "hello", .id = ID, .epoch = 3,
	    .attempt = attempt };

	(void)snprintf(t.worker, sizeof t.worker, "%s", worker);
	tries_note(q, &t, "testbed failure");
}

static int64_t
wait_of(unsigned attempt)
{
	struct token t = { .label = "hello", .id = ID, .epoch = 4,
	    .attempt = attempt, .worker = "here" };

	return elsewhere_wait_s(conf, spool, q, &t);
}

START_TEST(what_is_noted_is_left_for_that_time)
{
	elsewhere_note(&elsewhere, ID, 60);
	ck_assert(elsewhere_has(&elsewhere, "hello," ID ",p5,e2,a1"));
	ck_assert(!elsewhere_has(&elsewhere, "hello,bbbbbbbbbbbb,p5,e2,a1"));
	ck_assert(!elsewhere_has(&elsewhere, "hello"));
	ck_assert(!elsewhere_has(&elsewhere, "hello,"));
	ck_assert(!elsewhere_has(&elsewhere, ID));
	later_ms = 59 * 1000;
	ck_assert(elsewhere_has(&elsewhere, "hello," ID ",p5,e2,a1"));
	later_ms = 61 * 1000;
	ck_assert(!elsewhere_has(&elsewhere, "hello," ID ",p5,e2,a1"));
	elsewhere_free(&elsewhere);
}
END_TEST

START_TEST(the_oldest_is_forgotten)
{
	char id[TOKEN_ID_MAX], name[64];

	for (int i = 0; i <= ELSEWHERE_MOST; i++) {
		(void)snprintf(id, sizeof id, "%012d", i);
		elsewhere_note(&elsewhere, id, 60);
		elsewhere_note(&elsewhere, id, 60);
	}
	for (int i = 0; i <= ELSEWHERE_MOST; i++) {
		(void)snprintf(name, sizeof name, "x,%012d,p5,e1,a1", i);
		ck_assert_int_eq(elsewhere_has(&elsewhere, name), i > 0);
	}
	elsewhere_free(&elsewhere);
}
END_TEST

static const struct {
	const char *host, *rest;
	int ago_s;
	bool serves;
} others[] = {
	{ "there", RUNS, 5, true },
	{ "there", RUNS ", \"problem\": null", -5, true },
	{ "there", RUNS, 70, false },		/* dead */
	{ "there", RUNS, -70, false },		/* its clock is wrong */
	{ NULL, RUNS, 5, false },		/* this host */
	{ "there", RUNS ", \"problem\": \"no space\"", 5, false },
	{ "there", "\"state\": \"stopped\", " QUEUES, 5, false },
	{ "there", "\"state\": \"running\", \"queues\": [\"arm64\"]", 5,
	    false },
};

START_TEST(a_worker_of_another_host_may_serve_it)
{
	set_scene();
	put_worker("here", own_host(), RUNS, 0);
	ck_assert(!elsewhere_is_served(conf, spool, q));
	put_worker("two", others[_i].host ? others[_i].host : own_host(),
	    others[_i].rest, others[_i].ago_s);
	ck_assert_int_eq(elsewhere_is_served(conf, spool, q),
	    others[_i].serves);
}
END_TEST

START_TEST(after_a_failure_here_others_go_first)
{
	set_scene();
	put_worker("two", "there", RUNS, 0);
	ck_assert_int_eq(wait_of(0), 0);
	ck_assert_int_eq(wait_of(1), 0);	/* nobody noted it */
	note_try("here", 0);
	ck_assert_int_ge(wait_of(1), 655);
	ck_assert_int_le(wait_of(1), 660);
	note_try("there", 1);
	ck_assert_int_eq(wait_of(2), 0);
	put_worker("neighbour", own_host(), RUNS, 0);
	note_try("neighbour", 1);
	ck_assert_int_ge(wait_of(2), 715);
	ck_assert_int_eq(unlink(harness_path("spool/workers/two")), 0);
	ck_assert_int_eq(wait_of(2), 0);	/* there is no other host */
}
END_TEST

START_TEST(what_tries_say_is_not_believed_beyond_measure)
{
	static const char *const lines[] = { "", "x", "9999", "\n",
	    "2099-01-01T00:00:00Z attempt 1, on here: x\n",
	    "2001-01-01T00:00:00Z attempt 1, on here: x\n",
	    "now attempt 1, on here: x\n", "attempt 1, on here",
	    "2026-01-01T00:00:00Z attempt 1, on /: x\n" };

	set_scene();
	put_worker("two", "there", RUNS, 0);
	harness_write("spool/amd64/tries/" ID ".a0", lines[_i]);
	ck_assert_int_eq(wait_of(1), 0);
}
END_TEST

START_TEST(a_claimer_passes_them_over)
{
	static char text[] = "hello\n";
	const struct buf hello = { .s = text, .len = sizeof text - 1 };
	struct elsewhere left = { 0 };
	struct claimer c;
	struct claim won;
	struct token t;
	struct fail f;

	set_scene();
	for (unsigned i = 0; i < 2; i++) {
		token_new(&t, "hello", 5);
		t.attempt = i;
		ck_assert_int_eq(submit_put(q, &t, clock_now_s() -
		    (i ? 600 : 60), &hello, &f), 0);
	}
	elsewhere_note(&left, t.id, 60);
	claim_init(&c, q, "here");
	c.is_for_others = elsewhere_has;
	c.others = &left;
	/* The other one, though its bucket is the second. */
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_WON);
	ck_assert_uint_eq(won.token.attempt, 0);
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_NONE);
	ck_assert_uint_eq(harness_tokens(t.id), 1);
	later_ms = 61 * 1000;
	ck_assert_int_eq(claim_next(&c, &won, &f), CLAIM_WON);
	ck_assert_str_eq(won.token.id, t.id);
	claim_free(&c);
	elsewhere_free(&left);
}
END_TEST

START_TEST(the_wait_doubles)
{
	static const struct conf c = { .backoff_s = 5 };

	ck_assert_int_eq(elsewhere_backoff_s(&c, 1), 5);
	ck_assert_int_eq(elsewhere_backoff_s(&c, 3), 20);
	ck_assert_int_eq(elsewhere_backoff_s(&c, 99), 5 * 1024);
}
END_TEST

START_TEST(what_failed_on_a_bad_host_waits_for_the_others)
{
	struct elsewhere e = { 0 };

	elsewhere_note_bad(&e, "aaaaaaaaaaaa", 0);
	elsewhere_note(&e, "bbbbbbbbbbbb", 3600);
	ck_assert(elsewhere_has(&e, "x,aaaaaaaaaaaa,p5,e1,a0"));
	ck_assert(elsewhere_forget_bad(&e));
	ck_assert(!elsewhere_has(&e, "x,aaaaaaaaaaaa,p5,e1,a0"));
	ck_assert(elsewhere_has(&e, "x,bbbbbbbbbbbb,p5,e1,a0"));
	ck_assert(!elsewhere_forget_bad(&e));
	elsewhere_free(&e);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, what_is_noted_is_left_for_that_time);
	tcase_add_test(tc, the_oldest_is_forgotten);
	tcase_add_loop_test(tc, a_worker_of_another_host_may_serve_it, 0,
	    sizeof others / sizeof *others);
	tcase_add_test(tc, after_a_failure_here_others_go_first);
	tcase_add_loop_test(tc, what_tries_say_is_not_believed_beyond_measure,
	    0, 9);
	tcase_add_test(tc, a_claimer_passes_them_over);
	tcase_add_test(tc, the_wait_doubles);
	tcase_add_test(tc, what_failed_on_a_bad_host_waits_for_the_others);
}
