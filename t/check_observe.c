/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "conf.h"
#include "fail.h"
#include "harness.h"
#include "lease.h"
#include "observe.h"
#include "spool.h"
#include "strs.h"

enum { INTERVAL_S = 10, LEASE_S = 60 };

static const struct spool *s;
static struct observer o;
static struct strs met;
static int64_t now_ms = 1000000;

/* The linker leads clock_boot_ms here: time is what the test says. */
int64_t __wrap_clock_boot_ms(void);

int64_t
__wrap_clock_boot_ms(void)
{
	return now_ms;
}

static void
set_scene(const char *self)
{
	s = harness_spool("amd64");
	observer_init(&o, self, INTERVAL_S, LEASE_S);
}

static void
beat(const char *worker, const char *life, int n)
{
	char path[128], text[256];

	(void)snprintf(path, sizeof path, "spool/workers/%s", worker);
	(void)snprintf(text, sizeof text, "{\"life\": \"%s\", \"beat\": %d, "
	    "\"lease\": %d}", life, n, LEASE_S);
	harness_write(path, text);
}

/* The names of the dead after one more interval, with blanks between. */
static const char *
look(void)
{
	static char text[256];
	struct strs dead = { 0 };
	struct fail f;
	char *all;

	now_ms += INTERVAL_S * 1000;
	ck_assert_msg(observe(&o, s, &met, &dead, &f) == 0, "%s", f.text);
	all = strs_join(&dead, " ");
	(void)snprintf(text, sizeof text, "%s", all ? all : "");
	free(all);
	strs_free(&dead);
	return text;
}

/* How many looks it takes until somebody is dead. */
static int
looks_until(const char *dead)
{
	for (int n = 1; n <= 100; n++) {
		const char *names = look();

		if (*names) {
			ck_assert_str_eq(names, dead);
			return n;
		}
	}
	return 0;
}

START_TEST(who_does_not_beat_for_its_lease_is_dead)
{
	set_scene("a");
	beat("b", "l", 1);
	ck_assert_int_eq(looks_until("b"), 1 + LEASE_S / INTERVAL_S);
	observer_free(&o);
}
END_TEST

START_TEST(who_beats_lives)
{
	set_scene("a");
	for (int i = 0; i < 50; i++) {
		beat("b", "l", i);
		ck_assert_str_eq(look(), "");
	}
	for (int i = 0; i < 50; i++) {	/* another life may count anew */
		beat("b", i % 2 ? "m" : "l", 1);
		ck_assert_str_eq(look(), "");
	}
	observer_free(&o);
}
END_TEST

START_TEST(a_late_beat_begins_a_new_lease)
{
	set_scene("a");
	beat("b", "l", 1);
	for (int i = 0; i < LEASE_S / INTERVAL_S; i++)
		ck_assert_str_eq(look(), "");
	beat("b", "l", 2);
	ck_assert_int_eq(looks_until("b"), 1 + LEASE_S / INTERVAL_S);
	observer_free(&o);
}
END_TEST

START_TEST(an_observer_that_slept_suspects_nobody)
{
	set_scene("a");
	beat("b", "l", 1);
	ck_assert_str_eq(look(), "");
	now_ms += 3600 * 1000;
	ck_assert_str_eq(look(), "");
	beat("b", "l", 2);
	ck_assert_str_eq(look(), "");
	observer_free(&o);
}
END_TEST

START_TEST(who_says_that_it_has_stopped_is_not_waited_for)
{
	set_scene("a");
	harness_write("spool/workers/b", "{\"life\": \"l\", \"beat\": 7, "
	    "\"state\": \"stopped\", \"lease\": 60}");
	ck_assert_int_eq(looks_until("b"), 1);
	ck_assert_int_eq(looks_until("b"), LEASE_S / INTERVAL_S);
	for (int i = 0; i < 50; i++) {
		beat("b", "m", i);
		if (i >= LEASE_S / INTERVAL_S)
			ck_assert_str_eq(look(), "");
		else
			(void)look();
	}
	observer_free(&o);
}
END_TEST

