/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "fail.h"
#include "fault.h"
#include "fs.h"
#include "harness.h"
#include "publish.h"
#include "spool.h"
#include "stage.h"
#include "strs.h"
#include "tree.h"

#define ATTEMPT "hello,aaaaaaaaaaaa,p5,e1,a0@here"
#define STAGE "results/.staging/" ATTEMPT
#define PACKAGE "results/autopkgtest/sid/amd64/h/hello"
#define BY_VERSION "results/by-version/sid/amd64/hello/2.10-3"

static const struct spool *s;

/* A sealed stage, whose attempt was committed. */
static void
seal(const char *version)
{
	struct plan p = { "amd64", "20261122", "sid", "amd64", "hello", "",
	    0 };
	struct fail f;

	if (!s)
		s = harness_spool("amd64");
	(void)snprintf(p.version, sizeof p.version, "%s", version);
	ck_assert_int_eq(fs_remove_tree(s->staging, ATTEMPT, &f), 0);
	ck_assert_msg(stage_make(s, ATTEMPT, &f) == 0, "%s", f.text);
	harness_write(STAGE "/making/result.json", "{}");
	harness_write(STAGE "/making/log.gz", "log");
	harness_write(STAGE "/log", "log");
	ck_assert_msg(stage_seal(s, ATTEMPT, &p, &f) == 0, "%s", f.text);
}

