/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>
#include <sys/resource.h>

#include "cmd.h"
#include "import.h"
#include "log.h"
#include "token.h"

static int
import_all(struct cmd *cmd, struct import *i, char **files, struct fail *f)
{
	struct log log = { .out = stderr, .most = LOG_LEVEL_INFO,
	    .plain = true };

	for (; *files; files++)
		if (import_file(&cmd->conf, &cmd->spool, *files, i, &log,
		    f) != 0)
			return -1;
	return 0;
}

/* It has a batch of files open, and each queue that the lines name. */
static void
allow_many_files(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
		r.rlim_cur = r.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &r);
	}
}

int
cmd_import(struct cmd *cmd, int argc, char **argv)
{
	static const struct option options[] = {
		{ "priority", required_argument, NULL, 'P' },
		{ "pin-triggers", required_argument, NULL, 'p' },
		{ "requester", required_argument, NULL, 'r' }, { 0 } };
	struct import i = { .priority = -1 };
	struct fail f;
	int o, rc;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (o) {
		case 'P':
			i.priority = cmd_number(optarg, TOKEN_PRIORITY_MOST,
			    "--priority");
			if (i.priority < 0)
				return EX_USAGE;
			break;
		case 'p':
			i.pin_triggers = optarg;
			if (!name_suite_ok(optarg))
				return cmd_usage(cmd);
			break;
		case 'r':
			i.requester = optarg;
			break;
		default:
			return cmd_usage(cmd);
		}
	if (optind == argc)
		return cmd_usage(cmd);
	if (cmd_open(cmd, &f) != 0)
		return cmd_fail(&f);
	allow_many_files();
	rc = import_all(cmd, &i, argv + optind, &f);
	(void)printf("%zu lines: %zu queued, %zu waiting or running already, "
	    "%zu of an earlier import, %zu bad\n", i.lines, i.queued,
	    i.pending, i.resumed, i.bad);
	if (rc != 0)
		return cmd_fail(&f);
	return i.bad ? EX_DATAERR : cmd_flush();
}
