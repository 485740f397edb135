/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "fail.h"
#include "harness.h"

START_TEST(set_keeps_the_status_and_the_text)
{
	struct fail f = { .err = EIO };

	ck_assert_int_eq(fail_set(&f, EX_DATAERR, "%s:%d: bad", "x", 3), -1);
	ck_assert_int_eq(f.status, EX_DATAERR);
	ck_assert_int_eq(f.err, 0);
	ck_assert_str_eq(f.text, "x:3: bad");
}
END_TEST

START_TEST(errno_becomes_text_and_status_and_is_preserved)
{
	static const struct { int err, status; } table[] = {
	    { EACCES, EX_NOPERM }, { EROFS, EX_NOPERM },
	    { ENOENT, EX_NOINPUT }, { EIO, EX_IOERR },
	    { ENOSPC, EX_TEMPFAIL }, { ESTALE, EX_TEMPFAIL } };
	struct fail f;

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		errno = table[i].err;
		ck_assert_int_eq(fail_errno(&f, "some/%s", "file"), -1);
		ck_assert_int_eq(errno, table[i].err);
		ck_assert_int_eq(f.err, table[i].err);
		ck_assert_int_eq(f.status, table[i].status);
	}
	errno = ENOENT;
	(void)fail_errno(&f, "some/%s", "file");
	ck_assert_str_eq(f.text, "some/file: No such file or directory");
}
END_TEST

START_TEST(a_prefix_comes_before_and_changes_nothing_else)
{
	struct fail f;

	errno = ENOENT;
	(void)fail_errno(&f, "file");
	ck_assert_int_eq(fail_prefix(&f, "line %d", 7), -1);
	ck_assert_str_eq(f.text, "line 7: file: No such file or directory");
	ck_assert_int_eq(f.err, ENOENT);
	ck_assert_int_eq(f.status, EX_NOINPUT);
}
END_TEST

START_TEST(text_that_is_too_long_is_cut)
{
	char text[3000];
	struct fail f;

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	errno = ENOENT;
	(void)fail_errno(&f, "%s", text);
	ck_assert_uint_eq(strlen(f.text), sizeof f.text - 1);
	(void)fail_prefix(&f, "%s", text);
	ck_assert_uint_eq(strlen(f.text), sizeof f.text - 1);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, set_keeps_the_status_and_the_text);
	tcase_add_test(tc, errno_becomes_text_and_status_and_is_preserved);
	tcase_add_test(tc, a_prefix_comes_before_and_changes_nothing_else);
	tcase_add_test(tc, text_that_is_too_long_is_cut);
}
