/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fail.h"
#include "guard.h"
#include "harness.h"
#include "log.h"

/* Each second is a minute here: but for how long the guard rests. */
int64_t __real_clock_boot_ms(void);
int64_t __wrap_clock_boot_ms(void);

int64_t
__wrap_clock_boot_ms(void)
{
	return __real_clock_boot_ms() * 60;
}

static struct log said;

static void
start(struct guard *g)
{
	struct fail f;

	said = (struct log){ .most = LOG_LEVEL_INFO, .plain = true };
	/* It keeps standard error alone. */
	ck_assert_ptr_nonnull(freopen(harness_path("log"), "w", stderr));
	said.out = stderr;
	ck_assert_msg(guard_start(g, "/srv/ci", &said, &f) == 0, "%s", f.text);
}

static bool
says(const char *text)
{
	const struct timespec tick = { 0, 100000000 };

	for (int i = 0; i < 100; i++) {
		if (strstr(harness_read("log"), text))
			return true;
		(void)nanosleep(&tick, NULL);
	}
	return false;
}

START_TEST(a_hang_is_said_once_and_so_is_its_end)
{
	struct guard g;
	const char *first;

	start(&g);
	ck_assert(says("/srv/ci: no answer for 30 s"));
	(void)sleep(2);
	guard_idle(&g);
	ck_assert(says("/srv/ci: answers again"));
	first = strstr(harness_read("log"), "no answer");
	ck_assert_ptr_null(strstr(first + 1, "no answer"));
	guard_stop(&g);
	guard_stop(&g);
}
END_TEST

START_TEST(who_waits_does_not_hang)
{
	struct guard g;

	start(&g);
	guard_idle(&g);
	(void)sleep(6);
	ck_assert_str_eq(harness_read("log"), "");
	guard_stop(&g);
}
END_TEST

START_TEST(it_ends_with_the_worker)
{
	struct guard g = { 0 };
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	if (fork() == 0) {
		start(&g);
		_exit(write(ends[1], &g.pid, sizeof g.pid) < 0);
	}
	ck_assert_int_eq(read(ends[0], &g.pid, sizeof g.pid), sizeof g.pid);
	for (int i = 0; i < 100 && kill(g.pid, 0) == 0; i++)
		(void)usleep(100000);
	ck_assert_int_eq(kill(g.pid, 0), -1);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_hang_is_said_once_and_so_is_its_end);
	tcase_add_test(tc, who_waits_does_not_hang);
	tcase_add_test(tc, it_ends_with_the_worker);
}
