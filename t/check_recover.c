/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "claim.h"
#include "commit.h"
#include "conf.h"
#include "fail.h"
#include "fault.h"
#include "fs.h"
#include "harness.h"
#include "publish.h"
#include "recover.h"
#include "spool.h"
#include "stage.h"
#include "strs.h"
#include "submit.h"
#include "tree.h"

#define DAY "20261122"
#define MINUTE_1 1795363260	/* 2026-11-22T16:01Z */
#define NAME "hello,aaaaaaaaaaaa,p5,e1,a0@here"
#define IN_CUR "spool/amd64/cur/" NAME
#define STAGE "results/.staging/" NAME

static const struct spool *s;
static char hello_text[] = "hello\n";
static const struct buf hello = { .s = hello_text, .len = 6 };
static const struct queue *q;
static const struct conf *c;

static void
set_scene(void)
{
	s = harness_spool("amd64 arm64");
	q = harness_queue("amd64");
	c = harness_conf("attempts: 3\nbackoff: 0s\n");
}

/* Recovers; returns how many stages could not be published now. */
static size_t
recover_all(void)
{
	struct strs left = { 0 };
	struct fail f;
	size_t n;

	ck_assert_msg(recover(c, s, NULL, &left, &f) == 0, "%s", f.text);
	n = left.n;
	strs_free(&left);
	return n;
}

static void
must_recover(void)
{
	ck_assert_uint_eq(recover_all(), 0);
}

static void
seal(void)
{
	struct plan p = { "amd64", DAY, "sid", "amd64", "hello", "2.10-3",
	    0 };
	struct fail f;

	ck_assert_int_eq(stage_make(s, NAME, &f), 0);
	harness_write(STAGE "/making/result.json", "{}");
	ck_assert_int_eq(stage_seal(s, NAME, &p, &f), 0);
}

static size_t
count_runs(void)
{
	struct strs runs = { 0 };
	struct fail f;
	size_t n;

	ck_assert_int_eq(tree_runs(s, "sid", "amd64", "hello", &runs, &f), 0);
	n = runs.n;
	strs_free(&runs);
	return n;
}

START_TEST(an_empty_spool_has_nothing_to_recover)
{
	set_scene();
	must_recover();
	ck_assert_uint_eq(harness_tokens(","), 0);
}
END_TEST

START_TEST(a_claim_goes_back_with_one_attempt_used_up)
{
	const char *at;

	set_scene();
	harness_write(IN_CUR, "hello\n");
	must_recover();
	at = harness_token("aaaaaaaaaaaa");
	ck_assert_msg(strncmp(at, "amd64/new/05-", 13) == 0, "%s", at);
	ck_assert_str_eq(strrchr(at, '/'), "/hello,aaaaaaaaaaaa,p5,e3,a1");
}
END_TEST

START_TEST(a_claim_that_goes_back_waits_for_its_backoff)
{
	struct claimer claimer;
	struct claim won;
	struct fail f;

	set_scene();
	c = harness_conf("attempts: 3\nbackoff: 1h\n");
	harness_write(IN_CUR, "hello\n");
	must_recover();
	claim_init(&claimer, q, "here");
	ck_assert_int_eq(claim_next(&claimer, &won, &f), CLAIM_NONE);
	ck_assert_int_gt(claimer.next_due_s, 0);
	claim_free(&claimer);
}
END_TEST

START_TEST(a_drop_that_was_not_judged_goes_back_as_it_came)
{
	set_scene();
	harness_write("spool/amd64/cur/hello,aaaaaaaaaaaa,p5,e0,a0@here",
	    "hello\n");
	must_recover();
	ck_assert_str_eq(harness_token("aaaaaaaaaaaa"),
	    "amd64/new/hello,aaaaaaaaaaaa,p5,e0,a0");
}
END_TEST

START_TEST(claims_in_every_queue_go_back)
{
	set_scene();
	harness_write("spool/arm64/cur/" NAME, "hello\n");
	must_recover();
	ck_assert_int_eq(strncmp(harness_token("aaaaaaaaaaaa"), "arm64/new/",
	    10), 0);
}
END_TEST

