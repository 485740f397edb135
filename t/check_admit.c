/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admit.h"
#include "claim.h"
#include "clock.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "harness.h"
#include "pending.h"
#include "spool.h"

static const struct queue *q;
static const struct conf *c;

static void
set_scene(const char *more_conf)
{
	(void)harness_spool("amd64");
	q = harness_queue("amd64");
	c = harness_conf(more_conf);
}

/* Claims what was dropped as new/drop. */
static struct claim
claim_drop(void)
{
	struct claimer claimer;
	struct claim won;
	struct fail f = { 0 };

	claim_init(&claimer, q, "here");
	ck_assert_msg(claim_next(&claimer, &won, &f) == CLAIM_WON, "%s",
	    f.text);
	claim_free(&claimer);
	ck_assert_uint_eq(won.token.epoch, TOKEN_EPOCH_DROPPED);
	return won;
}

static struct claim
drop(const char *text)
{
	harness_write("spool/amd64/new/drop", text);
	return claim_drop();
}

/* Judges it once; r is to be freed. */
static enum admit
judge(const struct claim *claim, struct request *r, struct fail *f)
{
	struct settling settling = { 0 };
	char digest[DIGEST_ID_MAX];

	*f = (struct fail){ 0 };
	return admit(c, q, claim, &settling, r, digest, f);
}

static void
refuses(const struct claim *claim, const char *reason)
{
	struct request r;
	struct fail f;
	enum admit a = judge(claim, &r, &f);

	ck_assert_msg(a == ADMIT_BAD, "%d: %s", (int)a, f.text);
	ck_assert_msg(strncmp(f.text, "amd64/new/drop:", 15) == 0, "%s",
	    f.text);
	ck_assert_msg(strstr(f.text, reason) != NULL, "%s", f.text);
	ck_assert_ptr_null(r.package);
}

static void
is_admitted(const struct claim *claim, enum admit want)
{
	struct request r;
	struct fail f;
	enum admit a = judge(claim, &r, &f);

	ck_assert_msg(a == want, "%d: %s", (int)a, f.text);
	request_free(&r);
}

START_TEST(a_drop_is_completed_and_may_run)
{
	struct settling settling = { 0 };
	char digest[DIGEST_ID_MAX] = "", link[64];
	struct claim claim;
	struct request r;
	struct passwd *pw = getpwuid(geteuid());
	struct fail f;

	set_scene("");
	claim = drop("package: hello\n");
	ck_assert_int_eq(admit(c, q, &claim, &settling, &r, digest, &f),
	    ADMIT_RUN);
	ck_assert_str_eq(r.package, "hello");
	ck_assert_str_eq(r.suite, "unstable");
	ck_assert_str_eq(r.arch, "amd64");
	ck_assert_int_le(llabs(r.submit_time_s - clock_now_s()), 5);
	if (pw)
		ck_assert_str_eq(r.requester, pw->pw_name);
	ck_assert_uint_eq(strlen(digest), DIGEST_ID_MAX - 1);
	(void)snprintf(link, sizeof link, "spool/amd64/pending/%s", digest);
	ck_assert(harness_exists(link));
	request_free(&r);
}
END_TEST

START_TEST(what_the_request_says_is_kept)
{
	struct claim claim;
	struct request r;
	struct fail f;

	set_scene("");
	claim = drop("{\"package\": \"hello\", \"suite\": \"sid\", "
	    "\"requester\": \"joe\", \"submit-time\": 1795363260}");
	ck_assert_msg(judge(&claim, &r, &f) == ADMIT_RUN, "%s", f.text);
	ck_assert_str_eq(r.suite, "sid");
	ck_assert_str_eq(r.requester, "joe");
	ck_assert_int_eq(r.submit_time_s, 1795363260);
	request_free(&r);
}
END_TEST

START_TEST(a_symlink_is_refused_not_followed)
{
	struct claim claim;

	set_scene("");
	harness_write("victim", "hello\n");
	ck_assert_int_eq(fs_symlink(harness_path("victim"), q->fresh, "drop"),
	    0);
	claim = claim_drop();
	refuses(&claim, "a symbolic link is not followed");
}
END_TEST

START_TEST(a_fifo_is_refused_without_waiting)
{
	struct claim claim;

	set_scene("");
	ck_assert_int_eq(mkfifoat(q->fresh, "drop", 0666), 0);
	claim = claim_drop();
	refuses(&claim, "not a regular file");
}
END_TEST

START_TEST(a_device_is_refused)
{
	struct claim claim;

	set_scene("");
	if (mknodat(q->fresh, "drop", S_IFCHR | 0666, 1 << 8 | 3) != 0)
		return;		/* only root makes one */
	claim = claim_drop();
	refuses(&claim, "");
}
END_TEST

