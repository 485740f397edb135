/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "fault.h"
#include "fs.h"
#include "harness.h"
#include "notice.h"
#include "spool.h"
#include "strs.h"

#define FOLDER "results/.index/notices"
#define RUN "20261122_160102@"
#define NAME "new,kali-rolling,amd64,libxyz," RUN

static int
keep(void *context, const char *name, unsigned char type)
{
	(void)type;
	if (strcmp(name, "README") != 0)
		strs_add(context, name);
	return 0;
}

/* The names that are left, sorted, with a space between them. */
static const char *
left(const struct spool *s)
{
	static char text[1024];
	struct strs names = { 0 };
	struct fail f;
	char *all;

	ck_assert_msg(notice_each(s, keep, &names, &f) == 0, "%s", f.text);
	strs_sort(&names);
	all = strs_join(&names, " ");
	(void)snprintf(text, sizeof text, "%s", all);
	free(all);
	strs_free(&names);
	return text;
}

static int
drop(const struct spool *s, struct fail *f)
{
	return notice_drop(s, NOTICE_NEW, "kali-rolling", "amd64", "libxyz",
	    RUN, f);
}

START_TEST(a_notice_is_left_until_it_is_taken_away)
{
	const struct spool *s = harness_spool("amd64");
	struct fail f;

	ck_assert_str_eq(left(s), "");
	ck_assert_int_eq(drop(s, &f), 0);
	ck_assert_int_eq(drop(s, &f), 0);
	ck_assert_int_eq(notice_drop(s, NOTICE_GONE, "sid", "arm64", "a0",
	    RUN, &f), 0);
	ck_assert_str_eq(left(s), "gone,sid,arm64,a0," RUN " " NAME);
	ck_assert_int_eq(notice_end(s, NAME, &f), 0);
	ck_assert_int_eq(notice_end(s, NAME, &f), 0);
	ck_assert_str_eq(left(s), "gone,sid,arm64,a0," RUN);
}
END_TEST

START_TEST(a_tree_without_the_folder_gets_it)
{
	const struct spool *s = harness_spool("amd64");
	struct fail f;

	ck_assert_int_eq(fs_remove_tree(s->results, ".index", &f), 0);
	ck_assert_str_eq(left(s), "");
	ck_assert_int_eq(drop(s, &f), 0);
	ck_assert_str_eq(left(s), NAME);
}
END_TEST

/* Where it was said that it is left, it is. */
START_TEST(whatever_fails_a_notice_is_left_or_it_is_told)
{
	const struct spool *s = harness_spool("amd64");

	for (struct fault x = { 0 }; fault_next(&x); ) {
		struct fail f = { 0 };
		int rc;

		ck_assert_int_eq(fs_remove_tree(s->results, ".index", &f), 0);
		fault_on(&x);
		rc = drop(s, &f);
		fault_off();
		ck_assert_msg(x.struck || rc == 0, "%s", f.text);
		ck_assert_msg(x.kind != FAULT_LOST_REPLY || rc == 0, "%s: %s",
		    x.what, f.text);
		if (rc != 0)
			ck_assert_msg(drop(s, &f) == 0, "%s: again: %s",
			    x.what, f.text);
		ck_assert_str_eq(left(s), NAME);
	}
}
END_TEST

START_TEST(whatever_fails_a_notice_is_taken_away_or_it_is_told)
{
	const struct spool *s = harness_spool("amd64");

	for (struct fault x = { 0 }; fault_next(&x); ) {
		struct fail f = { 0 };
		int rc;

		ck_assert_int_eq(drop(s, &f), 0);
		fault_on(&x);
		rc = notice_end(s, NAME, &f);
		fault_off();
		ck_assert_msg(x.kind != FAULT_LOST_REPLY || rc == 0, "%s: %s",
		    x.what, f.text);
		ck_assert_str_eq(left(s), rc == 0 ? "" : NAME);
	}
}
END_TEST