START_TEST(the_last_attempt_is_buried_with_a_reason)
{
	const char *name = "hello,aaaaaaaaaaaa,p5,e4,a2@here";

	set_scene();
	harness_write("spool/amd64/cur/hello,aaaaaaaaaaaa,p5,e3,a2@here",
	    "hello\n");
	must_recover();
	ck_assert_str_eq(strrchr(harness_token("aaaaaaaaaaaa"), '/') + 1,
	    name);
	ck_assert_ptr_nonnull(strstr(harness_read("spool/amd64/bad/"
	    "hello,aaaaaaaaaaaa,p5,e4,a2@here.why"), "3 attempts"));
}
END_TEST

START_TEST(others_claims_and_strangers_files_stay)
{
	set_scene();
	harness_write("spool/amd64/cur/hello,aaaaaaaaaaaa,p5,e1,a0@other",
	    "hello\n");
	harness_write("spool/amd64/cur/hello,bbbbbbbbbbbb,p5,e1,a0@heres",
	    "hello\n");
	harness_write("spool/amd64/cur/note", "");
	harness_write("results/.staging/hello,aaaaaaaaaaaa,p5,e1,a0@other/x",
	    "");
	must_recover();
	ck_assert_str_eq(harness_token("aaaaaaaaaaaa"),
	    "amd64/cur/hello,aaaaaaaaaaaa,p5,e1,a0@other");
	ck_assert_str_eq(harness_token("bbbbbbbbbbbb"),
	    "amd64/cur/hello,bbbbbbbbbbbb,p5,e1,a0@heres");
	ck_assert(harness_exists("spool/amd64/cur/note"));
	ck_assert(harness_exists("results/.staging/"
	    "hello,aaaaaaaaaaaa,p5,e1,a0@other/x"));
}
END_TEST

START_TEST(a_committed_attempt_is_published)
{
	set_scene();
	seal();
	harness_write("spool/amd64/done/" DAY "/" NAME, "hello\n");
	must_recover();
	ck_assert_uint_eq(count_runs(), 1);
	ck_assert(!harness_exists(STAGE));
	must_recover();
	ck_assert_uint_eq(count_runs(), 1);
}
END_TEST

START_TEST(a_sealed_attempt_that_was_not_committed_is_dropped)
{
	set_scene();
	seal();
	harness_write(IN_CUR, "hello\n");
	must_recover();
	ck_assert_uint_eq(count_runs(), 0);
	ck_assert(!harness_exists(STAGE));
	ck_assert_int_eq(strncmp(harness_token("aaaaaaaaaaaa"), "amd64/new/",
	    10), 0);
}
END_TEST

START_TEST(an_attempt_that_was_not_sealed_is_dropped)
{
	struct fail f;

	set_scene();
	ck_assert_int_eq(stage_make(s, NAME, &f), 0);
	harness_write(IN_CUR, "hello\n");
	must_recover();
	ck_assert(!harness_exists(STAGE));
}
END_TEST

/* As who ends between the plan and the rename that seals. */
static void
plan_only(void)
{
	seal();
	ck_assert_int_eq(fs_rename(s->staging, NAME "/run", s->staging,
	    NAME "/making"), 0);
}

START_TEST(a_plan_beside_making_is_no_seal)
{
	set_scene();
	plan_only();
	harness_write(IN_CUR, "hello\n");
	must_recover();
	ck_assert_uint_eq(count_runs(), 0);
	ck_assert(!harness_exists(STAGE));
	ck_assert_int_eq(strncmp(harness_token("aaaaaaaaaaaa"), "amd64/new/",
	    10), 0);
}
END_TEST

/* No attempt is committed before it is sealed: somebody has meddled. */
START_TEST(what_was_committed_and_not_sealed_stays)
{
	set_scene();
	plan_only();
	harness_write("spool/amd64/done/" DAY "/" NAME, "hello\n");
	ck_assert_uint_eq(recover_all(), 1);
	ck_assert_uint_eq(count_runs(), 0);
	ck_assert(harness_exists(STAGE "/making/result.json"));
	ck_assert(harness_exists(STAGE "/plan"));
}
END_TEST

/* What is not seen may be there all the same: listings can be old. */
START_TEST(a_stage_whose_request_is_not_seen_stays)
{
	struct fail f;

	set_scene();
	ck_assert_int_eq(stage_make(s, NAME, &f), 0);
	harness_write(STAGE "/making/log.gz", "half");
	ck_assert_uint_eq(recover_all(), 1);
	seal();
	ck_assert_uint_eq(recover_all(), 1);
	ck_assert(harness_exists(STAGE "/plan"));
}
END_TEST

