/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check_fsck.h"
#include "role.h"

#define NOTICES ".index/notices"
#define NEW NOTICES "/new,sid,amd64,hello,20261122_160102@"

static void
set_index(void)
{
	struct fail f;

	set_scene();
	ck_assert_int_eq(role_make(s, &f), 0);
}

START_TEST(a_fresh_tree_is_clean)
{
	set_index();
	must_be_clean(LOOK);
}
END_TEST

START_TEST(a_notice_waits_for_a_day)
{
	set_index();
	write_old("results/" NEW, "", DAY_S - HOUR_S);
	must_be_clean(LOOK);
	age("results/" NEW, DAY_S + HOUR_S);
	must_leave(LOOK, "notice-old " NEW);
}
END_TEST

START_TEST(of_many_old_notices_one_is_told)
{
	struct fsck_report r;

	set_index();
	write_old("results/" NEW, "", 2 * DAY_S);
	write_old("results/" NOTICES "/gone,sid,amd64,hello,20261122_160103@",
	    "", 2 * DAY_S);
	r = look(LOOK);
	ck_assert_uint_eq(r.n, 1);
	fsck_report_free(&r);
}
END_TEST

START_TEST(a_file_that_is_no_notice_is_told)
{
	set_index();
	harness_write("results/" NOTICES "/hello", "");
	must_leave(LOOK, "notice-strange " NOTICES "/hello");
}
END_TEST

START_TEST(a_second_token_is_told)
{
	set_index();
	ck_assert_int_eq(fs_remove_tree(s->results, ".index/role", &(struct
	    fail){ 0 }), 0);
	harness_write("results/.index/role/e7.aaaaaaaaaaaa@a", "");
	must_be_clean(LOOK);
	harness_write("results/.index/role/e9.bbbbbbbbbbbb@b", "");
	must_leave(LOOK, "role-twice .index/role/e7.aaaaaaaaaaaa@a");
}
END_TEST

START_TEST(a_file_that_is_no_token_is_told)
{
	set_index();
	harness_write("results/.index/role/hello", "");
	must_leave(LOOK, "role-strange .index/role/hello");
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_fresh_tree_is_clean);
	tcase_add_test(tc, a_notice_waits_for_a_day);
	tcase_add_test(tc, of_many_old_notices_one_is_told);
	tcase_add_test(tc, a_file_that_is_no_notice_is_told);
	tcase_add_test(tc, a_second_token_is_told);
	tcase_add_test(tc, a_file_that_is_no_token_is_told);
}
