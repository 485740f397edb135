/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "fs.h"
#include "harness.h"
#include "spool.h"
#include "strs.h"

static const struct spool *s;

static void
set_scene(void)
{
	s = harness_spool("amd64 amd64.huge");
}

/* A loop of symlinks stands for all that ails a mount. */
static void
make_ail(const char *path)
{
	ck_assert_int_eq(fs_symlink(strrchr(path, '/') + 1, harness_dirfd(),
	    path), 0);
}

START_TEST(a_queue_is_there_or_not)
{
	struct fail f;

	set_scene();
	ck_assert_int_eq(queue_exists(s, "amd64", &f), 1);
	ck_assert_int_eq(queue_exists(s, "amd64.huge", &f), 1);
	ck_assert_int_eq(queue_exists(s, "arm64", &f), 0);
	harness_write("spool/riscv64", "a file");
	ck_assert_int_eq(queue_exists(s, "riscv64", &f), 0);
	harness_write("spool/s390x/new", "a file");
	ck_assert_int_eq(queue_exists(s, "s390x", &f), 0);
	ck_assert_int_eq(queue_exists(s, "../spool/amd64", &f), 0);
}
END_TEST

START_TEST(what_cannot_be_told_now_is_neither)
{
	struct fail f = { 0 };

	set_scene();
	make_ail("spool/arm64");
	ck_assert_int_eq(queue_exists(s, "arm64", &f), -1);
	ck_assert_int_eq(f.err, ELOOP);
	ck_assert_int_ne(f.status, EX_CONFIG);
}
END_TEST

START_TEST(a_queue_that_is_not_there_is_a_matter_of_configuration)
{
	struct queue q;
	struct fail f = { 0 };

	set_scene();
	ck_assert_int_eq(queue_open(&q, s, "arm64", &f), -1);
	ck_assert_int_eq(f.status, EX_CONFIG);
	ck_assert_msg(strstr(f.text, "adtspool init arm64") != NULL, "%s",
	    f.text);
	queue_close(&q);
}
END_TEST

START_TEST(a_queue_that_cannot_be_opened_now_is_not)
{
	struct queue q;
	struct fail f = { 0 };

	set_scene();
	make_ail("spool/arm64");
	ck_assert_int_eq(queue_open(&q, s, "arm64", &f), -1);
	ck_assert_int_eq(f.err, ELOOP);
	ck_assert_int_ne(f.status, EX_CONFIG);
	queue_close(&q);
	ck_assert_int_eq(fs_remove_tree(s->fd, "amd64/cur", &f), 0);
	make_ail("spool/amd64/cur");
	ck_assert_int_eq(queue_open(&q, s, "amd64", &f), -1);
	ck_assert_int_ne(f.status, EX_CONFIG);
	queue_close(&q);
}
END_TEST

START_TEST(a_spool_that_is_not_there_is_a_matter_of_configuration)
{
	struct spool other;
	struct fail f = { 0 };

	set_scene();
	ck_assert_int_eq(spool_open(&other, harness_path("absent"),
	    harness_path("results"), &f), -1);
	ck_assert_int_eq(f.status, EX_CONFIG);
	ck_assert_msg(strstr(f.text, "adtspool init") != NULL, "%s", f.text);
	ck_assert_int_eq(spool_open(&other, harness_path("spool"),
	    harness_path("absent"), &f), -1);
	ck_assert_int_eq(f.status, EX_CONFIG);
}
END_TEST

START_TEST(a_spool_that_cannot_be_opened_now_is_not)
{
	struct spool other;
	struct fail f = { 0 };

	set_scene();
	make_ail("spool/ail");
	ck_assert_int_eq(spool_open(&other, harness_path("spool/ail"),
	    harness_path("results"), &f), -1);
	ck_assert_int_eq(f.err, ELOOP);
	ck_assert_int_ne(f.status, EX_CONFIG);
	ck_assert_int_eq(spool_open(&other, harness_path("spool"),
	    harness_path("spool/ail"), &f), -1);
	ck_assert_int_ne(f.status, EX_CONFIG);
}
END_TEST

