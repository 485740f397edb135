/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "fault.h"
#include "fs.h"
#include "harness.h"
#include "spool.h"
#include "stage.h"
#include "strs.h"

#define ATTEMPT "hello,aaaaaaaaaaaa,p5,e1,a0@here"
#define STAGE "results/.staging/" ATTEMPT

static const struct spool *s;

static struct plan plan = { "amd64.huge", "20261122", "sid", "amd64",
	"hello", "2.10-3", 0 };

static void
make(void)
{
	struct fail f;

	if (!s)
		s = harness_spool("amd64");
	ck_assert_msg(stage_make(s, ATTEMPT, &f) == 0, "%s", f.text);
}

START_TEST(a_fresh_stage_has_an_empty_run)
{
	struct strs names = { 0 };
	struct fail f;

	make();
	ck_assert_int_eq(fs_list(harness_dirfd(), STAGE "/run", 9, &names,
	    &f), 0);
	ck_assert_uint_eq(names.n, 0);
	strs_free(&names);
}
END_TEST

/* Its name is one attempt's: what is there was made by a lost reply's call. */
START_TEST(what_is_there_already_is_ours)
{
	make();
	harness_write(STAGE "/log", "x");
	make();
	ck_assert(harness_exists(STAGE "/run"));
	ck_assert(harness_exists(STAGE "/log"));
}
END_TEST

START_TEST(run_can_be_written_to)
{
	struct fail f;
	int fd;

	make();
	fd = stage_open_run(s, ATTEMPT, &f);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fs_write_new(fd, "log.gz", "x", 1, &f), 0);
	(void)close(fd);
	ck_assert_str_eq(harness_read(STAGE "/run/log.gz"), "x");
}
END_TEST

static void
expect_plan(const struct plan *want)
{
	struct plan got;
	struct fail f;

	ck_assert_msg(stage_read_plan(s, ATTEMPT, &got, &f) == 0, "%s",
	    f.text);
	ck_assert_str_eq(got.queue, want->queue);
	ck_assert_str_eq(got.day, want->day);
	ck_assert_str_eq(got.suite, want->suite);
	ck_assert_str_eq(got.arch, want->arch);
	ck_assert_str_eq(got.source, want->source);
	ck_assert_str_eq(got.version, want->version);
	ck_assert_uint_eq(got.inode, want->inode);
	ck_assert_uint_ne(got.inode, 0);
}

START_TEST(a_sealed_plan_is_read_back)
{
	struct plan no_version = plan;
	struct fail f;

	make();
	ck_assert_int_eq(stage_seal(s, ATTEMPT, &plan, &f), 0);
	expect_plan(&plan);
	no_version.version[0] = '\0';
	ck_assert_int_eq(stage_seal(s, ATTEMPT, &no_version, &f), 0);
	expect_plan(&no_version);
}
END_TEST

START_TEST(a_stage_that_is_not_sealed_says_enoent)
{
	struct plan p;
	struct fail f;

	make();
	ck_assert_int_eq(stage_read_plan(s, ATTEMPT, &p, &f), -1);
	ck_assert_int_eq(f.err, ENOENT);
}
END_TEST

static const char *const damaged[] = { "", "amd64\n20261122\nsid\n",
	"amd64\n20261122\nsid\namd64\nhello\n2.10-3",
	"../x\n20261122\nsid\namd64\nhello\n2.10-3\n",
	"amd64\n../../..\nsid\namd64\nhello\n2.10-3\n",
	"amd64\n20261122\n..\namd64\nhello\n2.10-3\n",
	"amd64\n20261122\nsid\n/\nhello\n2.10-3\n",
	"amd64\n20261122\nsid\namd64\n../hello\n2.10-3\n",
	"amd64\n20261122\nsid\namd64\nhello\n../1\n" };

START_TEST(a_damaged_plan_is_not_believed)
{
	struct plan p;
	struct fail f;

	make();
	harness_write(STAGE "/plan", damaged[_i]);
	ck_assert_int_eq(stage_read_plan(s, ATTEMPT, &p, &f), -1);
	ck_assert_int_eq(f.status, EX_DATAERR);
	ck_assert_msg(strstr(f.text, "plan: damaged") != NULL, "%s", f.text);
}
END_TEST

START_TEST(dropping_removes_all_of_it_and_may_be_repeated)
{
	struct fail f;

	make();
	harness_write(STAGE "/run/deep/er/file", "x");
	ck_assert_int_eq(stage_drop(s, ATTEMPT, STAGE_DEAD, &f), 0);
	ck_assert(!harness_exists(STAGE));
	ck_assert_int_eq(stage_drop(s, ATTEMPT, STAGE_DEAD, &f), 0);
}
END_TEST

START_TEST(lists_the_stages_of_one_worker)
{
	struct strs names = { 0 };
	struct fail f;

	make();
	harness_write("results/.staging/hello,bbbbbbbbbbbb,p5,e1,a0@other/x",
	    "");
	harness_write("results/.staging/hello,cccccccccccc,p5,e1,a0@her/x",
	    "");
	harness_write("results/.staging/stranger/x", "");
	ck_assert_int_eq(stage_list(s, "here", &names, &f), 0);
	ck_assert_uint_eq(names.n, 1);
	ck_assert_str_eq(names.v[0], ATTEMPT);
	strs_free(&names);
}
END_TEST

START_TEST(whatever_fails_a_seal_is_whole_or_not_there)
{
	make();
	for (struct fault x = { 0 }; fault_next(&x); ) {
		struct fail f = { 0 };
		struct plan p;
		int rc;

		make();
		fault_on(&x);
		rc = stage_seal(s, ATTEMPT, &plan, &f);
		fault_off();
		ck_assert_msg(x.struck || rc == 0, "%s", f.text);
		if (rc == 0)
			expect_plan(&plan);
		else if (stage_read_plan(s, ATTEMPT, &p, &f) == 0)
			expect_plan(&plan);
		else
			ck_assert_msg(f.err == ENOENT, "%s: %s", x.what,
			    f.text);
		ck_assert_msg(stage_seal(s, ATTEMPT, &plan, &f) == 0, "%s: %s",
		    x.what, f.text);
		expect_plan(&plan);
	}
}
END_TEST

START_TEST(whatever_fails_making_it_may_be_repeated)
{
	struct fail f;

	make();
	for (struct fault x = { 0 }; fault_next(&x); ) {
		int rc;

		ck_assert_int_eq(stage_drop(s, ATTEMPT, STAGE_DEAD, &f), 0);
		fault_on(&x);
		rc = stage_make(s, ATTEMPT, &f);
		fault_off();
		ck_assert_msg(x.struck || rc == 0, "%s", f.text);
		if (rc != 0)
			make();
		ck_assert(harness_exists(STAGE "/run"));
	}
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_fresh_stage_has_an_empty_run);
	tcase_add_test(tc, what_is_there_already_is_ours);
	tcase_add_test(tc, run_can_be_written_to);
	tcase_add_test(tc, a_sealed_plan_is_read_back);
	tcase_add_test(tc, a_stage_that_is_not_sealed_says_enoent);
	tcase_add_loop_test(tc, a_damaged_plan_is_not_believed, 0,
	    (int)(sizeof damaged / sizeof *damaged));
	tcase_add_test(tc, dropping_removes_all_of_it_and_may_be_repeated);
	tcase_add_test(tc, lists_the_stages_of_one_worker);
	tcase_add_test(tc, whatever_fails_a_seal_is_whole_or_not_there);
	tcase_add_test(tc, whatever_fails_making_it_may_be_repeated);
}
