/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "index.h"
#include "journal.h"
#include "log.h"
#include "mem.h"
#include "notify.h"
#include "progress.h"

static void
show(void *context, const char *what, size_t part, size_t of)
{
	progress_show(context, what, part, of);
}

static int
check_name(const char *name, struct fail *f)
{
	if (!name || name_worker_ok(name))
		return 0;
	return fail_set(f, EX_USAGE, "--name: \"%s\" is no name for an "
	    "indexer; use letters, digits, dots and dashes", name);
}

static void
set_name(struct conf *c, const char *name)
{
	if (!name)
		return;
	free(c->worker);
	c->worker = mem_dup(name);
}

/* What a reload has to know. */
struct asked {
	struct cmd *cmd;
	const char *name;
};

static int
reread(void *of, struct conf *fresh, struct fail *f)
{
	const struct asked *a = of;

	if (cmd_read_conf(a->cmd, fresh, f) != 0)
		return -1;
	set_name(fresh, a->name);
	return 0;
}

static int
follow(const struct asked *a, const struct index_options *wanted,
	struct fail *f)
{
	struct index_options o = *wanted;
	struct journal journal;
	struct notify notify;
	struct log log;
	int rc;

	notify_open(&notify);
	cmd_service_log(&log, &journal);
	o.notify = &notify;
	rc = index_run(&a->cmd->conf, &a->cmd->spool, &log, &o, f);
	journal_close(&journal);
	notify_close(&notify);
	return rc;
}

/* On a terminal the line of progress tells enough. */
static int
once(const struct asked *a, const struct index_options *wanted,
	struct fail *f)
{
	struct index_options o = *wanted;
	const struct log log = { .out = stderr, .most = LOG_LEVEL_ERROR,
	    .plain = true };
	struct progress p;
	int rc;

	progress_init(&p, stderr);
	if (p.out) {
		o.progress = show;
		o.context = &p;
	}
	rc = index_run(&a->cmd->conf, &a->cmd->spool, &log, &o, f);
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
	struct asked a = { .cmd = cmd };
	struct index_options wanted = { .reread = reread, .of = &a };
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
			a.name = optarg;
			break;
		default:
			return cmd_usage(cmd);
		}
	if (optind != argc || (wanted.follow && wanted.rebuild))
		return cmd_usage(cmd);
	if (check_name(a.name, &f) != 0 || cmd_open(cmd, &f) != 0)
		return cmd_fail(&f);
	set_name(&cmd->conf, a.name);
	return (wanted.follow ? follow(&a, &wanted, &f) :
	    once(&a, &wanted, &f)) == 0 ? EX_OK : cmd_fail(&f);
}
