/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "fail.h"
#include "fence.h"
#include "harness.h"

static struct fence *
open_fence(void)
{
	struct fail f;
	struct fence *e = fence_open(&f);

	ck_assert_msg(e != NULL, "%s", f.text);
	return e;
}

START_TEST(it_is_passed_until_it_is_held)
{
	struct fence *e = open_fence();

	ck_assert(fence_is_passed(e));
	fence_hold(e, clock_boot_ms() + 60000);
	ck_assert(!fence_is_passed(e));
	ck_assert_int_gt(fence_left_ms(e, fence_passes(e)), 50000);
	fence_hold(e, clock_boot_ms());
	ck_assert(fence_is_passed(e));
	ck_assert_int_eq(fence_left_ms(e, fence_passes(e)), 0);
	fence_close(e);
}
END_TEST

START_TEST(a_child_sees_what_is_held_later)
{
	struct fence *e = open_fence();
	int status, ready[2];
	pid_t pid;
	char c;

	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		bool before = fence_is_passed(e);

		_exit(read(ready[0], &c, 1) == 1 && before &&
		    !fence_is_passed(e) ? 0 : 1);
	}
	(void)usleep(50000);
	fence_hold(e, clock_boot_ms() + 60000);
	ck_assert_int_eq(write(ready[1], "x", 1), 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	fence_close(e);
}
END_TEST

START_TEST(what_began_before_it_was_passed_stays_outside)
{
	struct fence *e = open_fence();
	uint64_t before;

	fence_hold(e, clock_boot_ms() + 60000);
	before = fence_passes(e);
	fence_hold(e, clock_boot_ms() + 60000);
	ck_assert_int_gt(fence_left_ms(e, before), 50000);
	fence_hold(e, clock_boot_ms());		/* as after a long sleep */
	fence_hold(e, clock_boot_ms() + 60000);
	ck_assert_int_eq(fence_left_ms(e, before), 0);
	ck_assert_int_gt(fence_left_ms(e, fence_passes(e)), 50000);
	fence_close(e);
}
END_TEST

START_TEST(without_one_nothing_is_passed)
{
	ck_assert(!fence_is_passed(NULL));
	ck_assert_int_gt(fence_left_ms(NULL, fence_passes(NULL)), 0);
	fence_close(NULL);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, it_is_passed_until_it_is_held);
	tcase_add_test(tc, a_child_sees_what_is_held_later);
	tcase_add_test(tc, what_began_before_it_was_passed_stays_outside);
	tcase_add_test(tc, without_one_nothing_is_passed);
}
