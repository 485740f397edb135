/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "elsewhere.h"
#include "fail.h"
#include "fault.h"
#include "harness.h"
#include "health.h"
#include "run.h"
#include "scan.h"
#include "slots.h"
#include "spool.h"
#include "strs.h"

enum { SLOTS = 2 };

#define NAME "hello,aaaaaaaaaaaa,p5,e1,a0@here"

static const struct queue *q;
static struct job_shop shop;
static struct job_trouble trouble;
static struct health health;
static struct elsewhere elsewhere;
static struct strs recent, left;
static struct slots s;

static void
set_scene(void)
{
	shop = (struct job_shop){ .spool = harness_spool("amd64"),
	    .conf = harness_conf("attempts: 3\nbackoff: 0s\n"),
	    .trouble = &trouble, .health = &health,
	    .elsewhere = &elsewhere, .recent = &recent, .left = &left };
	q = harness_queue("amd64");
	slots_init(&s, SLOTS);
}

static void
adopt(void)
{
	struct strs claimed = { 0 };
	struct fail f;

	ck_assert_int_eq(scan_claimed(q, &claimed, &f), 0);
	ck_assert_msg(slots_adopt(&s, &shop, q, &claimed, &f) == 0, "%s",
	    f.text);
	strs_free(&claimed);
}

/* A job has the claim of that name. */
static struct job *
hold(const char *name)
{
	struct claim claim;
	struct job *j = slots_next(&s);

	ck_assert_ptr_nonnull(j);
	ck_assert_int_eq(token_parse(&claim.token, name), 0);
	token_format(claim.name, &claim.token);
	job_take(j, &shop, q, &claim);
	return j;
}

START_TEST(at_first_all_are_free)
{
	set_scene();
	ck_assert(slots_are_idle(&s));
	ck_assert(slots_only_leave(&s));
	ck_assert(slots_have_room(&s));
	ck_assert(slots_can_settle(&s));
	ck_assert(!slots_hold(&s, NAME));
	ck_assert(!slots_reap(&s));
	slots_push(&s, INT64_MAX);
	slots_free(&s);
	slots_free(&s);
}
END_TEST

static const enum job_state busy[] = { JOB_RUNNING, JOB_LEAVING,
	JOB_PUBLISHING };

START_TEST(a_slot_is_taken_until_what_ran_is_published)
{
	set_scene();
	s.jobs[0].state = JOB_RUNNING;
	ck_assert(slots_have_room(&s));
	s.jobs[1].state = busy[_i];
	ck_assert(!slots_have_room(&s));
	ck_assert(!slots_are_idle(&s));
	ck_assert_uint_eq(slots_count(&s, JOB_RUNNING) +
	    (_i ? slots_count(&s, busy[_i]) : 0), 2);
	s.jobs[1].state = JOB_FREE;
	ck_assert(slots_have_room(&s));
	s.jobs[0].state = JOB_LEAVING;
	ck_assert(slots_only_leave(&s));
	slots_free(&s);
}
END_TEST

START_TEST(a_limit_moves_and_what_runs_stays)
{
	enum { MANY = 20 };
	size_t before;

	set_scene();
	before = s.n;
	s.jobs[0] = (struct job){ .state = JOB_RUNNING, .pid = 17 };
	s.jobs[1].state = JOB_RUNNING;
	slots_limit(&s, 1);
	ck_assert(!slots_have_room(&s));
	ck_assert_uint_eq(s.n, before);
	slots_limit(&s, MANY);
	ck_assert(slots_have_room(&s));
	ck_assert_uint_eq(s.n, MANY + SLOTS_SETTLING_MOST);
	ck_assert_int_eq(s.jobs[0].pid, 17);
	ck_assert_uint_eq(slots_count(&s, JOB_RUNNING), 2);
	ck_assert_uint_eq(slots_count(&s, JOB_FREE), s.n - 2);
	s.jobs[0].state = s.jobs[1].state = JOB_FREE;
	slots_free(&s);
}
END_TEST

START_TEST(queues_may_move_below_jobs)
{
	struct queue from[2], to[3];

	set_scene();
	s.jobs[0] = (struct job){ .state = JOB_LEAVING, .queue = &from[1] };
	s.jobs[2] = (struct job){ .state = JOB_SETTLING, .queue = &from[0] };
	slots_move(&s, from, to);
	ck_assert_ptr_eq(s.jobs[0].queue, &to[1]);
	ck_assert_ptr_eq(s.jobs[2].queue, &to[0]);
	ck_assert_ptr_null(s.jobs[1].queue);
	slots_free(&s);
}
END_TEST

