/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "fs.h"
#include "harness.h"
#include "watch.h"

static enum watch_what what;

/* harness_dir/new, watched. */
static int
watch_new(void)
{
	char dir[128];
	struct fail f;
	int fd;

	ck_assert_int_eq(fs_mkdirs(harness_dirfd(), "new", &f), 0);
	(void)snprintf(dir, sizeof dir, "%s/new", harness_dir());
	fd = watch_open(&f);
	ck_assert_msg(fd >= 0, "%s", f.text);
	ck_assert_msg(watch_add(dir, what, &f) == 0, "%s", f.text);
	return fd;
}

/* Something is there at once; draining takes all of it. */
static void
expect(int fd, enum watch_news news)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	ck_assert_int_eq(poll(&p, 1, 0), news == WATCH_NOTHING ? 0 : 1);
	ck_assert_int_eq(watch_drain(), news);
	ck_assert_int_eq(poll(&p, 1, 0), 0);
	ck_assert_int_eq(watch_drain(), WATCH_NOTHING);
}

START_TEST(a_drain_with_nothing_there_does_not_wait)
{
	expect(watch_new(), WATCH_NOTHING);
	watch_close();
}
END_TEST

START_TEST(sees_a_file_renamed_in)
{
	int fd = watch_new();

	harness_write("x", "hello\n");
	expect(fd, WATCH_NOTHING);
	ck_assert_int_eq(fs_rename(harness_dirfd(), "x", harness_dirfd(),
	    "new/x"), 0);
	expect(fd, WATCH_NEWS);
	watch_close();
}
END_TEST

/* What is claimed, removed or renamed away is news where that is asked for. */
START_TEST(sees_a_file_leave_where_that_is_asked_for)
{
	int fd;

	what = _i ? WATCH_LEAVINGS_TOO : WATCH_ARRIVALS;
	fd = watch_new();
	harness_write("new/x", "hello\n");
	harness_write("new/y", "hello\n");
	expect(fd, WATCH_NEWS);
	ck_assert_int_eq(fs_unlink(harness_dirfd(), "new/x"), 0);
	expect(fd, _i ? WATCH_NEWS : WATCH_NOTHING);
	ck_assert_int_eq(fs_rename(harness_dirfd(), "new/y", harness_dirfd(),
	    "y"), 0);
	expect(fd, _i ? WATCH_NEWS : WATCH_NOTHING);
	watch_close();
	what = WATCH_ARRIVALS;
}
END_TEST

START_TEST(sees_a_file_written_in_place)
{
	struct fail f;
	int fd;

	harness_write("new/.bell", "1");
	fd = watch_new();
	ck_assert_int_eq(fs_overwrite(harness_dirfd(), "new/.bell", "2", 1,
	    &f), 0);
	expect(fd, WATCH_NEWS);
	watch_close();
}
END_TEST

START_TEST(sees_a_new_directory)
{
	int fd = watch_new();

	ck_assert_int_eq(fs_mkdir(harness_dirfd(), "new/5-20261122T1601"), 0);
	expect(fd, WATCH_NEWS);
	watch_close();
}
END_TEST

START_TEST(does_not_wake_for_what_leaves_or_is_read)
{
	int fd;

	harness_write("new/x", "hello\n");
	fd = watch_new();
	(void)harness_read("new/x");
	ck_assert_int_eq(fs_rename(harness_dirfd(), "new/x", harness_dirfd(),
	    "x"), 0);
	expect(fd, WATCH_NOTHING);
	watch_close();
}
END_TEST

START_TEST(a_directory_that_goes_is_a_loss)
{
	int fd = watch_new();

	ck_assert_int_eq(fs_rmdir(harness_dirfd(), "new"), 0);
	expect(fd, WATCH_LOST);
	watch_close();
}
END_TEST

START_TEST(a_directory_that_is_moved_is_a_loss)
{
	int fd = watch_new();

	ck_assert_int_eq(fs_rename(harness_dirfd(), "new", harness_dirfd(),
	    "old"), 0);
	expect(fd, WATCH_LOST);
	watch_close();
}
END_TEST

