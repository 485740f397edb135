/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "expect.h"
#include "fail.h"
#include "fs.h"
#include "harness.h"
#include "request.h"
#include "retry.h"
#include "spool.h"
#include "strs.h"

#define ID "aaaaaaaaaaaa"

static const struct spool *s;
static struct strs got;

/* A run that took so many seconds. */
static void
put(const char *arch, const char *source, const char *run_id,
	const char *status, const char *trigger, int took_s)
{
	char path[256], text[1024], finished[CLOCK_TEXT_MAX];

	clock_format(finished, "%Y-%m-%dT%H:%M:%SZ", 1795363200 + took_s);
	(void)snprintf(path, sizeof path,
	    "results/autopkgtest/sid/%s/%c/%s/%s/result.json", arch,
	    source[0], source, run_id);
	(void)snprintf(text, sizeof text, "{\"id\": \"" ID "\", "
	    "\"package\": \"%s\", \"suite\": \"sid\", \"arch\": \"%s\", "
	    "\"status\": \"%s\", \"exit_code\": 4, \"triggers\": [\"%s\"], "
	    "\"started\": \"2026-11-22T16:00:00Z\", "
	    "\"finished\": \"%s\", \"request\": "
	    "{\"package\": \"%s\", \"suite\": \"sid\", \"arch\": \"%s\", "
	    "\"triggers\": [\"%s\"], \"priority\": 7, \"env\": [\"A=1\"], "
	    "\"submit-time\": \"2026-11-22T16:01:02\", "
	    "\"requester\": \"britney\"}}", source, arch, status, trigger,
	    finished, source, arch, trigger);
	harness_write(path, text);
}

static void
set_scene(void)
{
	s = harness_spool("amd64");
	put("amd64", "hello", "20261121_160102@", "fail", "glibc/2", 10);
	put("amd64", "hello", "20261122_160102@", "pass", "glibc/2", 20);
	put("arm64", "hello", "20261121_160102@", "pass", "glibc/2", 10);
	put("arm64", "hello", "20261122_160102@", "fail", "glibc/2", 20);
	put("arm64", "hello", "20261123_160102@", "pass", "other/1", 30);
	put("amd64", "perl", "20261122_160102@", "tmpfail", "glibc/2", 5000);
	put("amd64", "bash", "20261122_160102@", "neutral", "glibc/2", 1);
	put("amd64", "bash", "20261021_160102@", "fail", "glibc/2", 1);
}

static int
note(void *context, const struct tree_run *run, const char *status)
{
	(void)context;
	strs_addf(&got, "%s/%s/%.8s:%s", run->arch, run->source, run->run_id,
	    status);
	return 0;
}

static const struct {
	struct retry_choice choice;
	const char *want;
} choices[] = {
	{ { .trigger = "glibc/2" },
	  "arm64/hello/20261122:fail amd64/perl/20261122:tmpfail" },
	{ { .trigger = "glibc/2", .all = true },
	  "amd64/bash/20261122:neutral arm64/hello/20261122:fail "
	  "amd64/hello/20261122:pass amd64/perl/20261122:tmpfail" },
	{ { .trigger = "glibc/2", .arch = "amd64" },
	  "amd64/perl/20261122:tmpfail" },
	{ { .trigger = "glibc/2", .package = "hello" },
	  "arm64/hello/20261122:fail" },
	{ { .trigger = "glibc/20" }, "" },
	{ { .trigger = "other/1", .all = true },
	  "arm64/hello/20261123:pass" },
	{ { .trigger = "glibc/2", .since_s = 1795500000 }, "" },
};

static int
by_package(const void *a, const void *b)
{
	char *const *x = a, *const *y = b;

	return strcmp(strchr(*x, '/'), strchr(*y, '/')) ?
	    strcmp(strchr(*x, '/'), strchr(*y, '/')) : strcmp(*x, *y);
}

START_TEST(the_newest_run_of_each_counts)
{
	struct retry_choice x = choices[_i].choice;
	struct fail f;
	char *all;

	set_scene();
	x.suite = "sid";
	ck_assert_int_eq(retry_each(s, &x, note, NULL, &f), 0);
	if (got.n)
		qsort(got.v, got.n, sizeof *got.v, by_package);
	all = strs_join(&got, " ");
	ck_assert_str_eq(all, choices[_i].want);
	free(all);
	strs_free(&got);
}
END_TEST

