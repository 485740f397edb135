/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <time.h>

#include "clock.h"
#include "harness.h"

static const int64_t then_s = 1795363262;	/* 2026-11-22T16:01:02Z */

static void
reads(const char *text, int64_t want_s)
{
	int64_t s = -1;

	ck_assert_msg(clock_parse(text, &s) == 0, "%s", text);
	ck_assert_msg(s == want_s, "%s is not %lld", text, (long long)s);
}

static void
spans(int64_t s, const char *want)
{
	char text[CLOCK_TEXT_MAX];

	clock_format_span(text, s);
	ck_assert_str_eq(text, want);
}

START_TEST(reads_every_form_of_a_time)
{
	reads("1795363262", then_s);
	reads("2026-11-22T16:01:02", then_s);
	reads("2026-11-22T16:01:02Z", then_s);
	reads("2026-11-22T16:01:02.123Z", then_s);
	reads("2026-11-22 16:01:02+0000", then_s);
	reads("2026-11-22 16:01:02 +0000", then_s);
	reads("20261122T160102", then_s);
	reads("20261122_160102", then_s);
	reads("20261122_160102@", then_s);
	reads("20261122T1601", then_s - 2);
	reads("2026-11-22", then_s - (16 * 3600 + 60 + 2));
	reads("0", 0);
}
END_TEST

START_TEST(reads_utc_wherever_it_runs)
{
	ck_assert_int_eq(setenv("TZ", "America/New_York", 1), 0);
	tzset();
	reads("2026-11-22T16:01:02Z", then_s);
}
END_TEST

START_TEST(refuses_what_is_no_time)
{
	static const char *const texts[] = { "", "now", "-1", "2026-13-01",
	    "2026-11-22T16:01:02+0100", "2026-11-22T25:00:00Z",
	    "2026-11-22T16:01:02Zx", "1234567890123" };
	int64_t s;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		ck_assert_msg(clock_parse(texts[i], &s) == -1, "%s", texts[i]);
}
END_TEST

START_TEST(writes_utc)
{
	char text[CLOCK_TEXT_MAX];

	clock_format(text, "%Y%m%d_%H%M%S@", then_s);
	ck_assert_str_eq(text, "20261122_160102@");
	clock_format_ms(text, then_s * 1000 + 7);
	ck_assert_str_eq(text, "2026-11-22T16:01:02.007Z");
}
END_TEST

START_TEST(reads_spans)
{
	static const struct { const char *text; int64_t s; } table[] = {
	    { "90", 90 }, { "90s", 90 }, { "15m", 900 }, { "8h", 28800 },
	    { "15d", 1296000 }, { "2w", 1209600 }, { "0", 0 } };
	static const char *const bad[] = { "", "s", "-1", "1.5h", "5y",
	    "5mm", " 5", "9999999999" };
	int64_t s;

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		ck_assert_int_eq(clock_parse_span(table[i].text, &s), 0);
		ck_assert_int_eq(s, table[i].s);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(clock_parse_span(bad[i], &s) == -1, "%s",
		    bad[i]);
}
END_TEST

START_TEST(writes_spans_for_people)
{
	spans(-5, "0s");
	spans(4, "4s");
	spans(123, "2m 3s");
	spans(3900, "1h 5m");
	spans(3 * 86400 + 4 * 3600 + 59, "3d 4h");
}
END_TEST

START_TEST(an_offset_shifts_the_wall_clock_alone)
{
	int64_t wall = clock_now_s(), boot = clock_boot_ms();

	ck_assert_int_eq(setenv("ADTSPOOL_CLOCK_OFFSET", "-86400", 1), 0);
	ck_assert_int_le(llabs(clock_now_s() - (wall - 86400)), 30);
	ck_assert_int_le(clock_boot_ms() - boot, 30000);
	ck_assert_int_ge(clock_boot_ms(), boot);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, reads_every_form_of_a_time);
	tcase_add_test(tc, reads_utc_wherever_it_runs);
	tcase_add_test(tc, refuses_what_is_no_time);
	tcase_add_test(tc, writes_utc);
	tcase_add_test(tc, reads_spans);
	tcase_add_test(tc, writes_spans_for_people);
	tcase_add_test(tc, an_offset_shifts_the_wall_clock_alone);
}