START_TEST(too_many_events_are_a_loss_and_are_drained_in_one_go)
{
	int fd = watch_new(), limit = 0;
	FILE *proc = fopen("/proc/sys/fs/inotify/max_queued_events", "r");

	ck_assert_ptr_nonnull(proc);
	ck_assert_int_eq(fscanf(proc, "%d", &limit), 1);
	(void)fclose(proc);
	harness_write("a", "");
	/* Names take turns, or the kernel would merge equal neighbours. */
	for (int i = 0; i <= limit; i++) {
		ck_assert_int_eq(linkat(harness_dirfd(), "a", harness_dirfd(),
		    i % 2 ? "new/a" : "new/b", 0), 0);
		ck_assert_int_eq(fs_unlink(harness_dirfd(),
		    i % 2 ? "new/a" : "new/b"), 0);
	}
	expect(fd, WATCH_LOST);
	watch_close();
}
END_TEST

START_TEST(after_a_loss_it_can_be_opened_again_and_starts_afresh)
{
	int fd = watch_new();

	harness_write("new/x", "hello\n");
	watch_close();
	fd = watch_new();
	expect(fd, WATCH_NOTHING);
	harness_write("new/y", "hello\n");
	expect(fd, WATCH_NEWS);
	watch_close();
}
END_TEST

START_TEST(children_do_not_inherit_the_descriptor)
{
	int fd = watch_new();

	ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	watch_close();
	ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
}
END_TEST

START_TEST(finds_its_own_descriptor_among_others)
{
	int other = inotify_init1(IN_CLOEXEC), fd = watch_new();

	ck_assert_int_ne(fd, other);
	harness_write("new/x", "hello\n");
	expect(fd, WATCH_NEWS);
	watch_close();
	(void)close(other);
}
END_TEST

START_TEST(only_a_directory_can_be_watched)
{
	char path[128];
	struct fail f;

	(void)watch_new();
	harness_write("file", "");
	(void)snprintf(path, sizeof path, "%s/file", harness_dir());
	ck_assert_int_eq(watch_add(path, WATCH_ARRIVALS, &f), -1);
	ck_assert_int_eq(f.err, ENOTDIR);
	ck_assert_msg(strncmp(f.text, path, strlen(path)) == 0, "%s", f.text);
	watch_close();
}
END_TEST

START_TEST(where_there_are_no_instances_left_it_names_the_cure)
{
	int held[1024], n = 0;
	struct fail f = { 0 };

	while (n < 1024 && (held[n] = inotify_init1(IN_CLOEXEC)) >= 0)
		n++;
	if (n < 1024 && errno == EMFILE) {
		ck_assert_int_eq(watch_open(&f), -1);
		ck_assert_int_eq(f.status, EX_TEMPFAIL);
		ck_assert_msg(strstr(f.text, "max_user_instances") != NULL,
		    "%s", f.text);
	}
	while (n > 0)
		(void)close(held[--n]);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_drain_with_nothing_there_does_not_wait);
	tcase_add_test(tc, sees_a_file_renamed_in);
	tcase_add_loop_test(tc, sees_a_file_leave_where_that_is_asked_for, 0,
	    2);
	tcase_add_test(tc, sees_a_file_written_in_place);
	tcase_add_test(tc, sees_a_new_directory);
	tcase_add_test(tc, does_not_wake_for_what_leaves_or_is_read);
	tcase_add_test(tc, a_directory_that_goes_is_a_loss);
	tcase_add_test(tc, a_directory_that_is_moved_is_a_loss);
	tcase_add_test(tc,
	    too_many_events_are_a_loss_and_are_drained_in_one_go);
	tcase_add_test(tc,
	    after_a_loss_it_can_be_opened_again_and_starts_afresh);
	tcase_add_test(tc, children_do_not_inherit_the_descriptor);
	tcase_add_test(tc, finds_its_own_descriptor_among_others);
	tcase_add_test(tc, only_a_directory_can_be_watched);
	tcase_add_test(tc,
	    where_there_are_no_instances_left_it_names_the_cure);
}
