/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "harness.h"
#include "hook_find.h"
#include "strs.h"

static struct strs programs, refused;
static struct fail f;

static void
add_file(const char *name, mode_t mode)
{
	harness_write(name, "#!/bin/sh\n");
	ck_assert_int_eq(chmod(harness_path(name), mode), 0);
}

/* The names that are found, with blanks between. */
static char *
found(void)
{
	char *names;

	strs_free(&programs);
	strs_free(&refused);
	ck_assert_int_eq(hook_find(harness_path("hooks"), &programs, &refused,
	    &f), 0);
	for (size_t i = 0; i < programs.n; i++) {
		char *slash = strrchr(programs.v[i], '/');

		memmove(programs.v[i], slash + 1, strlen(slash));
	}
	names = strs_join(&programs, " ");
	return names;
}

static void
assert_found(const char *wanted)
{
	char *names = found();

	ck_assert_str_eq(names, wanted);
	free(names);
}

START_TEST(finds_programs_in_the_order_of_their_names)
{
	add_file("hooks/20-b", 0755);
	add_file("hooks/10_A", 0700);
	add_file("hooks/a", 0755);
	assert_found("10_A 20-b a");
}
END_TEST

START_TEST(passes_over_names_that_run_parts_does_not_run)
{
	add_file("hooks/mail.conf", 0755);
	add_file("hooks/mail~", 0755);
	add_file("hooks/.mail", 0755);
	add_file("hooks/mail+", 0755);
	assert_found("");
	ck_assert_uint_eq(refused.n, 0);
}
END_TEST

START_TEST(passes_over_what_is_no_program)
{
	add_file("hooks/readme", 0644);
	ck_assert_int_eq(mkdir(harness_path("hooks/folder"), 0755), 0);
	ck_assert_int_eq(symlink("nowhere", harness_path("hooks/dangling")),
	    0);
	assert_found("");
}
END_TEST

START_TEST(follows_a_link)
{
	add_file("elsewhere/mail", 0755);
	add_file("hooks/readme", 0644);
	ck_assert_int_eq(symlink("../elsewhere/mail",
	    harness_path("hooks/mail")), 0);
	assert_found("mail");
	ck_assert_int_eq(chmod(harness_path("elsewhere/mail"), 0757), 0);
	assert_found("");
}
END_TEST

START_TEST(refuses_what_others_may_write_to)
{
	add_file("hooks/good", 0755);
	add_file("hooks/group", 0775);
	add_file("hooks/world", 0757);
	assert_found("good");
	ck_assert_uint_eq(refused.n, 2);
	ck_assert_ptr_nonnull(strstr(refused.v[0], "group: not run: others"));
}
END_TEST

START_TEST(refuses_what_is_another_users)
{
	if (geteuid() != 0)
		return;
	add_file("hooks/others", 0755);
	ck_assert_int_eq(chown(harness_path("hooks/others"), 65534, 0), 0);
	assert_found("");
	ck_assert_ptr_nonnull(strstr(refused.v[0], "neither root nor"));
}
END_TEST

START_TEST(refuses_a_folder_that_others_may_write_to)
{
	add_file("hooks/good", 0755);
	ck_assert_int_eq(chmod(harness_path("hooks"), 01777), 0);
	ck_assert_int_eq(hook_find(harness_path("hooks"), &programs, &refused,
	    &f), -1);
	ck_assert_uint_eq(programs.n, 0);
	ck_assert_ptr_nonnull(strstr(f.text, "chmod go-w"));
}
END_TEST

START_TEST(tells_that_there_is_no_folder)
{
	ck_assert_int_eq(hook_find(harness_path("hooks"), &programs, &refused,
	    &f), -1);
	ck_assert_ptr_nonnull(strstr(f.text, "No such file"));
}
END_TEST

static void
clear(void)
{
	strs_free(&programs);
	strs_free(&refused);
}

static void
set_scene(void)
{
	umask(022);
	(void)harness_dir();
}

void
add_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, set_scene, clear);
	tcase_add_test(tc, finds_programs_in_the_order_of_their_names);
	tcase_add_test(tc, passes_over_names_that_run_parts_does_not_run);
	tcase_add_test(tc, passes_over_what_is_no_program);
	tcase_add_test(tc, follows_a_link);
	tcase_add_test(tc, refuses_what_others_may_write_to);
	tcase_add_test(tc, refuses_what_is_another_users);
	tcase_add_test(tc, refuses_a_folder_that_others_may_write_to);
	tcase_add_test(tc, tells_that_there_is_no_folder);
}
