/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/types.h>
#include <unistd.h>

#include "bucket.h"
#include "check_fsck.h"
#include "clock.h"
#include "fault.h"
#include "json.h"
#include "pending.h"
#include "sweep.h"

#define BUCKET "spool/amd64/new/05-20261122T1601"
#define TOKEN "hello,aaaaaaaaaaaa,p5,e1,a0"

START_TEST(a_fresh_spool_is_clean)
{
	set_scene();
	must_be_clean(LOOK);
	must_be_clean(DEEP);
}
END_TEST

START_TEST(requests_in_all_their_states_are_clean)
{
	set_scene();
	harness_write(BUCKET "/" TOKEN, "hello\n");
	harness_write("spool/amd64/new/dropped", "hello\n");
	harness_write("spool/amd64/new/.dropped.swp", "hello\n");
	harness_write("spool/amd64/tmp/hello,bbbbbbbbbbbb,p5,e1,a0", "hello\n");
	harness_write("spool/amd64/done/" DAY
	    "/hello,dddddddddddd,p5,e1,a0@here", "hello\n");
	harness_write("spool/amd64/bad/hello,eeeeeeeeeeee,p5,e1,a0@here", "");
	harness_write("spool/amd64/bad/hello,eeeeeeeeeeee,p5,e1,a0@here.why",
	    "adtspool: no\n");
	harness_write("spool/bad/line,aaaaaaaaaaaa", "");
	harness_write("spool/bad/line,aaaaaaaaaaaa.why", "");
	make_link("aaaaaaaaaaaa", "spool/amd64/pending/zzzzzzzzzzzz");
	must_be_clean(LOOK);
}
END_TEST

START_TEST(a_queue_that_lacks_a_folder_is_told_and_not_looked_into)
{
	set_scene();
	harness_write("spool/amd64/cur/nonsense", "");
	ck_assert_int_eq(fs_remove_tree(harness_dirfd(), "spool/amd64/tmp",
	    &(struct fail){ 0 }), 0);
	must_leave(LOOK, "folder-missing amd64/tmp");
	make_dir("spool/amd64/tmp");
	must_leave(LOOK, "stranger-claimed amd64/cur/nonsense");
}
END_TEST

START_TEST(a_queue_without_new_is_told)
{
	set_scene();
	ck_assert_int_eq(fs_remove_tree(harness_dirfd(), "spool/amd64/new",
	    &(struct fail){ 0 }), 0);
	must_leave(LOOK, "folder-missing amd64/new");
}
END_TEST

/* /dev/shm is another filesystem than a directory of tests, as a rule. */
START_TEST(a_folder_elsewhere_is_told)
{
	char elsewhere[] = "/dev/shm/adtspool-XXXXXX";
	struct stat here, there;

	set_scene();
	if (!mkdtemp(elsewhere))
		return;
	if (stat(elsewhere, &there) == 0 && stat(harness_dir(), &here) == 0 &&
	    there.st_dev != here.st_dev) {
		ck_assert_int_eq(fs_remove_tree(harness_dirfd(),
		    "spool/amd64/done", &(struct fail){ 0 }), 0);
		make_link(elsewhere, "spool/amd64/done");
		must_leave(LOOK, "folder-elsewhere amd64/done");
	}
	ck_assert_int_eq(rmdir(elsewhere), 0);
}
END_TEST

START_TEST(a_directory_that_is_no_bucket_is_told)
{
	set_scene();
	harness_write("spool/amd64/new/5-2026/hello", "hello\n");
	make_dir("spool/amd64/new/.snapshot");
	must_leave(LOOK, "bucket-strange amd64/new/5-2026");
}
END_TEST

START_TEST(an_old_empty_bucket_is_removed)
{
	set_scene();
	make_dir("spool/amd64/new/05-20200101T0000");
	must_mend(LOOK, "bucket-empty amd64/new/05-20200101T0000");
}
END_TEST

