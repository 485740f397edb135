/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "cmd.h"
#include "enqueue.h"
#include "json.h"
#include "mem.h"
#include "request.h"
#include "retry.h"

enum { OPT_ALL = 256, OPT_SINCE, OPT_PRIORITY, OPT_REQUESTER, OPT_FORCE,
	OPT_JSON };

struct order {
	struct cmd *cmd;
	struct retry_choice choice;
	const char *requester, *since;
	int priority;
	bool insist, dry_run, json;
	struct buf out;
	struct json_writer w;
	size_t n;		/* that were asked for */
	int status;
};

static int
read_options(struct order *x, int argc, char **argv)
{
	static const struct option options[] = {
		{ "trigger", required_argument, NULL, 't' },
		{ "package", required_argument, NULL, 'p' },
		{ "suite", required_argument, NULL, 's' },
		{ "arch", required_argument, NULL, 'a' },
		{ "all", no_argument, NULL, OPT_ALL },
		{ "since", required_argument, NULL, OPT_SINCE },
		{ "priority", required_argument, NULL, OPT_PRIORITY },
		{ "requester", required_argument, NULL, OPT_REQUESTER },
		{ "force", no_argument, NULL, OPT_FORCE },
		{ "dry-run", no_argument, NULL, 'n' },
		{ "json", no_argument, NULL, OPT_JSON }, { 0 } };
	int o;

	while ((o = getopt_long(argc, argv, "t:p:s:a:n", options, NULL)) != -1)
		switch (o) {
		case 't': x->choice.trigger = optarg; break;
		case 'p': x->choice.package = optarg; break;
		case 's': x->choice.suite = optarg; break;
		case 'a': x->choice.arch = optarg; break;
		case OPT_ALL: x->choice.all = true; break;
		case OPT_SINCE: x->since = optarg; break;
		case OPT_PRIORITY:
			x->priority = cmd_number(optarg, TOKEN_PRIORITY_MOST,
			    "--priority");
			if (x->priority < 0)
				return -1;
			break;
		case OPT_REQUESTER: x->requester = optarg; break;
		case OPT_FORCE: x->insist = true; break;
		case 'n': x->dry_run = true; break;
		case OPT_JSON: x->json = true; break;
		default: return -1;
		}
	return (x->choice.trigger != NULL) != (optind < argc) ? 0 : -1;
}

static void
note_status(struct order *x, int status)
{
	if (x->status == EX_OK)
		x->status = status;
}

static void
say(struct order *x, const struct request *r, const char *id,
	const char *queue, const char *outcome)
{
	static const struct { const char *outcome, *text; } texts[] = {
	    { "queued", "" }, { "pending", " waits or runs already" },
	    { "chosen", " would be asked for" } };

	x->n++;
	for (size_t i = 0; !x->json && i < sizeof texts / sizeof *texts; i++)
		if (strcmp(texts[i].outcome, outcome) == 0)
			(void)printf("%s %s %s%s\n", id[0] ? id : "-",
			    queue[0] ? queue : r->arch, r->package,
			    texts[i].text);
	if (!x->json)
		return;
	json_put_object(&x->w, NULL);
	json_put_string(&x->w, "id", id[0] ? id : NULL);
	json_put_string(&x->w, "queue", queue[0] ? queue : NULL);
	json_put_string(&x->w, "package", r->package);
	json_put_string(&x->w, "suite", r->suite);
	json_put_string(&x->w, "arch", r->arch);
	json_put_string(&x->w, "outcome", outcome);
	json_put_object_end(&x->w);
}

static void
ask(struct order *x, struct request *r)
{
	struct enqueue e = { .insist = x->insist };
	enum enqueue_outcome o;
	struct fail f;

	free(r->requester);
	r->requester = mem_dup(x->requester);
	if (x->priority >= 0)
		r->priority = x->priority;
	if (x->dry_run) {
		say(x, r, "", "", "chosen");
		return;
	}
	o = enqueue(&x->cmd->conf, &x->cmd->spool, r, &e, &f);
	if (o == ENQUEUE_FAILED)
		note_status(x, cmd_fail(&f));
	else
		say(x, r, e.id, e.queue, o == ENQUEUE_PENDING ? "pending" :
		    "queued");
}

