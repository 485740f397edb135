/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "batch.h"
#include "buf.h"
#include "fail.h"
#include "fault.h"
#include "fs.h"
#include "harness.h"
#include "spool.h"
#include "strs.h"

#define ID "0123456789ab"

static const struct spool *s;
static struct batch b;

/* Both ways of writing tokens are gone, wherever the tests run. */
static const long ways[] = { EXT4_SUPER_MAGIC, NFS_SUPER_MAGIC };
static long way = EXT4_SUPER_MAGIC;

int
fstatfs(int fd, struct statfs *st)
{
	(void)fd;
	*st = (struct statfs){ .f_type = way };
	return 0;
}

static void
add(const char *queue, unsigned number, unsigned priority)
{
	const struct queue *q;
	struct buf text = { 0 };
	struct token t;
	struct fail f;

	token_new(&t, "hello", priority);
	(void)snprintf(t.id, sizeof t.id, "%012u", number);
	buf_add(&text, "hello\n");
	q = batch_queue(&b, queue, &f);
	ck_assert_ptr_nonnull(q);
	ck_assert_msg(batch_add(&b, q, &t, 1795348800, &text, &f) == 0, "%s",
	    f.text);
	buf_free(&text);
}

static void
write_scene(void)
{
	s = harness_spool("amd64 arm64");
	batch_init(&b, s, ID);
	add("amd64", 1, 5);
	add("amd64", 2, 5);
	add("amd64", 3, 9);
	add("arm64", 4, 5);
}

static void
must_sync(void)
{
	struct fail f;

	ck_assert_msg(batch_sync(&b, &f) == 0, "%s", f.text);
}

static void
set_scene(void)
{
	write_scene();
	must_sync();
}

static void
must_move(void)
{
	struct fail f;

	ck_assert_msg(batch_move(&b, &f) == 0, "%s", f.text);
}

/* How many names there are in a folder, README and .bell aside. */
static size_t
count(const char *folder)
{
	struct strs names = { 0 };
	struct fail f;
	size_t n = 0;

	ck_assert_int_eq(fs_list(harness_dirfd(), folder, 10000, &names, &f),
	    0);
	for (size_t i = 0; i < names.n; i++)
		n += strcmp(names.v[i], "README") != 0 &&
		    strcmp(names.v[i], ".bell") != 0;
	strs_free(&names);
	return n;
}

START_TEST(over_a_network_nothing_is_made_in_a_bucket)
{
	way = ways[_i];
	write_scene();
	ck_assert_uint_eq(count("spool/amd64/tmp/" ID ".0"),
	    way == NFS_SUPER_MAGIC ? 0 : 2);
	ck_assert_uint_eq(count("spool/amd64/tmp"),
	    way == NFS_SUPER_MAGIC ? 5 : 2);
	must_sync();
	ck_assert_uint_eq(count("spool/amd64/tmp/" ID ".0"), 2);
	ck_assert_uint_eq(count("spool/amd64/tmp"), 2);
	batch_free(&b);
}
END_TEST

START_TEST(what_is_added_comes_into_its_bucket_with_the_others)
{
	way = ways[_i];
	set_scene();
	ck_assert_uint_eq(harness_tokens(","), 0);
	must_move();
	ck_assert_uint_eq(harness_tokens(","), 4);
	ck_assert_int_eq(strncmp(harness_token("000000000003"),
	    "amd64/new/01-20261122T1200.", 27), 0);
	ck_assert_int_eq(strncmp(harness_token("000000000004"),
	    "arm64/new/05-20261122T1200.", 27), 0);
	ck_assert_uint_eq(count("spool/amd64/new"), 2);
	ck_assert_uint_eq(count("spool/amd64/tmp"), 0);
	ck_assert(harness_exists("spool/amd64/new/.bell"));
	ck_assert(harness_exists("spool/arm64/new/.bell"));
	batch_free(&b);
}
END_TEST

START_TEST(its_plan_is_all_that_moving_needs)
{
	struct buf plan = { 0 };
	struct fail f;

	set_scene();
	batch_write_plan(&b, &plan);
	batch_free(&b);
	batch_init(&b, s, "");
	ck_assert_int_eq(batch_read_plan(&b, plan.s, &f), 0);
	ck_assert_str_eq(b.id, ID);
	ck_assert_uint_eq(b.tokens, 4);
	must_move();
	ck_assert_uint_eq(harness_tokens(","), 4);
	batch_free(&b);
	buf_free(&plan);
}
END_TEST