START_TEST(a_young_empty_bucket_is_left_alone)
{
	char bucket[BUCKET_NAME_MAX], path[128];

	set_scene();
	bucket_format(bucket, 5, clock_now_s() - HOUR_S + 120);
	(void)snprintf(path, sizeof path, "spool/amd64/new/%s", bucket);
	make_dir(path);
	must_be_clean(LOOK | REPAIR);
}
END_TEST

#define EMPTY "spool/amd64/new/05-20200101T0000"

static void
fill_the_bucket(void)
{
	harness_write(EMPTY "/" TOKEN, "hello\n");
}

START_TEST(a_bucket_that_is_used_meanwhile_is_left_alone)
{
	set_scene();
	make_dir(EMPTY);
	fault_meddle_at(1, fill_the_bucket);
	must_say(REPAIR,
	    "bucket-empty amd64/new/05-20200101T0000 gone\n");
	fault_off();
	ck_assert_uint_eq(harness_tokens("aaaaaaaaaaaa"), 1);
	must_be_clean(LOOK);
}
END_TEST

START_TEST(an_editors_dropping_in_a_bucket_is_told_when_it_is_old)
{
	set_scene();
	harness_write(BUCKET "/" TOKEN, "hello\n");
	harness_write(BUCKET "/.hello.swp", "");
	must_be_clean(LOOK);
	age(BUCKET "/.hello.swp", DAY_S + 10);
	must_leave(LOOK, "bucket-dropping amd64/new/05-20261122T1601"
	    "/.hello.swp");
}
END_TEST

START_TEST(what_is_no_token_in_a_bucket_is_told)
{
	static const struct { const char *name, *kind; } names[] = {
	    { "hello", "stranger-waiting" },
	    { "hello,aaaaaaaaaaaa,p5,e1,a0@here", "stranger-waiting" },
	    { "hello,aaaaaaaaaaaa,p5,e0,a0", "stranger-waiting" },
	    { "hello,aaaaaaaaaaaa,p5,e1000000,a0", "token-range" },
	    { "hello,aaaaaaaaaaaa,p5,e999999,a0", "token-range" },
	    { "hello,aaaaaaaaaaaa,p5,e1,a999999", "token-range" } };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[256], finding[300];

		set_scene();
		(void)snprintf(path, sizeof path, BUCKET "/%s",
		    names[i].name);
		harness_write(path, "hello\n");
		(void)snprintf(finding, sizeof finding, "%s %s",
		    names[i].kind, path + sizeof "spool/" - 1);
		must_leave(LOOK, finding);
		ck_assert_int_eq(fs_unlink(harness_dirfd(), path), 0);
	}
}
END_TEST

START_TEST(what_is_no_file_in_a_bucket_is_told)
{
	set_scene();
	make_dir(BUCKET "/" TOKEN);
	must_leave(LOOK, "file-kind amd64/new/05-20261122T1601/" TOKEN);
	ck_assert_int_eq(fs_rmdir(harness_dirfd(), BUCKET "/" TOKEN), 0);
	make_link("/etc/passwd", BUCKET "/" TOKEN);
	must_leave(LOOK, "file-kind amd64/new/05-20261122T1601/" TOKEN);
	ck_assert_int_eq(fs_unlink(harness_dirfd(), BUCKET "/" TOKEN), 0);
	ck_assert_int_eq(mkfifo(harness_path(BUCKET "/" TOKEN), 0644), 0);
	must_leave(LOOK, "file-kind amd64/new/05-20261122T1601/" TOKEN);
}
END_TEST

START_TEST(a_request_with_a_second_name_is_told)
{
	set_scene();
	harness_write(BUCKET "/" TOKEN, "hello\n");
	ck_assert_int_eq(link(harness_path(BUCKET "/" TOKEN),
	    harness_path("outside")), 0);
	must_leave(LOOK, "file-linked amd64/new/05-20261122T1601/" TOKEN);
}
END_TEST

