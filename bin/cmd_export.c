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

static int
write_out(const char *file, const struct buf *b, struct fail *f)
{
	if (file && strcmp(file, "-") != 0)
		return fs_replace(AT_FDCWD, file, b->s, b->len, f) == 0 ?
		    EX_OK : cmd_fail(f);
	(void)fwrite(b->s, 1, b->len, stdout);
	return cmd_flush();
}

/* What the options say. */
struct asked {
	struct export_query query;
	int64_t window_s;		/* -1: as the configuration has it */
	const char *file;
};

/* 0, an exit status, or -1: the usage is to be said. */
static int
take_options(struct asked *a, int argc, char **argv, struct fail *f)
{
	static const struct option options[] = {
		{ "suite", required_argument, NULL, 's' },
		{ "ppa", required_argument, NULL, 'p' },
		{ "since", required_argument, NULL, 'S' },
		{ "output", required_argument, NULL, 'o' }, { 0 } };
	int o;

	while ((o = getopt_long(argc, argv, "s:o:", options, NULL)) != -1)
		switch (o) {
		case 's':
			a->query.suite = optarg;
			break;
		case 'p':
			a->query.ppa = optarg;
			break;
		case 'S':
			if (clock_parse_span(optarg, &a->window_s) != 0) {
				(void)fail_set(f, EX_USAGE, "--since: \"%s\" "
				    "is no span of time; write 15d or 12h",
				    optarg);
				return cmd_fail(f);
			}
			break;
		case 'o':
			a->file = optarg;
			break;
		default:
			return -1;
		}
	return 0;
}

int
cmd_export(struct cmd *cmd, int argc, char **argv)
{
	struct asked a = { .query.ppa = "", .window_s = -1 };
	struct buf b = { 0 };
	struct fail f;
	int status = take_options(&a, argc, argv, &f);

	if (status > 0)
		return status;
	if (status < 0 || optind + 1 != argc ||
	    strcmp(argv[optind], "debci") != 0 || !a.query.suite)
		return cmd_usage(cmd);
	if (!name_suite_ok(a.query.suite)) {
		(void)fail_set(&f, EX_USAGE, "--suite: \"%s\" is no name for "
		    "a suite", a.query.suite);
		return cmd_fail(&f);
	}
	if (cmd_open(cmd, &f) != 0)
		return cmd_fail(&f);
	a.query.since_s = clock_now_s() - (a.window_s >= 0 ? a.window_s :
	    cmd->conf.britney_window_s);
	status = export_debci(&cmd->conf, &cmd->spool, &a.query, &b, &f) == 0 ?
	    write_out(a.file, &b, &f) : cmd_fail(&f);
	buf_free(&b);
	return status;
}
