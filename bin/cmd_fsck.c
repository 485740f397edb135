/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>

#include "buf.h"
#include "cmd.h"
#include "fsck.h"
#include "progress.h"

static void
show(void *context, const char *what, size_t part, size_t of)
{
	progress_show(context, what, part, of);
}

static int
print(const struct fsck_report *r, bool json)
{
	struct buf out = { 0 };
	int status;

	if (json)
		fsck_json(r, &out);
	else
		fsck_text(r, &out);
	(void)fwrite(out.s, 1, out.len, stdout);
	buf_free(&out);
	status = cmd_flush();
	return status ? status : fsck_status(r);
}

static int
run(struct cmd *cmd, struct fsck_options o, bool json)
{
	struct fsck_report r = { 0 };
	struct progress bar;
	struct fail f;
	int status;

	progress_init(&bar, stderr);
	o.progress = show;
	o.context = &bar;
	if (cmd_open(cmd, &f) != 0)
		return cmd_fail(&f);
	status = fsck(&cmd->conf, &cmd->spool, &o, &r, &f);
	progress_end(&bar);
	status = status == 0 ? print(&r, json) : cmd_fail(&f);
	fsck_report_free(&r);
	return status;
}

/* Fills o; -1 where the command line is wrong. */
static int
take_options(int argc, char **argv, struct fsck_options *o, struct strs *dead,
	bool *json)
{
	static const struct option options[] = {
		{ "repair", no_argument, NULL, 'r' },
		{ "deep", no_argument, NULL, 'd' },
		{ "json", no_argument, NULL, 'j' },
		{ "dead", required_argument, NULL, 'D' }, { 0 } };
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 'r':
			o->repair = true;
			break;
		case 'd':
			o->deep = true;
			break;
		case 'j':
			*json = true;
			break;
		case 'D':
			if (!name_worker_ok(optarg))
				return -1;
			strs_add(dead, optarg);
			break;
		default:
			return -1;
		}
	return 0;
}

int
cmd_fsck(struct cmd *cmd, int argc, char **argv)
{
	struct strs queues = { 0 }, dead = { 0 };
	struct fsck_options o = { .queues = &queues, .dead = &dead,
	    .moment_ms = FSCK_MOMENT_MS };
	bool json = false;
	int status;

	if (take_options(argc, argv, &o, &dead, &json) != 0) {
		strs_free(&dead);
		return cmd_usage(cmd);
	}
	for (int i = optind; i < argc; i++)
		strs_add(&queues, argv[i]);
	status = run(cmd, o, json);
	strs_free(&queues);
	strs_free(&dead);
	return status;
}
