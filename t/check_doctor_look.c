/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "doctor_look.h"
#include "fail.h"
#include "fault.h"
#include "fs.h"
#include "harness.h"
#include "spool.h"
#include "strs.h"

static volatile sig_atomic_t stop;
static const struct doctor_options options = { .volatile_ok = true,
	.limit_s = 60, .stop = &stop };

static struct doctor_report report;
static struct doctor d;

/* A doctor before a spool of one queue, opened. */
static void
set_scene(void)
{
	(void)harness_spool("amd64");
	d = (struct doctor){ .conf = harness_conf(""), .options = &options,
	    .report = &report };
	ck_assert_int_eq(doctor_open(&d), 0);
	ck_assert_uint_eq(report.n, 0);
}

static void
end_scene(void)
{
	doctor_close(&d);
	doctor_report_free(&report);
}

static bool
says(enum doctor_grade grade, const char *text)
{
	for (size_t i = 0; i < report.n; i++)
		if (report.v[i].grade == grade &&
		    strstr(report.v[i].text, text))
			return true;
	return false;
}

static int
list_in(void *context, const char *name, unsigned char type)
{
	struct strs *names = context;

	(void)type;
	strs_add(names, name);
	return 0;
}

/* All names in the folders that are tried, sorted. */
static char *
listing(void)
{
	static const char *const folders[] = { "spool/workers", "spool/bad",
	    "spool/amd64/tmp", "spool/amd64/new", "spool/amd64/cur",
	    "spool/amd64/done", "spool/amd64/bad", "spool/amd64/pending",
	    "results", "results/.staging" };
	struct strs names = { 0 };
	struct fail f;
	char *all;

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		ck_assert_int_eq(fs_each(harness_dirfd(), folders[i], list_in,
		    &names, &f), 0);
	strs_sort(&names);
	all = strs_join(&names, "\n");
	strs_free(&names);
	return all;
}

static void (*const checks[])(struct doctor *) = { doctor_check_mounts,
	doctor_check_folders, doctor_check_moves, doctor_check_calls,
	doctor_check_locks };

enum { CHECKS = sizeof checks / sizeof *checks };

START_TEST(a_good_spool_is_fine_and_left_as_it_was)
{
	char *before, *after;

	set_scene();
	before = listing();
	for (size_t i = 0; i < CHECKS; i++)
		checks[i](&d);
	after = listing();
	for (size_t i = 0; i < report.n; i++)
		ck_assert_msg(report.v[i].grade <= DOCTOR_WARN &&
		    (report.v[i].grade < DOCTOR_WARN ||
		    strstr(report.v[i].text, "memory")), "%s",
		    report.v[i].text);
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
	end_scene();
}
END_TEST

/*
 * Where nothing is left, a removal that failed was repeated with success; and
 * a lost reply may have been to a call that failed anyway.
 */
static bool
must_be_told(const struct fault *x, bool left)
{
	return left || (x->kind != FAULT_LOST_REPLY &&
	    !strstr(x->what, "unlinkat"));
}

START_TEST(no_fault_is_taken_for_health)
{
	set_scene();
	for (struct fault x = { 0 }; fault_next(&x); ) {
		char *before = listing(), *after;
		bool told;

		doctor_report_free(&report);
		fault_on(&x);
		checks[_i](&d);
		fault_off();
		after = listing();
		told = doctor_report_worst(&report) >= DOCTOR_UNSEEN;
		ck_assert_msg(x.struck || !told, "%s", x.what);
		ck_assert_msg(!x.struck || told ||
		    !must_be_told(&x, strcmp(before, after) != 0), "%s",
		    x.what);
		free(before);
		free(after);
	}
	end_scene();
}
END_TEST

START_TEST(a_missing_folder_is_told_once)
{
	size_t bad = 0;

	(void)harness_spool("amd64");
	ck_assert_int_eq(fs_unlink(harness_dirfd(),
	    "spool/amd64/pending/README"), 0);
	ck_assert_int_eq(fs_rmdir(harness_dirfd(), "spool/amd64/pending"), 0);
	d = (struct doctor){ .conf = harness_conf(""), .options = &options,
	    .report = &report };
	ck_assert_int_eq(doctor_open(&d), 0);
	for (size_t i = 0; i < CHECKS; i++)
		checks[i](&d);
	for (size_t i = 0; i < report.n; i++)
		bad += report.v[i].grade == DOCTOR_BAD;
	ck_assert_uint_eq(bad, 1);
	ck_assert(says(DOCTOR_BAD, "amd64/pending: No such file"));
	end_scene();
}
END_TEST