START_TEST(what_settles_takes_no_slot_and_is_bounded)
{
	set_scene();
	for (int i = 0; i < SLOTS_SETTLING_MOST; i++) {
		ck_assert(slots_can_settle(&s));
		slots_next(&s)->state = JOB_SETTLING;
	}
	ck_assert(!slots_can_settle(&s));
	ck_assert(slots_have_room(&s));
	ck_assert(!slots_only_leave(&s));
	ck_assert_uint_eq(slots_count(&s, JOB_SETTLING),
	    SLOTS_SETTLING_MOST);
	for (int i = 0; i < SLOTS; i++)
		slots_next(&s)->state = JOB_RUNNING;
	ck_assert(!slots_have_room(&s));
	ck_assert_ptr_null(slots_next(&s));
	slots_free(&s);
}
END_TEST

START_TEST(a_claim_is_held_as_long_as_a_job_has_it)
{
	struct job *j;

	set_scene();
	j = hold(NAME);
	ck_assert(slots_hold(&s, NAME));
	ck_assert(!slots_hold(&s, "hello,aaaaaaaaaaaa,p5,e2,a0@here"));
	ck_assert(!slots_hold(&s, ""));
	j->state = JOB_FREE;
	ck_assert(!slots_hold(&s, NAME));
	slots_free(&s);
}
END_TEST

START_TEST(those_that_run_are_told)
{
	struct strs names = { 0 };

	set_scene();
	(void)hold("other,bbbbbbbbbbbb,p5,e1,a0@here");
	hold(NAME)->state = JOB_RUNNING;
	slots_running(&s, &names);
	ck_assert_uint_eq(names.n, 1);
	ck_assert_str_eq(names.v[0], NAME);
	strs_free(&names);
	slots_free(&s);
}
END_TEST

START_TEST(a_claim_that_no_job_has_is_taken_over_once)
{
	set_scene();
	harness_write("spool/amd64/cur/" NAME, "hello\n");
	adopt();
	ck_assert(slots_hold(&s, "hello,aaaaaaaaaaaa,p5,e2,a0@here"));
	ck_assert_uint_eq(slots_count(&s, JOB_SETTLING), 1);
	ck_assert_uint_eq(s.jobs[0].claim.token.attempt, 0);
	ck_assert_str_eq(s.jobs[0].claim.token.worker, "here");
	adopt();
	ck_assert_uint_eq(slots_count(&s, JOB_SETTLING), 1);
	slots_give_back(&s, false);
	ck_assert(slots_are_idle(&s));
	ck_assert_str_eq(strrchr(harness_token("aaaaaaaaaaaa"), '/'),
	    "/hello,aaaaaaaaaaaa,p5,e3,a0");
	slots_free(&s);
}
END_TEST

START_TEST(a_dropped_file_goes_back_as_what_it_is)
{
	set_scene();
	harness_write("spool/amd64/cur/hello,aaaaaaaaaaaa,p5,e0,a0@here",
	    "hello\n");
	adopt();
	ck_assert(slots_are_idle(&s));
	ck_assert_str_eq(harness_token("aaaaaaaaaaaa"),
	    "amd64/new/hello,aaaaaaaaaaaa,p5,e0,a0");
	slots_free(&s);
}
END_TEST

static const char *const others[] = {
	"hello,aaaaaaaaaaaa,p5,e1,a0@there",
	"hello,aaaaaaaaaaaa,p5,e1,a0@heres",
	"hello,aaaaaaaaaaaa,p5,e1,a0@her",
	"hello,aaaaaaaaaaaa,p5,e1,a0",
	"note@here",
};

START_TEST(what_is_anothers_or_nobodys_is_not_taken_over)
{
	char path[128];

	set_scene();
	(void)snprintf(path, sizeof path, "spool/amd64/cur/%s", others[_i]);
	harness_write(path, "hello\n");
	adopt();
	ck_assert_msg(slots_are_idle(&s), "%s", others[_i]);
	ck_assert(harness_exists(path));
	slots_free(&s);
}
END_TEST

START_TEST(more_than_there_are_jobs_for_stay_in_cur)
{
	set_scene();
	for (size_t i = 0; i < s.n + 5; i++) {
		char path[128];

		(void)snprintf(path, sizeof path, "spool/amd64/cur/"
		    "hello,a%011zu,p5,e1,a0@here", i);
		harness_write(path, "hello\n");
	}
	adopt();
	ck_assert_uint_eq(slots_count(&s, JOB_SETTLING), s.n);
	adopt();
	ck_assert_uint_eq(harness_tokens("hello,"), s.n + 5);
	slots_free(&s);
}
END_TEST

/* A running job's process ends so. */
static void
end_with(int status)
{
	struct job *j;

	harness_write("spool/amd64/cur/" NAME, "hello\n");
	j = hold(NAME);
	j->state = JOB_RUNNING;
	j->pid = fork();
	ck_assert_int_ge(j->pid, 0);
	if (j->pid == 0)
		_exit(status);
	while (!slots_reap(&s))
		(void)usleep(1000);
}