START_TEST(a_directory_is_refused)
{
	struct claim claim;

	set_scene("");
	claim = drop("hello\n");
	ck_assert_int_eq(fs_unlink(q->cur, claim.name), 0);
	ck_assert_int_eq(fs_mkdir(q->cur, claim.name), 0);
	refuses(&claim, "a directory is not a request");
}
END_TEST

START_TEST(a_hard_link_that_stays_is_refused)
{
	struct claim claim;

	set_scene("settle: 0s\n");
	harness_write("spool/amd64/new/drop", "hello\n");
	ck_assert_int_eq(linkat(q->fresh, "drop", harness_dirfd(), "other",
	    0), 0);
	claim = claim_drop();
	refuses(&claim, "hard link");
}
END_TEST

START_TEST(what_is_linked_into_place_is_taken_when_its_first_name_goes)
{
	struct settling settling = { 0 };
	char digest[DIGEST_ID_MAX];
	struct claim claim;
	struct request r;
	struct fail f;

	set_scene("settle: 60s\n");
	harness_write("delivery", "hello\n");
	ck_assert_int_eq(linkat(harness_dirfd(), "delivery", q->fresh, "drop",
	    0), 0);
	claim = claim_drop();
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(admit(c, q, &claim, &settling, &r, digest,
		    &f), ADMIT_WAIT);
	ck_assert_int_eq(fs_unlink(harness_dirfd(), "delivery"), 0);
	ck_assert_int_eq(admit(c, q, &claim, &settling, &r, digest, &f),
	    ADMIT_RUN);
	ck_assert_str_eq(r.package, "hello");
	request_free(&r);
}
END_TEST

START_TEST(too_many_bytes_are_refused)
{
	struct claim claim;
	int fd;

	set_scene("");
	claim = drop("hello\n");
	fd = openat(q->cur, claim.name, O_WRONLY | O_CLOEXEC);
	ck_assert_int_eq(ftruncate(fd, REQUEST_SIZE_MOST + 1), 0);
	(void)close(fd);
	refuses(&claim, "too many");
}
END_TEST

START_TEST(a_nul_byte_is_refused)
{
	static const char text[] = "package: hello\n\0priority: 9\n";
	struct claim claim;
	struct fail f;

	set_scene("");
	ck_assert_int_eq(fs_write_new(q->fresh, "drop", text, sizeof text - 1,
	    &f), 0);
	claim = claim_drop();
	refuses(&claim, "");
}
END_TEST

static const struct { const char *text, *reason; } bad[] = {
	{ "package: Hello\n", "Hello" },
	{ "packag: hello\n", "packag" },
	{ "rm -rf /\n", "not a request" },
	{ "package: ../../etc\n", "package" },
	{ "\xff\xfe\n", "" },
	{ "hello {\n", "" },
};

START_TEST(what_is_no_request_is_refused)
{
	struct claim claim;

	set_scene("");
	claim = drop(bad[_i].text);
	refuses(&claim, bad[_i].reason);
}
END_TEST

START_TEST(another_arch_is_refused_with_the_way_to_its_queue)
{
	struct claim claim;

	set_scene("");
	claim = drop("{\"package\": \"hello\", \"arch\": \"arm64\"}");
	refuses(&claim, "drop it into arm64/new");
}
END_TEST

START_TEST(a_second_drop_is_refused_while_the_first_is_pending)
{
	struct claim first, second;
	struct request r;
	struct fail f;

	set_scene("");
	first = drop("hello\n");
	is_admitted(&first, ADMIT_RUN);
	is_admitted(&first, ADMIT_RUN);		/* asked again: still is it */
	second = drop("package: hello\n");
	refuses(&second, first.token.id);
	/* The first is done. */
	ck_assert_int_eq(fs_unlink(q->cur, first.name), 0);
	ck_assert_int_eq(judge(&second, &r, &f), ADMIT_RUN);
	request_free(&r);
}
END_TEST

START_TEST(a_submitted_one_is_not_checked_for_others)
{
	struct claim claim;
	struct fail f;

	set_scene("");
	claim = drop("hello\n");
	is_admitted(&claim, ADMIT_RUN);
	claim.token.epoch = 1;
	ck_assert_int_eq(pending_insist(q, "x", "aaaaaaaaaaaa", &f), 0);
	memset(claim.token.id, 'b', sizeof claim.token.id - 1);
	is_admitted(&claim, ADMIT_RUN);
}
END_TEST

START_TEST(one_for_later_is_sorted_into_its_bucket)
{
	struct claim claim;

	set_scene("");
	claim = drop("{\"package\": \"hello\", "
	    "\"not-before\": \"2999-01-01T00:00:00Z\"}");
	is_admitted(&claim, ADMIT_SORT);
}
END_TEST

START_TEST(one_whose_time_has_come_may_run)
{
	struct claim claim;

	set_scene("");
	claim = drop("{\"package\": \"hello\", "
	    "\"not-before\": \"2020-01-01T00:00:00Z\"}");
	is_admitted(&claim, ADMIT_RUN);
}
END_TEST

