/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "cmd.h"
#include "command.h"
#include "enqueue.h"
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

static int
print_command(struct cmd *cmd, const char *request)
{
	struct buf out = { 0 };
	struct fail f;

	if (command_tell(&cmd->conf, &cmd->spool, request, &out, &f) != 0)
		return cmd_fail(&f);
	(void)fwrite(out.s, 1, out.len, stdout);
	buf_free(&out);
	return cmd_flush();
}

int
cmd_worker(struct cmd *cmd, int argc, char **argv)
{
	static const struct option options[] = {
		{ "drain", no_argument, NULL, 'd' },
		{ "slots", required_argument, NULL, 'n' },
		{ "name", required_argument, NULL, 'N' },
		{ "print-command", required_argument, NULL, 'p' }, { 0 } };
	struct log log = { .out = stderr, .most = LOG_LEVEL_INFO,
	    .journal = getenv("JOURNAL_STREAM") != NULL };
	const char *name = NULL, *print = NULL;
	bool drain = false;
	int o, slots = 0;
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
		case 'p':
			print = optarg;
			break;
		default:
			return cmd_usage(cmd);
		}
	if (print && (optind < argc || drain || slots))
		return cmd_usage(cmd);
	if (name && !name_worker_ok(name)) {
		(void)fail_set(&f, EX_USAGE, "--name: \"%s\" is no name for a "
		    "worker; use letters, digits, dots and dashes", name);
		return cmd_fail(&f);
	}
	if (cmd_open(cmd, &f) != 0)
		return cmd_fail(&f);
	if (name) {
		free(cmd->conf.worker);
		cmd->conf.worker = mem_dup(name);
	}
	if (print)
		return print_command(cmd, print);
	if (choose_queues(cmd, argv + optind, &f) != 0)
		return cmd_fail(&f);
	if (slots)
		cmd->conf.slots = (unsigned)slots;
	return work(&cmd->conf, &cmd->spool, &log, drain, &f) == 0 ? EX_OK :
	    cmd_fail(&f);
}