START_TEST(what_is_no_claim_in_cur_is_told)
{
	static const char *const names[] = { "hello", TOKEN, ".hello",
	    "hello,aaaaaaaaaaaa,p5,e1,a0@" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[256], finding[300];

		set_scene();
		(void)snprintf(path, sizeof path, "spool/amd64/cur/%s",
		    names[i]);
		harness_write(path, "hello\n");
		(void)snprintf(finding, sizeof finding, "stranger-claimed %s",
		    path + sizeof "spool/" - 1);
		must_leave(LOOK, finding);
		ck_assert_int_eq(fs_unlink(harness_dirfd(), path), 0);
	}
}
END_TEST

START_TEST(what_does_not_belong_into_done_is_told)
{
	set_scene();
	harness_write("spool/amd64/done/hello,aaaaaaaaaaaa,p5,e1,a0@here", "");
	must_leave(LOOK, "stranger-done amd64/done/"
	    "hello,aaaaaaaaaaaa,p5,e1,a0@here");
	ck_assert_int_eq(fs_unlink(harness_dirfd(), "spool/amd64/done/"
	    "hello,aaaaaaaaaaaa,p5,e1,a0@here"), 0);
	harness_write("spool/amd64/done/" DAY "/" TOKEN, "");
	must_leave(LOOK, "stranger-done amd64/done/" DAY "/" TOKEN);
}
END_TEST

START_TEST(what_submit_left_in_tmp_is_removed_when_it_is_old)
{
	set_scene();
	write_old("spool/amd64/tmp/" TOKEN, "hello\n", SWEEP_AGE_S - 60);
	must_be_clean(LOOK | REPAIR);
	age("spool/amd64/tmp/" TOKEN, SWEEP_AGE_S + 60);
	must_mend(LOOK, "tmp-old amd64/tmp/" TOKEN);
	ck_assert(!harness_exists("spool/amd64/tmp/" TOKEN));
	ck_assert(harness_exists("spool/amd64/tmp/README"));
}
END_TEST

START_TEST(a_directory_in_tmp_is_told)
{
	set_scene();
	make_dir("spool/amd64/tmp/mine");
	must_leave(LOOK, "stranger-tmp amd64/tmp/mine");
}
END_TEST

START_TEST(what_an_import_left_in_tmp_is_told_when_it_is_old)
{
	const char *name = "spool/amd64/tmp/0123456789ab.0";

	set_scene();
	make_dir(name);
	must_be_clean(LOOK | REPAIR);
	age(name, SWEEP_AGE_S + 60);
	must_leave(LOOK, "batch-old amd64/tmp/0123456789ab.0");
}
END_TEST

START_TEST(what_replacing_a_file_left_is_removed_after_a_day)
{
	const char *name = "spool/amd64/bad/.hello.why.1a2b3c";

	set_scene();
	write_old(name, "", DAY_S - 60);
	write_old("spool/amd64/bad/.keep", "", 2 * DAY_S);
	must_be_clean(LOOK | REPAIR);
	age(name, DAY_S + 60);
	must_mend(LOOK, "scratch-old amd64/bad/.hello.why.1a2b3c");
	ck_assert(harness_exists("spool/amd64/bad/.keep"));
}
END_TEST

START_TEST(a_reason_without_its_file_is_removed)
{
	const char *why = "spool/amd64/bad/" TOKEN "@here.why";

	set_scene();
	write_old(why, "adtspool: no\n", HOUR_S - 60);
	must_be_clean(LOOK | REPAIR);
	age(why, HOUR_S + 60);
	/* The next try to refuse it brings the file. */
	harness_write("spool/amd64/cur/" TOKEN "@here", "hello\n");
	harness_write("spool/workers/here", "{\"state\": \"running\", "
	    "\"beat_time\": 99999999999}");
	must_be_clean(LOOK | REPAIR);
	ck_assert_int_eq(fs_unlink(harness_dirfd(), "spool/amd64/cur/" TOKEN
	    "@here"), 0);
	must_mend(LOOK, "why-alone amd64/bad/" TOKEN "@here.why");
}
END_TEST