START_TEST(one_with_a_priority_is_sorted_into_its_bucket)
{
	struct claim claim;

	set_scene("");
	claim = drop("{\"package\": \"hello\", \"priority\": 0}");
	is_admitted(&claim, ADMIT_SORT);
}
END_TEST

START_TEST(what_is_still_open_for_writing_is_waited_for)
{
	struct settling settling = { 0 };
	char digest[DIGEST_ID_MAX];
	struct claim claim;
	struct request r;
	struct fail f;
	int fd;

	set_scene("settle: 0s\n");
	fd = openat(q->fresh, "drop", O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	ck_assert_int_eq(write(fd, "package: hel", 12), 12);
	claim = claim_drop();
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(admit(c, q, &claim, &settling, &r, digest,
		    &f), ADMIT_WAIT);
		ck_assert_ptr_null(r.package);
	}
	ck_assert_int_eq(write(fd, "lo\n", 3), 3);
	(void)close(fd);
	ck_assert_int_eq(admit(c, q, &claim, &settling, &r, digest, &f),
	    ADMIT_RUN);
	ck_assert_str_eq(r.package, "hello");
	request_free(&r);
}
END_TEST

START_TEST(a_writer_that_never_ends_is_cut_off)
{
	struct settling settling = { .first_ms =
	    clock_boot_ms() - ADMIT_WAIT_MOST_S * 1000 - 1000 };
	char digest[DIGEST_ID_MAX];
	struct claim claim;
	struct request r;
	struct fail f;
	int fd;

	set_scene("");
	fd = openat(q->fresh, "drop", O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	ck_assert_int_eq(write(fd, "hello\n", 6), 6);
	claim = claim_drop();
	ck_assert_int_eq(admit(c, q, &claim, &settling, &r, digest, &f),
	    ADMIT_RUN);
	request_free(&r);
	(void)close(fd);
}
END_TEST

START_TEST(an_empty_file_is_given_time_and_then_refused)
{
	struct claim claim;
	struct request r;
	struct fail f;

	set_scene("settle: 60s\n");
	claim = drop("");
	ck_assert_int_eq(judge(&claim, &r, &f), ADMIT_WAIT);
	c = harness_conf("settle: 0s\n");
	refuses(&claim, "");
}
END_TEST

START_TEST(one_that_is_gone_fails_with_enoent)
{
	struct claim claim;
	struct request r;
	struct fail f;

	set_scene("");
	claim = drop("hello\n");
	ck_assert_int_eq(fs_unlink(q->cur, claim.name), 0);
	ck_assert_int_eq(judge(&claim, &r, &f), ADMIT_FAILED);
	ck_assert_int_eq(f.err, ENOENT);
}
END_TEST

START_TEST(messages_show_no_bytes_of_the_files_name)
{
	struct claim claim;
	struct request r;
	struct fail f;

	set_scene("");
	harness_write("spool/amd64/new/\033[2Jx", "no such request\n");
	claim = claim_drop();
	ck_assert_int_eq(judge(&claim, &r, &f), ADMIT_BAD);
	ck_assert_ptr_null(strchr(f.text, '\033'));
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_drop_is_completed_and_may_run);
	tcase_add_test(tc, what_the_request_says_is_kept);
	tcase_add_test(tc, a_symlink_is_refused_not_followed);
	tcase_add_test(tc, a_fifo_is_refused_without_waiting);
	tcase_add_test(tc, a_device_is_refused);
	tcase_add_test(tc, a_directory_is_refused);
	tcase_add_test(tc, a_hard_link_that_stays_is_refused);
	tcase_add_test(tc,
	    what_is_linked_into_place_is_taken_when_its_first_name_goes);
	tcase_add_test(tc, too_many_bytes_are_refused);
	tcase_add_test(tc, a_nul_byte_is_refused);
	tcase_add_loop_test(tc, what_is_no_request_is_refused, 0,
	    (int)(sizeof bad / sizeof *bad));
	tcase_add_test(tc, another_arch_is_refused_with_the_way_to_its_queue);
	tcase_add_test(tc,
	    a_second_drop_is_refused_while_the_first_is_pending);
	tcase_add_test(tc, a_submitted_one_is_not_checked_for_others);
	tcase_add_test(tc, one_for_later_is_sorted_into_its_bucket);
	tcase_add_test(tc, one_whose_time_has_come_may_run);
	tcase_add_test(tc, one_with_a_priority_is_sorted_into_its_bucket);
	tcase_add_test(tc, what_is_still_open_for_writing_is_waited_for);
	tcase_add_test(tc, a_writer_that_never_ends_is_cut_off);
	tcase_add_test(tc, an_empty_file_is_given_time_and_then_refused);
	tcase_add_test(tc, one_that_is_gone_fails_with_enoent);
	tcase_add_test(tc, messages_show_no_bytes_of_the_files_name);
}
