/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "fs.h"
#include "harness.h"
#include "mem.h"
#include "strs.h"
#include "virt.h"

static void
expect_name(const char *words, const char *want)
{
	struct strs virt = { 0 };
	char *got;

	strs_split(&virt, words, " ");
	virt_name(&virt, "abc", 3);
	got = strs_join(&virt, " ");
	ck_assert_str_eq(got, want);
	free(got);
	strs_free(&virt);
}

START_TEST(names_what_outlives_a_run)
{
	expect_name("schroot sid", "schroot --session-id=adtspool-abc-3 sid");
	expect_name("lxc -e bed", "lxc --name=adtspool-abc-3 -e bed");
	expect_name("podman image", "podman image --name=adtspool-abc-3");
	expect_name("null", "null");
	expect_name("unshare -t x", "unshare -t x");
	expect_name("qemu x.img", "qemu x.img");
}
END_TEST

START_TEST(leaves_a_name_that_the_configuration_gives)
{
	expect_name("schroot -s mine sid", "schroot -s mine sid");
	expect_name("podman image --name mine", "podman image --name mine");
	expect_name("lxc --name=mine bed", "lxc --name=mine bed");
}
END_TEST

START_TEST(knows_the_tmp_of_a_chroot_alone)
{
	static const struct { const char *words, *tmp; } rows[] = {
	    { "chroot /a/b", "/a/b/tmp" }, { "chroot -d /a", "/a/tmp" },
	    { "chroot sid", NULL }, { "chroot", NULL },
	    { "schroot /a", NULL }, { "null", NULL } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct strs virt = { 0 };
		char *tmp;

		strs_split(&virt, rows[i].words, " ");
		tmp = virt_tmp(&virt);
		ck_assert_pstr_eq(tmp, rows[i].tmp);
		free(tmp);
		strs_free(&virt);
	}
}
END_TEST

/* Programs that say in $CALLED what they were called with. */
static void
write_programs(void)
{
	static const char *const names[] = { "bin/schroot", "bin/podman",
	    "bin/lxc-destroy", "bin/lxc-stop", "bin/sed" };
	char *path = mem_printf("%s/bin:%s", harness_dir(), getenv("PATH"));

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		harness_write(names[i], "#!/bin/sh\n"
		    "echo \"${0##*/} $*\" >>\"$CALLED\"\n");
		ck_assert_int_eq(chmod(harness_path(names[i]), 0755), 0);
	}
	(void)setenv("PATH", path, 1);
	(void)setenv("CALLED", harness_path("called"), 1);
	free(path);
}

static void
note(const char *scratch, const char *words)
{
	struct strs virt = { 0 };
	struct fail f;
	int dir;

	ck_assert_int_eq(fs_mkdirs(harness_dirfd(), scratch, &f), 0);
	dir = fs_open_dir(harness_dirfd(), scratch);
	strs_split(&virt, words, " ");
	virt_name(&virt, "abc", 3);
	ck_assert_int_eq(virt_note(dir, &virt, &f), 0);
	strs_free(&virt);
	(void)close(dir);
}

START_TEST(removes_what_is_noted)
{
	write_programs();
	note("one", "schroot sid");
	note("all/x.1", "podman image");
	note("all/y.1", "lxc bed");
	note("all/z.1", "null");
	virt_clean(harness_path("one"));
	ck_assert_str_eq(harness_read("called"), "schroot --quiet "
	    "--end-session --chroot session:adtspool-abc-3\n");
	ck_assert_int_eq(fs_unlink(harness_dirfd(), "called"), 0);
	virt_clean(harness_path("all"));
	ck_assert(!harness_exists("called"));
	virt_clean_all(harness_path("all"));
	ck_assert_ptr_nonnull(strstr(harness_read("called"),
	    "podman rm --force --ignore adtspool-abc-3\n"));
	ck_assert_ptr_nonnull(strstr(harness_read("called"),
	    "lxc-destroy --quiet --force --name adtspool-abc-3\n"));
}
END_TEST

START_TEST(takes_nothing_else_for_a_note)
{
	write_programs();
	harness_write("one/virt", "rm -rf /\n");
	virt_clean(harness_path("one"));
	harness_write("one/virt", "sh x\n");
	virt_clean(harness_path("one"));
	harness_write("one/virt", "lxc ../x\n");
	virt_clean(harness_path("one"));
	/* A run's own folders, where a test may write what it likes. */
	harness_write("one/tmp/virt", "podman adtspool-other-1\n");
	harness_write("one/output/artifacts/virt", "lxc adtspool-other-1\n");
	virt_clean(harness_path("one"));
	virt_clean("/nonexistent");
	ck_assert(!harness_exists("called"));
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, names_what_outlives_a_run);
	tcase_add_test(tc, knows_the_tmp_of_a_chroot_alone);
	tcase_add_test(tc, leaves_a_name_that_the_configuration_gives);
	tcase_add_test(tc, removes_what_is_noted);
	tcase_add_test(tc, takes_nothing_else_for_a_note);
}
