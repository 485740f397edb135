/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an exit code of autopkgtest's is worth. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "classify.h"
#include "collect.h"
#include "fail.h"
#include "fs.h"
#include "log.h"
#include "mem.h"
#include "request.h"
#include "result.h"
#include "run_inside.h"

enum { REASON_MAX = 300, EXIT_FAILED = 4 };

static bool
says_good(int exit_code)
{
	return exit_code == 0 || exit_code == 2 || exit_code == 8;
}

/*
 * A wrapper, or a script in the place of autopkgtest, may have ended well
 * though nothing was tested.  What is missing of that it was, or NULL.
 */
static const char *
find_missing(const struct attempt *a)
{
	char version[NAME_VERSION_MAX + 1];
	struct stat st;

	collect_version(a->output, version);
	if (!version[0])
		return "testpkg-version";
	if (fstatat(a->output, "summary", &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(st.st_mode) || st.st_size == 0)
		return "summary";
	return NULL;
}

/* What the log is searched for may have been edited since the test began. */
static const struct classify_pattern *
search_log(const struct attempt *a, int exit_code)
{
	const struct run *run = a->run;
	const struct classify_pattern *p;
	struct fail f;
	int fd;

	if (!run->failures)
		return NULL;
	if (classify_refresh(run->failures, &f) < 0)
		log_say(run->log, LOG_LEVEL_ERROR, "%s; what was read before "
		    "stays", f.text);
	fd = fs_open_read(a->output, "log");
	if (fd < 0)
		fd = fs_open_read(a->scratch, "console");
	if (fd < 0)
		return NULL;
	p = classify_log(run->failures, fd, exit_code,
	    run->request->package);
	(void)close(fd);
	return p;
}

static void
say_with(struct attempt *a, int exit_code, const char *what, int was)
{
	char *usual = result_message(exit_code);

	free(a->message);
	a->message = was == exit_code ? mem_printf("%s: %s", usual, what) :
	    mem_printf("%s: %s (autopkgtest's exit status was %d)", usual,
	    what, was);
	free(usual);
}

static int
judge_failure(struct attempt *a, int exit_code)
{
	char reason[REASON_MAX];
	int code = exit_code;

	a->failure = search_log(a, exit_code);
	if (a->failure) {
		code = a->failure->means == CLASSIFY_FAIL ? EXIT_FAILED :
		    RESULT_EXIT_TESTBED;
		say_with(a, code, a->failure->name, exit_code);
	} else if (exit_code == RESULT_EXIT_TESTBED &&
	    run_find_line(a, "testbed failure: ", reason, sizeof reason)) {
		say_with(a, code, reason + strlen("testbed failure: "), code);
	}
	return code;
}

int
run_judge(struct attempt *a, int exit_code)
{
	const char *missing;
	char *what;

	if (!says_good(exit_code))
		return judge_failure(a, exit_code);
	missing = find_missing(a);
	if (!missing)
		return exit_code;
	what = mem_printf("there is no %s, so nothing was tested", missing);
	say_with(a, RESULT_EXIT_TESTBED, what, exit_code);
	free(what);
	return RESULT_EXIT_TESTBED;
}