START_TEST(a_bad_host_gives_back_uses_no_attempt_up_and_pauses)
{
	set_scene();
	end_with(RUN_BAD_HOST);
	ck_assert(slots_are_idle(&s));
	ck_assert_str_eq(strrchr(harness_token("aaaaaaaaaaaa"), '/'),
	    "/hello,aaaaaaaaaaaa,p5,e2,a0");
	ck_assert_int_gt(trouble.until_ms, clock_boot_ms());
	ck_assert_msg(strstr(trouble.text, "this host cannot run") != NULL,
	    "%s", trouble.text);
	slots_free(&s);
}
END_TEST

/* RUN_BAD_HOST again and again: not the hosts are bad, but the request. */
START_TEST(a_request_that_no_host_can_run_uses_attempts_up_after_all)
{
	struct job *j;

	set_scene();
	j = hold("hello,aaaaaaaaaaaa,p5,e20,a0@here");
	harness_write("spool/amd64/cur/hello,aaaaaaaaaaaa,p5,e20,a0@here",
	    "hello\n");
	j->state = JOB_RUNNING;
	job_ended(j, RUN_BAD_HOST << 8);
	ck_assert_str_eq(strrchr(harness_token("aaaaaaaaaaaa"), '/'),
	    "/hello,aaaaaaaaaaaa,p5,e21,a1");
	slots_free(&s);
}
END_TEST

START_TEST(with_caution_one_has_room_at_a_time)
{
	set_scene();
	s.cautious = &health.bad;
	s.jobs[0].state = JOB_RUNNING;
	ck_assert(slots_have_room(&s));
	ck_assert(health_failed(&health, harness_conf("bad-host: 1\n"), "a",
	    "why"));
	ck_assert(!slots_have_room(&s));	/* with nobody's looking */
	s.jobs[0].state = JOB_FREE;
	ck_assert(slots_have_room(&s));
	s.jobs[0].state = JOB_RUNNING;
	ck_assert(health_is_well(&health));
	ck_assert(slots_have_room(&s));
	s.jobs[0].state = JOB_FREE;
}
END_TEST

START_TEST(a_run_without_a_result_uses_one_up)
{
	set_scene();
	end_with(RUN_FAILED);
	ck_assert(slots_are_idle(&s));
	ck_assert_str_eq(strrchr(harness_token("aaaaaaaaaaaa"), '/'),
	    "/hello,aaaaaaaaaaaa,p5,e2,a1");
	slots_free(&s);
}
END_TEST

START_TEST(what_cannot_leave_now_is_pushed_again)
{
	struct fault x = { .kind = FAULT_EIO, .nth = 1 };

	set_scene();
	harness_write("spool/amd64/cur/" NAME, "hello\n");
	(void)hold(NAME);
	fault_on(&x);
	slots_give_back(&s, false);
	fault_off();
	ck_assert(x.struck);
	ck_assert_uint_eq(slots_count(&s, JOB_LEAVING), 1);
	ck_assert(slots_only_leave(&s));
	ck_assert(slots_hold(&s, NAME));
	slots_push(&s, INT64_MAX);
	ck_assert(slots_are_idle(&s));
	ck_assert_str_eq(strrchr(harness_token("aaaaaaaaaaaa"), '/'),
	    "/hello,aaaaaaaaaaaa,p5,e2,a0");
	slots_free(&s);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, at_first_all_are_free);
	tcase_add_test(tc, a_limit_moves_and_what_runs_stays);
	tcase_add_test(tc, queues_may_move_below_jobs);
	tcase_add_loop_test(tc, a_slot_is_taken_until_what_ran_is_published,
	    0, (int)(sizeof busy / sizeof *busy));
	tcase_add_test(tc, what_settles_takes_no_slot_and_is_bounded);
	tcase_add_test(tc, a_claim_is_held_as_long_as_a_job_has_it);
	tcase_add_test(tc, those_that_run_are_told);
	tcase_add_test(tc, a_claim_that_no_job_has_is_taken_over_once);
	tcase_add_test(tc, a_dropped_file_goes_back_as_what_it_is);
	tcase_add_loop_test(tc,
	    what_is_anothers_or_nobodys_is_not_taken_over, 0,
	    (int)(sizeof others / sizeof *others));
	tcase_add_test(tc, more_than_there_are_jobs_for_stay_in_cur);
	tcase_add_test(tc,
	    a_bad_host_gives_back_uses_no_attempt_up_and_pauses);
	tcase_add_test(tc,
	    a_request_that_no_host_can_run_uses_attempts_up_after_all);
	tcase_add_test(tc, with_caution_one_has_room_at_a_time);
	tcase_add_test(tc, a_run_without_a_result_uses_one_up);
	tcase_add_test(tc, what_cannot_leave_now_is_pushed_again);
}
