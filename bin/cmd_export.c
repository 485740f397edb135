/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "cmd.h"
#include "export.h"
#include "fs.h"

enum { WINDOW_DEFAULT_S = 15 * 86400 };

static int
write_out(const char *file, const struct buf *b, struct fail *f)
{
	if (file && strcmp(file, "-") != 0)
		return fs_replace(AT_FDCWD, file, b->s, b->len, f) == 0 ?
		    EX_OK : cmd_fail(f);
	(void)fwrite(b->s, 1, b->len, stdout);
	return cmd_flush();
}

int
cmd_export(struct cmd *cmd, int argc, char **argv)
{
	static const struct option options[] = {
		{ "suite", required_argument, NULL, 's' },
		{ "since", required_argument, NULL, 'S' },
		{ "output", required_argument, NULL, 'o' }, { 0 } };
	const char *suite = NULL, *file = NULL;
	int64_t window_s = WINDOW_DEFAULT_S;
	struct buf b = { 0 };
	struct fail f;
	int o, status;

	while ((o = getopt_long(argc, argv, "s:o:", options, NULL)) != -1)
		switch (o) {
		case 's':
			suite = optarg;
			break;
		case 'S':
			if (clock_parse_span(optarg, &window_s) != 0) {
				(void)fail_set(&f, EX_USAGE, "--since: \"%s\" "
				    "is no span of time; write 15d or 12h",
				    optarg);
				return cmd_fail(&f);
			}
			break;
		case 'o':
			file = optarg;
			break;
		default:
			return cmd_usage(cmd);
		}
	if (optind + 1 != argc || strcmp(argv[optind], "debci") != 0 ||
	    !suite)
		return cmd_usage(cmd);
	if (!name_suite_ok(suite)) {
		(void)fail_set(&f, EX_USAGE, "--suite: \"%s\" is no name for "
		    "a suite", suite);
		return cmd_fail(&f);
	}
	if (cmd_open(cmd, &f) != 0 ||
	    export_debci(&cmd->conf, &cmd->spool, suite,
	    clock_now_s() - window_s, &b, &f) != 0)
		status = cmd_fail(&f);
	else
		status = write_out(file, &b, &f);
	buf_free(&b);
	return status;
}
