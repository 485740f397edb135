/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf.h"
#include "control.h"
#include "elsewhere.h"
#include "fail.h"
#include "fault.h"
#include "fs.h"
#include "harness.h"
#include "health.h"
#include "job.h"
#include "mem.h"
#include "run.h"
#include "spool.h"
#include "strs.h"

#define ID "aaaaaaaaaaaa"
#define NAME "hello," ID ",p5,e1,a0@here"
#define IN_CUR "amd64/cur/" NAME
#define IN_BAD "amd64/bad/" NAME
#define CANCEL "spool/control/cancel," ID
#define KILL "spool/control/kill," NAME

static const struct queue *q;
static struct job_shop shop;
static struct job_trouble trouble;
static struct health health;
static struct elsewhere elsewhere;
static struct strs recent, left, control;
static bool stopping;
static struct job job;

/* It is claimed under that name, and nothing is known of it. */
static void
claim_as(const char *name)
{
	char *path = mem_printf("spool/amd64/cur/%s", name);
	struct claim claim;

	harness_write(path, "package: hello\npriority: 3\n");
	free(path);
	ck_assert_int_eq(token_parse(&claim.token, name), 0);
	token_format(claim.name, &claim.token);
	job_take(&job, &shop, q, &claim);
}

static void
claim_it(void)
{
	struct fail f;

	(void)fs_remove_tree(q->bad, NAME, &f);
	(void)fs_remove_tree(q->bad, NAME ".why", &f);
	claim_as(NAME);
}

static void
set_scene(void)
{
	shop = (struct job_shop){ .spool = harness_spool("amd64"),
	    .conf = harness_conf("attempts: 2\nbackoff: 0s\n"),
	    .trouble = &trouble, .health = &health,
	    .elsewhere = &elsewhere, .recent = &recent, .left = &left,
	    .control = &control, .stopping = &stopping };
	q = harness_queue("amd64");
	claim_it();
}

/* What control/ lists by now. */
static void
look(void)
{
	struct fail f;

	strs_free(&control);
	ck_assert_int_eq(control_list(shop.spool, &control, &f), 0);
}

static void
ask(enum control_verb verb, const char *object)
{
	struct fail f;

	ck_assert_int_eq(control_put(shop.spool, verb, object, "why", &f), 0);
	look();
}

/*
 * It runs: a process that ends by SIGTERM, or with that status then.  What it
 * writes tells that it is ready for that.
 */
