/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "cmd.h"
#include "command.h"
#include "enqueue.h"
#include "hook.h"
#include "journal.h"
#include "log.h"
#include "mem.h"
#include "notify.h"
#include "replace.h"
#include "work.h"

/* What the command line says, of the configuration too. */
struct asked {
	struct cmd *cmd;
	char **queues;
	const char *name, *print;
	int slots;
	bool drain, replace;
	char *first;		/* of the pair of names that --replace uses */
	struct replace pair;
};

/* Those of the configuration, or else all of this host's architecture. */
static int
choose_queues(const struct asked *a, struct conf *c, struct fail *f)
{
	char own[NAME_ARCH_MAX + 1], arch[NAME_ARCH_MAX + 1];
	struct strs all = { 0 };

	if (*a->queues)
		strs_free(&c->queues);
	for (char **named = a->queues; *named; named++)
		strs_add(&c->queues, *named);
	if (c->queues.n)
		return 0;
	if (spool_queues(&a->cmd->spool, &all, f) != 0)
		return -1;
	enqueue_host_arch(own);
	for (size_t i = 0; i < all.n; i++) {
		queue_arch(arch, all.v[i]);
		if (strcmp(arch, own) == 0)
			strs_add(&c->queues, all.v[i]);
	}
	strs_free(&all);
	if (c->queues.n)
		return 0;
	return fail_set(f, EX_CONFIG, "%s: no queue for %s; make it with: "
	    "adtspool init %s", a->cmd->spool.path, own[0] ? own : "this host",
	    own);
}

static void
set_name(struct conf *c, const char *name)
{
	char *copy = mem_dup(name);

	free(c->worker);
	c->worker = copy;
}

/* What the command line says holds. */
static int
overrule(const struct asked *a, struct conf *c, struct fail *f)
{
	if (a->slots)
		c->slots = (unsigned)a->slots;
	if (a->name)
		set_name(c, a->name);
	if (a->first && strcmp(c->worker, a->first) == 0)
		set_name(c, a->pair.name);
	return choose_queues(a, c, f);
}

static int
reread(void *of, struct conf *fresh, struct fail *f)
{
	const struct asked *a = of;

	if (cmd_read_conf(a->cmd, fresh, f) != 0)
		return -1;
	if (overrule(a, fresh, f) == 0)
		return 0;
	conf_free(fresh);
	return -1;
}

static int
choose_name(struct asked *a, struct fail *f)
{
	struct conf *c = &a->cmd->conf;

	if (!a->replace)
		return 0;
	if (replace_choose(&a->pair, &a->cmd->spool, c->worker, f) != 0)
		return -1;
	a->first = mem_dup(c->worker);
	set_name(c, a->pair.name);
	return 0;
}

static int
run(struct asked *a, struct fail *f)
{
	struct work_options o = { .drain = a->drain, .reread = reread,
	    .of = a };
	struct journal journal;
	struct notify notify;
	struct hooks hooks;
	struct log log;
	int rc;

	if (cmd_open(a->cmd, f) != 0 || overrule(a, &a->cmd->conf, f) != 0 ||
	    choose_name(a, f) != 0)
		return -1;
	notify_open(&notify);
	cmd_service_log(&log, &journal);
	o.notify = &notify;
	o.before = a->pair.before[0] ? a->pair.before : NULL;
	hook_open(&hooks, &a->cmd->conf, &log);
	a->cmd->spool.hooks = &hooks;
	rc = work(&a->cmd->conf, &a->cmd->spool, &log, &o, f);
	a->cmd->spool.hooks = NULL;
	hook_close(&hooks);
	journal_close(&journal);
	notify_close(&notify);
	free(a->first);
	return rc;
}

static int
print_command(const struct asked *a)
{
	struct cmd *cmd = a->cmd;
	struct buf out = { 0 };
	struct fail f;

	if (cmd_open(cmd, &f) != 0)
		return cmd_fail(&f);
	if (a->name)
		set_name(&cmd->conf, a->name);
	if (command_tell(&cmd->conf, &cmd->spool, a->print, &out, &f) != 0)
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
		{ "replace", no_argument, NULL, 'r' },
		{ "print-command", required_argument, NULL, 'p' }, { 0 } };
	struct asked a = { .cmd = cmd };
	struct fail f;
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (o) {
		case 'd':
			a.drain = true;
			break;
		case 'n':
			a.slots = cmd_number(optarg, CONF_SLOTS_MOST,
			    "--slots");
			if (a.slots < 1)
				return EX_USAGE;
			break;
		case 'N':
			a.name = optarg;
			break;
		case 'r':
			a.replace = true;
			break;
		case 'p':
			a.print = optarg;
			break;
		default:
			return cmd_usage(cmd);
		}
	a.queues = argv + optind;
	if (a.print && (*a.queues || a.drain || a.slots || a.replace))
		return cmd_usage(cmd);
	if (a.name && !name_worker_ok(a.name)) {
		(void)fail_set(&f, EX_USAGE, "--name: \"%s\" is no name for a "
		    "worker; use letters, digits, dots and dashes", a.name);
		return cmd_fail(&f);
	}
	if (a.print)
		return print_command(&a);
	return run(&a, &f) == 0 ? EX_OK : cmd_fail(&f);
}
