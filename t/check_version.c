/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "harness.h"
#include "notice.h"
#include "spool.h"
#include "version.h"

#define FOLDER "by-version/sid/amd64/libxyz/1:2.0~rc1-3"

static const struct spool *s;
static const struct notice run = { NOTICE_NEW, "sid", "amd64", "libxyz",
	"20261122_160102@" };

START_TEST(a_link_leads_to_the_run)
{
	char text[256] = "";
	struct fail f;

	s = harness_spool("amd64");
	harness_write("results/autopkgtest/sid/amd64/libx/libxyz/"
	    "20261122_160102@/log.gz", "");
	for (int again = 0; again < 2; again++)
		ck_assert_int_eq(version_link(s, &run, "1:2.0~rc1-3", &f), 0);
	ck_assert_int_gt(readlinkat(s->results, FOLDER "/20261122_160102@",
	    text, sizeof text - 1), 0);
	ck_assert_str_eq(text, "../../../../../autopkgtest/sid/amd64/libx/"
	    "libxyz/20261122_160102@");
	ck_assert_int_eq(faccessat(s->results,
	    FOLDER "/20261122_160102@/log.gz", R_OK, 0), 0);
}
END_TEST

START_TEST(the_last_link_goes_with_its_folder)
{
	struct notice other = run;
	struct fail f;

	s = harness_spool("amd64");
	memcpy(other.run_id, "20261123_000000@", sizeof other.run_id);
	ck_assert_int_eq(version_link(s, &run, "1:2.0~rc1-3", &f), 0);
	ck_assert_int_eq(version_link(s, &other, "1:2.0~rc1-3", &f), 0);
	ck_assert_int_eq(version_unlink(s, &run, "1:2.0~rc1-3", &f), 0);
	ck_assert(!harness_exists("results/" FOLDER "/20261122_160102@"));
	ck_assert(harness_exists("results/" FOLDER "/20261123_000000@"));
	for (int again = 0; again < 2; again++)
		ck_assert_int_eq(version_unlink(s, &other, "1:2.0~rc1-3", &f),
		    0);
	ck_assert(!harness_exists("results/" FOLDER));
}
END_TEST

START_TEST(what_is_no_version_has_no_link)
{
	static const char *const wrong[] = { NULL, "", "../../x", "n/a" };
	struct fail f;

	s = harness_spool("amd64");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		ck_assert_int_eq(version_link(s, &run, wrong[i], &f), 0);
		ck_assert_int_eq(version_unlink(s, &run, wrong[i], &f), 0);
	}
	ck_assert(!harness_exists("results/by-version/sid"));
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_link_leads_to_the_run);
	tcase_add_test(tc, the_last_link_goes_with_its_folder);
	tcase_add_test(tc, what_is_no_version_has_no_link);
}