/* A repeated mkdir makes one, after what was in it was published. */
START_TEST(an_empty_stage_of_what_was_committed_is_removed)
{
	struct fail f;

	set_scene();
	ck_assert_int_eq(stage_make(s, NAME, &f), 0);
	harness_write("spool/amd64/done/" DAY "/" NAME, "hello\n");
	must_recover();
	ck_assert(!harness_exists(STAGE));
}
END_TEST

/* For all that can be seen, its test runs: making/ is empty until the end. */
START_TEST(an_empty_stage_of_what_may_run_stays_whole)
{
	struct fail f;

	set_scene();
	ck_assert_int_eq(stage_make(s, NAME, &f), 0);
	ck_assert_int_eq(recover_stage(s, NAME, NULL, &f), -1);
	harness_write(IN_CUR, "hello\n");
	ck_assert_int_eq(recover_stage(s, NAME, NULL, &f), -1);
	ck_assert(harness_exists(STAGE "/making"));
}
END_TEST

START_TEST(a_queue_that_is_broken_keeps_no_other_back)
{
	struct fail f;

	set_scene();
	ck_assert_int_eq(fs_remove_tree(harness_dirfd(), "spool/amd64/tries",
	    &f), 0);
	harness_write("spool/arm64/cur/" NAME, "hello\n");
	must_recover();
	ck_assert_int_eq(strncmp(harness_token("aaaaaaaaaaaa"), "arm64/new/",
	    10), 0);
}
END_TEST

static const char *const gone_on[] = {
	"spool/arm64/new/05-20261122T1601/hello,aaaaaaaaaaaa,p5,e2,a1",
	"spool/amd64/cur/hello,aaaaaaaaaaaa,p5,e3,a1@there",
	"spool/amd64/done/20261123/hello,aaaaaaaaaaaa,p5,e2,a1@there",
	"spool/amd64/done/20261123/hello,aaaaaaaaaaaa,p5,e1,a0@there",
	"spool/amd64/bad/hello,aaaaaaaaaaaa,p5,e1,a0@here",
};

START_TEST(a_stage_whose_request_went_on_is_dropped)
{
	struct fail f;

	set_scene();
	harness_write(gone_on[_i], "hello\n");
	ck_assert_int_eq(stage_make(s, NAME, &f), 0);
	harness_write(STAGE "/log", "half");
	must_recover();
	ck_assert(!harness_exists(STAGE));
	ck_assert(harness_exists(gone_on[_i]));
}
END_TEST

/* As another worker takes over from "there". */
static size_t
take_over(void)
{
	struct strs left = { 0 };
	const struct recovery r = { .conf = c, .spool = s,
	    .worker = "there", .left = &left };
	struct fail f;
	size_t n;

	ck_assert_msg(recover_worker(&r, &f) == 0, "%s", f.text);
	n = left.n;
	strs_free(&left);
	return n;
}

#define THEIRS "hello,bbbbbbbbbbbb,p5,e1,a0@there"

START_TEST(a_dead_workers_claims_stages_and_results_are_taken_over)
{
	struct fail f;

	set_scene();
	harness_write("spool/amd64/cur/" THEIRS, "hello\n");
	harness_write("spool/arm64/cur/x.yaml,cccccccccccc,p5,e0,a0@there",
	    "hello\n");
	harness_write(IN_CUR, "hello\n");
	harness_write("results/.staging/" THEIRS "/making/log.gz", "half");
	harness_write("results/.staging/.gone.a." THEIRS "/making/log.gz",
	    "x");
	harness_write("results/.staging/.gone.a." NAME "/run/log.gz", "x");
	harness_write("scratch/there/bbbbbbbbbbbb.1/output/log", "x");
	ck_assert_int_eq(stage_make(s, NAME, &f), 0);
	ck_assert_uint_eq(take_over(), 0);
	ck_assert_str_eq(strrchr(harness_token("bbbbbbbbbbbb"), '/'),
	    "/hello,bbbbbbbbbbbb,p5,e3,a1");
	ck_assert(harness_exists(
	    "spool/arm64/new/x.yaml,cccccccccccc,p5,e0,a0"));
	ck_assert(!harness_exists("results/.staging/" THEIRS));
	ck_assert(!harness_exists("results/.staging/.gone.a." THEIRS));
	ck_assert(harness_exists("results/.staging/.gone.a." NAME));
	ck_assert(harness_exists(IN_CUR) && harness_exists(STAGE));
	ck_assert(harness_exists("scratch/there"));	/* another host's */
	ck_assert_ptr_nonnull(strstr(harness_read(
	    "spool/amd64/tries/bbbbbbbbbbbb.a0"), "attempt 1, on there: "));
}
END_TEST