START_TEST(the_dead_are_told_again_once_a_lease_or_when_met)
{
	set_scene("a");
	beat("b", "l", 1);
	ck_assert_int_gt(looks_until("b"), 0);
	ck_assert_int_eq(looks_until("b"), LEASE_S / INTERVAL_S);
	strs_add(&met, "b");
	ck_assert_str_eq(look(), "b");
	ck_assert_str_eq(look(), "b");
	strs_free(&met);
	ck_assert_str_eq(look(), "");
	beat("b", "m", 1);	/* back: with a lease of its own */
	ck_assert_int_gt(looks_until("b"), LEASE_S / INTERVAL_S);
	observer_free(&o);
}
END_TEST

START_TEST(who_has_no_file_but_claims_is_dead_after_a_lease)
{
	set_scene("a");
	strs_add(&met, "ghost");
	ck_assert_int_eq(looks_until("ghost"), 1 + LEASE_S / INTERVAL_S);
	strs_free(&met);
	observer_free(&o);
}
END_TEST

START_TEST(nonsense_in_the_file_is_no_life)
{
	set_scene("a");
	harness_write("spool/workers/b", "");
	harness_write("spool/workers/c", "{\"lease\": 99999999999}");
	ck_assert_int_eq(looks_until("b c"), 1 + LEASE_S / INTERVAL_S);
	observer_free(&o);
}
END_TEST

/* a looks after b alone, as long as b lives; then after c and d, too. */
START_TEST(one_looks_after_those_up_to_the_next_that_lives)
{
	set_scene("a");
	beat("c", "l", 1);
	beat("d", "l", 1);
	for (int i = 0; i < 50; i++) {
		beat("b", "l", i);
		ck_assert_str_eq(look(), "");
	}
	for (size_t i = 0; i < o.n; i++)
		ck_assert_msg(o.v[i].looked_ms <
		    (i == 0 ? now_ms + 1 : now_ms - 40 * INTERVAL_S * 1000),
		    "%s", o.v[i].worker);
	ck_assert_int_gt(looks_until("b"), 0);
	observer_free(&o);
}
END_TEST

START_TEST(the_last_looks_after_the_first)
{
	set_scene("z");
	beat("a", "l", 1);
	beat("z", "l", 1);	/* itself: never */
	ck_assert_int_gt(looks_until("a"), 0);
	observer_free(&o);
}
END_TEST

START_TEST(one_that_is_removed_is_forgotten)
{
	set_scene("a");
	beat("b", "l", 1);
	beat("c", "l", 1);
	ck_assert_str_eq(look(), "");
	ck_assert_uint_eq(o.n, 2);
	ck_assert_int_eq(unlink(harness_path("spool/workers/b")), 0);
	ck_assert_str_eq(look(), "");
	ck_assert_uint_eq(o.n, 1);
	ck_assert_str_eq(o.v[0].worker, "c");
	observer_free(&o);
	observer_free(&o);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, who_does_not_beat_for_its_lease_is_dead);
	tcase_add_test(tc, who_beats_lives);
	tcase_add_test(tc, a_late_beat_begins_a_new_lease);
	tcase_add_test(tc, an_observer_that_slept_suspects_nobody);
	tcase_add_test(tc, who_says_that_it_has_stopped_is_not_waited_for);
	tcase_add_test(tc,
	    the_dead_are_told_again_once_a_lease_or_when_met);
	tcase_add_test(tc, who_has_no_file_but_claims_is_dead_after_a_lease);
	tcase_add_test(tc, nonsense_in_the_file_is_no_life);
	tcase_add_test(tc, one_looks_after_those_up_to_the_next_that_lives);
	tcase_add_test(tc, the_last_looks_after_the_first);
	tcase_add_test(tc, one_that_is_removed_is_forgotten);
}
