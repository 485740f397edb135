/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options become one mapping, which is then read like any other request:
 * so there is one place that checks, and one kind of message.
 */
#include <fcntl.h>
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "cmd.h"
#include "enqueue_many.h"
#include "follow.h"
#include "fs.h"
#include "json.h"
#include "mem.h"
#include "request.h"

/* A request that was queued, to be waited for. */
struct queued {
	char id[TOKEN_ID_MAX];
	char queue[NAME_QUEUE_MAX + 1];
};

struct order {
	struct strs triggers, pins, env, sources, ppas, test_names, files;
	const char *suite, *arch, *queue, *requester, *priority, *not_before;
	char *user;		/* who submits, where no requester is named */
	bool all_proposed, insist, wait;
	struct queued *queued;
	size_t n_queued;
	struct enqueue_many many;
};

enum { OPT_SOURCE = 256, OPT_PPA, OPT_TEST, OPT_PROPOSED, OPT_PRIORITY,
	OPT_NOT_BEFORE, OPT_REQUESTER, OPT_FORCE };

static const struct option options[] = {
	{ "suite", required_argument, NULL, 's' },
	{ "arch", required_argument, NULL, 'a' },
	{ "queue", required_argument, NULL, 'q' },
	{ "trigger", required_argument, NULL, 't' },
	{ "pin", required_argument, NULL, 'p' },
	{ "env", required_argument, NULL, 'e' },
	{ "file", required_argument, NULL, 'f' },
	{ "wait", no_argument, NULL, 'w' },
	{ "extra-apt-source", required_argument, NULL, OPT_SOURCE },
	{ "ppa", required_argument, NULL, OPT_PPA },
	{ "test-name", required_argument, NULL, OPT_TEST },
	{ "all-proposed", no_argument, NULL, OPT_PROPOSED },
	{ "priority", required_argument, NULL, OPT_PRIORITY },
	{ "not-before", required_argument, NULL, OPT_NOT_BEFORE },
	{ "requester", required_argument, NULL, OPT_REQUESTER },
	{ "force", no_argument, NULL, OPT_FORCE }, { 0 } };

static int
read_options(struct order *x, int argc, char **argv)
{
	int o;

	while ((o = getopt_long(argc, argv, "s:a:q:t:p:e:f:w", options,
	    NULL)) != -1)
		switch (o) {
		case 's': x->suite = optarg; break;
		case 'a': x->arch = optarg; break;
		case 'q': x->queue = optarg; break;
		case 't': strs_add(&x->triggers, optarg); break;
		case 'p': strs_add(&x->pins, optarg); break;
		case 'e': strs_add(&x->env, optarg); break;
		case 'f': strs_add(&x->files, optarg); break;
		case 'w': x->wait = true; break;
		case OPT_SOURCE: strs_add(&x->sources, optarg); break;
		case OPT_PPA: strs_add(&x->ppas, optarg); break;
		case OPT_TEST: strs_add(&x->test_names, optarg); break;
		case OPT_PROPOSED: x->all_proposed = true; break;
		case OPT_PRIORITY: x->priority = optarg; break;
		case OPT_NOT_BEFORE: x->not_before = optarg; break;
		case OPT_REQUESTER: x->requester = optarg; break;
		case OPT_FORCE: x->insist = true; break;
		default: return -1;
		}
	return 0;
}

static void
put(struct json_writer *w, const char *key, const char *value)
{
	if (value)
		json_put_string(w, key, value);
}

static void
put_list(struct json_writer *w, const char *key, const struct strs *values)
{
	if (values->n)
		json_put_strings(w, key, values);
}

/* "hello" or "hello/2.10-3", and the options, as a mapping. */
static void
write_mapping(const struct order *x, const char *package, struct buf *out)
{
	const char *slash = strchr(package, '/');
	char *name = mem_dupn(package, strcspn(package, "/"));
	struct json_writer w = { .out = out };
	char when[CLOCK_TEXT_MAX];
	int64_t span_s;

	json_put_object(&w, NULL);
	json_put_string(&w, "package", name);
	put(&w, "version", slash ? slash + 1 : NULL);
	put(&w, "suite", x->suite);
	put(&w, "arch", x->arch);
	put(&w, "priority", x->priority);
	put(&w, "requester", x->requester);
	if (x->not_before && clock_parse_span(x->not_before, &span_s) == 0) {
		clock_format(when, "%Y-%m-%dT%H:%M:%S",
		    clock_now_s() + span_s);
		put(&w, "not-before", when);
	} else {
		put(&w, "not-before", x->not_before);
	}
	put_list(&w, "triggers", &x->triggers);
	put_list(&w, "pin-packages", &x->pins);
	put_list(&w, "env", &x->env);
	put_list(&w, "extra-apt-sources", &x->sources);
	put_list(&w, "ppas", &x->ppas);
	put_list(&w, "test-name", &x->test_names);
	if (x->all_proposed)
		json_put_bool(&w, "all-proposed", true);
	json_put_object_end(&w);
	free(name);
}

