/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "doctor_kind.h"
#include "doctor_mount.h"
#include "doctor_report.h"
#include "harness.h"

/* The report on a mount, as mountinfo tells it behind the dash. */
static struct doctor_report
judge(const char *mount, const struct doctor_site *site)
{
	struct doctor_report r = { 0 };
	struct doctor_mount m;
	char line[512];

	(void)snprintf(line, sizeof line, "36 35 0:40 / /srv/adt rw,relatime "
	    "- %s", mount);
	ck_assert_int_eq(doctor_mount_parse(&m, line), 0);
	doctor_judge(&r, &m, site);
	doctor_mount_free(&m);
	return r;
}

static bool
says(const struct doctor_report *r, enum doctor_grade grade, const char *text)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].grade == grade && strstr(r->v[i].text, text))
			return true;
	return false;
}

static const struct {
	const char *mount;
	enum doctor_grade worst;
	const char *text;	/* in a finding of that grade */
} cases[] = {
	{ "ext4 /dev/vda rw", DOCTOR_OK, "spool: ext4 from /dev/vda at "
	    "/srv/adt: this host's alone (rw,relatime)" },
	{ "xfs /dev/vda rw,attr2", DOCTOR_OK, "xfs" },
	{ "btrfs /dev/vda rw,ssd", DOCTOR_OK, "btrfs" },
	{ "ext4 /dev/vda rw,nobarrier", DOCTOR_BAD, "nobarrier" },
	{ "ext4 /dev/vda rw,barrier=0", DOCTOR_BAD, "barrier=0" },
	{ "ext4 /dev/vda ro", DOCTOR_BAD, "mounted read-only" },
	{ "ext2 /dev/vda rw", DOCTOR_WARN, "journal" },
	{ "tmpfs tmpfs rw,size=64k", DOCTOR_BAD, "after a reboot" },
	{ "overlay overlay rw,lowerdir=/l,upperdir=/u", DOCTOR_WARN,
	    "container" },
	{ "overlay overlay rw,volatile", DOCTOR_BAD, "volatile" },
	{ "nfs4 h:/x rw,vers=4.2,hard,local_lock=none,lookupcache=pos",
	    DOCTOR_NOTE, "async" },
	{ "nfs4 h:/x rw,vers=4.2,hard,local_lock=none", DOCTOR_NOTE,
	    "looked for in vain" },
	{ "nfs h:/x rw,vers=3,hard,local_lock=none", DOCTOR_NOTE, "vers=3" },
	{ "nfs4 h:/x rw,vers=4.2,soft", DOCTOR_BAD, "spool: soft: " },
	{ "nfs4 h:/x rw,vers=4.2,softerr", DOCTOR_BAD, "softerr" },
	{ "nfs4 h:/x rw,vers=4.2,softreval", DOCTOR_WARN, "softreval" },
	{ "nfs h:/x rw,vers=3,hard,nolock", DOCTOR_BAD, "nolock" },
	{ "nfs h:/x rw,hard,local_lock=all", DOCTOR_BAD, "local_lock=all" },
	{ "nfs4 h:/x rw,local_lock=flock", DOCTOR_BAD, "local_lock=flock" },
	{ "nfs4 h:/x rw,local_lock=posix", DOCTOR_NOTE, "async" },
	{ "nfs4 h:/x rw,nocto", DOCTOR_WARN, "nocto" },
	{ "nfs4 h:/x rw,acdirmax=600", DOCTOR_WARN, "acdirmax=600" },
	{ "nfs4 h:/x rw,acregmin=0,acregmax=0,acdirmin=0,acdirmax=0",
	    DOCTOR_NOTE, "async" },
	{ "nfs h:/x rw,proto=udp", DOCTOR_WARN, "UDP" },
	{ "nfs4 h:/x ro,vers=4.2", DOCTOR_BAD, "read-only" },
	{ "ceph 1.2.3.4:/ rw,wsync,acl", DOCTOR_OK, "ceph" },
	{ "ceph 1.2.3.4:/ rw,nowsync,acl", DOCTOR_BAD, "nowsync" },
	{ "ceph 1.2.3.4:/ rw,acl", DOCTOR_WARN, "may be nowsync" },
	{ "ceph 1.2.3.4:/ rw,wsync,recover_session=clean", DOCTOR_WARN,
	    "recover_session" },
	{ "fuse.ceph-fuse ceph-fuse rw,user_id=0", DOCTOR_OK, "shared" },
	{ "9p share rw,access=client,trans=virtio", DOCTOR_WARN, "guests" },
	{ "9p share rw,cache=loose", DOCTOR_BAD, "cache=loose" },
	{ "9p share rw,cache=f", DOCTOR_BAD, "cache=f" },
	{ "virtiofs tag rw", DOCTOR_WARN, "guests" },
	{ "fuse.glusterfs h:v rw", DOCTOR_WARN, "not tried" },
	{ "lustre h@tcp:/x rw,localflock", DOCTOR_BAD, "localflock" },
	{ "cifs //h/x rw,vers=3.1.1", DOCTOR_BAD, "cifs" },
	{ "fuse.sshfs h: rw", DOCTOR_BAD, "sshfs" },
	{ "vfat /dev/sda1 rw", DOCTOR_BAD, "fold names" },
	{ "newfs x rw", DOCTOR_WARN, "does not know" },
};

