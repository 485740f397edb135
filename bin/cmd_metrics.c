/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>

#include "buf.h"
#include "cmd.h"
#include "fs.h"
#include "metrics.h"

int
cmd_metrics(struct cmd *cmd, int argc, char **argv)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' }, { 0 } };
	const char *file = NULL;
	struct buf b = { 0 };
	struct fail f;
	int o, rc;

	while ((o = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
		if (o != 'o')
			return cmd_usage(cmd);
		file = optarg;
	}
	if (optind != argc)
		return cmd_usage(cmd);
	if (cmd_open(cmd, &f) != 0 || metrics_spool(&cmd->spool, &b, &f) != 0)
		return cmd_fail(&f);
	rc = file ? fs_replace(AT_FDCWD, file, b.s, b.len, &f) : 0;
	if (!file)
		(void)fwrite(b.s, 1, b.len, stdout);
	buf_free(&b);
	return rc == 0 ? cmd_flush() : cmd_fail(&f);
}