/* Follows it to its end; returns the test's own exit status. */
static int
wait_for(struct cmd *cmd, const struct queued *e)
{
	struct follow w = { .queue = e->queue, .id = e->id,
	    .log = cmd_log_stream(), .news = stderr };
	struct fail f;
	int status, rc = follow(&cmd->conf, &cmd->spool, &w, &f);

	if (w.log != stdout)
		(void)fclose(w.log);
	if (rc != 0)
		return cmd_fail(&f);
	status = w.result.exit_code;
	if (w.found.state == FIND_BAD) {
		(void)fprintf(stderr, "adtspool: %s was refused: see %s/%s/%s"
		    ".why\n", e->id, cmd->spool.path, w.found.queue,
		    w.found.path);
		status = EX_DATAERR;
	} else if (w.found.state != FIND_DONE) {
		(void)fprintf(stderr, "adtspool: %s is not there any more\n",
		    e->id);
		status = EX_TEMPFAIL;
	} else {
		(void)fprintf(stderr, "%s: %s, exit %d, %s\n", e->id,
		    w.result.status, status, w.run_id);
	}
	result_free(&w.result);
	return status;
}

static void
remember(struct order *x, const struct enqueue *e)
{
	struct queued *q;

	x->queued = mem_grow(x->queued, x->n_queued + 1, sizeof *x->queued);
	q = &x->queued[x->n_queued++];
	memcpy(q->id, e->id, sizeof q->id);
	memcpy(q->queue, e->queue, sizeof q->queue);
}

static int
submit_text(struct cmd *cmd, struct order *x, const char *name,
	const struct buf *text)
{
	struct enqueue e = { .insist = x->insist, .door = &x->many.door };
	enum enqueue_outcome o;
	struct request r;
	struct fail f;

	if (request_parse(&r, name, text->s, text->len, &f) != 0)
		return cmd_fail(&f);
	if (x->queue)
		(void)snprintf(e.queue, sizeof e.queue, "%s", x->queue);
	if (!r.requester && x->user)
		r.requester = mem_dup(x->user);
	o = enqueue(&cmd->conf, &cmd->spool, &r, &e, &f);
	if (o != ENQUEUE_FAILED) {
		(void)printf("%s %s %s%s\n", e.id, e.queue, r.package,
		    o == ENQUEUE_PENDING ? " waits or runs already" : "");
		(void)fflush(stdout);
		remember(x, &e);
	}
	request_free(&r);
	return o == ENQUEUE_FAILED ? cmd_fail(&f) : EX_OK;
}

static int
submit_package(struct cmd *cmd, struct order *x, const char *package)
{
	struct buf text = { 0 };
	int status;

	write_mapping(x, package, &text);
	status = submit_text(cmd, x, "command line", &text);
	buf_free(&text);
	return status;
}

static int
submit_file(struct cmd *cmd, struct order *x, const char *file)
{
	bool is_stdin = strcmp(file, "-") == 0;
	struct buf text = { 0 };
	struct fail f;
	int rc, status;

	rc = is_stdin ? fs_read_fd(STDIN_FILENO, "standard input",
	    REQUEST_SIZE_MOST, &text, &f) :
	    fs_read(AT_FDCWD, file, REQUEST_SIZE_MOST, &text, &f);
	status = rc != 0 ? cmd_fail(&f) :
	    submit_text(cmd, x, is_stdin ? "standard input" : file, &text);
	buf_free(&text);
	return status;
}

static void
free_order(struct order *x)
{
	strs_free(&x->triggers);
	strs_free(&x->pins);
	strs_free(&x->env);
	strs_free(&x->sources);
	strs_free(&x->ppas);
	strs_free(&x->test_names);
	strs_free(&x->files);
	free(x->queued);
	free(x->user);
}

static void
worsen(int *worst, int status)
{
	if (status > *worst)
		*worst = status;
}

/* All are queued before the first is waited for. */
static int
submit_all(struct cmd *cmd, struct order *x, char **packages)
{
	const struct passwd *pw = getpwuid(getuid());
	int worst = EX_OK;

	x->user = pw ? mem_dup(pw->pw_name) : NULL;
	enqueue_many_init(&x->many, &cmd->spool);
	for (size_t i = 0; i < x->files.n; i++)
		worsen(&worst, submit_file(cmd, x, x->files.v[i]));
	for (; *packages; packages++)
		worsen(&worst, submit_package(cmd, x, *packages));
	enqueue_many_free(&x->many);
	for (size_t i = 0; x->wait && i < x->n_queued; i++)
		worsen(&worst, wait_for(cmd, &x->queued[i]));
	return worst == EX_OK ? cmd_flush() : worst;
}

int
cmd_submit(struct cmd *cmd, int argc, char **argv)
{
	struct order x = { 0 };
	struct fail f;
	int status;

	if (read_options(&x, argc, argv) != 0 ||
	    (optind == argc && x.files.n == 0))
		status = cmd_usage(cmd);
	else if (cmd_open(cmd, &f) != 0)
		status = cmd_fail(&f);
	else
		status = submit_all(cmd, &x, argv + optind);
	free_order(&x);
	return status;
}
