/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_fsck.h"
#include "fault.h"
#include "stage.h"

#define NAME "hello,aaaaaaaaaaaa,p5,e1,a0@here"
#define IN_CUR "spool/amd64/cur/" NAME
#define IN_DONE "spool/amd64/done/" DAY "/" NAME
#define STAGE "results/.staging/" NAME
#define RUNS "results/autopkgtest/sid/amd64/h/hello"

static void
beat_at(const char *worker, const char *state, int64_t ago_s)
{
	char path[128], text[256];

	(void)snprintf(path, sizeof path, "spool/workers/%s", worker);
	(void)snprintf(text, sizeof text, "{\"state\": \"%s\", \"beat\": 7, "
	    "\"heartbeat\": 0, \"lease\": 600, \"beat_time\": %lld}", state,
	    (long long)(time(NULL) - ago_s));
	harness_write(path, text);
}

static void
make_stage(void)
{
	struct fail f;

	ck_assert_int_eq(stage_make(s, NAME, &f), 0);
	harness_write(STAGE "/making/result.json", "{\"id\": \"aaaaaaaaaaaa\", "
	    "\"package\": \"hello\", \"suite\": \"sid\", \"arch\": \"amd64\", "
	    "\"version\": \"2.10-3\", \"status\": \"pass\"}");
	harness_write(STAGE "/making/log.gz", "");
	harness_write(STAGE "/making/artifacts.tar.gz", "");
	harness_write(STAGE "/making/result.tar", "");
}

static void
seal(void)
{
	struct plan p = { "amd64", DAY, "sid", "amd64", "hello", "2.10-3", 0 };
	struct fail f;

	make_stage();
	ck_assert_int_eq(stage_seal(s, NAME, &p, &f), 0);
}

static size_t
count_runs(void)
{
	struct strs names = { 0 };
	struct fail f;
	size_t n;

	(void)fs_list(harness_dirfd(), RUNS, SIZE_MAX, &names, &f);
	n = names.n;
	strs_free(&names);
	return n;
}

START_TEST(a_run_at_work_is_clean)
{
	set_scene();
	beat_at("here", "running", 1);
	harness_write(IN_CUR, "hello\n");
	make_stage();
	must_be_clean(LOOK | REPAIR);
	seal();
	age(STAGE, 2 * DAY_S);
	must_be_clean(LOOK | REPAIR);
}
END_TEST

START_TEST(a_committed_stage_is_published)
{
	set_scene();
	beat_at("here", "running", 1);
	harness_write(IN_DONE, "hello\n");
	seal();
	must_find(DEEP, "stage-committed .staging/" NAME);
	must_mend(LOOK, "stage-committed .staging/" NAME);
	ck_assert_uint_eq(count_runs(), 1);
	must_be_clean(DEEP);
}
END_TEST

START_TEST(a_committed_stage_that_cannot_be_published_stays)
{
	set_scene();
	beat_at("here", "running", 1);
	for (struct fault x = { 0 }; fault_next(&x); ) {
		struct fsck_report r;
		struct fail f;

		harness_write(IN_DONE, "hello\n");
		seal();
		fault_on(&x);
		r = look(REPAIR);
		fault_off();
		ck_assert_uint_eq(r.n, 1);
		fsck_report_free(&r);
		r = look(REPAIR);
		fsck_report_free(&r);
		ck_assert_msg(count_runs() == 1, "%s", x.what);
		ck_assert(!harness_exists(STAGE));
		ck_assert_int_eq(fs_remove_tree(harness_dirfd(),
		    "results/autopkgtest", &f), 0);
		ck_assert_int_eq(fs_remove_tree(harness_dirfd(),
		    "results/by-version", &f), 0);
		ck_assert_int_eq(fs_remove_tree(harness_dirfd(),
		    "results/.staging", &f), 0);
		set_scene();
	}
}
END_TEST