START_TEST(what_a_dead_worker_committed_is_published_by_another)
{
	struct plan p = { "amd64", DAY, "sid", "amd64", "hello", "2.10-3",
	    0 };
	struct fail f;

	set_scene();
	ck_assert_int_eq(stage_make(s, THEIRS, &f), 0);
	harness_write("results/.staging/" THEIRS "/making/result.json", "{}");
	ck_assert_int_eq(stage_seal(s, THEIRS, &p, &f), 0);
	harness_write("spool/amd64/done/" DAY "/" THEIRS, "hello\n");
	ck_assert_uint_eq(take_over(), 0);
	ck_assert_uint_eq(count_runs(), 1);
	ck_assert(!harness_exists("results/.staging/" THEIRS));
}
END_TEST

START_TEST(the_reason_of_what_is_buried_tells_all_attempts)
{
	const char *why;

	set_scene();
	harness_write("spool/amd64/tries/bbbbbbbbbbbb.a0", "first\n");
	harness_write("spool/amd64/tries/bbbbbbbbbbbb.a1", "second\n");
	harness_write("spool/amd64/cur/hello,bbbbbbbbbbbb,p5,e7,a2@there",
	    "hello\n");
	ck_assert_uint_eq(take_over(), 0);
	why = harness_read("spool/amd64/bad/"
	    "hello,bbbbbbbbbbbb,p5,e8,a2@here.why");
	ck_assert_ptr_nonnull(strstr(why, "3 attempts are used up"));
	ck_assert_ptr_nonnull(strstr(why, "\nfirst\nsecond\n"));
	ck_assert(!harness_exists("spool/amd64/tries/bbbbbbbbbbbb.a0"));
	ck_assert(!harness_exists("spool/amd64/tries/bbbbbbbbbbbb.a1"));
}
END_TEST

START_TEST(a_damaged_stage_does_not_keep_the_others_back)
{
	set_scene();
	harness_write("results/.staging/a,bbbbbbbbbbbb,p5,e1,a0@here/plan",
	    "nonsense");
	harness_write("results/.staging/z,cccccccccccc,p5,e1,a0@here/plan",
	    "nonsense");
	seal();
	harness_write("spool/amd64/done/" DAY "/" NAME, "hello\n");
	ck_assert_uint_eq(recover_all(), 2);
	ck_assert_uint_eq(count_runs(), 1);
}
END_TEST

START_TEST(what_cannot_be_published_now_is_tried_again)
{
	struct strs left = { 0 };
	struct fail f;

	set_scene();
	harness_write("results/autopkgtest", "in the way");
	seal();
	harness_write("spool/amd64/done/" DAY "/" NAME, "hello\n");
	ck_assert_msg(recover(c, s, NULL, &left, &f) == 0, "%s", f.text);
	ck_assert_uint_eq(left.n, 1);
	ck_assert_str_eq(left.v[0], NAME);
	recover_left(s, NULL, &left, INT64_MAX);
	ck_assert_uint_eq(left.n, 1);
	ck_assert(harness_exists(STAGE "/run/result.json"));
	ck_assert_int_eq(fs_unlink(s->results, "autopkgtest"), 0);
	recover_left(s, NULL, &left, INT64_MAX);
	ck_assert_uint_eq(left.n, 0);
	ck_assert_uint_eq(count_runs(), 1);
	ck_assert(!harness_exists(STAGE));
	recover_left(s, NULL, &left, INT64_MAX);
	strs_free(&left);
}
END_TEST

START_TEST(scratch_of_an_earlier_life_is_removed)
{
	set_scene();
	harness_write("scratch/here/aaaaaaaaaaaa.1/output/log", "x");
	harness_write("scratch/other/aaaaaaaaaaaa.1/output/log", "x");
	recover_scratch(&(struct recovery){ .conf = c, .worker = c->worker });
	ck_assert(!harness_exists("scratch/here"));
	ck_assert(harness_exists("scratch/other/aaaaaaaaaaaa.1/output/log"));
}
END_TEST