static const struct { const char *name; bool ok; } names[] = {
	{ NAME, true },
	{ "gone,sid,amd64,hello," RUN, true },
	{ "", false },
	{ "README", false },
	{ "old,sid,amd64,hello," RUN, false },
	{ "newest-of-all,sid,amd64,hello," RUN, false },
	{ "new,sid,amd64,hello", false },
	{ "new,sid,amd64,hello,", false },
	{ "new,sid,amd64,hello,20261122_160102", false },
	{ "new,sid,amd64,hello," RUN ",x", false },
	{ "new,.,amd64,hello," RUN, false },
	{ "new,sid,AMD64,hello," RUN, false },
	{ "new,sid,amd64,../x," RUN, false },
	{ "new,,amd64,hello," RUN, false },
};

START_TEST(a_name_is_read_and_written_alike)
{
	char again[NOTICE_NAME_MAX];
	struct notice n;
	bool ok = notice_parse(&n, names[_i].name) == 0;

	ck_assert_msg(ok == names[_i].ok, "%s", names[_i].name);
	if (!ok)
		return;
	notice_format(again, &n);
	ck_assert_str_eq(again, names[_i].name);
}
END_TEST

START_TEST(the_longest_names_fit)
{
	char suite[NAME_SUITE_MAX + 1], arch[NAME_ARCH_MAX + 1];
	char source[NAME_SOURCE_MAX + 2], name[512], again[NOTICE_NAME_MAX];
	struct notice n;

	memset(suite, 's', sizeof suite);
	memset(arch, 'a', sizeof arch);
	memset(source, 'p', sizeof source);
	suite[NAME_SUITE_MAX] = arch[NAME_ARCH_MAX] = '\0';
	source[NAME_SOURCE_MAX] = '\0';
	(void)snprintf(name, sizeof name, "gone,%s,%s,%s," RUN, suite, arch,
	    source);
	ck_assert_int_eq(notice_parse(&n, name), 0);
	notice_format(again, &n);
	ck_assert_str_eq(again, name);
	source[NAME_SOURCE_MAX] = 'p';
	source[NAME_SOURCE_MAX + 1] = '\0';
	(void)snprintf(name, sizeof name, "gone,%s,%s,%s," RUN, suite, arch,
	    source);
	ck_assert_int_eq(notice_parse(&n, name), -1);
}
END_TEST

static const struct { const char *path; bool ok; } paths[] = {
	{ "autopkgtest/sid/amd64/h/hello/" RUN, true },
	{ "autopkgtest/sid/amd64/libx/libxyz/" RUN, true },
	{ "autopkgtest/sid/amd64/l/libxyz/" RUN, false },
	{ "by-version/sid/amd64/h/hello/" RUN, false },
	{ "autopkgtest/sid/amd64/h/hello/" RUN "/", false },
	{ "autopkgtest/sid/amd64/h/hello", false },
	{ "/autopkgtest/sid/amd64/h/hello/" RUN, false },
	{ "autopkgtest/../amd64/h/hello/" RUN, false },
};

START_TEST(a_path_is_that_of_a_run_or_none)
{
	char again[NOTICE_PATH_MAX];
	struct notice n;
	bool ok = notice_parse_path(&n, NOTICE_GONE, paths[_i].path) == 0;

	ck_assert_msg(ok == paths[_i].ok, "%s", paths[_i].path);
	if (!ok)
		return;
	ck_assert_int_eq(n.kind, NOTICE_GONE);
	notice_path(again, &n);
	ck_assert_str_eq(again, paths[_i].path);
}
END_TEST

#define COUNT(a) (int)(sizeof (a) / sizeof *(a))

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_notice_is_left_until_it_is_taken_away);
	tcase_add_test(tc, a_tree_without_the_folder_gets_it);
	tcase_add_test(tc, whatever_fails_a_notice_is_left_or_it_is_told);
	tcase_add_test(tc,
	    whatever_fails_a_notice_is_taken_away_or_it_is_told);
	tcase_add_loop_test(tc, a_name_is_read_and_written_alike, 0,
	    COUNT(names));
	tcase_add_test(tc, the_longest_names_fit);
	tcase_add_loop_test(tc, a_path_is_that_of_a_run_or_none, 0,
	    COUNT(paths));
}
