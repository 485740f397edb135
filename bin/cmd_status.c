/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>

#include "buf.h"
#include "cmd.h"
#include "status.h"

int
cmd_status(struct cmd *cmd, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' }, { 0 } };
	struct buf out = { 0 };
	struct status st;
	bool json = false;
	struct fail f;
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o != 'j')
			return cmd_usage(cmd);
		json = true;
	}
	if (optind < argc)
		return cmd_usage(cmd);
	if (cmd_open(cmd, &f) != 0 || status_read(&cmd->spool, &st, &f) != 0)
		return cmd_fail(&f);
	status_expect(&cmd->conf, &cmd->spool, &st);
	if (json)
		status_json(&st, &out);
	else
		status_text(&st, &out);
	(void)fwrite(out.s, 1, out.len, stdout);
	status_free(&st);
	buf_free(&out);
	return cmd_flush();
}
