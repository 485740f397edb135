/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "cmd.h"
#include "json.h"
#include "progress.h"
#include "results.h"

enum { LIMIT_DEFAULT = 25, LIMIT_MOST = 1000000000, FLUSH = 1 << 16,
	NOTHING_FOUND = 1 };

struct view {
	struct progress bar;
	struct results_query q;
	bool json;
	struct buf out;
	struct json_writer w;
	struct results_table table;
};

static void
show(void *context, const char *what, size_t part, size_t of)
{
	progress_show(context, what, part, of);
}

static void
flush(struct buf *b)
{
	if (b->len)
		(void)fwrite(b->s, 1, b->len, stdout);
	buf_reset(b);
}

/* There may be many: they do not wait in memory for the last one. */
static void
put(void *context, const struct notice *a, const struct result *r)
{
	struct view *v = context;

	results_put(&v->w, a, r);
	if (v->out.len > FLUSH)
		flush(&v->out);
}

static size_t
terminal_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ?
	    size.ws_col : 80;
}

static int
print_json(struct cmd *cmd, struct view *v, struct results_seen *seen,
	struct fail *f)
{
	int rc;

	v->w = (struct json_writer){ .out = &v->out, .pretty = true };
	json_put_array(&v->w, NULL);
	rc = results_each(&cmd->spool, &v->q, put, v, seen, f);
	json_put_array_end(&v->w);
	buf_add(&v->out, "\n");
	return rc;
}

static int
print(struct cmd *cmd, struct view *v)
{
	struct results_seen seen;
	struct fail f;
	int status = EX_OK;

	progress_init(&v->bar, stderr);
	v->q.progress = show;
	v->q.context = &v->bar;
	if (cmd_open(cmd, &f) != 0)
		return cmd_fail(&f);
	if ((v->json ? print_json(cmd, v, &seen, &f) :
	    results_each(&cmd->spool, &v->q, results_table_add, &v->table,
	    &seen, &f)) != 0)
		status = f.status;
	progress_end(&v->bar);
	if (status != EX_OK)
		return cmd_fail(&f);
	results_table_print(&v->table, terminal_width(), &v->out);
	flush(&v->out);
	if (seen.unread)
		(void)fprintf(stderr, "adtspool: %zu results could not be "
		    "read; adtspool fsck --deep tells which\n", seen.unread);
	status = cmd_flush();
	return status != EX_OK || seen.found ? status : NOTHING_FOUND;
}

/* A moment, or a span of time before now. */
static int
take_since(const char *text, int64_t *since_s)
{
	int64_t span_s;

	if (clock_parse_span(text, &span_s) == 0)
		*since_s = clock_now_s() - span_s;
	else if (clock_parse(text, since_s) != 0)
		return -1;
	return *since_s > 0 ? 0 : -1;
}

static int
take_statuses(const char *text, struct strs *statuses)
{
	size_t before = statuses->n;

	strs_split(statuses, text, ",");
	for (size_t i = before; i < statuses->n; i++)
		if (!results_status_ok(statuses->v[i]))
			return -1;
	return statuses->n > before ? 0 : -1;
}

enum { OPT_LIMIT = 256 };

static const struct option options[] = {
	{ "package", required_argument, NULL, 'p' },
	{ "suite", required_argument, NULL, 's' },
	{ "arch", required_argument, NULL, 'a' },
	{ "trigger", required_argument, NULL, 't' },
	{ "since", required_argument, NULL, 'S' },
	{ "status", required_argument, NULL, 'x' },
	{ "limit", required_argument, NULL, OPT_LIMIT },
	{ "json", no_argument, NULL, 'j' }, { 0 } };

/* EX_OK, or EX_USAGE after a message. */
static int
take_option(struct view *v, int o, const char *text)
{
	struct results_query *q = &v->q;
	int n;

	switch (o) {
	case 'p':
		q->package = text;
		return name_source_ok(text) ? EX_OK :
		    cmd_refuse("--package", text, "name of a source package");
	case 's':
		q->suite = text;
		return name_suite_ok(text) ? EX_OK :
		    cmd_refuse("--suite", text, "name of a suite");
	case 'a':
		q->arch = text;
		return name_arch_ok(text) ? EX_OK :
		    cmd_refuse("--arch", text, "name of an architecture");
	case 't':
		q->trigger = text;
		return name_trigger_ok(text) || name_source_ok(text) ? EX_OK :
		    cmd_refuse("--trigger", text, "source or source/version");
	case 'S':
		return take_since(text, &q->since_s) == 0 ? EX_OK :
		    cmd_refuse("--since", text,
		    "time; write 2026-11-22, or 15d");
	case 'x':
		return take_statuses(text, &q->statuses) == 0 ? EX_OK :
		    cmd_refuse("--status", text,
		    "pass, fail, neutral or tmpfail");
	default:
		n = cmd_number(text, LIMIT_MOST, "--limit");
		q->limit = n < 0 ? 0 : (size_t)n;
		return n < 0 ? EX_USAGE : EX_OK;
	}
}

int
cmd_results(struct cmd *cmd, int argc, char **argv)
{
	struct view v = { 0 };
	bool limited = false;
	int o, status = EX_OK;

	while (status == EX_OK && (o = getopt_long(argc, argv, "p:s:a:t:",
	    options, NULL)) != -1) {
		limited = limited || o == OPT_LIMIT;
		if (o == 'j')
			v.json = true;
		else if (o == '?')
			status = cmd_usage(cmd);
		else
			status = take_option(&v, o, optarg);
	}
	if (status == EX_OK && optind < argc)
		status = cmd_usage(cmd);
	if (!limited)
		v.q.limit = v.json ? 0 : LIMIT_DEFAULT;
	if (status == EX_OK)
		status = print(cmd, &v);
	strs_free(&v.q.statuses);
	results_table_free(&v.table);
	buf_free(&v.out);
	return status;
}
