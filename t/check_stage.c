/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
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

/* What a directory holds, below the harness's. */
static size_t
count(const char *path)
{
	struct strs names = { 0 };
	struct fail f;
	size_t n;

	ck_assert_msg(fs_list(harness_dirfd(), path, SIZE_MAX, &names, &f)
	    == 0, "%s", f.text);
	n = names.n;
	strs_free(&names);
	return n;
}

START_TEST(a_fresh_stage_has_an_empty_making)
{
	make();
	ck_assert_uint_eq(count(STAGE "/making"), 0);
	ck_assert_uint_eq(count(STAGE), 1);
}
END_TEST

/* Its name is one attempt's: what is there was made by a lost reply's call. */
START_TEST(what_is_there_already_is_ours)
{
	make();
	harness_write(STAGE "/log", "x");
	make();
	ck_assert(harness_exists(STAGE "/making"));
	ck_assert(harness_exists(STAGE "/log"));
}
END_TEST

static void
write_run(void)
{
	struct fail f;
	int fd;

	make();
	fd = stage_open_run(s, ATTEMPT, &f);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fs_write_new(fd, "log.gz", "x", 1, &f), 0);
	(void)close(fd);
}

START_TEST(what_is_written_is_run_when_it_is_sealed)
{
	struct fail f;

	write_run();
	ck_assert(!harness_exists(STAGE "/run"));
	ck_assert_int_eq(stage_seal(s, ATTEMPT, &plan, &f), 0);
	ck_assert_str_eq(harness_read(STAGE "/run/log.gz"), "x");
	ck_assert(!harness_exists(STAGE "/making"));
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

/* Whether the one that the plan means has that name. */
static bool
is_planned(const char *name)
{
	struct plan p;
	uint64_t inode;
	struct fail f;

	return stage_read_plan(s, ATTEMPT, &p, &f) == 0 &&
	    fs_find(s->staging, ATTEMPT, name, &inode, &f) == 1 &&
	    inode == p.inode;
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

/* A late copy of the mkdir that made it. */
START_TEST(a_making_that_comes_back_is_not_what_is_sealed)
{
	struct fail f;

	write_run();
	ck_assert_int_eq(stage_seal(s, ATTEMPT, &plan, &f), 0);
	make();
	ck_assert(harness_exists(STAGE "/making"));
	ck_assert_int_eq(stage_seal(s, ATTEMPT, &plan, &f), 0);
	ck_assert(is_planned("run"));
	ck_assert_str_eq(harness_read(STAGE "/run/log.gz"), "x");
}
END_TEST

/* Of a tree that was copied; making/ is nobody's by then. */
START_TEST(what_is_sealed_again_is_run_alone)
{
	struct fail f;

	make();
	ck_assert_int_eq(stage_seal_again(s, ATTEMPT, &plan, &f), -1);
	ck_assert(!harness_exists(STAGE "/run"));
	ck_assert(!harness_exists(STAGE "/plan"));
	ck_assert_int_eq(stage_seal(s, ATTEMPT, &plan, &f), 0);
	ck_assert_int_eq(fs_rename(s->staging, ATTEMPT "/run", s->results,
	    "the-original"), 0);
	harness_write(STAGE "/run/log.gz", "x");
	make();
	ck_assert_int_eq(stage_seal_again(s, ATTEMPT, &plan, &f), 0);
	ck_assert(is_planned("run"));
	ck_assert(harness_exists(STAGE "/making"));
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
	harness_write(STAGE "/making/deep/er/file", "x");
	ck_assert_int_eq(stage_drop(s, ATTEMPT, STAGE_DEAD, &f), 0);
	ck_assert_uint_eq(count("results/.staging"), 0);
	ck_assert_int_eq(stage_drop(s, ATTEMPT, STAGE_DEAD, &f), 0);
}
END_TEST

/* A call that has hold of the stage finds it under whatever name it has. */
static void
somebody_seals_what_is_dropped(void)
{
	struct strs names = { 0 };
	struct fail f;

	ck_assert_int_eq(fs_list(s->staging, ".", SIZE_MAX, &names, &f), 0);
	for (size_t i = 0; i < names.n; i++) {
		int fd = fs_open_dir(s->staging, names.v[i]);

		(void)fs_rename(fd, "making", fd, "run");
		(void)close(fd);
	}
	strs_free(&names);
}

START_TEST(a_late_seal_leaves_nothing_of_what_is_dropped)
{
	for (unsigned nth = 1; nth <= 12; nth++) {
		struct fail f;

		write_run();
		fault_meddle_at(nth, somebody_seals_what_is_dropped);
		ck_assert_msg(stage_drop(s, ATTEMPT, STAGE_DEAD, &f) == 0,
		    "%u: %s", nth, f.text);
		fault_off();
		ck_assert_msg(count("results/.staging") == 0, "%u", nth);
	}
}
END_TEST

START_TEST(nothing_but_an_empty_making_is_dropped_as_empty)
{
	make();
	ck_assert_int_eq(stage_drop_empty(s, ATTEMPT), 0);
	ck_assert(!harness_exists(STAGE));
	write_run();
	ck_assert_int_eq(stage_drop_empty(s, ATTEMPT), -1);
	ck_assert(harness_exists(STAGE "/making/log.gz"));
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

/* Whatever became of it: what was written is there once, and can be sealed. */
static void
must_seal(const char *what)
{
	struct fail f;

	ck_assert_msg(harness_exists(STAGE "/making") !=
	    harness_exists(STAGE "/run"), "%s", what);
	ck_assert_msg(!harness_exists(STAGE "/run") || is_planned("run"), "%s",
	    what);
	ck_assert_msg(!harness_exists(STAGE "/plan") || is_planned("run") ||
	    is_planned("making"), "%s", what);
	ck_assert_msg(stage_seal(s, ATTEMPT, &plan, &f) == 0, "%s: %s", what,
	    f.text);
	expect_plan(&plan);
	ck_assert_msg(is_planned("run"), "%s", what);
	ck_assert_str_eq(harness_read(STAGE "/run/log.gz"), "x");
}

START_TEST(whatever_fails_a_seal_is_whole_or_not_there)
{
	make();
	for (struct fault x = { 0 }; fault_next(&x); ) {
		struct fail f = { 0 };
		int rc;

		ck_assert_int_eq(stage_drop(s, ATTEMPT, STAGE_DEAD, &f), 0);
		write_run();
		fault_on(&x);
		rc = stage_seal(s, ATTEMPT, &plan, &f);
		fault_off();
		ck_assert_msg(x.struck || rc == 0, "%s", f.text);
		ck_assert_msg(x.kind != FAULT_LOST_REPLY || rc == 0 ||
		    !strstr(x.what, "renameat"), "%s: %s", x.what, f.text);
		ck_assert_msg(rc != 0 || is_planned("run"), "%s", x.what);
		must_seal(x.what);
	}
}
END_TEST

START_TEST(who_dies_while_it_is_sealed_leaves_it_to_be_sealed)
{
	bool died = true;

	make();
	for (unsigned nth = 1; died; nth++) {
		char what[32];
		struct fail f;
		int status;
		pid_t pid;

		ck_assert_int_eq(stage_drop(s, ATTEMPT, STAGE_DEAD, &f), 0);
		write_run();
		pid = fork();
		if (pid == 0) {
			fault_crash_at(nth);
			_exit(stage_seal(s, ATTEMPT, &plan, &f) == 0 ? 1 : 2);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFEXITED(status));
		ck_assert_int_ne(WEXITSTATUS(status), 2);
		died = WEXITSTATUS(status) == 0;
		(void)snprintf(what, sizeof what, "died at %u", nth);
		must_seal(what);
	}
}
END_TEST

static void
somebody_drops_it(void)
{
	struct fail f;

	fault_off();
	(void)stage_drop(s, ATTEMPT, STAGE_DEAD, &f);
}

START_TEST(what_is_dropped_meanwhile_is_not_sealed)
{
	unsigned failed = 0;

	make();
	for (unsigned nth = 1; nth <= 12; nth++) {
		struct fail f = { 0 };
		int rc;

		write_run();
		fault_meddle_at(nth, somebody_drops_it);
		rc = stage_seal(s, ATTEMPT, &plan, &f);
		fault_off();
		failed += rc != 0;
		if (rc == 0)
			(void)stage_drop(s, ATTEMPT, STAGE_DEAD, &f);
		else
			ck_assert_msg(!harness_exists(STAGE), "%u", nth);
		ck_assert_int_eq(stage_sweep(s, NULL, NULL, &f), 0);
		ck_assert_msg(count("results/.staging") == 0, "%u", nth);
	}
	ck_assert_uint_ge(failed, 3);
}
END_TEST

START_TEST(whatever_fails_what_was_dropped_has_left_nothing)
{
	struct strs names = { 0 };

	for (struct fault x = { 0 }; fault_next(&x); ) {
		struct fail f = { 0 };
		int rc;

		make();
		harness_write(STAGE "/making/log.gz", "x");
		fault_on(&x);
		rc = stage_drop(s, ATTEMPT, STAGE_DEAD, &f);
		fault_off();
		ck_assert_msg(x.struck || rc == 0, "%s", f.text);
		if (rc != 0) {
			ck_assert_int_eq(stage_drop(s, ATTEMPT, STAGE_DEAD,
			    &f), 0);
			ck_assert_int_eq(stage_sweep(s, NULL, NULL, &f), 0);
		}
		ck_assert_int_eq(fs_list(s->staging, ".", 9, &names, &f), 0);
		ck_assert_msg(names.n == 0, "%s: left %s", x.what,
		    names.n ? names.v[0] : "");
	}
	strs_free(&names);
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
		ck_assert(harness_exists(STAGE "/making"));
	}
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_fresh_stage_has_an_empty_making);
	tcase_add_test(tc, what_is_there_already_is_ours);
	tcase_add_test(tc, what_is_written_is_run_when_it_is_sealed);
	tcase_add_test(tc, a_sealed_plan_is_read_back);
	tcase_add_test(tc, a_making_that_comes_back_is_not_what_is_sealed);
	tcase_add_test(tc, what_is_sealed_again_is_run_alone);
	tcase_add_test(tc, a_stage_that_is_not_sealed_says_enoent);
	tcase_add_loop_test(tc, a_damaged_plan_is_not_believed, 0,
	    (int)(sizeof damaged / sizeof *damaged));
	tcase_add_test(tc, dropping_removes_all_of_it_and_may_be_repeated);
	tcase_add_test(tc, a_late_seal_leaves_nothing_of_what_is_dropped);
	tcase_add_test(tc, nothing_but_an_empty_making_is_dropped_as_empty);
	tcase_add_test(tc, lists_the_stages_of_one_worker);
	tcase_add_test(tc, whatever_fails_a_seal_is_whole_or_not_there);
	tcase_add_test(tc,
	    who_dies_while_it_is_sealed_leaves_it_to_be_sealed);
	tcase_add_test(tc, what_is_dropped_meanwhile_is_not_sealed);
	tcase_add_test(tc, whatever_fails_what_was_dropped_has_left_nothing);
	tcase_add_test(tc, whatever_fails_making_it_may_be_repeated);
}