START_TEST(each_mount_is_judged)
{
	const struct doctor_site site = { .name = "spool",
	    .kernel = DOCTOR_KERNEL(6, 1) };
	struct doctor_report r = judge(cases[_i].mount, &site);

	ck_assert_msg(doctor_report_worst(&r) == cases[_i].worst, "%s: %s",
	    cases[_i].mount, doctor_grade_word(doctor_report_worst(&r)));
	ck_assert_msg(says(&r, cases[_i].worst, cases[_i].text), "%s",
	    cases[_i].mount);
	doctor_report_free(&r);
}
END_TEST

START_TEST(a_spool_in_memory_may_be_meant)
{
	const struct doctor_site site = { .name = "spool",
	    .volatile_ok = true };
	struct doctor_report r = judge("tmpfs tmpfs rw", &site);

	ck_assert_int_eq(doctor_report_worst(&r), DOCTOR_WARN);
	doctor_report_free(&r);
}
END_TEST

START_TEST(an_old_kernel_shows_nowsync_where_it_is)
{
	const struct doctor_site site = { .name = "spool",
	    .kernel = DOCTOR_KERNEL(5, 10) };
	struct doctor_report r = judge("ceph 1.2.3.4:/ rw,acl", &site);

	ck_assert_int_eq(doctor_report_worst(&r), DOCTOR_OK);
	doctor_report_free(&r);
}
END_TEST

static const struct {
	const char *mount;
	enum doctor_grade worst;
	const char *text;
} scratches[] = {
	{ "ext4 /dev/vda rw", DOCTOR_OK, "scratch: ext4" },
	{ "ext4 /dev/vda rw,nobarrier", DOCTOR_OK, "scratch: ext4" },
	{ "overlay overlay rw", DOCTOR_OK, "scratch: overlay" },
	{ "tmpfs tmpfs rw", DOCTOR_NOTE, "in memory" },
	{ "ext4 /dev/vda ro", DOCTOR_WARN, "read-only" },
	{ "ext4 /dev/vda rw,noexec", DOCTOR_WARN, "noexec" },
	{ "nfs4 h:/x rw,soft", DOCTOR_WARN, "shared" },
	{ "ceph h:/x rw,nowsync", DOCTOR_WARN, "shared" },
};

START_TEST(scratch_is_asked_for_less)
{
	const struct doctor_site site = { .name = "scratch", .scratch = true };
	struct doctor_report r = judge(scratches[_i].mount, &site);

	ck_assert_int_eq(doctor_report_worst(&r), scratches[_i].worst);
	ck_assert_msg(says(&r, scratches[_i].worst, scratches[_i].text), "%s",
	    scratches[_i].mount);
	doctor_report_free(&r);
}
END_TEST

START_TEST(every_ill_has_a_cure)
{
	const struct doctor_site site = { .name = "spool",
	    .kernel = DOCTOR_KERNEL(6, 1) };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct doctor_report r = judge(cases[i].mount, &site);

		for (size_t j = 0; j < r.n; j++)
			ck_assert_msg(r.v[j].grade < DOCTOR_WARN ||
			    r.v[j].cure, "%s", r.v[j].text);
		doctor_report_free(&r);
	}
}
END_TEST

START_TEST(this_kernel_has_a_number)
{
	ck_assert_uint_gt(doctor_kernel(), DOCTOR_KERNEL(3, 0));
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_loop_test(tc, each_mount_is_judged, 0,
	    (int)(sizeof cases / sizeof *cases));
	tcase_add_test(tc, a_spool_in_memory_may_be_meant);
	tcase_add_test(tc, an_old_kernel_shows_nowsync_where_it_is);
	tcase_add_loop_test(tc, scratch_is_asked_for_less, 0,
	    (int)(sizeof scratches / sizeof *scratches));
	tcase_add_test(tc, every_ill_has_a_cure);
	tcase_add_test(tc, this_kernel_has_a_number);
}
