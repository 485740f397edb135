/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "harness.h"
#include "writers.h"

/* The file, as those open it who ask. */
static int
open_file(void)
{
	int fd;

	(void)signal(SIGIO, SIG_IGN);
	harness_write("x", "text");
	fd = openat(harness_dirfd(), "x", O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	return fd;
}

/* Only on some filesystems the kernel tells. */
static bool
is_told(int fd)
{
	return writers_of(fd) != WRITERS_UNKNOWN;
}

START_TEST(a_file_at_rest_has_no_writers)
{
	int fd = open_file(), reader;

	if (!is_told(fd))
		return;
	reader = openat(harness_dirfd(), "x", O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(writers_of(fd), WRITERS_NONE);
	ck_assert_int_eq(writers_of(fd), WRITERS_NONE);
	(void)close(reader);
	(void)close(fd);
}
END_TEST

static const int flags[] = { O_WRONLY, O_WRONLY | O_APPEND, O_RDWR };

START_TEST(a_file_that_is_open_for_writing_has_some_until_it_is_closed)
{
	int fd = open_file(), writer;

	if (!is_told(fd))
		return;
	writer = openat(harness_dirfd(), "x", flags[_i] | O_CLOEXEC);
	ck_assert_int_ge(writer, 0);
	ck_assert_int_eq(writers_of(fd), WRITERS_SOME);
	(void)close(writer);
	ck_assert_int_eq(writers_of(fd), WRITERS_NONE);
	(void)close(fd);
}
END_TEST

START_TEST(asking_keeps_nobody_from_writing)
{
	int fd = open_file(), writer;

	(void)writers_of(fd);
	writer = openat(harness_dirfd(), "x",
	    O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	ck_assert_int_ge(writer, 0);
	ck_assert_int_eq(write(writer, "more", 4), 4);
	(void)close(writer);
	(void)close(fd);
}
END_TEST

START_TEST(a_filesystem_that_does_not_tell_is_not_guessed_at)
{
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(writers_of(fd), WRITERS_UNKNOWN);
	(void)close(fd);
	ck_assert_int_eq(writers_of(-1), WRITERS_UNKNOWN);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_file_at_rest_has_no_writers);
	tcase_add_loop_test(tc,
	    a_file_that_is_open_for_writing_has_some_until_it_is_closed, 0,
	    (int)(sizeof flags / sizeof *flags));
	tcase_add_test(tc, asking_keeps_nobody_from_writing);
	tcase_add_test(tc,
	    a_filesystem_that_does_not_tell_is_not_guessed_at);
}
