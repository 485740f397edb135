/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <unistd.h>

#include "check_fsck.h"
#include "fault.h"

#define PACKAGE "autopkgtest/sid/amd64/h/hello"
#define RUN PACKAGE "/20261122_160102@"
#define BY_VERSION "by-version/sid/amd64/hello/2.10-3"
#define LINK BY_VERSION "/20261122_160102@"
#define TARGET "../../../../../" RUN
#define DONE "amd64/done/" DAY "/hello,aaaaaaaaaaaa,p5,e1,a0@here"

static const char *const files[] = { "result.json", "log.gz",
    "artifacts.tar.gz", "result.tar" };

static void
write_file(const char *run, const char *name, const char *text)
{
	char path[512];

	(void)snprintf(path, sizeof path, "results/%s/%s", run, name);
	harness_write(path, text);
}

static void
make_run(const char *run, const char *id, const char *version)
{
	char text[512];

	for (size_t i = 1; i < sizeof files / sizeof *files; i++)
		write_file(run, files[i], "");
	(void)snprintf(text, sizeof text, "{\"id\": \"%s\", \"package\": "
	    "\"hello\", \"suite\": \"sid\", \"arch\": \"amd64\", \"version\": "
	    "%s%s%s, \"status\": \"pass\"}", id, version ? "\"" : "",
	    version ? version : "null", version ? "\"" : "");
	write_file(run, "result.json", text);
}

static void
link_to(const char *target, const char *path)
{
	struct fail f;
	char full[512];

	ck_assert_int_eq(fs_mkdirs(harness_dirfd(), "results/" BY_VERSION,
	    &f), 0);
	(void)snprintf(full, sizeof full, "results/%s", path);
	make_link(target, full);
}

/* A published run, its link and its token. */
static void
set_run(void)
{
	set_scene();
	make_run(RUN, "aaaaaaaaaaaa", "2.10-3");
	link_to(TARGET, LINK);
	harness_write("spool/" DONE, "hello\n");
}

START_TEST(published_runs_are_clean)
{
	struct fsck_report r;

	set_run();
	make_run("autopkgtest/sid/amd64/h/hello/20261122_160103@", "", NULL);
	must_be_clean(LOOK);
	must_be_clean(DEEP);
	r = look(DEEP);
	ck_assert_uint_eq(r.runs, 2);
	fsck_report_free(&r);
}
END_TEST

START_TEST(the_tree_is_read_only_when_it_is_asked_for)
{
	set_run();
	ck_assert_int_eq(fs_unlink(harness_dirfd(), "results/" RUN
	    "/log.gz"), 0);
	must_be_clean(LOOK);
	must_leave(DEEP, "run-incomplete " RUN);
}
END_TEST

START_TEST(a_run_that_lacks_any_file_is_told)
{
	set_run();
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char path[256];

		make_run(RUN, "aaaaaaaaaaaa", "2.10-3");
		(void)snprintf(path, sizeof path, "results/" RUN "/%s",
		    files[i]);
		ck_assert_int_eq(fs_unlink(harness_dirfd(), path), 0);
		make_link("/etc/passwd", path);
		{
			struct fsck_report r = look(DEEP);

			ck_assert_str_eq(r.v[0].words->key, "run-incomplete");
			fsck_report_free(&r);
		}
		ck_assert_int_eq(fs_unlink(harness_dirfd(), path), 0);
	}
}
END_TEST

START_TEST(a_result_that_cannot_be_read_is_told)
{
	set_run();
	write_file(RUN, "result.json", "{\"id\": \"aaaaaaaaaaaa\",");
	{
		struct fsck_report r = look(DEEP | REPAIR);

		ck_assert_uint_eq(r.n, 2);
		ck_assert_str_eq(r.v[0].words->key, "run-damaged");
		ck_assert_str_eq(r.v[1].words->key, "result-lost");
		fsck_report_free(&r);
	}
	ck_assert(harness_exists("results/" LINK));
}
END_TEST

START_TEST(a_result_in_another_packages_place_is_told)
{
	set_scene();
	make_run("autopkgtest/sid/amd64/w/world/20261122_160102@",
	    "aaaaaaaaaaaa", NULL);
	must_leave(DEEP, "run-damaged "
	    "autopkgtest/sid/amd64/w/world/20261122_160102@");
}
END_TEST

START_TEST(what_is_no_run_beside_runs_is_told)
{
	set_run();
	harness_write("results/" PACKAGE "/20261122_160102/x", "");
	must_leave(DEEP, "run-strange " PACKAGE "/20261122_160102");
	ck_assert_int_eq(fs_remove_tree(harness_dirfd(), "results/" PACKAGE
	    "/20261122_160102", &(struct fail){ 0 }), 0);
	harness_write("results/" PACKAGE "/20261122_160104@", "");
	must_leave(DEEP, "run-strange " PACKAGE "/20261122_160104@");
}
END_TEST

START_TEST(two_runs_of_a_request_are_told)
{
	set_run();
	make_run(PACKAGE "/20261122_160105@", "aaaaaaaaaaaa", NULL);
	{
		struct fsck_report r = look(DEEP);

		ck_assert_uint_eq(r.n, 2);
		ck_assert_str_eq(r.v[0].words->key, "run-twice");
		ck_assert_str_eq(r.v[1].words->key, "run-twice");
		fsck_report_free(&r);
	}
}
END_TEST

