/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "enqueue.h"
#include "mem.h"
#include "role.h"

int
cmd_init(struct cmd *cmd, int argc, char **argv)
{
	static const struct option options[] = {
		{ "results", required_argument, NULL, 'r' }, { 0 } };
	char arch[NAME_ARCH_MAX + 1], *own_results = NULL;
	const char *spool = NULL, *results = NULL;
	struct strs queues = { 0 };
	struct fail f;
	int o, rc = 0;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o != 'r')
			return cmd_usage(cmd);
		results = optarg;
	}
	/* A path has a slash, which no queue's name can have. */
	if (optind < argc && strchr(argv[optind], '/'))
		spool = argv[optind++];
	while (optind < argc)
		strs_add(&queues, argv[optind++]);
	if (!spool) {
		rc = cmd_configure(cmd, &f);
		spool = cmd->conf.spool;
		results = results ? results : cmd->conf.results;
	}
	if (!results && rc == 0)
		results = own_results = mem_printf("%s/results", spool);
	enqueue_host_arch(arch);
	if (queues.n == 0 && arch[0])
		strs_add(&queues, arch);
	if (rc == 0)
		rc = spool_init(spool, results, &queues, &f);
	if (rc == 0)
		rc = spool_open(&cmd->spool, spool, results, &f);
	if (rc == 0)
		rc = role_make(&cmd->spool, &f);
	strs_free(&queues);
	free(own_results);
	return rc == 0 ? EX_OK : cmd_fail(&f);
}
