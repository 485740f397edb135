/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What needs no cgroup; t/74-limits.t has the rest. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "cgroup.h"
#include "conf.h"
#include "fail.h"
#include "harness.h"
#include "mem.h"

static struct fail f;

/* Opens what the configuration asks for, which must not be there. */
static int
open_as(const char *how, struct cgroup *g)
{
	char *line = mem_printf("cgroup: %s\n", how);
	int rc = cgroup_open(g, harness_conf(line), &f);

	ck_assert_int_eq(g->runs, -1);
	ck_assert_ptr_null(g->path);
	free(line);
	return rc;
}

START_TEST(never_is_none)
{
	struct cgroup g;

	ck_assert_int_eq(open_as("never", &g), 0);
	ck_assert_str_eq(g.why, "cgroup: never");
	cgroup_close(&g);
}
END_TEST

START_TEST(a_folder_of_another_filesystem_is_refused)
{
	struct cgroup g;

	ck_assert_int_eq(open_as(harness_path("x"), &g), -1);
	ck_assert_int_eq(f.status, EX_CONFIG);
	ck_assert_msg(strstr(f.text, "not on a cgroup2 filesystem") != NULL,
	    "%s", f.text);
	ck_assert_ptr_nonnull(strstr(f.text, "adtspool.yaml: cgroup: /"));
}
END_TEST

START_TEST(what_the_kernel_counts_is_read)
{
	struct cgroup_events e;

	harness_write("memory.events", "low 0\nhigh 0\nmax 97\noom 4\n"
	    "oom_kill 3\noom_group_kill 0\n");
	harness_write("pids.events", "max 12\n");
	e = cgroup_events(harness_dirfd());
	ck_assert_uint_eq(e.oom_kills, 3);
	ck_assert_uint_eq(e.refused, 12);
}
END_TEST

START_TEST(what_is_not_counted_did_not_happen)
{
	struct cgroup_events e;

	harness_write("memory.events", "oom_kill");
	e = cgroup_events(harness_dirfd());
	ck_assert_uint_eq(e.oom_kills, 0);
	ck_assert_uint_eq(e.refused, 0);
}
END_TEST

static const struct {
	struct cgroup g;
	const char *lines, *told;
} tales[] = {
	{ { .runs = 9, .path = (char []){ "/c/runs-here" },
	    .has = { true, true, true } },
	    "memory-max: 2G\ncpu-max: 1.5\nprocesses-max: 7\n",
	    "cgroups below /c/runs-here; kept for each run: memory-max 2048 "
	    "MiB, cpu-max 150%, processes-max 7" },
	{ { .runs = 9, .path = (char []){ "/c" },
	    .has = { [CGROUP_PIDS] = true } },
	    "memory-max: 64M\nprocesses-max: 7\n",
	    "cgroups below /c; kept for each run: processes-max 7; for want "
	    "of its controller, kept for each process alone: memory-max 64 "
	    "MiB" },
	{ { .runs = 9, .path = (char []){ "/c" },
	    .has = { true, true, true } },
	    "processes-max: 0\n", "cgroups below /c" },
	{ { .runs = -1, .why = "none" }, "processes-max: 0\ncpu-max: 1\n",
	    "no cgroups (none); for want of its controller, kept for each "
	    "process alone: cpu-max 100%" },
};

START_TEST(it_is_told_what_is_kept_and_what_is_not)
{
	struct buf out = { 0 };

	cgroup_tell(&tales[_i].g, harness_conf(tales[_i].lines), &out);
	ck_assert_str_eq(out.s, tales[_i].told);
	buf_free(&out);
}
END_TEST

START_TEST(a_stand_in_for_processes_is_told_of)
{
	const struct cgroup g = { .runs = -1, .why = "none" };
	struct buf out = { 0 };

	cgroup_tell(&g, harness_conf("processes-max: 7\n"), &out);
	ck_assert_msg(strstr(out.s, geteuid() == 0 ?
	    "; root's processes are not limited" :
	    "; processes-max times slots is the limit") != NULL, "%s", out.s);
	buf_free(&out);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, never_is_none);
	tcase_add_test(tc, a_folder_of_another_filesystem_is_refused);
	tcase_add_test(tc, what_the_kernel_counts_is_read);
	tcase_add_test(tc, what_is_not_counted_did_not_happen);
	tcase_add_loop_test(tc, it_is_told_what_is_kept_and_what_is_not, 0,
	    (int)(sizeof tales / sizeof *tales));
	tcase_add_test(tc, a_stand_in_for_processes_is_told_of);
}