/* One request's whole way through a worker; 0 when it is published. */
static int
serve(void)
{
	struct token t;
	struct claimer claimer;
	struct claim won;
	struct plan p = { "amd64", DAY, "sid", "amd64", "hello", "2.10-3",
	    0 };
	char run_id[PUBLISH_RUN_ID_MAX];
	struct fail f;
	static const char name[] = "hello,aaaaaaaaaaaa,p5,e1,a0";
	int fd, rc;

	(void)token_parse(&t, name);
	if (harness_tokens("aaaaaaaaaaaa") == 0) {
		/* Of a try that was cut off, which had an id of its own. */
		(void)fs_unlink(q->tmp, name);
		if (submit_put(q, &t, MINUTE_1, &hello, &f) != 0)
			return -1;
	}
	claim_init(&claimer, q, "here");
	rc = claim_next(&claimer, &won, &f) == CLAIM_WON ? 0 : -1;
	claim_free(&claimer);
	if (rc != 0 || stage_make(s, won.name, &f) != 0)
		return -1;
	fd = stage_open_run(s, won.name, &f);
	if (fd < 0)
		return -1;
	rc = fs_write_new(fd, "result.json", "{}", 2, &f);
	(void)close(fd);
	if (rc != 0 || stage_seal(s, won.name, &p, &f) != 0 ||
	    commit_done(q, &won.token, DAY, &f) != COMMIT_WON)
		return -1;
	return publish_stage(s, won.name, run_id, &f);
}

static void
start_over(void)
{
	static const char *const folders[] = { "spool/amd64/new",
	    "spool/amd64/cur", "spool/amd64/done", "spool/amd64/bad",
	    "spool/amd64/tmp", "results/autopkgtest", "results/.staging" };
	struct fail f;

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		struct strs names = { 0 };
		int dir = fs_open_dir(harness_dirfd(), folders[i]);

		if (dir < 0)
			continue;
		ck_assert_int_eq(fs_list(dir, ".", SIZE_MAX, &names, &f), 0);
		for (size_t k = 0; k < names.n; k++)
			ck_assert_int_eq(fs_remove_tree(dir, names.v[k], &f),
			    0);
		(void)close(dir);
		strs_free(&names);
	}
}

/*
 * After whatever stopped it: the token is waiting and nothing is published,
 * or it is done and exactly one whole run is.
 */
static void
one_or_the_other(const char *what)
{
	size_t n = harness_tokens("aaaaaaaaaaaa"), runs = count_runs();
	const char *at;

	if (n == 0) {		/* it was never acknowledged */
		ck_assert_msg(runs == 0, "%s", what);
		return;
	}
	at = harness_token("aaaaaaaaaaaa");
	ck_assert_msg(strncmp(at, runs ? "amd64/done/" : "amd64/new/",
	    runs ? 11 : 10) == 0, "%s: %s with %zu runs", what, at, runs);
	ck_assert_msg(runs <= 1, "%s", what);
}

START_TEST(a_worker_that_dies_at_any_call_is_recovered)
{
	bool died = true;

	set_scene();
	for (unsigned nth = 1; died; nth++) {
		char what[32];
		int status;
		pid_t pid;

		start_over();
		pid = fork();
		if (pid == 0) {
			fault_crash_at(nth);
			_exit(serve() == 0 ? 1 : 2);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFEXITED(status));
		ck_assert_int_ne(WEXITSTATUS(status), 2);
		died = WEXITSTATUS(status) == 0;
		(void)snprintf(what, sizeof what, "died at %u", nth);
		must_recover();
		one_or_the_other(what);
		must_recover();
		one_or_the_other(what);
		if (count_runs() == 0)
			ck_assert_msg(serve() == 0, "%s", what);
		ck_assert_uint_eq(count_runs(), 1);
		ck_assert_int_eq(strncmp(harness_token("aaaaaaaaaaaa"),
		    "amd64/done/", 11), 0);
	}
}
END_TEST