START_TEST(a_file_without_its_reason_gets_one)
{
	set_scene();
	harness_write("spool/amd64/bad/" TOKEN "@here", "hello\n");
	must_mend(LOOK, "why-missing amd64/bad/" TOKEN "@here");
	ck_assert_ptr_nonnull(strstr(harness_read("spool/amd64/bad/" TOKEN
	    "@here.why"), "To try again: mv it into new"));
}
END_TEST

START_TEST(an_imported_line_without_its_reason_gets_one)
{
	set_scene();
	harness_write("spool/bad/line,aaaaaaaaaaaa", "nonsense\n");
	must_mend(LOOK, "why-missing bad/line,aaaaaaaaaaaa");
}
END_TEST

START_TEST(a_directory_in_bad_is_told)
{
	set_scene();
	make_dir("spool/amd64/bad/mine");
	must_leave(LOOK, "stranger-bad amd64/bad/mine");
}
END_TEST

START_TEST(a_link_of_a_request_that_is_done_is_removed)
{
	set_scene();
	harness_write("spool/amd64/done/" DAY "/" TOKEN "@here", "hello\n");
	make_link("aaaaaaaaaaaa", "spool/amd64/pending/zzzzzzzzzzzz");
	must_mend(LOOK, "link-stale amd64/pending/zzzzzzzzzzzz");
}
END_TEST

START_TEST(a_link_of_a_request_that_is_nowhere_is_removed)
{
	set_scene();
	make_link("aaaaaaaaaaaa", "spool/amd64/pending/zzzzzzzzzzzz");
	must_mend(LOOK, "link-stale amd64/pending/zzzzzzzzzzzz");
}
END_TEST

START_TEST(a_link_is_left_alone_where_not_all_could_be_seen)
{
	set_scene();
	make_link("aaaaaaaaaaaa", "spool/amd64/pending/zzzzzzzzzzzz");
	ck_assert_int_eq(fs_remove_tree(harness_dirfd(), "spool/arm64/cur",
	    &(struct fail){ 0 }), 0);
	must_leave(LOOK, "folder-missing arm64/cur");
}
END_TEST

static void
ask_for_the_same(void)
{
	struct fail f;

	ck_assert_int_eq(pending_insist(harness_queue("amd64"),
	    "zzzzzzzzzzzz", "bbbbbbbbbbbb", &f), 0);
}

START_TEST(a_link_that_is_taken_meanwhile_is_left_alone)
{
	set_scene();
	make_link("not an id", "spool/amd64/pending/yyyyyyyyyyyy");
	make_link("aaaaaaaaaaaa", "spool/amd64/pending/zzzzzzzzzzzz");
	fault_meddle_at(1, ask_for_the_same);
	{
		struct fsck_report r = look(REPAIR);
		char *words = words_of(&r);

		/* In whatever order the two are listed. */
		if (strncmp(words, "link-strange", 12) == 0)
			ck_assert_ptr_nonnull(strstr(words, "link-stale "
			    "amd64/pending/zzzzzzzzzzzz gone"));
		free(words);
		fsck_report_free(&r);
	}
	fault_off();
}
END_TEST