START_TEST(a_plan_that_is_cut_off_anywhere_is_refused)
{
	struct buf plan = { 0 };
	struct fail f;

	set_scene();
	batch_write_plan(&b, &plan);
	batch_free(&b);
	for (size_t n = plan.len - 1; n-- > 0; ) {
		plan.s[n] = '\0';
		batch_init(&b, s, "");
		ck_assert_msg(batch_read_plan(&b, plan.s, &f) != 0, "%s",
		    plan.s);
		batch_free(&b);
	}
	buf_free(&plan);
}
END_TEST

static const char *const strange[] = {
	"batch ../../../../x\nend 0\n",
	"batch " ID "\n../x 05-20261122T1200 1\nend 1\n",
	"batch " ID "\namd64 ../../x 1\nend 1\n",
	"batch " ID "\namd64 05-20261122T1200 0\nend 1\n",
	"batch " ID "\namd64 05-20261122T1200 1x\nend 1\n",
	"batch " ID "\namd64 05-20261122T1200\nend 1\n",
	"{\"package\": \"hello\"}\n",
	"",
};

START_TEST(what_is_no_plan_is_refused)
{
	struct fail f;

	s = harness_spool("amd64");
	batch_init(&b, s, "");
	ck_assert_int_ne(batch_read_plan(&b, strange[_i], &f), 0);
	batch_free(&b);
}
END_TEST

START_TEST(what_was_moved_is_not_moved_again)
{
	char from[256];

	set_scene();
	must_move();
	(void)snprintf(from, sizeof from, "spool/%s",
	    harness_token("000000000003"));
	ck_assert_int_eq(fs_rename(harness_dirfd(), from, harness_dirfd(),
	    "claimed"), 0);
	must_move();
	ck_assert_uint_eq(harness_tokens(","), 3);
	ck_assert_uint_eq(count("spool/amd64/new"), 2);
	batch_free(&b);
}
END_TEST

START_TEST(a_directory_that_came_again_empty_does_no_harm)
{
	set_scene();
	must_move();
	ck_assert_int_eq(fs_mkdir(harness_dirfd(), "spool/amd64/tmp/" ID ".0"),
	    0);
	must_move();
	ck_assert_uint_eq(harness_tokens(","), 4);
	ck_assert_uint_eq(count("spool/amd64/tmp"), 0);
	batch_free(&b);
}
END_TEST

/* Each tenth number is taken, by what is not empty: most often one is met. */
START_TEST(a_bucket_of_others_is_passed_over)
{
	enum { NUMBERS = 100000, TIMES = 40 };
	char path[128];
	struct fail f;

	s = harness_spool("amd64");
	for (unsigned i = 0; i < NUMBERS; i += 10) {
		(void)snprintf(path, sizeof path,
		    "spool/amd64/new/05-20261122T1200.%05u/x", i);
		ck_assert_int_eq(fs_mkdirs(harness_dirfd(), path, &f), 0);
	}
	for (unsigned i = 0; i < TIMES; i++) {
		batch_init(&b, s, ID);
		add("amd64", i, 5);
		must_sync();
		must_move();
		batch_free(&b);
	}
	ck_assert_uint_eq(harness_tokens("hello,"), TIMES);
	ck_assert_uint_eq(count("spool/amd64/tmp"), 0);
}
END_TEST

START_TEST(a_bucket_takes_a_thousand)
{
	s = harness_spool("amd64");
	batch_init(&b, s, ID);
	for (unsigned i = 0; i <= 2 * BATCH_BUCKET_MOST; i++)
		add("amd64", i, 5);
	must_sync();
	ck_assert_uint_eq(b.n, 3);
	ck_assert_uint_eq(b.tokens, 2 * BATCH_BUCKET_MOST + 1);
	must_move();
	ck_assert_uint_eq(harness_tokens(","), 2 * BATCH_BUCKET_MOST + 1);
	batch_free(&b);
}
END_TEST

