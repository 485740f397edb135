/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

#include "conf.h"
#include "fail.h"
#include "fault.h"
#include "harness.h"
#include "space.h"
#include "spool.h"

static const struct spool *s;
static const struct conf *c;

/* What the linker leads here tells of the spool, the results and scratch. */
static struct statvfs told;

int __wrap_fstatvfs(int fd, struct statvfs *v);
int __wrap_statvfs(const char *path, struct statvfs *v);

int
__wrap_fstatvfs(int fd, struct statvfs *v)
{
	(void)fd;
	*v = told;
	return 0;
}

int
__wrap_statvfs(const char *path, struct statvfs *v)
{
	(void)path;
	*v = told;
	return 0;
}

static void
set_scene(void)
{
	s = harness_spool("amd64");
	c = harness_conf("min-free: 1M\n");
	told = (struct statvfs){ .f_frsize = 4096, .f_blocks = 1000,
	    .f_bavail = 256, .f_files = 100000,
	    .f_favail = 1000 };
}

static const char *
problem(void)
{
	static struct fail f;

	if (space_check(c, s, &f) == 0)
		return "";
	ck_assert_int_eq(f.status, EX_TEMPFAIL);
	return f.text;
}

START_TEST(as_much_as_is_asked_for_is_enough)
{
	set_scene();
	ck_assert_str_eq(problem(), "");
}
END_TEST

START_TEST(a_block_less_is_not)
{
	set_scene();
	told.f_bavail--;
	ck_assert_ptr_nonnull(strstr(problem(), "min-free, 1 MiB, is free"));
}
END_TEST

START_TEST(an_inode_less_is_not)
{
	set_scene();
	told.f_favail--;
	ck_assert_ptr_nonnull(strstr(problem(),
	    "fewer than min-free-inodes, 1000,"));
}
END_TEST

START_TEST(how_many_inodes_are_enough_is_configured)
{
	set_scene();
	c = harness_conf("min-free: 0\nmin-free-inodes: 2000\n");
	told.f_favail = 1999;
	ck_assert_ptr_nonnull(strstr(problem(), "min-free-inodes, 2000,"));
	told.f_favail = 2000;
	ck_assert_str_eq(problem(), "");
}
END_TEST

START_TEST(read_only_is_no_room)
{
	set_scene();
	told.f_flag = ST_RDONLY;
	ck_assert_ptr_nonnull(strstr(problem(), "mounted read-only"));
}
END_TEST

START_TEST(what_is_not_told_is_enough)
{
	set_scene();
	told = (struct statvfs){ .f_frsize = 4096 };
	ck_assert_str_eq(problem(), "");
}
END_TEST

START_TEST(a_probe_leaves_nothing_behind)
{
	struct fail f;

	set_scene();
	harness_write("results/.staging/.probe.here", "of a crash");
	ck_assert_msg(space_probe(s, "here", &f) == 0, "%s", f.text);
	ck_assert(!harness_exists("results/.staging/.probe.here"));
}
END_TEST

START_TEST(a_probe_that_cannot_be_written_tells_why)
{
	struct fault x = { .kind = FAULT_ENOSPC, .nth = 3 };
	struct fail f = { 0 };

	set_scene();
	fault_on(&x);
	ck_assert_int_eq(space_probe(s, "here", &f), -1);
	fault_off();
	ck_assert_int_eq(f.err, ENOSPC);
	ck_assert(!harness_exists("results/.staging/.probe.here"));
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, as_much_as_is_asked_for_is_enough);
	tcase_add_test(tc, a_block_less_is_not);
	tcase_add_test(tc, an_inode_less_is_not);
	tcase_add_test(tc, how_many_inodes_are_enough_is_configured);
	tcase_add_test(tc, read_only_is_no_room);
	tcase_add_test(tc, what_is_not_told_is_enough);
	tcase_add_test(tc, a_probe_leaves_nothing_behind);
	tcase_add_test(tc, a_probe_that_cannot_be_written_tells_why);
}
