/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "doctor_report.h"
#include "fail.h"
#include "fs.h"
#include "harness.h"
#include "json.h"

#define LONG "/srv/a/path/that/is/so/long/that/it/has/no/room/on/a/line/of/" \
	"its/own/and/is/not/broken"

static struct doctor_report
make(void)
{
	struct doctor_report r = { 0 };

	doctor_say(&r, DOCTOR_OK, "filesystem", NULL, "spool: %s", "ext4");
	doctor_say(&r, DOCTOR_BAD, "mount", "mount it with hard, and if that "
	    "is not enough, with something else that is told in the manual",
	    "spool: a call that times out fails, though the server may do it "
	    "yet, and what was written may be lost (rw,relatime,vers=4.2,"
	    "rsize=1048576,wsize=1048576,namlen=255,soft,proto=tcp)");
	doctor_say(&r, DOCTOR_NOTE, "time", NULL, "a\033[31m\nb\177");
	return r;
}

START_TEST(the_text_fits_80_columns_and_loses_nothing)
{
	struct doctor_report r = make();
	struct buf out = { 0 }, flat = { 0 };

	doctor_report_text(&r, &out);
	for (const char *p = out.s; *p; p += strcspn(p, "\n") + 1)
		ck_assert_msg(strcspn(p, "\n") <= 80, "%s", p);
	for (const char *p = out.s; *p; p++)
		if (*p != '\n' && *p != ' ')
			buf_addn(&flat, p, 1);
	ck_assert_ptr_nonnull(strstr(flat.s, "badmountspool:acallthattimesout"
	    "fails,thoughtheservermaydoityet,andwhatwaswrittenmaybelost(rw,"
	    "relatime,vers=4.2,rsize=1048576,wsize=1048576,namlen=255,soft,"
	    "proto=tcp)cure:mountitwithhard,"));
	ck_assert_ptr_nonnull(strstr(out.s,
	    "ok     filesystem  spool: ext4\n"));
	ck_assert_ptr_nonnull(strstr(out.s,
	    "1 ok, 1 note, 0 warn, 0 unseen, 1 bad\n"));
	buf_free(&out);
	buf_free(&flat);
	doctor_report_free(&r);
}
END_TEST

START_TEST(a_word_that_is_too_long_has_a_line)
{
	struct doctor_report r = { 0 };
	struct buf out = { 0 };

	doctor_say(&r, DOCTOR_OK, "c", NULL, "spool: " LONG " is there");
	doctor_report_text(&r, &out);
	ck_assert_ptr_nonnull(strstr(out.s, "spool:\n"));
	ck_assert_ptr_nonnull(strstr(out.s, " " LONG "\n"));
	ck_assert_ptr_nonnull(strstr(out.s, " is there\n"));
	buf_free(&out);
	doctor_report_free(&r);
}
END_TEST

START_TEST(control_bytes_of_strangers_do_nothing)
{
	struct doctor_report r = make();

	ck_assert_str_eq(r.v[2].text, "a?[31m?b?");
	doctor_report_free(&r);
}
END_TEST

START_TEST(the_worst_counts)
{
	struct doctor_report r = { 0 };

	for (int g = DOCTOR_OK; g < DOCTOR_GRADES; g++) {
		doctor_say(&r, (enum doctor_grade)g, "c", NULL, "x");
		doctor_say(&r, DOCTOR_OK, "c", NULL, "x");
		ck_assert_int_eq(doctor_report_worst(&r), g);
	}
	doctor_report_free(&r);
}
END_TEST

START_TEST(the_json_says_the_same)
{
	struct doctor_report r = make();
	const struct json_tree *findings, *bad;
	struct buf out = { 0 };
	struct json_tree *t;
	struct fail f;

	doctor_report_json(&r, &out);
	t = json_tree_parse("doctor", out.s, out.len, &f);
	ck_assert_msg(t != NULL, "%s", f.text);
	ck_assert_str_eq(json_tree_get_string(t, "grade"), "bad");
	findings = json_tree_get(t, "findings");
	ck_assert_uint_eq(json_tree_length(findings), 3);
	bad = json_tree_item(findings, 1);
	ck_assert_str_eq(json_tree_get_string(bad, "check"), "mount");
	ck_assert_str_eq(json_tree_get_string(bad, "text"), r.v[1].text);
	ck_assert_str_eq(json_tree_get_string(bad, "cure"), r.v[1].cure);
	ck_assert_ptr_null(json_tree_get_string(json_tree_item(findings, 0),
	    "cure"));
	json_tree_free(t);
	buf_free(&out);
	doctor_report_free(&r);
}
END_TEST

START_TEST(findings_travel_over_a_wire)
{
	struct doctor_report sent = { 0 }, got = { 0 };
	int ends[2];
	struct buf b = { 0 };
	struct fail f;

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	sent.wire = ends[1];
	doctor_say(&sent, DOCTOR_WARN, "mount", "a \"cure\"", "x\\y,\xff");
	(void)close(ends[1]);
	ck_assert_int_eq(fs_read_fd(ends[0], "pipe", 1000, &b, &f), 0);
	ck_assert_ptr_eq(strchr(b.s, '\n'), b.s + b.len - 1);
	ck_assert_msg(doctor_report_add_line(&got, b.s, b.len, &f) == 0, "%s",
	    f.text);
	ck_assert_uint_eq(got.n, 1);
	ck_assert_int_eq(got.v[0].grade, DOCTOR_WARN);
	ck_assert_str_eq(got.v[0].check, "mount");
	ck_assert_str_eq(got.v[0].text, "x\\y,\xef\xbf\xbd");
	ck_assert_str_eq(got.v[0].cure, "a \"cure\"");
	(void)close(ends[0]);
	buf_free(&b);
	doctor_report_free(&sent);
	doctor_report_free(&got);
}
END_TEST

static const char *const odd[] = { "", "x", "{}", "[]",
	"{\"grade\": \"fine\", \"check\": \"c\", \"text\": \"t\"}",
	"{\"grade\": \"ok\", \"text\": \"t\"}",
	"{\"grade\": \"ok\", \"check\": \"c\"}",
	"{\"grade\": 1, \"check\": \"c\", \"text\": \"t\"}" };

START_TEST(what_is_no_finding_is_refused)
{
	struct doctor_report r = { 0 };
	struct fail f;

	ck_assert_int_eq(doctor_report_add_line(&r, odd[_i], strlen(odd[_i]),
	    &f), -1);
	ck_assert_uint_eq(r.n, 0);
	doctor_report_free(&r);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, the_text_fits_80_columns_and_loses_nothing);
	tcase_add_test(tc, a_word_that_is_too_long_has_a_line);
	tcase_add_test(tc, control_bytes_of_strangers_do_nothing);
	tcase_add_test(tc, the_worst_counts);
	tcase_add_test(tc, the_json_says_the_same);
	tcase_add_test(tc, findings_travel_over_a_wire);
	tcase_add_loop_test(tc, what_is_no_finding_is_refused, 0,
	    (int)(sizeof odd / sizeof *odd));
}
