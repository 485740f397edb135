/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "progress.h"

/* The program's end of a terminal, and ours. */
static FILE *
open_terminal(int *ours)
{
	FILE *out;

	*ours = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	ck_assert_int_ge(*ours, 0);
	ck_assert_int_eq(grantpt(*ours), 0);
	ck_assert_int_eq(unlockpt(*ours), 0);
	out = fopen(ptsname(*ours), "w");
	ck_assert_ptr_nonnull(out);
	return out;
}

static const char *
shown(int ours)
{
	static char text[4096];
	ssize_t n = read(ours, text, sizeof text - 1);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

START_TEST(long_work_is_shown_on_a_terminal)
{
	struct progress p;
	int ours;
	FILE *out = open_terminal(&ours);

	progress_init(&p, out);
	progress_show(&p, "first", 0, 2);
	ck_assert_str_eq(shown(ours), "");
	(void)usleep(1100000);
	progress_show(&p, "amd64/new", 1, 2);
	ck_assert_str_eq(shown(ours), "\r[###############...............] "
	    "amd64/new\033[K");
	progress_show(&p, "amd64/cur", 2, 2);	/* too soon */
	ck_assert_str_eq(shown(ours), "");
	progress_end(&p);
	ck_assert_str_eq(shown(ours), "\r\033[K");
	(void)fclose(out);
	(void)close(ours);
}
END_TEST

START_TEST(short_work_is_not_shown)
{
	struct progress p;
	int ours;
	FILE *out = open_terminal(&ours);

	progress_init(&p, out);
	progress_show(&p, "amd64/new", 1, 2);
	progress_end(&p);
	ck_assert_str_eq(shown(ours), "");
	(void)fclose(out);
	(void)close(ours);
}
END_TEST

START_TEST(nothing_is_written_into_a_file)
{
	struct progress p;
	FILE *out;

	harness_write("out", "");
	out = fopen(harness_path("out"), "w");
	progress_init(&p, out);
	(void)usleep(1100000);
	progress_show(&p, "amd64/new", 1, 2);
	progress_end(&p);
	(void)fclose(out);
	ck_assert_str_eq(harness_read("out"), "");
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, long_work_is_shown_on_a_terminal);
	tcase_add_test(tc, short_work_is_not_shown);
	tcase_add_test(tc, nothing_is_written_into_a_file);
}
