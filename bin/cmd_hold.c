/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hold, drain and release: files in control/ that stay until they are taken. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "cmd.h"
#include "control.h"
#include "lease.h"
#include "scan.h"
#include "strs.h"

int
cmd_hold(struct cmd *cmd, int argc, char **argv)
{
	static const struct option options[] = {
		{ "reason", required_argument, NULL, 'r' }, { 0 } };
	const char *why = NULL;
	struct fail f;
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o != 'r')
			return cmd_usage(cmd);
		why = optarg;
	}
	if (optind == argc)
		return cmd_usage(cmd);
	if (cmd_open(cmd, &f) != 0)
		return cmd_fail(&f);
	for (; optind < argc; optind++) {
		const char *name = argv[optind];
		int there = queue_exists(&cmd->spool, name, &f);

		if (there == 0)
			(void)fail_set(&f, EX_CONFIG, "%s: there is no queue "
			    "\"%.80s\"", cmd->spool.path, name);
		if (there != 1 || control_put(&cmd->spool, CONTROL_HOLD, name,
		    why, &f) != 0)
			return cmd_fail(&f);
	}
	return EX_OK;
}

/* Whether a worker is meant; the host it is on is one, too. */
static bool
is_meant(const struct worker_state *w, const char *name, bool hosts)
{
	const char *own = hosts ? w->host : w->worker;

	return own && strcmp(own, name) == 0;
}

/* Appends the workers that a name means. */
static int
find_workers(const struct spool *s, const char *name, bool hosts,
	struct strs *workers, struct fail *f)
{
	struct strs all = { 0 };
	int rc = lease_workers(s, &all, f);

	for (size_t i = 0; i < all.n; i++) {
		struct worker_state w;
		struct fail passed;

		if (lease_read(s, all.v[i], &w, &passed) == 0 &&
		    is_meant(&w, name, hosts))
			strs_add(workers, all.v[i]);
		worker_state_free(&w);
	}
	strs_free(&all);
	if (rc == 0 && !workers->n)
		rc = fail_set(f, EX_NOINPUT, "%s: there is no %s \"%.80s\"",
		    s->path, hosts ? "worker on host" : "worker", name);
	return rc;
}

/* How many claims they have: 0 or more, or -1. */
static int
count_claims(const struct spool *s, const struct strs *workers,
	struct fail *f)
{
	struct strs queues = { 0 }, claimed = { 0 };
	int rc = spool_queues(s, &queues, f), n = 0;

	for (size_t i = 0; rc == 0 && i < queues.n; i++) {
		struct queue q;

		rc = queue_open(&q, s, queues.v[i], f);
		if (rc == 0)
			rc = scan_claimed(&q, &claimed, f);
		queue_close(&q);
	}
	for (size_t i = 0; i < claimed.n; i++)
		n += strs_has(workers, strrchr(claimed.v[i], '@') + 1);
	strs_free(&queues);
	strs_free(&claimed);
	return rc == 0 ? n : -1;
}

/* Says that it is drained or has stopped, or has not beaten for its lease. */
static bool
obeys(const struct spool *s, const char *worker, int64_t *beat,
	int64_t since_ms)
{
	struct worker_state w;
	struct fail passed;
	bool obeys;

	if (lease_read(s, worker, &w, &passed) != 0)
		w.beat = -1;
	obeys = (w.state && strcmp(w.state, "stopped") == 0) ||
	    (w.problem && strstr(w.problem, "drained by ")) ||
	    (w.beat == *beat && clock_boot_ms() - since_ms >
	    w.lease_s * 1000);
	if (*beat < 0)
		*beat = w.beat;
	worker_state_free(&w);
	return obeys;
}

static void
wait_for_workers(const struct spool *s, const struct strs *workers)
{
	const struct timespec second = { 1, 0 };
	int64_t since_ms = clock_boot_ms();

	for (size_t i = 0; i < workers->n; i++) {
		int64_t beat = -1;

		while (!obeys(s, workers->v[i], &beat, since_ms))
			(void)nanosleep(&second, NULL);
	}
}

static int
wait_for(const struct spool *s, const struct strs *workers, struct fail *f)
{
	const struct timespec second = { 1, 0 };
	int n;

	wait_for_workers(s, workers);
	while ((n = count_claims(s, workers, f)) > 0)
		(void)nanosleep(&second, NULL);
	return n;
}

int
cmd_drain(struct cmd *cmd, int argc, char **argv)
{
	static const struct option options[] = {
		{ "host", no_argument, NULL, 'h' },
		{ "wait", no_argument, NULL, 'w' },
		{ "reason", required_argument, NULL, 'r' }, { 0 } };
	struct strs workers = { 0 };
	const char *why = NULL;
	bool hosts = false, wait = false;
	struct fail f;
	int o, rc = 0;

	while ((o = getopt_long(argc, argv, "w", options, NULL)) != -1)
		switch (o) {
		case 'h': hosts = true; break;
		case 'w': wait = true; break;
		case 'r': why = optarg; break;
		default: return cmd_usage(cmd);
		}
	if (optind == argc)
		return cmd_usage(cmd);
	if (cmd_open(cmd, &f) != 0)
		return cmd_fail(&f);
	for (; rc == 0 && optind < argc; optind++) {
		rc = find_workers(&cmd->spool, argv[optind], hosts, &workers,
		    &f);
		if (rc == 0)
			rc = control_put(&cmd->spool, hosts ?
			    CONTROL_DRAIN_HOST : CONTROL_DRAIN, argv[optind],
			    why, &f);
	}
	if (rc == 0 && wait)
		rc = wait_for(&cmd->spool, &workers, &f);
	strs_free(&workers);
	return rc == 0 ? EX_OK : cmd_fail(&f);
}

/* Whatever holds it: a name is a queue's, a worker's or a host's. */
static int
release(struct cmd *cmd, const char *name, struct fail *f)
{
	static const enum control_verb verbs[] = { CONTROL_HOLD,
		CONTROL_DRAIN, CONTROL_DRAIN_HOST };
	int any = 0;

	if (!name_queue_ok(name) && !name_worker_ok(name))
		return fail_set(f, EX_USAGE, "\"%.80s\" is no name of a "
		    "queue, a worker or a host", name);
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		int rc = control_drop(&cmd->spool, verbs[i], name, f);

		if (rc < 0)
			return -1;
		any |= rc;
	}
	if (any)
		return 0;
	return fail_set(f, EX_NOINPUT, "%s: is not held or drained", name);
}

int
cmd_release(struct cmd *cmd, int argc, char **argv)
{
	static const struct option options[] = { { 0 } };
	struct fail f;

	if (getopt_long(argc, argv, "", options, NULL) != -1 || optind == argc)
		return cmd_usage(cmd);
	if (cmd_open(cmd, &f) != 0)
		return cmd_fail(&f);
	for (; optind < argc; optind++)
		if (release(cmd, argv[optind], &f) != 0)
			return cmd_fail(&f);
	return EX_OK;
}
