/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "harness.h"
#include "health.h"

int64_t __wrap_clock_boot_ms(void);

static int64_t now_ms = 1000000;
static struct health health;
static struct conf conf = { .bad_host = 3, .backoff_s = 60 };

int64_t
__wrap_clock_boot_ms(void)
{
	return now_ms;
}

static bool
fails(const char *package)
{
	return health_failed(&health, &conf, package, "no testbed");
}

static void
make_bad(void)
{
	ck_assert(!fails("a"));
	ck_assert(!fails("b"));
	ck_assert(fails("c"));
}

static bool
says(const char *part, bool busy)
{
	const char *text = health_problem(&health, busy);

	return text && strstr(text, part);
}

START_TEST(different_packages_make_a_host_bad)
{
	ck_assert(!fails("a"));
	ck_assert(!fails("a"));
	ck_assert(!fails("a"));
	ck_assert(!fails("b"));
	ck_assert_ptr_null(health_problem(&health, false));
	ck_assert(fails("c"));
	ck_assert(says("nothing is claimed for a while; the last: no testbed",
	    false));
	ck_assert(fails("a"));
	health_free(&health);
}
END_TEST

START_TEST(another_outcome_in_between_says_that_it_is_not)
{
	ck_assert(!fails("a"));
	ck_assert(!fails("b"));
	ck_assert(!health_is_well(&health));
	ck_assert(!fails("c"));
	ck_assert(!fails("d"));
	ck_assert_ptr_null(health_problem(&health, false));
	health_free(&health);
}
END_TEST

START_TEST(after_the_pause_one_is_tried)
{
	make_bad();
	now_ms += 59 * 1000;
	ck_assert(says("nothing is claimed", false));
	now_ms += 2 * 1000;
	ck_assert_ptr_null(health_problem(&health, false));
	ck_assert(says("one request is tried", true));
	ck_assert(health_is_well(&health));
	ck_assert_ptr_null(health_problem(&health, true));
	ck_assert(!fails("a"));
	health_free(&health);
}
END_TEST

START_TEST(each_pause_is_longer_up_to_an_hour)
{
	int64_t expected_s = 60;

	make_bad();
	for (int i = 0; i < 40; i++) {
		now_ms += expected_s * 1000 - 1;
		ck_assert(health_problem(&health, false));
		now_ms += 1;
		ck_assert_ptr_null(health_problem(&health, false));
		ck_assert(fails("a"));
		expected_s = expected_s * 2 < 3600 ? expected_s * 2 : 3600;
	}
	health_free(&health);
}
END_TEST

START_TEST(what_fails_in_a_pause_does_not_make_it_longer)
{
	make_bad();
	now_ms += 30 * 1000;
	ck_assert(fails("d"));
	ck_assert(fails("e"));
	now_ms += 30 * 1000;
	ck_assert_ptr_null(health_problem(&health, false));
	health_free(&health);
}
END_TEST

START_TEST(with_0_no_host_is_bad)
{
	static const struct conf never = { .bad_host = 0 };
	static const char *const names[] = { "a", "b", "c", "d", "e" };

	for (size_t i = 0; i < 5; i++)
		ck_assert(!health_failed(&health, &never, names[i], "x"));
	ck_assert_ptr_null(health_problem(&health, true));
	health_free(&health);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, different_packages_make_a_host_bad);
	tcase_add_test(tc, another_outcome_in_between_says_that_it_is_not);
	tcase_add_test(tc, after_the_pause_one_is_tried);
	tcase_add_test(tc, each_pause_is_longer_up_to_an_hour);
	tcase_add_test(tc, what_fails_in_a_pause_does_not_make_it_longer);
	tcase_add_test(tc, with_0_no_host_is_bad);
}