START_TEST(a_link_to_nonsense_is_removed)
{
	set_scene();
	make_link("../../../etc", "spool/amd64/pending/zzzzzzzzzzzz");
	must_mend(LOOK, "link-strange amd64/pending/zzzzzzzzzzzz");
	make_link("aaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    "spool/amd64/pending/zzzzzzzzzzzz");
	must_mend(LOOK, "link-strange amd64/pending/zzzzzzzzzzzz");
	harness_write(BUCKET "/" TOKEN, "hello\n");
	make_link("aaaaaaaaaaaa", "spool/amd64/pending/nodigest");
	must_mend(LOOK, "link-strange amd64/pending/nodigest");
}
END_TEST

START_TEST(what_is_no_link_in_pending_is_told)
{
	set_scene();
	harness_write("spool/amd64/pending/zzzzzzzzzzzz", "");
	must_leave(LOOK, "stranger-pending amd64/pending/zzzzzzzzzzzz");
}
END_TEST

START_TEST(notes_of_lost_attempts_are_removed_when_the_request_is_gone)
{
	set_scene();
	harness_write(BUCKET "/hello,aaaaaaaaaaaa,p5,e2,a1", "hello\n");
	harness_write("spool/amd64/tries/aaaaaaaaaaaa.a0", "lost\n");
	must_be_clean(LOOK);
	harness_write("spool/amd64/tries/bbbbbbbbbbbb.a0", "lost\n");
	must_mend(LOOK, "try-old amd64/tries/bbbbbbbbbbbb.a0");
	harness_write("spool/amd64/tries/note", "");
	must_leave(LOOK, "stranger-tries amd64/tries/note");
}
END_TEST

START_TEST(names_that_nfs_keeps_are_passed_over)
{
	set_scene();
	harness_write("spool/amd64/cur/.nfs000000000000a01300000001", "");
	harness_write(BUCKET "/.nfs000000000000a01300000001", "");
	age(BUCKET "/.nfs000000000000a01300000001", 2 * DAY_S);
	must_be_clean(LOOK);
}
END_TEST

START_TEST(what_the_doctor_left_is_removed_when_it_is_old)
{
	static const char *const folders[] = { "amd64/tmp", "amd64/new",
	    "amd64/cur", "amd64/done", "amd64/bad", "amd64/pending",
	    "amd64/tries", "workers", "bad" };

	set_scene();
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		char path[128], inside[160], finding[160];

		(void)snprintf(path, sizeof path, "spool/%s/.doctor-"
		    "aaaaaaaaaaaa.1", folders[i]);
		(void)snprintf(inside, sizeof inside, "%s/a", path);
		(void)snprintf(finding, sizeof finding, "trial-old %s",
		    path + sizeof "spool/" - 1);
		harness_write(inside, "");
		must_be_clean(LOOK | REPAIR);
		age(path, HOUR_S + 60);
		must_mend(LOOK, finding);
	}
	write_old("results/.staging/.doctor-aaaaaaaaaaaa.1", "", HOUR_S + 60);
	must_mend(LOOK, "stage-rest .staging/.doctor-aaaaaaaaaaaa.1");
}
END_TEST

START_TEST(only_the_queues_that_are_named_are_looked_at)
{
	struct strs queues = { 0 }, dead = { 0 };
	struct fsck_options o = { .queues = &queues, .dead = &dead };
	struct fsck_report r;
	struct fail f;
	char *words;

	set_scene();
	harness_write("spool/amd64/cur/nonsense", "");
	harness_write("spool/arm64/cur/nonsense", "");
	harness_write("spool/workers/nonsense", "nonsense");
	strs_add(&queues, "arm64");
	ck_assert_int_eq(fsck(c, s, &o, &r, &f), 0);
	words = words_of(&r);
	ck_assert_str_eq(words, "stranger-claimed arm64/cur/nonsense\n");
	ck_assert_uint_eq(r.queues, 1);
	free(words);
	fsck_report_free(&r);
	strs_add(&queues, "riscv64");
	ck_assert_int_eq(fsck(c, s, &o, &r, &f), -1);
	ck_assert_int_eq(f.status, EX_CONFIG);
	fsck_report_free(&r);
	strs_free(&queues);
}
END_TEST

static void
make_more_wrong(void)
{
	harness_write("spool/amd64/cur/nonsense", "");
	ck_assert_int_eq(fs_unlink(harness_dirfd(),
	    "spool/arm64/cur/nonsense"), 0);
}