static void
publish(char run_id[PUBLISH_RUN_ID_MAX])
{
	struct fail f;

	ck_assert_msg(publish_stage(s, ATTEMPT, run_id, &f) == 0, "%s",
	    f.text);
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

static int64_t
second_of(const char *run_id)
{
	int64_t second = 0;

	ck_assert(publish_run_id_ok(run_id));
	ck_assert_int_eq(clock_parse(run_id, &second), 0);
	return second;
}

static void
is_whole(const char *run_id)
{
	char path[256];

	(void)snprintf(path, sizeof path, PACKAGE "/%s/result.json", run_id);
	ck_assert_str_eq(harness_read(path), "{}");
	(void)snprintf(path, sizeof path, PACKAGE "/%s/log.gz", run_id);
	ck_assert_str_eq(harness_read(path), "log");
	(void)snprintf(path, sizeof path, BY_VERSION "/%s", run_id);
	ck_assert(harness_exists(path));
}

START_TEST(the_run_appears_whole_and_the_stage_is_gone)
{
	char run_id[PUBLISH_RUN_ID_MAX];
	int64_t before_s;

	seal("2.10-3");
	before_s = clock_now_s();
	publish(run_id);
	ck_assert_int_ge(second_of(run_id), before_s);
	ck_assert_int_le(second_of(run_id), clock_now_s());
	is_whole(run_id);
	ck_assert(!harness_exists(STAGE));
}
END_TEST

START_TEST(the_link_by_version_leads_to_the_run)
{
	char run_id[PUBLISH_RUN_ID_MAX], path[256], *real, *want;

	seal("2.10-3");
	publish(run_id);
	(void)snprintf(path, sizeof path, BY_VERSION "/%s", run_id);
	real = realpath(harness_path(path), NULL);
	(void)snprintf(path, sizeof path, PACKAGE "/%s", run_id);
	want = realpath(harness_path(path), NULL);
	ck_assert_ptr_nonnull(real);
	ck_assert_str_eq(real, want);
	(void)snprintf(path, sizeof path, BY_VERSION "/%s", run_id);
	free(real);
	free(want);
	real = malloc(256);
	ck_assert_int_gt(readlink(harness_path(path), real, 256), 0);
	ck_assert_int_eq(real[0], '.');
	free(real);
}
END_TEST

START_TEST(without_a_version_there_is_no_link)
{
	char run_id[PUBLISH_RUN_ID_MAX];

	seal("");
	publish(run_id);
	ck_assert_uint_eq(count_runs(), 1);
	ck_assert(!harness_exists("results/by-version"));
}
END_TEST

START_TEST(each_run_is_later_than_all_before_it)
{
	char last[PUBLISH_RUN_ID_MAX] = "", run_id[PUBLISH_RUN_ID_MAX];

	for (size_t i = 0; i < 5; i++) {
		seal("2.10-3");
		publish(run_id);
		ck_assert_str_gt(run_id, last);
		memcpy(last, run_id, sizeof last);
		ck_assert_uint_eq(count_runs(), i + 1);
	}
}
END_TEST

START_TEST(a_run_of_the_future_is_followed_by_the_next_second)
{
	char run_id[PUBLISH_RUN_ID_MAX];

	harness_write(PACKAGE "/29991231_235959@/result.json", "");
	harness_write(PACKAGE "/not a run/x", "");
	seal("2.10-3");
	publish(run_id);
	ck_assert_str_eq(run_id, "30000101_000000@");
}
END_TEST

/* As somebody who ended after the rename. */
static void
rename_run_to(const char *run_id)
{
	char path[256];
	struct fail f;

	ck_assert_int_eq(fs_mkdirs(s->results, "autopkgtest/sid/amd64/h/hello",
	    &f), 0);
	(void)snprintf(path, sizeof path, "autopkgtest/sid/amd64/h/hello/%s",
	    run_id);
	ck_assert_int_eq(fs_rename(s->staging, ATTEMPT "/run", s->results,
	    path), 0);
}

START_TEST(what_another_published_gets_its_link_and_loses_its_stage)
{
	char run_id[PUBLISH_RUN_ID_MAX] = "x";

	seal("2.10-3");
	harness_write(PACKAGE "/20261122_160102@/result.json", "another's");
	rename_run_to("20261122_160103@");
	harness_write(PACKAGE "/20261122_160104@/result.json", "another's");
	publish(run_id);
	ck_assert_str_eq(run_id, "20261122_160103@");
	is_whole(run_id);
	ck_assert(!harness_exists(STAGE));
	publish(run_id);
	ck_assert_str_eq(run_id, "");	/* gone altogether */
}
END_TEST

/* As the calls that made a stage leave it, when all of them are late. */
START_TEST(an_empty_run_that_was_not_sealed_is_not_published)
{
	char run_id[PUBLISH_RUN_ID_MAX] = "x";

	seal("2.10-3");
	rename_run_to("20261122_160103@");
	ck_assert_int_eq(fs_mkdir(s->staging, ATTEMPT "/run"), 0);
	publish(run_id);
	ck_assert_str_eq(run_id, "20261122_160103@");
	ck_assert_uint_eq(count_runs(), 1);
	ck_assert(!harness_exists(STAGE));
}
END_TEST

/* And a late mkdir of making/ comes right after that. */
static void
somebody_renames_run(void)
{
	struct fail f;

	fault_off();
	(void)fs_mkdirs(s->results, "autopkgtest/sid/amd64/h/hello", &f);
	(void)fs_rename(s->staging, ATTEMPT "/run", s->results,
	    "autopkgtest/sid/amd64/h/hello/20261122_160103@");
	(void)fs_mkdir(s->staging, ATTEMPT "/making");
}

START_TEST(a_mkdir_that_is_late_makes_no_second_run)
{
	for (unsigned nth = 1; nth <= 24; nth++) {
		char run_id[PUBLISH_RUN_ID_MAX];
		struct fail f;

		seal("2.10-3");
		ck_assert_int_eq(fs_remove_tree(s->results, "autopkgtest",
		    &f), 0);
		fault_meddle_at(nth, somebody_renames_run);
		(void)publish_stage(s, ATTEMPT, run_id, &f);
		fault_off();
		if (harness_exists(STAGE))
			publish(run_id);
		ck_assert_msg(count_runs() == 1, "%u", nth);
		ck_assert_msg(!harness_exists(STAGE), "%u", nth);
	}
}
END_TEST

/* Inode numbers do not outlive a copy of the whole tree. */
START_TEST(a_stage_that_was_copied_is_published)
{
	char run_id[PUBLISH_RUN_ID_MAX] = "x";

	seal("2.10-3");
	ck_assert_int_eq(fs_rename(s->staging, ATTEMPT "/run", s->results,
	    "the-original"), 0);
	harness_write(STAGE "/run/result.json", "{}");
	harness_write(STAGE "/run/log.gz", "log");
	publish(run_id);
	is_whole(run_id);
	ck_assert_uint_eq(count_runs(), 1);
}
END_TEST

START_TEST(what_is_neither_staged_nor_published_stays_unknown)
{
	char run_id[PUBLISH_RUN_ID_MAX] = "x";
	struct fail f = { 0 };

	seal("2.10-3");
	rename_run_to("20261122_160103@");
	ck_assert_int_eq(fs_remove_tree(s->results,
	    "autopkgtest/sid/amd64/h/hello/20261122_160103@", &f), 0);
	ck_assert_int_eq(publish_stage(s, ATTEMPT, run_id, &f), -1);
	ck_assert_int_eq(f.status, EX_TEMPFAIL);
	ck_assert_str_eq(run_id, "");
	ck_assert(harness_exists(STAGE "/plan"));
}
END_TEST

START_TEST(a_stage_that_is_not_sealed_is_not_published)
{
	char run_id[PUBLISH_RUN_ID_MAX];
	struct fail f;

	seal("2.10-3");
	harness_write(STAGE "/plan", "amd64\n");
	ck_assert_int_eq(publish_stage(s, ATTEMPT, run_id, &f), -1);
	ck_assert(harness_exists(STAGE "/run/result.json"));
	ck_assert_uint_eq(count_runs(), 0);
}
END_TEST

static void
somebody_publishes(void)
{
	char run_id[PUBLISH_RUN_ID_MAX];
	struct fail f;

	fault_off();
	(void)publish_stage(s, ATTEMPT, run_id, &f);
}

START_TEST(two_publishers_of_one_stage_make_one_run)
{
	seal("2.10-3");
	for (unsigned nth = 1; nth <= 24; nth++) {
		size_t before = count_runs();
		char run_id[PUBLISH_RUN_ID_MAX];
		struct fail f;

		seal("2.10-3");
		fault_meddle_at(nth, somebody_publishes);
		(void)publish_stage(s, ATTEMPT, run_id, &f);
		fault_off();
		ck_assert_msg(count_runs() == before + 1, "%u", nth);
	}
}
END_TEST

/*
 * A reader sees a whole run or none, whatever fails; called again it rolls
 * forward to one run, linked, and no stage.
 */
START_TEST(whatever_fails_one_whole_run_comes_of_it)
{
	seal("2.10-3");
	for (struct fault x = { 0 }; fault_next(&x); ) {
		char run_id[PUBLISH_RUN_ID_MAX] = "";
		char first[PUBLISH_RUN_ID_MAX];
		struct fail f = { 0 };
		size_t n;
		int rc;

		ck_assert_int_eq(fs_remove_tree(s->results, "autopkgtest",
		    &f), 0);
		ck_assert_int_eq(fs_remove_tree(s->results, "by-version", &f),
		    0);
		seal("2.10-3");
		fault_on(&x);
		rc = publish_stage(s, ATTEMPT, run_id, &f);
		fault_off();
		n = count_runs();
		ck_assert_msg(x.struck || rc == 0, "%s", f.text);
		ck_assert_msg(x.kind != FAULT_LOST_REPLY || rc == 0, "%s: %s",
		    x.what, f.text);
		ck_assert_msg(n <= 1, "%s", x.what);
		ck_assert_msg(rc != 0 || n == 1, "%s", x.what);
		ck_assert_msg(n == 1 ||
		    harness_exists(STAGE "/run/result.json"), "%s", x.what);
		memcpy(first, run_id, sizeof first);
		if (rc != 0)
			ck_assert_msg(publish_stage(s, ATTEMPT, run_id, &f)
			    == 0, "%s: again: %s", x.what, f.text);
		ck_assert_msg(count_runs() == 1, "%s", x.what);
		/* Of what was told before, the rest needs not tell again. */
		if (!run_id[0])
			memcpy(run_id, first, sizeof first);
		ck_assert_msg(run_id[0] != '\0', "%s", x.what);
		is_whole(run_id);
		ck_assert_msg(!harness_exists(STAGE), "%s", x.what);
	}
}
END_TEST

static void
somebody_removes_the_package(void)
{
	(void)unlinkat(harness_dirfd(), PACKAGE, AT_REMOVEDIR);
}

START_TEST(enoent_while_the_run_is_still_staged_is_an_error_and_no_drop)
{
	unsigned failed = 0;

	for (unsigned nth = 1; nth <= 24; nth++) {
		char run_id[PUBLISH_RUN_ID_MAX];
		struct fail f = { 0 };
		int rc;

		seal("2.10-3");
		ck_assert_int_eq(fs_remove_tree(s->results, "autopkgtest",
		    &f), 0);
		fault_meddle_at(nth, somebody_removes_the_package);
		rc = publish_stage(s, ATTEMPT, run_id, &f);
		fault_off();
		if (rc == 0) {
			ck_assert_msg(count_runs() == 1, "%u", nth);
			continue;
		}
		failed++;
		ck_assert_msg(harness_exists(STAGE "/run/result.json") &&
		    harness_exists(STAGE "/plan"), "%u: %s", nth, f.text);
		publish(run_id);
		ck_assert_msg(count_runs() == 1, "%u", nth);
	}
	ck_assert_uint_ge(failed, 1);
}
END_TEST

START_TEST(without_a_free_second_the_run_stays_staged)
{
	enum { TAKEN = 1200 };	/* 1000 are tried, and time goes on */
	int64_t now_s = clock_now_s();
	char run_id[PUBLISH_RUN_ID_MAX], path[128], text[CLOCK_TEXT_MAX];
	struct fail f = { 0 };

	seal("2.10-3");
	for (int i = 0; i < TAKEN; i++) {
		clock_format(text, "%Y%m%d_%H%M%S@", now_s + i);
		(void)snprintf(path, sizeof path, PACKAGE "/%s/x", text);
		harness_write(path, "");
	}
	/* Newest by its name, but no time: so the search begins at now. */
	harness_write(PACKAGE "/99999999_999999@/x", "");
	ck_assert_int_eq(publish_stage(s, ATTEMPT, run_id, &f), -1);
	ck_assert_int_eq(f.status, EX_TEMPFAIL);
	ck_assert_msg(strstr(f.text, "no second is free") != NULL, "%s",
	    f.text);
	ck_assert(harness_exists(STAGE "/run/result.json"));
	ck_assert_int_eq(fs_remove_tree(harness_dirfd(),
	    PACKAGE "/99999999_999999@", &f), 0);
	publish(run_id);
	is_whole(run_id);
	ck_assert_int_ge(second_of(run_id), now_s + TAKEN);
}
END_TEST

START_TEST(a_stage_without_a_plan_stays)
{
	char run_id[PUBLISH_RUN_ID_MAX] = "x";
	struct fail f = { 0 };

	seal("2.10-3");
	ck_assert_int_eq(unlinkat(harness_dirfd(), STAGE "/plan", 0), 0);
	ck_assert_int_eq(publish_stage(s, ATTEMPT, run_id, &f), -1);
	ck_assert_int_eq(f.err, ENOENT);
	ck_assert(harness_exists(STAGE "/run/result.json"));
}
END_TEST

START_TEST(who_dies_at_any_call_leaves_a_run_or_a_stage_to_publish)
{
	bool died = true;

	seal("2.10-3");
	for (unsigned nth = 1; died; nth++) {
		size_t before = count_runs();
		char run_id[PUBLISH_RUN_ID_MAX];
		struct fail f;
		int status;
		pid_t pid;

		seal("2.10-3");
		pid = fork();
		if (pid == 0) {
			fault_crash_at(nth);
			_exit(publish_stage(s, ATTEMPT, run_id, &f) == 0 ?
			    1 : 2);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFEXITED(status));
		ck_assert_int_ne(WEXITSTATUS(status), 2);
		died = WEXITSTATUS(status) == 0;
		if (harness_exists(STAGE))
			publish(run_id);
		ck_assert(!harness_exists(STAGE));
		ck_assert_msg(count_runs() == before + 1, "%u", nth);
	}
}
END_TEST

static const struct { const char *id; bool ok; } ids[] = {
	{ "20261122_160102@", true },
	{ "", false },
	{ "20261122_160102", false },
	{ "20261122_160102_x@", false },
	{ "20261122-160102@", false },
	{ "2026112a_160102@", false },
	{ "20261122_160102@/", false },
};

START_TEST(a_run_id_is_a_time_and_an_at)
{
	ck_assert_msg(publish_run_id_ok(ids[_i].id) == ids[_i].ok, "%s",
	    ids[_i].id);
}
END_TEST

START_TEST(the_path_is_that_of_debci)
{
	char path[PUBLISH_PATH_MAX];

	publish_package_path(path, "sid", "amd64", "hello");
	ck_assert_str_eq(path, "autopkgtest/sid/amd64/h/hello");
	publish_package_path(path, "kali-rolling", "arm64", "libxyz");
	ck_assert_str_eq(path, "autopkgtest/kali-rolling/arm64/libx/libxyz");
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, the_run_appears_whole_and_the_stage_is_gone);
	tcase_add_test(tc, the_link_by_version_leads_to_the_run);
	tcase_add_test(tc, without_a_version_there_is_no_link);
	tcase_add_test(tc, each_run_is_later_than_all_before_it);
	tcase_add_test(tc,
	    a_run_of_the_future_is_followed_by_the_next_second);
	tcase_add_test(tc,
	    what_another_published_gets_its_link_and_loses_its_stage);
	tcase_add_test(tc,
	    an_empty_run_that_was_not_sealed_is_not_published);
	tcase_add_test(tc, a_mkdir_that_is_late_makes_no_second_run);
	tcase_add_test(tc, a_stage_that_was_copied_is_published);
	tcase_add_test(tc, what_is_neither_staged_nor_published_stays_unknown);
	tcase_add_test(tc, a_stage_that_is_not_sealed_is_not_published);
	tcase_add_test(tc, two_publishers_of_one_stage_make_one_run);
	tcase_add_test(tc, whatever_fails_one_whole_run_comes_of_it);
	tcase_add_test(tc,
	    enoent_while_the_run_is_still_staged_is_an_error_and_no_drop);
	tcase_add_test(tc, without_a_free_second_the_run_stays_staged);
	tcase_add_test(tc, a_stage_without_a_plan_stays);
	tcase_add_test(tc,
	    who_dies_at_any_call_leaves_a_run_or_a_stage_to_publish);
	tcase_add_loop_test(tc, a_run_id_is_a_time_and_an_at, 0,
	    (int)(sizeof ids / sizeof *ids));
	tcase_add_test(tc, the_path_is_that_of_debci);
}
