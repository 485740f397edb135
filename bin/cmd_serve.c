/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "fs.h"
#include "journal.h"
#include "log.h"
#include "mem.h"
#include "notify.h"
#include "serve.h"

/* Of a mirror there are the results alone. */
static int
open_results(struct cmd *cmd, const char *results, struct fail *f)
{
	if (cmd_configure(cmd, f) != 0)
		return -1;
	cmd->spool.results = fs_open_dir(AT_FDCWD, results);
	cmd->spool.results_path = mem_dup(results);
	return cmd->spool.results < 0 ? fail_errno(f, "%s", results) : 0;
}

static int
reread(void *of, struct conf *fresh, struct fail *f)
{
	return cmd_read_conf(of, fresh, f);
}

static int
run(struct cmd *cmd, const struct log *log, struct fail *f)
{
	struct notify notify;
	const struct serve_options o = { &notify, reread, cmd };
	int rc;

	notify_open(&notify);
	rc = serve(&cmd->conf, &cmd->spool, log, &o, f);
	notify_close(&notify);
	return rc;
}

int
cmd_serve(struct cmd *cmd, int argc, char **argv)
{
	static const struct option options[] = {
		{ "listen", required_argument, NULL, 'l' },
		{ "results", required_argument, NULL, 'r' },
		{ "quiet", no_argument, NULL, 'q' }, { 0 } };
	const char *address = NULL, *results = NULL;
	struct journal journal;
	struct log log;
	struct fail f;
	int o;

	cmd_service_log(&log, &journal);
	while ((o = getopt_long(argc, argv, "q", options, NULL)) != -1)
		switch (o) {
		case 'l':
			address = optarg;
			break;
		case 'r':
			results = optarg;
			break;
		case 'q':
			log.most = LOG_LEVEL_ERROR;
			break;
		default:
			return cmd_usage(cmd);
		}
	if (optind != argc)
		return cmd_usage(cmd);
	if ((results ? open_results(cmd, results, &f) :
	    cmd_open(cmd, &f)) != 0)
		return cmd_fail(&f);
	if (address) {
		free(cmd->conf.serve_listen);
		cmd->conf.serve_listen = mem_dup(address);
	}
	return run(cmd, &log, &f) == 0 ? EX_OK : cmd_fail(&f);
}