START_TEST(a_committed_request_without_a_result_is_told)
{
	set_run();
	harness_write("spool/amd64/done/" DAY
	    "/hello,bbbbbbbbbbbb,p5,e1,a0@here", "hello\n");
	must_be_clean(LOOK);
	must_leave(DEEP, "result-lost amd64/done/" DAY
	    "/hello,bbbbbbbbbbbb,p5,e1,a0@here");
}
END_TEST

START_TEST(a_commit_older_than_all_runs_is_not_missed)
{
	set_run();
	harness_write("spool/amd64/done/20261121"
	    "/hello,bbbbbbbbbbbb,p5,e1,a0@here", "hello\n");
	must_be_clean(DEEP);
}
END_TEST

START_TEST(nothing_is_called_lost_where_the_tree_was_not_seen)
{
	bool root = geteuid() == 0;
	struct fsck_report r;

	set_run();
	ck_assert_int_eq(chmod(harness_path("results/" PACKAGE), 0), 0);
	ck_assert(!root || seteuid(65534) == 0);
	r = look(DEEP);
	ck_assert(!root || seteuid(0) == 0);
	ck_assert_int_eq(fsck_status(&r), EX_TEMPFAIL);
	for (size_t i = 0; i < r.n; i++)
		ck_assert_str_ne(r.v[i].words->key, "result-lost");
	fsck_report_free(&r);
	ck_assert_int_eq(chmod(harness_path("results/" PACKAGE), 0755), 0);
}
END_TEST

START_TEST(a_missing_link_by_version_is_made)
{
	char text[256] = "";

	set_run();
	ck_assert_int_eq(fs_remove_tree(harness_dirfd(), "results/by-version",
	    &(struct fail){ 0 }), 0);
	must_mend(DEEP, "version-missing " LINK);
	ck_assert_int_gt(readlink(harness_path("results/" LINK), text,
	    sizeof text - 1), 0);
	ck_assert_str_eq(text, TARGET);
	ck_assert(fs_is_dir(harness_dirfd(), "results/" LINK "/"));
}
END_TEST

START_TEST(a_link_by_version_that_leads_elsewhere_is_made_anew)
{
	set_run();
	ck_assert_int_eq(fs_unlink(harness_dirfd(), "results/" LINK), 0);
	link_to("/etc", LINK);
	must_mend(DEEP, "version-wrong " LINK);
}
END_TEST

START_TEST(a_link_to_a_run_that_was_removed_is_removed)
{
	set_run();
	link_to("../../../../../" PACKAGE "/20251122_160102@",
	    BY_VERSION "/20251122_160102@");
	must_mend(DEEP, "version-dangling " BY_VERSION "/20251122_160102@");
	ck_assert(harness_exists("results/" LINK));
}
END_TEST

START_TEST(the_folder_of_the_last_link_goes_with_it)
{
	set_scene();
	link_to(TARGET, LINK);
	must_mend(DEEP, "version-dangling " LINK);
	ck_assert(!harness_exists("results/" BY_VERSION));
}
END_TEST

START_TEST(a_link_by_a_wrong_version_is_removed)
{
	set_run();
	make_dir("results/by-version/sid/amd64/hello/1.0");
	make_link(TARGET, "results/by-version/sid/amd64/hello/1.0/"
	    "20261122_160102@");
	must_mend(DEEP, "version-stray by-version/sid/amd64/hello/1.0/"
	    "20261122_160102@");
}
END_TEST

START_TEST(what_is_no_link_by_version_is_told)
{
	set_run();
	harness_write("results/" BY_VERSION "/notes", "");
	must_leave(DEEP, "version-strange " BY_VERSION "/notes");
}
END_TEST

START_TEST(a_link_that_fails_at_any_call_is_made_by_the_next_run)
{
	for (struct fault x = { 0 }; fault_next(&x); ) {
		struct fsck_report r;

		set_run();
		ck_assert_int_eq(fs_unlink(harness_dirfd(), "results/" LINK),
		    0);
		fault_on(&x);
		r = look(DEEP | REPAIR);
		fault_off();
		ck_assert_msg(r.n == 1, "%s", x.what);
		fsck_report_free(&r);
		r = look(DEEP | REPAIR);
		fsck_report_free(&r);
		must_be_clean(DEEP);
		ck_assert_int_eq(fs_remove_tree(harness_dirfd(),
		    "results/by-version", &(struct fail){ 0 }), 0);
	}
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, published_runs_are_clean);
	tcase_add_test(tc, the_tree_is_read_only_when_it_is_asked_for);
	tcase_add_test(tc, a_run_that_lacks_any_file_is_told);
	tcase_add_test(tc, a_result_that_cannot_be_read_is_told);
	tcase_add_test(tc, a_result_in_another_packages_place_is_told);
	tcase_add_test(tc, what_is_no_run_beside_runs_is_told);
	tcase_add_test(tc, two_runs_of_a_request_are_told);
	tcase_add_test(tc, a_committed_request_without_a_result_is_told);
	tcase_add_test(tc, a_commit_older_than_all_runs_is_not_missed);
	tcase_add_test(tc, nothing_is_called_lost_where_the_tree_was_not_seen);
	tcase_add_test(tc, a_missing_link_by_version_is_made);
	tcase_add_test(tc, a_link_by_version_that_leads_elsewhere_is_made_anew);
	tcase_add_test(tc, a_link_to_a_run_that_was_removed_is_removed);
	tcase_add_test(tc, the_folder_of_the_last_link_goes_with_it);
	tcase_add_test(tc, a_link_by_a_wrong_version_is_removed);
	tcase_add_test(tc, what_is_no_link_by_version_is_told);
	tcase_add_test(tc,
	    a_link_that_fails_at_any_call_is_made_by_the_next_run);
}