START_TEST(a_stage_whose_request_went_on_is_dropped)
{
	static const char *const places[] = {
	    "spool/arm64/new/05-29991122T1601/hello,aaaaaaaaaaaa,p5,e2,a1",
	    "spool/amd64/cur/hello,aaaaaaaaaaaa,p5,e2,a1@here",
	    "spool/amd64/done/" DAY "/hello,aaaaaaaaaaaa,p5,e2,a1@here",
	    "spool/amd64/done/" DAY "/hello,aaaaaaaaaaaa,p5,e1,a0@there",
	    "spool/amd64/bad/hello,aaaaaaaaaaaa,p5,e1,a0@here" };

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		set_scene();
		beat_at("here", "running", 1);
		harness_write(places[i], "hello\n");
		harness_write("spool/amd64/bad/hello,aaaaaaaaaaaa,p5,e1,a0"
		    "@here.why", "no\n");
		seal();
		must_mend(LOOK, "stage-dead .staging/" NAME);
		ck_assert_uint_eq(count_runs(), 0);
		ck_assert_int_eq(fs_unlink(harness_dirfd(), places[i]), 0);
	}
}
END_TEST

/* It may be in a directory of which an old listing was seen. */
START_TEST(a_stage_of_which_nothing_is_known_is_told_when_it_is_old)
{
	set_scene();
	seal();
	must_be_clean(LOOK | REPAIR);
	age(STAGE, DAY_S + 60);
	must_leave(LOOK, "stage-nobody .staging/" NAME);
}
END_TEST

START_TEST(a_stage_of_an_attempt_that_waits_under_its_own_epoch_is_unknown)
{
	set_scene();
	harness_write("spool/amd64/new/05-29991122T1601/"
	    "hello,aaaaaaaaaaaa,p5,e1,a0", "hello\n");
	seal();
	must_be_clean(LOOK | REPAIR);
	ck_assert(harness_exists(STAGE "/plan"));
}
END_TEST

START_TEST(a_committed_stage_without_a_plan_is_told)
{
	set_scene();
	harness_write(IN_DONE, "hello\n");
	make_stage();
	must_leave(LOOK, "stage-unsealed .staging/" NAME);
}
END_TEST

START_TEST(a_stage_that_a_repeated_call_has_made_anew_is_removed)
{
	set_scene();
	harness_write(IN_DONE, "hello\n");
	make_dir(STAGE "/making");
	must_mend(LOOK, "stage-empty .staging/" NAME);
	make_dir(STAGE);
	must_mend(LOOK, "stage-empty .staging/" NAME);
}
END_TEST

START_TEST(an_empty_stage_of_which_nothing_is_known_is_told)
{
	set_scene();
	make_dir(STAGE "/making");
	must_be_clean(LOOK | REPAIR);
	age(STAGE, DAY_S + 60);
	must_leave(LOOK, "stage-nobody .staging/" NAME);
}
END_TEST

static void
write_log(void)
{
	harness_write(STAGE "/log", "");
}

START_TEST(a_stage_that_fills_before_it_is_removed_stays)
{
	set_scene();
	harness_write(IN_DONE, "hello\n");
	make_dir(STAGE "/making");
	fault_meddle_at(1, write_log);
	{
		struct fsck_report r = look(REPAIR);

		ck_assert_uint_eq(r.n, 1);
		ck_assert_int_eq(r.v[0].state, FSCK_LEFT);
		fsck_report_free(&r);
	}
	fault_off();
	ck_assert(harness_exists(STAGE "/log"));
}
END_TEST

START_TEST(a_committed_stage_with_a_damaged_plan_is_told)
{
	set_scene();
	harness_write(IN_DONE, "hello\n");
	make_stage();
	harness_write(STAGE "/plan", "amd64\n../..\n");
	must_leave(LOOK, "stage-damaged .staging/" NAME);
}
END_TEST

START_TEST(what_is_no_stage_is_told_when_it_is_old)
{
	set_scene();
	write_old("results/.staging/mine", "", DAY_S - 60);
	must_be_clean(LOOK);
	age("results/.staging/mine", DAY_S + 60);
	must_leave(LOOK, "stage-strange .staging/mine");
}
END_TEST

START_TEST(what_dropping_a_stage_left_is_removed)
{
	set_scene();
	harness_write("results/.staging/.gone.bbbbbbbbbbbb." NAME "/log", "");
	must_be_clean(LOOK | REPAIR);
	age("results/.staging/.gone.bbbbbbbbbbbb." NAME, HOUR_S + 60);
	must_mend(LOOK, "stage-rest .staging/.gone.bbbbbbbbbbbb." NAME);
	write_old("results/.staging/.probe.here", "", HOUR_S + 60);
	must_mend(LOOK, "stage-rest .staging/.probe.here");
}
END_TEST