static void
run(int status)
{
	static const char *const sh[] = { "echo; exec sleep 60",
	    "trap 'kill $!; exit 72' TERM; sleep 60 >/dev/null & echo; wait" };
	int ends[2];
	char byte;

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	job.state = JOB_RUNNING;
	job.pid = fork();
	ck_assert_int_ge(job.pid, 0);
	if (job.pid == 0) {
		(void)dup2(ends[1], STDOUT_FILENO);
		(void)execl("/bin/sh", "sh", "-c", sh[status == RUN_STOPPED],
		    (char *)NULL);
		_exit(127);
	}
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

/* Whether it ends within two seconds, and with which status. */
static bool
has_ended(int *status)
{
	for (int i = 0; i < 100; i++) {
		if (waitpid(job.pid, status, WNOHANG) == job.pid)
			return true;
		(void)usleep(20000);
	}
	return false;
}

START_TEST(what_is_cancelled_is_refused_before_it_runs)
{
	set_scene();
	ask(CONTROL_CANCEL, ID);
	job_settle(&job, true);
	ck_assert_int_eq(job.state, JOB_FREE);
	ck_assert_str_eq(harness_token(ID), IN_BAD);
	ck_assert_ptr_nonnull(strstr(harness_read("spool/" IN_BAD ".why"),
	    "cancelled by "));
	ck_assert(!harness_exists(CANCEL));
}
END_TEST

START_TEST(another_ones_end_is_not_its_own)
{
	int status;

	set_scene();
	ask(CONTROL_CANCEL, "bbbbbbbbbbbb");
	ask(CONTROL_KILL, "hello," ID ",p5,e2,a0@here");
	ask(CONTROL_KILL, "hello," ID ",p5,e1,a0@there");
	run(0);
	job_obey(&job);
	ck_assert_int_eq(job.order, JOB_ORDER_NONE);
	ck_assert_int_eq(waitpid(job.pid, &status, WNOHANG), 0);
	ck_assert_int_eq(kill(job.pid, SIGKILL), 0);
	ck_assert(has_ended(&status));
}
END_TEST

START_TEST(what_runs_is_ended_and_refused)
{
	int status = 0;

	set_scene();
	ask(CONTROL_CANCEL, ID);
	run(_i ? RUN_STOPPED : 0);
	job_obey(&job);
	job_obey(&job);
	ck_assert(has_ended(&status));
	ck_assert_str_eq(harness_token(ID), IN_CUR);
	job_ended(&job, status);
	ck_assert_int_eq(job.state, JOB_FREE);
	ck_assert_str_eq(harness_token(ID), IN_BAD);
	ck_assert(!harness_exists(CANCEL));
}
END_TEST

START_TEST(a_killed_attempt_is_used_up)
{
	int status = 0;

	set_scene();
	ask(CONTROL_KILL, NAME);
	run(0);
	job_obey(&job);
	ck_assert(has_ended(&status));
	job_ended(&job, status);
	ck_assert_int_eq(job.state, JOB_FREE);
	ck_assert_str_eq(strrchr(harness_token(ID), '/'),
	    "/hello," ID ",p5,e2,a1");
	ck_assert(!harness_exists(KILL));
	ck_assert_ptr_nonnull(strstr(harness_read("spool/amd64/tries/" ID
	    ".a0"), "killed by "));
}
END_TEST

START_TEST(a_cancel_beats_a_kill_and_a_stop)
{
	int status = 0;

	set_scene();
	ask(CONTROL_KILL, NAME);
	run(0);
	job_obey(&job);
	ask(CONTROL_CANCEL, ID);
	job_obey(&job);
	stopping = true;
	job_give_back(&job);
	ck_assert(has_ended(&status));
	job_ended(&job, status);
	stopping = false;
	ck_assert_str_eq(harness_token(ID), IN_BAD);
	ck_assert(!harness_exists(CANCEL) && !harness_exists(KILL));
}
END_TEST

START_TEST(what_fails_its_testbed_is_not_tried_again)
{
	set_scene();
	job.state = JOB_RUNNING;
	ask(CONTROL_CANCEL, ID);
	job_ended(&job, 16 << 8);
	ck_assert_str_eq(harness_token(ID), IN_BAD);
}
END_TEST

/* Its testbed fails on a host that is bad by now; where its token is then. */
static const char *
fail_on_a_bad_host(const char *name)
{
	struct fail f;

	set_scene();
	shop.conf = harness_conf("attempts: 2\nbackoff: 0s\nbad-host: 1\n");
	(void)fs_remove_tree(q->cur, NAME, &f);
	claim_as(name);
	job.state = JOB_RUNNING;
	job_ended(&job, 16 << 8);
	health_free(&health);
	elsewhere_free(&elsewhere);
	return strrchr(harness_token(ID), '/');
}

START_TEST(a_bad_host_uses_up_no_attempt)
{
	ck_assert_str_eq(fail_on_a_bad_host(NAME),
	    "/hello," ID ",p5,e2,a0");
}
END_TEST

START_TEST(a_bad_host_makes_no_result_of_the_last_attempt)
{
	ck_assert_str_eq(fail_on_a_bad_host("hello," ID ",p5,e2,a1@here"),
	    "/hello," ID ",p5,e3,a1");
}
END_TEST

START_TEST(what_went_round_all_hosts_uses_one_up)
{
	ck_assert_str_eq(fail_on_a_bad_host("hello," ID ",p5,e20,a0@here"),
	    "/hello," ID ",p5,e21,a1");
}
END_TEST

START_TEST(a_bad_host_does_not_keep_what_is_cancelled)
{
	set_scene();
	shop.conf = harness_conf("bad-host: 1\n");
	job.state = JOB_RUNNING;
	ask(CONTROL_CANCEL, ID);
	job_ended(&job, 16 << 8);
	health_free(&health);
	ck_assert_str_eq(harness_token(ID), IN_BAD);
}
END_TEST

START_TEST(a_fail_shows_that_the_host_is_well)
{
	set_scene();
	shop.conf = harness_conf("bad-host: 1\n");
	ck_assert(health_failed(&health, shop.conf, "other", "x"));
	job.state = JOB_RUNNING;
	job_ended(&job, 4 << 8);
	ck_assert(!health.bad);
}
END_TEST

/* Whatever fails, it is one; and what was asked stays until it has ended. */
START_TEST(whatever_fails_it_is_refused_in_the_end)
{
	unsigned n = 0;

	set_scene();
	for (struct fault x = { 0 }; fault_next(&x); n++) {
		claim_it();
		ask(CONTROL_CANCEL, ID);
		fault_on(&x);
		job_settle(&job, false);
		fault_off();
		ck_assert_msg(harness_tokens(ID) == 1, "%s", x.what);
		ck_assert_msg(harness_exists(CANCEL) ||
		    strcmp(harness_token(ID), IN_BAD) == 0, "%s", x.what);
		for (int i = 0; i < 3 && job.state != JOB_FREE; i++)
			if (job.state == JOB_SETTLING)
				job_settle(&job, false);
			else
				job_push(&job);
		ck_assert_msg(job.state == JOB_FREE, "%s", x.what);
		ck_assert_msg(strcmp(harness_token(ID), IN_BAD) == 0, "%s",
		    x.what);
	}
	ck_assert_uint_ge(n, 5 * FAULT_KINDS);
}
END_TEST

START_TEST(a_changed_priority_stays)
{
	set_scene();
	job_settle(&job, false);
	ck_assert_str_eq(strrchr(harness_token(ID), '/'),
	    "/hello," ID ",p5,e2,a0");
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, what_is_cancelled_is_refused_before_it_runs);
	tcase_add_test(tc, another_ones_end_is_not_its_own);
	tcase_add_loop_test(tc, what_runs_is_ended_and_refused, 0, 2);
	tcase_add_test(tc, a_killed_attempt_is_used_up);
	tcase_add_test(tc, a_cancel_beats_a_kill_and_a_stop);
	tcase_add_test(tc, what_fails_its_testbed_is_not_tried_again);
	tcase_add_test(tc, a_bad_host_uses_up_no_attempt);
	tcase_add_test(tc, a_bad_host_makes_no_result_of_the_last_attempt);
	tcase_add_test(tc, what_went_round_all_hosts_uses_one_up);
	tcase_add_test(tc, a_bad_host_does_not_keep_what_is_cancelled);
	tcase_add_test(tc, a_fail_shows_that_the_host_is_well);
	tcase_add_test(tc, whatever_fails_it_is_refused_in_the_end);
	tcase_add_test(tc, a_changed_priority_stays);
}