START_TEST(only_what_both_looks_show_is_told)
{
	set_scene();
	write_old("spool/amd64/tmp/" TOKEN, "hello\n", 2 * DAY_S);
	harness_write("spool/arm64/cur/nonsense", "");
	between = make_more_wrong;
	must_say(LOOK, "tmp-old amd64/tmp/" TOKEN "\n");
	ck_assert(!between);
}
END_TEST

START_TEST(a_dropped_file_that_is_being_judged_may_be_anything)
{
	set_scene();
	harness_write("spool/workers/here", "{\"state\": \"running\", "
	    "\"beat_time\": 99999999999}");
	make_link("/etc/passwd",
	    "spool/amd64/cur/hello,aaaaaaaaaaaa,p5,e0,a0@here");
	must_be_clean(LOOK);
	make_link("/etc/passwd",
	    "spool/amd64/cur/hello,bbbbbbbbbbbb,p5,e1,a0@here");
	must_leave(LOOK, "file-kind amd64/cur/"
	    "hello,bbbbbbbbbbbb,p5,e1,a0@here");
}
END_TEST

START_TEST(what_cannot_be_mended_is_left_and_told)
{
	set_scene();
	write_old("spool/amd64/tmp/" TOKEN, "hello\n", 2 * DAY_S);
	for (struct fault x = { 0 }; fault_next(&x); ) {
		struct fsck_report r;

		if (x.kind == FAULT_LOST_REPLY)
			break;
		fault_on(&x);
		r = look(REPAIR);
		fault_off();
		if (x.struck) {
			ck_assert_uint_eq(r.n, 1);
			ck_assert_int_eq(r.v[0].state, FSCK_LEFT);
			ck_assert_ptr_nonnull(r.v[0].trouble);
			ck_assert_int_eq(fsck_status(&r), EX_DATAERR);
			must_find(LOOK, "tmp-old amd64/tmp/" TOKEN);
		}
		fsck_report_free(&r);
		write_old("spool/amd64/tmp/" TOKEN, "hello\n", 2 * DAY_S);
	}
}
END_TEST

/* root may do anything, so another user looks. */
START_TEST(what_cannot_be_listed_is_not_called_clean)
{
	const char *day = harness_path("spool/amd64/done/" DAY);
	bool root = geteuid() == 0;
	struct fsck_report r;

	set_scene();
	make_dir("spool/amd64/done/" DAY);
	make_link("aaaaaaaaaaaa", "spool/amd64/pending/zzzzzzzzzzzz");
	ck_assert_int_eq(chmod(day, 0), 0);
	ck_assert(!root || seteuid(65534) == 0);
	r = look(LOOK);
	ck_assert(!root || seteuid(0) == 0);
	ck_assert_str_eq(r.blind, "amd64/done/" DAY ": Permission denied");
	ck_assert_int_eq(fsck_status(&r), EX_TEMPFAIL);
	/* Its request may be there. */
	for (size_t i = 0; i < r.n; i++)
		ck_assert_str_eq(r.v[i].words->key, "folder-closed");
	ck_assert(!root || r.n > 0);
	fsck_report_free(&r);
	ck_assert_int_eq(chmod(day, 0755), 0);
}
END_TEST

static int
open_to_all(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)at;
	return type == FTW_D ? chmod(path, 0777) : 0;
}

/* What another user than root would find; the user's own, without root. */
static void
other_user_must_find(const char *finding)
{
	bool root = geteuid() == 0;

	ck_assert_int_eq(nftw(harness_path("spool"), open_to_all, 16,
	    FTW_PHYS), 0);
	ck_assert(!root || seteuid(65534) == 0);
	must_say(LOOK, finding);
	ck_assert(!root || seteuid(0) == 0);
}

START_TEST(a_request_that_may_not_be_read_is_told)
{
	set_scene();
	harness_write(BUCKET "/" TOKEN, "hello\n");
	other_user_must_find("");
	ck_assert_int_eq(chmod(harness_path(BUCKET "/" TOKEN), 0), 0);
	other_user_must_find("file-closed amd64/new/05-20261122T1601/" TOKEN
	    "\n");
}
END_TEST