START_TEST(without_a_spool_there_is_nothing_to_look_at)
{
	d = (struct doctor){ .conf = harness_conf(""), .options = &options,
	    .report = &report };
	ck_assert_int_eq(doctor_open(&d), -1);
	ck_assert(says(DOCTOR_BAD, "spool: No such file"));
	ck_assert_ptr_nonnull(strstr(report.v[0].cure, "adtspool init"));
	end_scene();
}
END_TEST

START_TEST(a_queue_that_is_wanted_must_be_there)
{
	(void)harness_spool("amd64");
	d = (struct doctor){ .conf = harness_conf("queues: [arm64]\n"),
	    .options = &options, .report = &report };
	ck_assert_int_eq(doctor_open(&d), 0);
	ck_assert(says(DOCTOR_BAD, "arm64: there is no such queue"));
	end_scene();
}
END_TEST

static const struct {
	mode_t folder, made;
	gid_t folder_gid, made_gid;
	mode_t lacks;
} modes[] = {
	{ 0755, 0755, 0, 0, 0 },
	{ 02775, 02775, 5, 5, 0 },
	{ 02775, 02755, 5, 5, 020 },
	{ 0775, 0775, 5, 6, 020 },	/* its group are others there */
	{ 0755, 0755, 5, 6, 0 },
	{ 0777, 0755, 0, 0, 022 },
	{ 0755, 0700, 0, 0, 055 },
	{ 0750, 0755, 5, 6, 0 },
	{ 0770, 0750, 5, 6, 070 },
	{ 0700, 0755, 0, 0, 0 },
};

START_TEST(what_is_made_must_be_as_open_as_its_folder)
{
	const struct stat folder = { .st_mode = S_IFDIR | modes[_i].folder,
	    .st_gid = modes[_i].folder_gid };
	const struct stat made = { .st_mode = S_IFDIR | modes[_i].made,
	    .st_gid = modes[_i].made_gid };

	ck_assert_uint_eq(doctor_lacks(&folder, &made), modes[_i].lacks);
}
END_TEST

START_TEST(a_group_that_umask_keeps_out_is_told)
{
	const char *fresh = harness_path("spool/amd64/new");

	set_scene();
	ck_assert_int_eq(chmod(fresh, 02775), 0);
	doctor_close(&d);
	ck_assert_int_eq(doctor_open(&d), 0);
	(void)umask(022);
	doctor_check_folders(&d);
	ck_assert(says(DOCTOR_BAD, "amd64/new: has mode 2775"));
	doctor_report_free(&report);
	(void)umask(002);
	doctor_check_folders(&d);
	ck_assert_int_le(doctor_report_worst(&report), DOCTOR_WARN);
	end_scene();
}
END_TEST

START_TEST(a_sticky_folder_is_told)
{
	set_scene();
	ck_assert_int_eq(chmod(harness_path("spool/amd64/new"), 01755), 0);
	ck_assert_int_eq(chmod(harness_path("spool/amd64/tmp"), 01755), 0);
	doctor_close(&d);
	ck_assert_int_eq(doctor_open(&d), 0);
	doctor_check_folders(&d);
	ck_assert(says(DOCTOR_WARN, "amd64/new: sticky"));
	ck_assert(!says(DOCTOR_WARN, "amd64/tmp: sticky"));
	end_scene();
}
END_TEST

START_TEST(errors_mean_bad_or_unseen)
{
	ck_assert_int_eq(doctor_grade_of(EIO), DOCTOR_UNSEEN);
	ck_assert_int_eq(doctor_grade_of(ESTALE), DOCTOR_UNSEEN);
	ck_assert_int_eq(doctor_grade_of(ETIMEDOUT), DOCTOR_UNSEEN);
	ck_assert_int_eq(doctor_grade_of(EROFS), DOCTOR_BAD);
	ck_assert_int_eq(doctor_grade_of(ENOSPC), DOCTOR_BAD);
	ck_assert_int_eq(doctor_grade_of(EXDEV), DOCTOR_BAD);
	ck_assert_int_eq(doctor_grade_of(0), DOCTOR_BAD);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_good_spool_is_fine_and_left_as_it_was);
	tcase_add_loop_test(tc, no_fault_is_taken_for_health, 1, CHECKS);
	tcase_add_test(tc, a_missing_folder_is_told_once);
	tcase_add_test(tc, without_a_spool_there_is_nothing_to_look_at);
	tcase_add_test(tc, a_queue_that_is_wanted_must_be_there);
	tcase_add_loop_test(tc, what_is_made_must_be_as_open_as_its_folder, 0,
	    (int)(sizeof modes / sizeof *modes));
	tcase_add_test(tc, a_group_that_umask_keeps_out_is_told);
	tcase_add_test(tc, a_sticky_folder_is_told);
	tcase_add_test(tc, errors_mean_bad_or_unseen);
}
