/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "gunzip.h"
#include "harness.h"

/* Makes a file of what a shell command prints. */
static void
make(const char *name, const char *command)
{
	char *line;

	ck_assert_int_gt(asprintf(&line, "%s >'%s/%s'", command,
	    harness_dir(), name), 0);
	ck_assert_int_eq(system(line), 0);
	free(line);
}

/* What comes out of it, to be freed; *rc is what gunzip returned. */
static char *
unpack(const char *name, int *rc, struct fail *f)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	*rc = gunzip(harness_dirfd(), name, out, f);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

static void
unpacks(const char *name, const char *want)
{
	struct fail f;
	int rc;
	char *text = unpack(name, &rc, &f);

	ck_assert_msg(rc == 0, "%s", f.text);
	ck_assert_str_eq(text, want);
	free(text);
}

static void
fails(const char *name, int err, const char *want)
{
	struct fail f;
	int rc;

	free(unpack(name, &rc, &f));
	ck_assert_int_eq(rc, -1);
	ck_assert_int_eq(f.err, err);
	ck_assert_msg(strncmp(f.text, want, strlen(want)) == 0, "%s", f.text);
}

START_TEST(what_gzip_packed_is_unpacked)
{
	make("log.gz", "printf 'one\\ntwo\\n' | gzip");
	unpacks("log.gz", "one\ntwo\n");
	make("log.gz", "printf '' | gzip");
	unpacks("log.gz", "");
	make("log.gz", "(echo one | gzip; echo two | gzip)");
	unpacks("log.gz", "one\ntwo\n");
}
END_TEST

START_TEST(plain_text_is_shown_as_it_is)
{
	harness_write("log", "not packed\n");
	unpacks("log", "not packed\n");
	harness_write("log", "");
	unpacks("log", "");
}
END_TEST

START_TEST(what_is_not_there_or_no_file_is_an_error_that_names_it)
{
	fails("absent", ENOENT, "absent: ");
	ck_assert_int_eq(symlinkat("/etc/passwd", harness_dirfd(), "link"), 0);
	fails("link", ELOOP, "link: ");
	ck_assert_int_eq(mkdirat(harness_dirfd(), "folder", 0777), 0);
	fails("folder", EISDIR, "folder: ");
}
END_TEST

/* Byte by byte: nowhere does half a log pass for a whole one. */
START_TEST(a_log_that_is_cut_off_anywhere_is_an_error)
{
	enum { WHOLE = 30 };
	char command[64];
	struct fail f;
	int rc;

	for (int n = 3; n <= WHOLE; n++) {
		(void)snprintf(command, sizeof command,
		    "echo hello, hello, hello | gzip -n | head -c %d", n);
		make("log.gz", command);
		free(unpack("log.gz", &rc, &f));
		ck_assert_msg((rc == 0) == (n == WHOLE), "%d bytes", n);
	}
}
END_TEST

START_TEST(a_damaged_log_is_an_error_after_what_was_good)
{
	struct fail f;
	char *text;
	int rc;

	make("log.gz", "(seq 100000 | gzip -n | head -c 100000; yes)"
	    " | head -c 200000");
	text = unpack("log.gz", &rc, &f);
	ck_assert_int_eq(rc, -1);
	ck_assert_msg(strncmp(f.text, "log.gz: ", 8) == 0, "%s", f.text);
	ck_assert_int_eq(strncmp(text, "1\n2\n3\n", 6), 0);
	free(text);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, what_gzip_packed_is_unpacked);
	tcase_add_test(tc, plain_text_is_shown_as_it_is);
	tcase_add_test(tc,
	    what_is_not_there_or_no_file_is_an_error_that_names_it);
	tcase_add_test(tc, a_log_that_is_cut_off_anywhere_is_an_error);
	tcase_add_test(tc, a_damaged_log_is_an_error_after_what_was_good);
}