START_TEST(a_folder_that_may_not_be_written_to_is_told)
{
	bool root = geteuid() == 0;

	set_scene();
	harness_write(BUCKET "/" TOKEN, "hello\n");
	other_user_must_find("");
	ck_assert_int_eq(chmod(harness_path(BUCKET), 0555), 0);
	ck_assert_int_eq(chmod(harness_path("spool/arm64/done"), 0555), 0);
	ck_assert(!root || seteuid(65534) == 0);
	must_say(LOOK, "folder-closed arm64/done\n"
	    "folder-closed amd64/new/05-20261122T1601\n");
	ck_assert(!root || seteuid(0) == 0);
	ck_assert_int_eq(chmod(harness_path(BUCKET), 0755), 0);
}
END_TEST

START_TEST(anothers_request_in_a_sticky_folder_is_told)
{
	bool root = geteuid() == 0;

	set_scene();
	harness_write(BUCKET "/" TOKEN, "hello\n");
	other_user_must_find("");
	ck_assert_int_eq(chmod(harness_path(BUCKET), 01777), 0);
	ck_assert(!root || seteuid(65534) == 0);
	must_say(LOOK, root ? "file-closed amd64/new/05-20261122T1601/" TOKEN
	    "\n" : "");
	ck_assert(!root || seteuid(0) == 0);
}
END_TEST

START_TEST(the_text_says_what_is_wrong_and_what_to_do)
{
	struct fsck_report r;
	struct buf b = { 0 };

	set_scene();
	write_old("spool/amd64/tmp/esc\033[1m", "", 2 * DAY_S);
	r = look(LOOK);
	fsck_text(&r, &b);
	ck_assert_ptr_nonnull(strstr(b.s, harness_path("spool/amd64/tmp/"
	    "esc?[1m: is 2d 0h old\n    it was never acknowledged, and nobody "
	    "takes it; adtspool fsck --repair removes it\n1 found, 0 repaired, "
	    "1 problem left: 2 queues, 0 tokens\n")));
	fsck_report_free(&r);
	buf_reset(&b);
	r = look(REPAIR);
	fsck_text(&r, &b);
	ck_assert_ptr_nonnull(strstr(b.s, "takes it; removed\n1 found, "
	    "1 repaired, 0 problems left: 2 queues, 0 tokens\n"));
	fsck_report_free(&r);
	buf_free(&b);
}
END_TEST

START_TEST(the_json_is_json)
{
	const struct json_tree *all, *one;
	struct json_tree *t;
	struct fsck_report r;
	struct buf b = { 0 };
	struct fail f;

	set_scene();
	harness_write("spool/amd64/bad/" TOKEN "@here", "hello\n");
	r = look(LOOK);
	fsck_json(&r, &b);
	t = json_tree_parse("fsck", b.s, b.len, &f);
	ck_assert_msg(t != NULL, "%s", f.text);
	all = json_tree_get(t, "findings");
	ck_assert_uint_eq(json_tree_length(all), 1);
	one = json_tree_item(all, 0);
	ck_assert_str_eq(json_tree_get_string(one, "kind"), "why-missing");
	ck_assert_str_eq(json_tree_get_string(one, "level"), "problem");
	ck_assert_str_eq(json_tree_get_string(one, "base"),
	    harness_path("spool"));
	ck_assert_str_eq(json_tree_get_string(one, "object"), "amd64/bad/"
	    TOKEN "@here");
	ck_assert_str_eq(json_tree_get_string(one, "id"), "aaaaaaaaaaaa");
	ck_assert_str_eq(json_tree_get_string(one, "state"), "found");
	ck_assert_int_eq(json_tree_get_number(t, "left", -1), 1);
	json_tree_free(t);
	fsck_report_free(&r);
	buf_free(&b);
}
END_TEST