START_TEST(what_is_no_heartbeat_in_workers_is_told)
{
	set_scene();
	harness_write("spool/workers/here", "nonsense");
	must_leave(LOOK, "worker-strange workers/here");
	ck_assert_int_eq(fs_unlink(harness_dirfd(), "spool/workers/here"), 0);
	make_dir("spool/workers/here");
	must_leave(LOOK, "worker-strange workers/here");
	ck_assert_int_eq(fs_rmdir(harness_dirfd(), "spool/workers/here"), 0);
	harness_write("spool/workers/.here", "{}");
	must_leave(LOOK, "worker-strange workers/.here");
}
END_TEST

START_TEST(claims_of_a_worker_without_a_heartbeat_are_told)
{
	set_scene();
	harness_write(IN_CUR, "hello\n");
	must_leave(LOOK, "worker-missing workers/here");
}
END_TEST

START_TEST(claims_of_a_worker_that_has_stopped_are_told)
{
	set_scene();
	harness_write(IN_CUR, "hello\n");
	beat_at("here", "stopped", 1);
	must_leave(LOOK, "worker-stopped workers/here");
}
END_TEST

START_TEST(claims_of_a_worker_that_is_silent_are_a_hint)
{
	set_scene();
	harness_write(IN_CUR, "hello\n");
	beat_at("here", "running", 590);
	must_be_clean(LOOK);
	beat_at("here", "running", 610);
	must_leave(LOOK, "worker-silent workers/here");
}
END_TEST

START_TEST(an_old_heartbeat_is_removed_when_nothing_bears_its_name)
{
	set_scene();
	beat_at("there", "stopped", 6 * DAY_S);
	must_be_clean(LOOK);
	beat_at("there", "stopped", 8 * DAY_S);
	harness_write("results/.staging/hello,aaaaaaaaaaaa,p5,e1,a0@there/log",
	    "");
	must_be_clean(LOOK | REPAIR);
	ck_assert_int_eq(fs_remove_tree(harness_dirfd(), "results/.staging/"
	    "hello,aaaaaaaaaaaa,p5,e1,a0@there", &(struct fail){ 0 }), 0);
	harness_write("spool/amd64/done/" DAY "/hello,aaaaaaaaaaaa,p5,e1,a0"
	    "@there", "hello\n");
	must_mend(LOOK, "worker-old workers/there");
}
END_TEST

START_TEST(a_heartbeat_of_a_worker_that_never_beat_is_removed_when_it_is_old)
{
	set_scene();
	write_old("spool/workers/there", "", 6 * DAY_S);
	must_be_clean(LOOK);
	age("spool/workers/there", 8 * DAY_S);
	must_mend(LOOK, "worker-old workers/there");
	write_old("spool/workers/here", "", 8 * DAY_S);
	harness_write(IN_CUR, "hello\n");
	must_leave(LOOK, "worker-missing workers/here");
}
END_TEST

static void
beat_again(void)
{
	beat_at("there", "running", 0);
}

/* Right before what comes first is mended. */
START_TEST(a_worker_that_comes_back_keeps_its_heartbeat)
{
	set_scene();
	beat_at("there", "stopped", 8 * DAY_S);
	write_old("spool/amd64/tmp/x", "", 2 * DAY_S);
	fault_meddle_at(1, beat_again);
	must_say(REPAIR, "tmp-old amd64/tmp/x repaired\n"
	    "worker-old workers/there gone\n");
	fault_off();
	must_be_clean(LOOK);
}
END_TEST