START_TEST(the_same_is_asked_for_but_for_its_times)
{
	struct tree_run run = { "sid", "amd64", "hello", "20261122_160102@" };
	struct request r;
	struct fail f;

	set_scene();
	ck_assert_msg(retry_run(s, &run, &r, &f) == 0, "%s", f.text);
	ck_assert_str_eq(r.package, "hello");
	ck_assert_str_eq(r.triggers.v[0], "glibc/2");
	ck_assert_str_eq(r.env.v[0], "A=1");
	ck_assert_int_eq(r.priority, 7);
	ck_assert_int_eq(r.submit_time_s, 0);
	request_free(&r);
	(void)snprintf(run.run_id, sizeof run.run_id, "20261122_160103@");
	ck_assert_int_eq(retry_run(s, &run, &r, &f), -1);
	ck_assert_int_eq(f.status, EX_NOINPUT);
	request_free(&r);
}
END_TEST

START_TEST(of_a_refused_one_its_file_tells)
{
	const struct conf *c = harness_conf("");
	struct found found;
	struct request r;
	struct fail f;

	set_scene();
	harness_write("spool/amd64/bad/hello," ID ",p5,e1,a0@here",
	    "package: hello\nenv: [A=2]\nsubmit-time: 2026-11-22T16:01:02\n");
	ck_assert_int_eq(find_request(s, ID, &found, &f), 0);
	ck_assert_msg(retry_request(c, s, &found, &r, &f) == 0, "%s", f.text);
	ck_assert_str_eq(r.env.v[0], "A=2");
	ck_assert_int_eq(r.submit_time_s, 0);
	request_free(&r);
}
END_TEST

static const struct { const char *text; bool is_run; } runs[] = {
	{ "autopkgtest/sid/amd64/h/hello/20261122_160102@", true },
	{ "/x/results/autopkgtest/sid/amd64/h/hello/20261122_160102@/log.gz",
	  true },
	{ "sid/amd64/hello/20261122_160102@", true },
	{ "sid/amd64/h/hello/20261122_160102@/", true },
	{ "amd64/hello/20261122_160102@", false },
	{ "h/hello/20261122_160102@", false },
	{ "20261122_160102@", false },
	{ "sid/amd64/hello/20261122_160102", false },
	{ "sid/am.d64/hello/20261122_160102@", false },
	{ "-sid/amd64/hello/20261122_160102@", false },
	{ "", false },
};

START_TEST(a_run_is_called_by_its_path_or_its_end)
{
	struct tree_run run;

	ck_assert_int_eq(tree_run_parse(&run, runs[_i].text) == 0,
	    runs[_i].is_run);
	if (!runs[_i].is_run)
		return;
	ck_assert_str_eq(run.suite, "sid");
	ck_assert_str_eq(run.arch, "amd64");
	ck_assert_str_eq(run.source, "hello");
	ck_assert_str_eq(run.run_id, "20261122_160102@");
}
END_TEST

START_TEST(the_median_of_the_last_runs_is_expected)
{
	set_scene();
	ck_assert_int_eq(expect_duration_s(s, "sid", "arm64", "hello"), 20);
	ck_assert_int_eq(expect_duration_s(s, "sid", "amd64", "hello"), 20);
	ck_assert_int_eq(expect_duration_s(s, "sid", "amd64", "perl"), 0);
	ck_assert_int_eq(expect_duration_s(s, "sid", "amd64", "none"), 0);
	put("arm64", "hello", "20261124_160102@", "tmpfail", "x/1", 9000);
	ck_assert_int_eq(expect_duration_s(s, "sid", "arm64", "hello"), 20);
	put("arm64", "hello", "20261125_160102@", "pass", "x/1", 40);
	ck_assert_int_eq(expect_duration_s(s, "sid", "arm64", "hello"), 30);
	put("arm64", "quick", "20261125_160102@", "pass", "x/1", 0);
	ck_assert_int_eq(expect_duration_s(s, "sid", "arm64", "quick"), 1);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_loop_test(tc, the_newest_run_of_each_counts, 0,
	    sizeof choices / sizeof *choices);
	tcase_add_test(tc, the_same_is_asked_for_but_for_its_times);
	tcase_add_test(tc, of_a_refused_one_its_file_tells);
	tcase_add_loop_test(tc, a_run_is_called_by_its_path_or_its_end, 0,
	    sizeof runs / sizeof *runs);
	tcase_add_test(tc, the_median_of_the_last_runs_is_expected);
}
