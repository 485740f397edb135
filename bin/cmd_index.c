/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "index.h"
#include "log.h"
#include "mem.h"
#include "progress.h"

static void
show(void *context, const char *what, size_t part, size_t of)
{
	progress_show(context, what, part, of);
}

static int
set_name(struct cmd *cmd, const char *name, struct fail *f)
{
	if (!name)
		return 0;
	if (!name_worker_ok(name))
		return fail_set(f, EX_USAGE, "--name: \"%s\" is no name for "
		    "an indexer; use letters, digits, dots and dashes", name);
	free(cmd->conf.worker);
	cmd->conf.worker = mem_dup(name);
	return 0;
}

/* On a terminal the line of progress tells enough. */
static int
run(struct cmd *cmd, const struct index_options *wanted, struct fail *f)
{
	struct index_options o = *wanted;
	struct log log = { .out = stderr, .most = o.follow ? LOG_LEVEL_INFO :
	    LOG_LEVEL_ERROR, .plain = !o.follow,
	    .journal = getenv("JOURNAL_STREAM") != NULL };
	struct progress p;
	int rc;

	progress_init(&p, stderr);
	if (!o.follow && p.out) {
		o.progress = show;
		o.context = &p;
	}
	rc = index_run(&cmd->conf, &cmd->spool, &log, &o, f);
	progress_end(&p);
	return rc;
}

int
cmd_index(struct cmd *cmd, int argc, char **argv)
{
	static const struct option options[] = {
		{ "follow", no_argument, NULL, 'f' },
		{ "rebuild", no_argument, NULL, 'r' },
		{ "name", required_argument, NULL, 'N' }, { 0 } };
	struct index_options wanted = { .follow = false };
	const char *name = NULL;
	struct fail f;
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (o) {
		case 'f':
			wanted.follow = true;
			break;
		case 'r':
			wanted.rebuild = true;
			break;
		case 'N':
			name = optarg;
			break;
		default:
			return cmd_usage(cmd);
		}
	if (optind != argc || (wanted.follow && wanted.rebuild))
		return cmd_usage(cmd);
	if (cmd_open(cmd, &f) != 0 || set_name(cmd, name, &f) != 0 ||
	    run(cmd, &wanted, &f) != 0)
		return cmd_fail(&f);
	return EX_OK;
}