static int
retry_one_run(void *context, const struct tree_run *run, const char *status)
{
	struct order *x = context;
	struct request r;
	struct fail f;

	(void)status;
	if (retry_run(&x->cmd->spool, run, &r, &f) == 0)
		ask(x, &r);
	else
		note_status(x, cmd_fail(&f));
	request_free(&r);
	return 0;
}

static int
retry_id(struct order *x, const char *id, struct fail *f)
{
	struct request r = { 0 };
	struct found found;
	int rc = find_request(&x->cmd->spool, id, &found, f);

	if (rc == 0 && found.state == FIND_NOWHERE)
		rc = fail_set(f, EX_NOINPUT, "%s: there is no such request in "
		    "%s", id, x->cmd->spool.path);
	if (rc == 0 && (found.state == FIND_WAITING ||
	    found.state == FIND_RUNNING)) {
		r.package = mem_dup(found.token.label);
		say(x, &r, id, found.queue, "pending");
	} else if (rc == 0) {
		rc = retry_request(&x->cmd->conf, &x->cmd->spool, &found, &r,
		    f);
		if (rc == 0)
			ask(x, &r);
	}
	request_free(&r);
	return rc;
}

static void
retry_named(struct order *x, const char *name)
{
	struct tree_run run;
	struct fail f;

	if (tree_run_parse(&run, name) == 0) {
		(void)retry_one_run(x, &run, "");
	} else if (!token_id_ok(name)) {
		(void)fail_set(&f, EX_USAGE, "\"%.80s\" is neither an id nor "
		    "a run, SUITE/ARCH/PACKAGE/YYYYMMDD_HHMMSS@", name);
		note_status(x, cmd_fail(&f));
	} else if (retry_id(x, name, &f) != 0) {
		note_status(x, cmd_fail(&f));
	}
}

static int
retry_trigger(struct order *x, struct fail *f)
{
	enum { SINCE_S = 15 * 86400 };
	int64_t span_s = SINCE_S;

	if (x->since && clock_parse_span(x->since, &span_s) != 0)
		return fail_set(f, EX_USAGE, "--since: \"%s\" is no span; say "
		    "8h or 15d", x->since);
	if (!x->choice.suite)
		x->choice.suite = x->cmd->conf.suite;
	x->choice.since_s = clock_now_s() - span_s;
	if (retry_each(&x->cmd->spool, &x->choice, retry_one_run, x, f) != 0)
		return -1;
	if (x->n || x->status)
		return 0;
	return fail_set(f, EX_NOINPUT, "%s: nothing in %s with this trigger "
	    "%s", x->choice.trigger, x->choice.suite, x->choice.all ?
	    "was run" : "has failed last");
}

static int
retry_all(struct order *x, char **names, struct fail *f)
{
	const struct passwd *pw = x->requester ? NULL : getpwuid(getuid());

	if (!x->requester)
		x->requester = pw ? pw->pw_name : "somebody";
	if (x->json)
		json_put_array(&x->w, NULL);
	for (; *names; names++)
		retry_named(x, *names);
	if (x->choice.trigger && retry_trigger(x, f) != 0)
		return -1;
	if (x->json) {
		json_put_array_end(&x->w);
		(void)printf("%s\n", x->out.s);
	}
	return 0;
}

int
cmd_retry(struct cmd *cmd, int argc, char **argv)
{
	struct order x = { .cmd = cmd, .priority = -1 };
	struct fail f;

	x.w = (struct json_writer){ .out = &x.out, .pretty = true };
	if (read_options(&x, argc, argv) != 0)
		return cmd_usage(cmd);
	if (cmd_open(cmd, &f) != 0 || retry_all(&x, argv + optind, &f) != 0)
		note_status(&x, cmd_fail(&f));
	else
		note_status(&x, cmd_flush());
	buf_free(&x.out);
	return x.status;
}
