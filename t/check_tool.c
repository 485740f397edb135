/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "clock.h"
#include "harness.h"
#include "strs.h"
#include "tool.h"

static bool
runs_well(const char *words, unsigned most_s)
{
	struct strs argv = { 0 };
	bool well;

	strs_split(&argv, words, " ");
	well = tool_run(&argv, most_s);
	strs_free(&argv);
	return well;
}

START_TEST(tells_how_it_ended)
{
	ck_assert(runs_well("true", 20));
	ck_assert(!runs_well("false", 20));
	ck_assert(!runs_well("/nonexistent/tool", 20));
	(void)setenv("PATH", "/nonexistent", 1);
	ck_assert(!runs_well("true", 20));
}
END_TEST

START_TEST(waits_no_longer_than_it_may)
{
	int64_t began_ms = clock_boot_ms();

	ck_assert(!runs_well("sleep 1234", 1));
	ck_assert_int_ge(clock_boot_ms() - began_ms, 900);
}
END_TEST

START_TEST(is_quiet_and_asks_nobody)
{
	struct strs argv = { 0 };

	strs_add(&argv, "sh");
	strs_add(&argv, "-c");
	strs_add(&argv, "for fd in 0 1 2; do "
	    "[ /proc/self/fd/$fd -ef /dev/null ] || exit 1; done");
	ck_assert(tool_run(&argv, 20));
	strs_free(&argv);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, tells_how_it_ended);
	tcase_add_test(tc, waits_no_longer_than_it_may);
	tcase_add_test(tc, is_quiet_and_asks_nobody);
}