START_TEST(a_worker_that_fails_at_any_call_is_recovered)
{
	set_scene();
	for (struct fault x = { 0 }; fault_next(&x); ) {
		start_over();
		fault_on(&x);
		(void)serve();
		fault_off();
		must_recover();
		one_or_the_other(x.what);
		if (count_runs() == 0)
			ck_assert_msg(serve() == 0, "%s", x.what);
		ck_assert_uint_eq(count_runs(), 1);
	}
}
END_TEST

/* Whatever state a worker left, recovering it dies at each of its calls. */
static void
is_at(const char *id, const char *folder, const char *ending)
{
	const char *at = harness_token(id);

	ck_assert_msg(strncmp(at, folder, strlen(folder)) == 0 &&
	    strcmp(at + strlen(at) - strlen(ending), ending) == 0, "%s", at);
}

START_TEST(a_recovery_that_dies_at_any_call_is_recovered)
{
	bool died = true;

	set_scene();
	for (unsigned nth = 1; died; nth++) {
		int status;
		pid_t pid;

		start_over();
		seal();
		harness_write("spool/amd64/done/" DAY "/" NAME, "hello\n");
		harness_write("spool/amd64/cur/"
		    "hello,bbbbbbbbbbbb,p5,e1,a0@here", "hello\n");
		harness_write("spool/amd64/cur/"
		    "hello,cccccccccccc,p5,e3,a2@here", "hello\n");
		pid = fork();
		if (pid == 0) {
			struct strs left = { 0 };
			struct fail f;

			fault_crash_at(nth);
			_exit(recover(c, s, NULL, &left, &f) == 0 && !left.n ?
			    1 : 2);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFEXITED(status));
		ck_assert_int_ne(WEXITSTATUS(status), 2);
		died = WEXITSTATUS(status) == 0;
		must_recover();
		ck_assert_msg(count_runs() == 1, "%u", nth);
		ck_assert(!harness_exists(STAGE));
		/* Each life may have taken it to one more epoch. */
		is_at("bbbbbbbbbbbb", "amd64/new/", ",a1");
		is_at("cccccccccccc", "amd64/bad/", ",a2@here");
	}
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, an_empty_spool_has_nothing_to_recover);
	tcase_add_test(tc, a_claim_goes_back_with_one_attempt_used_up);
	tcase_add_test(tc, a_claim_that_goes_back_waits_for_its_backoff);
	tcase_add_test(tc, a_drop_that_was_not_judged_goes_back_as_it_came);
	tcase_add_test(tc, claims_in_every_queue_go_back);
	tcase_add_test(tc, the_last_attempt_is_buried_with_a_reason);
	tcase_add_test(tc, others_claims_and_strangers_files_stay);
	tcase_add_test(tc, a_committed_attempt_is_published);
	tcase_add_test(tc,
	    a_sealed_attempt_that_was_not_committed_is_dropped);
	tcase_add_test(tc, an_attempt_that_was_not_sealed_is_dropped);
	tcase_add_test(tc, a_plan_beside_making_is_no_seal);
	tcase_add_test(tc, what_was_committed_and_not_sealed_stays);
	tcase_add_test(tc, a_stage_whose_request_is_not_seen_stays);
	tcase_add_test(tc, an_empty_stage_of_what_was_committed_is_removed);
	tcase_add_test(tc, an_empty_stage_of_what_may_run_stays_whole);
	tcase_add_test(tc, a_queue_that_is_broken_keeps_no_other_back);
	tcase_add_loop_test(tc, a_stage_whose_request_went_on_is_dropped, 0,
	    (int)(sizeof gone_on / sizeof *gone_on));
	tcase_add_test(tc,
	    a_dead_workers_claims_stages_and_results_are_taken_over);
	tcase_add_test(tc,
	    what_a_dead_worker_committed_is_published_by_another);
	tcase_add_test(tc, the_reason_of_what_is_buried_tells_all_attempts);
	tcase_add_test(tc, a_damaged_stage_does_not_keep_the_others_back);
	tcase_add_test(tc, what_cannot_be_published_now_is_tried_again);
	tcase_add_test(tc, scratch_of_an_earlier_life_is_removed);
	tcase_add_test(tc, a_worker_that_dies_at_any_call_is_recovered);
	tcase_add_test(tc, a_worker_that_fails_at_any_call_is_recovered);
	tcase_add_test(tc, a_recovery_that_dies_at_any_call_is_recovered);
}
