/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "cmd.h"
#include "describe.h"
#include "follow.h"

struct view {
	bool log, follow, json;
};

static int
show_followed(struct cmd *cmd, const struct found *found, const char *id,
	FILE *out, struct fail *f)
{
	struct follow w = { .queue = found->queue, .id = id, .log = out,
	    .news = stderr };

	if (follow(&cmd->conf, &cmd->spool, &w, f) != 0)
		return -1;
	result_free(&w.result);
	return 0;
}

static int
show_log(struct cmd *cmd, const struct found *found, FILE *out,
	struct fail *f)
{
	struct result r = { 0 };
	char run_id[PUBLISH_RUN_ID_MAX];
	int rc;

	if (found->state == FIND_RUNNING)
		return follow_running(&cmd->spool, found, out, f);
	rc = describe_run(&cmd->conf, &cmd->spool, found, &r, run_id, f);
	if (rc == 0 && !run_id[0])
		rc = fail_set(f, EX_NOINPUT, "%s: no log: it is %s",
		    found->token.id, find_word(found->state));
	if (rc == 0)
		rc = follow_cat(&cmd->spool, &r, run_id, 0, out, f);
	result_free(&r);
	return rc;
}

static int
print(struct buf *out)
{
	if (out->len)
		(void)fwrite(out->s, 1, out->len, stdout);
	buf_free(out);
	return cmd_flush();
}

static int
show_request(struct cmd *cmd, const struct view *v, const char *id)
{
	struct buf out = { 0 };
	struct found found;
	struct fail f;
	FILE *log;
	int rc = find_request(&cmd->spool, id, &found, &f);

	/* Some packages' names could be an id. */
	if (rc == 0 && found.state == FIND_NOWHERE && !v->log && !v->follow &&
	    describe_package(&cmd->spool, id, v->json, &out, &f) == 0 &&
	    out.len > 0)
		return print(&out);
	if (rc == 0 && found.state == FIND_NOWHERE)
		rc = fail_set(&f, EX_NOINPUT, "%s: there is no such request "
		    "in %s", id, cmd->spool.path);
	if (rc == 0 && (v->follow || v->log)) {
		log = cmd_log_stream();
		rc = v->follow ? show_followed(cmd, &found, id, log, &f) :
		    show_log(cmd, &found, log, &f);
		if (log != stdout)
			(void)fclose(log);
	} else if (rc == 0) {
		rc = describe_request(&cmd->conf, &cmd->spool, &found,
		    v->json, &out, &f);
	}
	if (rc == 0)
		return print(&out);
	buf_free(&out);
	return cmd_fail(&f);
}

static int
show_package(struct cmd *cmd, const struct view *v, const char *package)
{
	struct buf out = { 0 };
	struct fail f;
	int rc = describe_package(&cmd->spool, package, v->json, &out, &f);

	if (rc == 0)
		return print(&out);
	buf_free(&out);
	return cmd_fail(&f);
}

int
cmd_show(struct cmd *cmd, int argc, char **argv)
{
	static const struct option options[] = {
		{ "log", no_argument, NULL, 'l' },
		{ "follow", no_argument, NULL, 'f' },
		{ "json", no_argument, NULL, 'j' }, { 0 } };
	struct view v = { 0 };
	struct fail f;
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (o) {
		case 'l':
			v.log = true;
			break;
		case 'f':
			v.follow = true;
			break;
		case 'j':
			v.json = true;
			break;
		default:
			return cmd_usage(cmd);
		}
	if (optind + 1 != argc)
		return cmd_usage(cmd);
	if (cmd_open(cmd, &f) != 0)
		return cmd_fail(&f);
	if (token_id_ok(argv[optind]))
		return show_request(cmd, &v, argv[optind]);
	if (name_source_ok(argv[optind]) && !v.log && !v.follow)
		return show_package(cmd, &v, argv[optind]);
	return cmd_usage(cmd);
}
