/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness.h"
#include "journal.h"
#include "log.h"
#include "strs.h"

static FILE *out;	/* what stands for standard error */
static int stand_in;	/* what stands for the journal */
static char got[4096];

/* With $JOURNAL_STREAM as systemd sets it, off by so many inodes. */
static void
set_scene(struct journal *j, unsigned off, int wanted)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct stat st;
	char stream[64];

	out = fopen(harness_path("stderr"), "w");
	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(fstat(fileno(out), &st), 0);
	(void)snprintf(stream, sizeof stream, "%llu:%llu",
	    (unsigned long long)st.st_dev,
	    (unsigned long long)st.st_ino + off);
	ck_assert_int_eq(setenv("JOURNAL_STREAM", stream, 1), 0);
	(void)snprintf(at.sun_path, sizeof at.sun_path, "%s",
	    harness_path("socket"));
	stand_in = socket(AF_UNIX, SOCK_DGRAM, 0);
	ck_assert_int_eq(bind(stand_in, (struct sockaddr *)&at, sizeof at), 0);
	ck_assert_int_eq(journal_open(j, harness_path("socket"), out), wanted);
}

/* The next datagram, its NULs shown as dots. */
static const char *
entry(void)
{
	ssize_t n = recv(stand_in, got, sizeof got - 1, MSG_DONTWAIT);

	for (ssize_t i = 0; i < n; i++)
		got[i] = got[i] ? got[i] : '.';
	got[n < 0 ? 0 : n] = '\0';
	return got;
}

START_TEST(an_entry_has_the_request_as_fields)
{
	const struct log_about about = { .id = "aaaaaaaaaaaa",
	    .queue = "amd64", .package = "hello", .suite = "unstable",
	    .arch = "amd64" };
	struct journal j;
	struct log l;

	set_scene(&j, 0, 0);
	l = (struct log){ .out = out, .most = LOG_LEVEL_INFO, .journal = &j };
	log_say_about(&l, LOG_LEVEL_INFO, &about, "%s: %s", "hello", "started");
	ck_assert_str_eq(entry(), "PRIORITY=6\nSYSLOG_IDENTIFIER=adtspool\n"
	    "MESSAGE=hello: started\nADTSPOOL_ID=aaaaaaaaaaaa\n"
	    "ADTSPOOL_QUEUE=amd64\nADTSPOOL_PACKAGE=hello\n"
	    "ADTSPOOL_SUITE=unstable\nADTSPOOL_ARCH=amd64\n");
	ck_assert_str_eq(harness_read("stderr"), "");
	log_say(&l, LOG_LEVEL_ERROR, "x");
	ck_assert_str_eq(entry(), "PRIORITY=3\nSYSLOG_IDENTIFIER=adtspool\n"
	    "MESSAGE=x\n");
	journal_close(&j);
}
END_TEST

START_TEST(a_value_of_two_lines_cannot_make_fields)
{
	struct strs fields = { 0 };
	struct journal j;

	set_scene(&j, 0, 0);
	strs_add(&fields, "MESSAGE=a\nPRIORITY=0");
	ck_assert_int_eq(journal_send(&j, &fields), 0);
	ck_assert_str_eq(entry(), "MESSAGE\n\f.......a\nPRIORITY=0\n");
	strs_free(&fields);
	journal_close(&j);
}
END_TEST

START_TEST(a_journal_that_takes_nothing_gets_lines)
{
	struct journal j;
	struct log l;

	set_scene(&j, 0, 0);
	l = (struct log){ .out = out, .most = LOG_LEVEL_INFO, .journal = &j };
	(void)close(stand_in);
	log_say(&l, LOG_LEVEL_INFO, "one");
	journal_close(&j);
	log_say(&l, LOG_LEVEL_ERROR, "two");
	ck_assert_str_eq(harness_read("stderr"), "<6>one\n<3>two\n");
}
END_TEST

START_TEST(another_stream_is_no_journal)
{
	struct journal j;

	set_scene(&j, 1, -1);
	ck_assert_int_eq(j.fd, -1);
	ck_assert_int_eq(unsetenv("JOURNAL_STREAM"), 0);
	ck_assert_int_eq(journal_open(&j, NULL, out), -1);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, an_entry_has_the_request_as_fields);
	tcase_add_test(tc, a_value_of_two_lines_cannot_make_fields);
	tcase_add_test(tc, a_journal_that_takes_nothing_gets_lines);
	tcase_add_test(tc, another_stream_is_no_journal);
}
