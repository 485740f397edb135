/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "doctor_mount.h"
#include "fail.h"
#include "harness.h"

static struct doctor_mount
parse(const char *line)
{
	struct doctor_mount m;

	ck_assert_msg(doctor_mount_parse(&m, line) == 0, "%s", line);
	return m;
}

START_TEST(reads_a_line)
{
	struct doctor_mount m = parse("36 35 98:0 /vol /srv/adtspool rw,"
	    "noatime shared:1 - nfs4 10.0.0.1:/vol rw,vers=4.2,hard\n");

	ck_assert_uint_eq(m.id, 36);
	ck_assert_str_eq(m.root, "/vol");
	ck_assert_str_eq(m.point, "/srv/adtspool");
	ck_assert_str_eq(m.type, "nfs4");
	ck_assert_str_eq(m.source, "10.0.0.1:/vol");
	ck_assert(doctor_mount_has(&m, "noatime"));
	ck_assert(doctor_mount_has(&m, "hard"));
	ck_assert(doctor_mount_has(&m, "vers=4.2"));
	ck_assert(!doctor_mount_has(&m, "vers"));
	ck_assert(!doctor_mount_has(&m, "har"));
	ck_assert_uint_eq(m.options.n, 4);
	doctor_mount_free(&m);
}
END_TEST

START_TEST(takes_any_number_of_optional_fields)
{
	static const char *const lines[] = {
		"36 35 98:0 / / rw - ext4 /dev/vda rw",
		"36 35 98:0 / / rw shared:1 - ext4 /dev/vda rw",
		"36 35 98:0 / / rw shared:1 master:2 propagate_from:3 - ext4 "
		    "/dev/vda rw" };

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct doctor_mount m = parse(lines[i]);

		ck_assert_str_eq(m.type, "ext4");
		ck_assert_str_eq(m.source, "/dev/vda");
		doctor_mount_free(&m);
	}
}
END_TEST

START_TEST(a_source_may_be_empty)
{
	struct doctor_mount m = parse("36 35 0:40 / /mnt rw - fuse.x  rw");

	ck_assert_str_eq(m.type, "fuse.x");
	ck_assert_str_eq(m.source, "");
	ck_assert(doctor_mount_has(&m, "rw"));
	doctor_mount_free(&m);
}
END_TEST

START_TEST(escapes_are_bytes_again)
{
	struct doctor_mount m = parse("36 35 0:40 /a\\134b /m\\040n\\011\\012o"
	    " rw - ceph 1.2.3.4:/x\\040y rw,name=a\\054b,secret=<hidden>");

	ck_assert_str_eq(m.root, "/a\\b");
	ck_assert_str_eq(m.point, "/m n\t\no");
	ck_assert_str_eq(m.source, "1.2.3.4:/x y");
	ck_assert_str_eq(doctor_mount_value(&m, "name"), "a,b");
	doctor_mount_free(&m);
}
END_TEST

START_TEST(what_is_no_escape_stays)
{
	struct doctor_mount m = parse("36 35 0:40 / /a\\9b\\04\\x40 rw - t "
	    "s\\ rw,x=\\777,y=\\04");

	ck_assert_str_eq(m.point, "/a\\9b\\04\\x40");
	ck_assert_str_eq(m.source, "s\\");
	ck_assert_str_eq(doctor_mount_value(&m, "x"), "\\777");
	ck_assert_str_eq(doctor_mount_value(&m, "y"), "\\04");
	doctor_mount_free(&m);
}
END_TEST

static const char *const odd[] = { "", "\n", " ", "-", "36",
	"36 35 98:0 / / rw", "36 35 98:0 / / rw -", "36 35 98:0 / / rw - ext4",
	"36 35 98:0 / / rw - ext4 /dev/vda", "x 35 98:0 / / rw - ext4 d rw",
	"36 35 98:0 / relative rw - ext4 d rw",
	"36 35 98:0 / / rw shared:1 ext4 /dev/vda rw",
	"36 35 98:0 / / rw -  /dev/vda rw" };

START_TEST(refuses_odd_lines)
{
	struct doctor_mount m;

	ck_assert_int_eq(doctor_mount_parse(&m, odd[_i]), -1);
	doctor_mount_free(&m);
}
END_TEST

START_TEST(stops_at_the_end_of_the_line)
{
	struct doctor_mount m;

	ck_assert_int_eq(doctor_mount_parse(&m, "36 35 98:0 / / rw - ext4\n"
	    "/dev/vda rw\n"), -1);
}
END_TEST

START_TEST(finds_by_id_among_others)
{
	static const char text[] = "3 1 0:1 / /a rw - ext4 a rw\n"
		"garbage\n\n"
		"36 35 0:2 / /b rw - nfs b ro,soft\n"
		"360 35 0:2 / /c rw - xfs c rw";
	struct doctor_mount m;

	ck_assert_int_eq(doctor_mount_find(&m, text, 36), 0);
	ck_assert_str_eq(m.point, "/b");
	ck_assert(doctor_mount_has(&m, "ro"));
	doctor_mount_free(&m);
	ck_assert_int_eq(doctor_mount_find(&m, text, 360), 0);
	ck_assert_str_eq(m.type, "xfs");
	doctor_mount_free(&m);
	ck_assert_int_eq(doctor_mount_find(&m, text, 35), -1);
	ck_assert_int_eq(doctor_mount_find(&m, "", 36), -1);
}
END_TEST

START_TEST(reads_numbers_in_options)
{
	struct doctor_mount m = parse("36 35 0:2 / /b rw - nfs b "
	    "acdirmax=120,timeo=x,empty=,port=20x");

	ck_assert_int_eq(doctor_mount_number(&m, "acdirmax", 60), 120);
	ck_assert_int_eq(doctor_mount_number(&m, "acdirmin", 30), 30);
	ck_assert_int_eq(doctor_mount_number(&m, "timeo", 1), 1);
	ck_assert_int_eq(doctor_mount_number(&m, "empty", 2), 2);
	ck_assert_int_eq(doctor_mount_number(&m, "port", 3), 3);
	ck_assert_ptr_null(doctor_mount_value(&m, "acdir"));
	doctor_mount_free(&m);
}
END_TEST

START_TEST(finds_the_mount_of_a_folder)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct doctor_mount m;
	struct fail f;

	ck_assert_msg(doctor_mount_of(&m, proc, &f) == 0, "%s", f.text);
	ck_assert_str_eq(m.type, "proc");
	ck_assert_str_eq(m.point, "/proc");
	doctor_mount_free(&m);
	(void)close(proc);
	ck_assert_int_eq(doctor_mount_of(&m, proc, &f), -1);
	doctor_mount_free(&m);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, reads_a_line);
	tcase_add_test(tc, takes_any_number_of_optional_fields);
	tcase_add_test(tc, a_source_may_be_empty);
	tcase_add_test(tc, escapes_are_bytes_again);
	tcase_add_test(tc, what_is_no_escape_stays);
	tcase_add_loop_test(tc, refuses_odd_lines, 0,
	    (int)(sizeof odd / sizeof *odd));
	tcase_add_test(tc, stops_at_the_end_of_the_line);
	tcase_add_test(tc, finds_by_id_among_others);
	tcase_add_test(tc, reads_numbers_in_options);
	tcase_add_test(tc, finds_the_mount_of_a_folder);
}