START_TEST(what_a_dead_worker_claimed_is_given_back)
{
	struct fsck_report r;
	char *words;

	set_scene();
	beat_at("here", "running", 5);
	harness_write(IN_CUR, "hello\n");
	harness_write("spool/arm64/cur/dropped,bbbbbbbbbbbb,p5,e0,a0@here",
	    "hello\n");
	harness_write("spool/arm64/cur/hello,cccccccccccc,p5,e3,a2@here",
	    "hello\n");
	harness_write("spool/arm64/cur/hello,dddddddddddd,p5,e3,a2@there",
	    "hello\n");
	beat_at("there", "running", 5);
	make_stage();
	must_be_clean(LOOK | REPAIR);
	r = look_for_dead(LOOK, "here");
	ck_assert_uint_eq(r.n, 3);
	ck_assert_int_eq(fsck_status(&r), EX_DATAERR);
	fsck_report_free(&r);
	ck_assert(harness_exists(IN_CUR));
	r = look_for_dead(REPAIR, "here");
	words = words_of(&r);
	ck_assert_msg(r.repaired == 3, "%s", words);
	free(words);
	fsck_report_free(&r);
	ck_assert_str_eq(strrchr(harness_token("aaaaaaaaaaaa"), '/'),
	    "/hello,aaaaaaaaaaaa,p5,e3,a1");
	ck_assert_ptr_nonnull(strstr(harness_token("bbbbbbbbbbbb"),
	    "arm64/new/dropped,"));
	ck_assert_ptr_nonnull(strstr(harness_token("cccccccccccc"),
	    "arm64/bad/hello,cccccccccccc,p5,e4,a2@fsck-"));
	ck_assert_str_eq(harness_token("dddddddddddd"),
	    "arm64/cur/hello,dddddddddddd,p5,e3,a2@there");
	ck_assert(!harness_exists(STAGE));
	must_be_clean(LOOK);
}
END_TEST

static void
beat_once_more(void)
{
	harness_write("spool/workers/here", "{\"state\": \"running\", "
	    "\"beat\": 8, \"heartbeat\": 1}");
}

/* It beats between the two looks, which are apart by two of its beats. */
START_TEST(a_worker_that_beats_is_not_dead)
{
	struct strs queues = { 0 }, dead = { 0 };
	struct fsck_options o = { .queues = &queues, .dead = &dead,
	    .repair = true };
	struct fsck_report r;
	struct fail f;
	pid_t pid;

	set_scene();
	harness_write(IN_CUR, "hello\n");
	harness_write("spool/workers/here", "{\"state\": \"running\", "
	    "\"beat\": 7, \"heartbeat\": 1}");
	strs_add(&dead, "here");
	pid = fork();
	if (pid == 0) {
		(void)usleep(700000);
		beat_once_more();
		_exit(0);
	}
	ck_assert_int_eq(fsck(c, s, &o, &r, &f), -1);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert_int_eq(f.status, EX_USAGE);
	ck_assert_ptr_nonnull(strstr(f.text, "is not dead"));
	ck_assert(harness_exists(IN_CUR));
	fsck_report_free(&r);
	strs_free(&dead);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_run_at_work_is_clean);
	tcase_add_test(tc, a_committed_stage_is_published);
	tcase_add_test(tc, a_committed_stage_that_cannot_be_published_stays);
	tcase_add_test(tc, a_stage_whose_request_went_on_is_dropped);
	tcase_add_test(tc,
	    a_stage_of_which_nothing_is_known_is_told_when_it_is_old);
	tcase_add_test(tc,
	    a_stage_of_an_attempt_that_waits_under_its_own_epoch_is_unknown);
	tcase_add_test(tc, a_committed_stage_without_a_plan_is_told);
	tcase_add_test(tc,
	    a_stage_that_a_repeated_call_has_made_anew_is_removed);
	tcase_add_test(tc, an_empty_stage_of_which_nothing_is_known_is_told);
	tcase_add_test(tc, a_stage_that_fills_before_it_is_removed_stays);
	tcase_add_test(tc, a_committed_stage_with_a_damaged_plan_is_told);
	tcase_add_test(tc, what_is_no_stage_is_told_when_it_is_old);
	tcase_add_test(tc, what_dropping_a_stage_left_is_removed);
	tcase_add_test(tc, what_is_no_heartbeat_in_workers_is_told);
	tcase_add_test(tc, claims_of_a_worker_without_a_heartbeat_are_told);
	tcase_add_test(tc, claims_of_a_worker_that_has_stopped_are_told);
	tcase_add_test(tc, claims_of_a_worker_that_is_silent_are_a_hint);
	tcase_add_test(tc,
	    an_old_heartbeat_is_removed_when_nothing_bears_its_name);
	tcase_add_test(tc,
	    a_heartbeat_of_a_worker_that_never_beat_is_removed_when_it_is_old);
	tcase_add_test(tc, a_worker_that_comes_back_keeps_its_heartbeat);
	tcase_add_test(tc, what_a_dead_worker_claimed_is_given_back);
	tcase_add_test(tc, a_worker_that_beats_is_not_dead);
}
