/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>

#include "cmd.h"
#include "describe.h"
#include "follow.h"
#include "tree_run.h"

static int
log_to_the_end(struct cmd *cmd, const struct found *found, FILE *out,
	struct fail *f)
{
	struct follow w = { .queue = found->queue, .id = found->token.id,
	    .log = out, .news = stderr };

	if (follow(&cmd->conf, &cmd->spool, &w, f) != 0)
		return -1;
	result_free(&w.result);
	if (w.found.state == FIND_DONE)
		return 0;
	return fail_set(f, EX_NOINPUT, "%s: has no result: it is %s%s%s",
	    found->token.id, find_word(w.found.state),
	    w.found.state == FIND_BAD ? "; see: adtspool show " : "",
	    w.found.state == FIND_BAD ? found->token.id : "");
}

static int
log_of_request(struct cmd *cmd, const char *id, bool to_the_end, FILE *out,
	struct fail *f)
{
	char run_id[PUBLISH_RUN_ID_MAX];
	struct result r = { 0 };
	struct found found;
	int rc = find_request(&cmd->spool, id, &found, f);

	if (rc != 0)
		return rc;
	if (found.state == FIND_NOWHERE)
		return fail_set(f, EX_NOINPUT, "%s: there is no such request "
		    "in %s", id, cmd->spool.path);
	if (to_the_end)
		return log_to_the_end(cmd, &found, out, f);
	if (found.state == FIND_RUNNING)
		return follow_running(&cmd->spool, &found, out, f);
	rc = describe_run(&cmd->conf, &cmd->spool, &found, &r, run_id, f);
	if (rc == 0 && !run_id[0])
		rc = fail_set(f, EX_NOINPUT, "%s: no log yet: it is %s", id,
		    find_word(found.state));
	if (rc == 0)
		rc = follow_cat(&cmd->spool, &r, run_id, 0, out, f);
	result_free(&r);
	return rc;
}

static int
log_of_run(struct cmd *cmd, struct tree_run *run, FILE *out, struct fail *f)
{
	const struct result r = { .suite = run->suite, .arch = run->arch,
	    .package = run->source };

	return follow_cat(&cmd->spool, &r, run->run_id, 0, out, f);
}

int
cmd_log(struct cmd *cmd, int argc, char **argv)
{
	static const struct option options[] = {
		{ "follow", no_argument, NULL, 'f' },
		{ "raw", no_argument, NULL, 'r' }, { 0 } };
	bool to_the_end = false, raw = false;
	struct tree_run run;
	struct fail f;
	FILE *out;
	int o, rc;

	while ((o = getopt_long(argc, argv, "f", options, NULL)) != -1)
		switch (o) {
		case 'f': to_the_end = true; break;
		case 'r': raw = true; break;
		default: return cmd_usage(cmd);
		}
	if (optind + 1 != argc)
		return cmd_usage(cmd);
	rc = tree_run_parse(&run, argv[optind]);
	if (rc != 0 && !token_id_ok(argv[optind]))
		return cmd_usage(cmd);
	if (cmd_open(cmd, &f) != 0)
		return cmd_fail(&f);
	out = raw ? stdout : cmd_log_stream();
	rc = rc == 0 ? log_of_run(cmd, &run, out, &f) :
	    log_of_request(cmd, argv[optind], to_the_end, out, &f);
	if (out != stdout)
		(void)fclose(out);
	return rc == 0 ? cmd_flush() : cmd_fail(&f);
}
