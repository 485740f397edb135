/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "enqueue.h"
#include "hook.h"
#include "log.h"
#include "mem.h"
#include "work.h"

/* Those of the configuration, or else all of this host's architecture. */
static int
choose_queues(struct cmd *cmd, char **named, struct fail *f)
{
	char own[NAME_ARCH_MAX + 1], arch[NAME_ARCH_MAX + 1];
	struct strs all = { 0 };

	if (*named)
		strs_free(&cmd->conf.queues);
	for (; *named; named++)
		strs_add(&cmd->conf.queues, *named);
	if (cmd->conf.queues.n)
		return 0;
	if (spool_queues(&cmd->spool, &all, f) != 0)
		return -1;
	enqueue_host_arch(own);
	for (size_t i = 0; i < all.n; i++) {
		queue_arch(arch, all.v[i]);
		if (strcmp(arch, own) == 0)
			strs_add(&cmd->conf.queues, all.v[i]);
	}
	strs_free(&all);
	if (cmd->conf.queues.n)
		return 0;
	return fail_set(f, EX_CONFIG, "%s: no queue for %s; make it with: "
	    "adtspool init %s", cmd->spool.path, own[0] ? own : "this host",
	    own);
}

int
cmd_worker(struct cmd *cmd, int argc, char **argv)
{
	static const struct option options[] = {
		{ "drain", no_argument, NULL, 'd' },
		{ "slots", required_argument, NULL, 'n' },
		{ "name", required_argument, NULL, 'N' }, { 0 } };
	struct log log = { .out = stderr, .most = LOG_LEVEL_INFO,
	    .journal = getenv("JOURNAL_STREAM") != NULL };
	const char *name = NULL;
	struct hooks hooks;
	bool drain = false;
	int o, rc, slots = 0;
	struct fail f;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (o) {
		case 'd':
			drain = true;
			break;
		case 'n':
			slots = cmd_number(optarg, CONF_SLOTS_MOST, "--slots");
			if (slots < 1)
				return EX_USAGE;
			break;
		case 'N':
			name = optarg;
			break;
		default:
			return cmd_usage(cmd);
		}
	if (name && !name_worker_ok(name)) {
		(void)fail_set(&f, EX_USAGE, "--name: \"%s\" is no name for a "
		    "worker; use letters, digits, dots and dashes", name);
		return cmd_fail(&f);
	}
	if (cmd_open(cmd, &f) != 0 ||
	    choose_queues(cmd, argv + optind, &f) != 0)
		return cmd_fail(&f);
	if (slots)
		cmd->conf.slots = (unsigned)slots;
	if (name) {
		free(cmd->conf.worker);
		cmd->conf.worker = mem_dup(name);
	}
	hook_open(&hooks, &cmd->conf, &log);
	cmd->spool.hooks = &hooks;
	rc = work(&cmd->conf, &cmd->spool, &log, drain, &f);
	hook_close(&hooks);
	return rc == 0 ? EX_OK : cmd_fail(&f);
}