/* Each kind has its words, and either a repair or a cure. */
START_TEST(there_are_words_for_everything)
{
	for (unsigned i = 0; i < FSCK_KINDS; i++) {
		const struct fsck_words *w = fsck_words(i);

		ck_assert_msg(w->key && w->means, "%u", i);
		ck_assert_msg(w->repair ? w->does && w->done && !w->cure :
		    w->cure && !w->does && !w->done, "%s", w->key);
		for (unsigned k = 0; k < i; k++)
			ck_assert_str_ne(w->key, fsck_words(k)->key);
	}
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_fresh_spool_is_clean);
	tcase_add_test(tc, requests_in_all_their_states_are_clean);
	tcase_add_test(tc,
	    a_queue_that_lacks_a_folder_is_told_and_not_looked_into);
	tcase_add_test(tc, a_queue_without_new_is_told);
	tcase_add_test(tc, a_folder_elsewhere_is_told);
	tcase_add_test(tc, a_directory_that_is_no_bucket_is_told);
	tcase_add_test(tc, an_old_empty_bucket_is_removed);
	tcase_add_test(tc, a_young_empty_bucket_is_left_alone);
	tcase_add_test(tc, a_bucket_that_is_used_meanwhile_is_left_alone);
	tcase_add_test(tc,
	    an_editors_dropping_in_a_bucket_is_told_when_it_is_old);
	tcase_add_test(tc, what_is_no_token_in_a_bucket_is_told);
	tcase_add_test(tc, what_is_no_file_in_a_bucket_is_told);
	tcase_add_test(tc, a_request_with_a_second_name_is_told);
	tcase_add_test(tc, what_is_no_claim_in_cur_is_told);
	tcase_add_test(tc, what_does_not_belong_into_done_is_told);
	tcase_add_test(tc, what_submit_left_in_tmp_is_removed_when_it_is_old);
	tcase_add_test(tc, a_directory_in_tmp_is_told);
	tcase_add_test(tc,
	    what_an_import_left_in_tmp_is_told_when_it_is_old);
	tcase_add_test(tc, what_replacing_a_file_left_is_removed_after_a_day);
	tcase_add_test(tc, a_reason_without_its_file_is_removed);
	tcase_add_test(tc, a_file_without_its_reason_gets_one);
	tcase_add_test(tc, an_imported_line_without_its_reason_gets_one);
	tcase_add_test(tc, a_directory_in_bad_is_told);
	tcase_add_test(tc, a_link_of_a_request_that_is_done_is_removed);
	tcase_add_test(tc, a_link_of_a_request_that_is_nowhere_is_removed);
	tcase_add_test(tc, a_link_is_left_alone_where_not_all_could_be_seen);
	tcase_add_test(tc, a_link_that_is_taken_meanwhile_is_left_alone);
	tcase_add_test(tc, a_link_to_nonsense_is_removed);
	tcase_add_test(tc, what_is_no_link_in_pending_is_told);
	tcase_add_test(tc,
	    notes_of_lost_attempts_are_removed_when_the_request_is_gone);
	tcase_add_test(tc, names_that_nfs_keeps_are_passed_over);
	tcase_add_test(tc, what_the_doctor_left_is_removed_when_it_is_old);
	tcase_add_test(tc, only_the_queues_that_are_named_are_looked_at);
	tcase_add_test(tc, only_what_both_looks_show_is_told);
	tcase_add_test(tc, a_dropped_file_that_is_being_judged_may_be_anything);
	tcase_add_test(tc, what_cannot_be_mended_is_left_and_told);
	tcase_add_test(tc, what_cannot_be_listed_is_not_called_clean);
	tcase_add_test(tc, a_request_that_may_not_be_read_is_told);
	tcase_add_test(tc, a_folder_that_may_not_be_written_to_is_told);
	tcase_add_test(tc, anothers_request_in_a_sticky_folder_is_told);
	tcase_add_test(tc, the_text_says_what_is_wrong_and_what_to_do);
	tcase_add_test(tc, the_json_is_json);
	tcase_add_test(tc, there_are_words_for_everything);
}