START_TEST(whatever_fails_moving_again_completes_it)
{
	for (struct fault x = { 0 }; fault_next(&x); ) {
		struct fail f = { 0 };
		int rc;

		set_scene();
		fault_on(&x);
		rc = batch_move(&b, &f);
		fault_off();
		ck_assert_msg(rc == 0 || f.text[0], "%s", x.what);
		if (rc != 0)
			must_move();
		ck_assert_msg(harness_tokens(",") == 4, "%s", x.what);
		batch_free(&b);
		ck_assert_int_eq(fs_remove_tree(harness_dirfd(), "spool", &f),
		    0);
	}
}
END_TEST

/* As many as are open at a time, and one; 0, or what batch_add returned. */
static int
write_many(struct fail *f)
{
	struct buf text = { 0 };
	const struct queue *q;
	struct token t;
	int rc = 0;

	batch_init(&b, s, ID);
	q = batch_queue(&b, "amd64", f);
	ck_assert_ptr_nonnull(q);
	buf_add(&text, "hello\n");
	for (unsigned i = 0; rc == 0 && i <= BATCH_FILES_MOST; i++) {
		token_new(&t, "hello", 5);
		(void)snprintf(t.id, sizeof t.id, "%012u", i);
		rc = batch_add(&b, q, &t, 1795348800, &text, f);
	}
	buf_free(&text);
	return rc;
}

/* After a mkdir, and an open and a write for each; then comes any's fsync. */
START_TEST(what_cannot_be_synced_fails_and_is_removed)
{
	enum { CALLS_BEFORE = 1 + 2 * BATCH_FILES_MOST };
	struct fault x = { .nth = CALLS_BEFORE + 1 + (unsigned)_i / 2 };
	struct fail f = { 0 };
	int rc;

	way = ways[_i % 2];
	s = harness_spool("amd64");
	fault_on(&x);
	rc = write_many(&f);
	fault_off();
	ck_assert_msg(x.struck, "%s", x.what);
	ck_assert_msg(rc != 0 && strstr(f.text, "amd64/tmp"), "%s: %s",
	    x.what, f.text);
	batch_free(&b);
	batch_discard(s, ID);
	ck_assert_uint_eq(count("spool/amd64/tmp"), 0);
	ck_assert_uint_eq(count("spool/amd64/new"), 0);
}
END_TEST

START_TEST(what_is_discarded_leaves_nothing)
{
	write_scene();
	harness_write("spool/amd64/tmp/zzzzzzzzzzzz.0/t", "x");
	batch_discard(s, ID);
	ck_assert_uint_eq(count("spool/amd64/tmp"), 1);
	ck_assert_uint_eq(count("spool/arm64/tmp"), 0);
	batch_free(&b);
}
END_TEST

static const struct { const char *name; bool is; } names[] = {
	{ ID ".0", true }, { ID ".17", true }, { ID ".", false },
	{ ID, false }, { ID ".x", false }, { "x.0", false },
	{ "." ID ".0", false }, { "0123456789ai.0", false },
};

START_TEST(knows_its_names)
{
	ck_assert_msg(batch_is_name(names[_i].name) == names[_i].is, "%s",
	    names[_i].name);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_loop_test(tc, over_a_network_nothing_is_made_in_a_bucket, 0,
	    2);
	tcase_add_loop_test(tc,
	    what_is_added_comes_into_its_bucket_with_the_others, 0, 2);
	tcase_add_test(tc, its_plan_is_all_that_moving_needs);
	tcase_add_test(tc, a_plan_that_is_cut_off_anywhere_is_refused);
	tcase_add_loop_test(tc, what_is_no_plan_is_refused, 0,
	    (int)(sizeof strange / sizeof *strange));
	tcase_add_test(tc, what_was_moved_is_not_moved_again);
	tcase_add_test(tc, a_directory_that_came_again_empty_does_no_harm);
	tcase_add_test(tc, a_bucket_of_others_is_passed_over);
	tcase_add_test(tc, a_bucket_takes_a_thousand);
	tcase_add_test(tc, whatever_fails_moving_again_completes_it);
	tcase_add_loop_test(tc, what_cannot_be_synced_fails_and_is_removed, 0,
	    6);
	tcase_add_test(tc, what_is_discarded_leaves_nothing);
	tcase_add_loop_test(tc, knows_its_names, 0,
	    (int)(sizeof names / sizeof *names));
}