START_TEST(all_queues_are_listed_or_it_fails)
{
	struct strs names = { 0 };
	struct fail f = { 0 };
	char *all;

	set_scene();
	harness_write("spool/note", "");
	ck_assert_int_eq(spool_queues(s, &names, &f), 0);
	all = strs_join(&names, " ");
	ck_assert_str_eq(all, "amd64 amd64.huge");
	free(all);
	strs_free(&names);
	make_ail("spool/arm64");
	ck_assert_int_eq(spool_queues(s, &names, &f), -1);
	ck_assert_int_eq(f.err, ELOOP);
	strs_free(&names);
}
END_TEST

static const char *const folders[] = { "spool/amd64/tmp/README",
	"spool/amd64/cur/README", "spool/amd64/done/README",
	"spool/amd64/bad/README", "spool/amd64/pending/README",
	"spool/amd64/tries/README" };

static void
move(const char *from, const char *to)
{
	ck_assert_int_eq(renameat(harness_dirfd(), from, harness_dirfd(), to),
	    0);
}

START_TEST(what_is_still_there_is_not_opened_again)
{
	struct fail f;

	s = harness_spool("amd64");
	ck_assert_int_eq(spool_refresh(s, REFRESH_FOLDERS, &f), 0);
	ck_assert_int_eq(queue_refresh(harness_queue("amd64"), s,
	    REFRESH_FOLDERS, &f), 0);
}
END_TEST

/* As when something else is mounted there: the descriptors stay the same. */
START_TEST(what_is_there_instead_is_opened_as_a_whole)
{
	const struct queue *q;
	struct fail f;

	s = harness_spool("amd64");
	q = harness_queue("amd64");
	move("spool", "old");
	ck_assert_int_eq(spool_refresh(s, REFRESH_MOUNTS, &f), -1);
	ck_assert(fs_is_dir(s->fd, "amd64"));
	harness_write("spool/README", "no spool");
	ck_assert_int_eq(spool_refresh(s, REFRESH_MOUNTS, &f), -1);
	ck_assert(fs_is_dir(s->fd, "amd64"));
	harness_write("spool/workers/README", "");
	harness_write("spool/amd64/new/fresh", "hello");
	ck_assert_int_eq(spool_refresh(s, REFRESH_MOUNTS, &f), 1);
	ck_assert_int_eq(queue_refresh(q, s, REFRESH_MOUNTS, &f), -1);
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		harness_write(folders[i], "");
	ck_assert_int_eq(queue_refresh(q, s, REFRESH_MOUNTS, &f), 1);
	ck_assert_int_eq(fs_unlink(q->fresh, "fresh"), 0);
	ck_assert_int_eq(queue_refresh(q, s, REFRESH_MOUNTS, &f), 0);
}
END_TEST

START_TEST(a_folder_that_was_replaced_is_seen_by_who_looks_at_folders)
{
	const struct queue *q;
	struct fail f;

	s = harness_spool("amd64");
	q = harness_queue("amd64");
	move("spool/amd64/new", "old");
	harness_write("spool/amd64/new/fresh", "hello");
	ck_assert_int_eq(queue_refresh(q, s, REFRESH_MOUNTS, &f), 0);
	ck_assert_int_eq(fs_unlink(q->fresh, "fresh"), -1);
	ck_assert_int_eq(queue_refresh(q, s, REFRESH_FOLDERS, &f), 1);
	ck_assert_int_eq(fs_unlink(q->fresh, "fresh"), 0);
	move("spool/workers", "older");
	ck_assert_int_eq(spool_refresh(s, REFRESH_MOUNTS, &f), 0);
	ck_assert_int_eq(spool_refresh(s, REFRESH_FOLDERS, &f), -1);
	harness_write("spool/workers/README", "");
	ck_assert_int_eq(spool_refresh(s, REFRESH_FOLDERS, &f), 1);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_queue_is_there_or_not);
	tcase_add_test(tc, what_cannot_be_told_now_is_neither);
	tcase_add_test(tc,
	    a_queue_that_is_not_there_is_a_matter_of_configuration);
	tcase_add_test(tc, a_queue_that_cannot_be_opened_now_is_not);
	tcase_add_test(tc,
	    a_spool_that_is_not_there_is_a_matter_of_configuration);
	tcase_add_test(tc, a_spool_that_cannot_be_opened_now_is_not);
	tcase_add_test(tc, all_queues_are_listed_or_it_fails);
	tcase_add_test(tc, what_is_still_there_is_not_opened_again);
	tcase_add_test(tc, what_is_there_instead_is_opened_as_a_whole);
	tcase_add_test(tc,
	    a_folder_that_was_replaced_is_seen_by_who_looks_at_folders);
}
