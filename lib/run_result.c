/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What became of an attempt, written into its stage. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "classify.h"
#include "clock.h"
#include "collect.h"
#include "conf.h"
#include "mem.h"
#include "policy.h"
#include "request.h"
#include "result.h"
#include "run_inside.h"
#include "stage.h"

const char *
run_status(const struct conf *c, int exit_code)
{
	if (exit_code == RESULT_EXIT_OTHER && strcmp(c->exit_20, "fail") == 0)
		return "fail";
	return result_status(exit_code);
}

static void
describe(const struct attempt *a, int exit_code, struct result *r)
{
	const struct run *run = a->run;
	char version[NAME_VERSION_MAX + 1];

	result_begin(r, run->token, run->request);
	r->exit_code = exit_code;
	r->started_s = a->started_s;
	r->finished_s = clock_now_s();
	collect_version(a->output, version);
	r->version = version[0] ? mem_dup(version) : NULL;
	r->status = mem_dup(run_status(run->conf, exit_code));
	r->message = a->timed_out ?
	    mem_dup("Killed: the run took longer than the worker allows") :
	    run_limits_message(a, exit_code);
	if (!r->message)
		r->message = a->message ? mem_dup(a->message) :
		    result_message(exit_code);
	r->failure = a->failure ? mem_dup(a->failure->name) : NULL;
	if (exit_code == RESULT_EXIT_REJECTED)
		r->rejected = mem_dup(run->verdict->never);
	strs_add_all(&r->command, &a->argv);
	strs_add_all(&r->virt_server, &a->virt);
}

int
run_pack_and_seal(struct attempt *a, int exit_code, struct fail *f)
{
	const struct run *run = a->run;
	struct plan p = { 0 };
	struct result r;
	int fd = stage_open_run(run->spool, run->attempt, f), rc = -1;

	if (fd < 0)
		return -1;
	describe(a, exit_code, &r);
	(void)snprintf(p.queue, sizeof p.queue, "%s", run->queue);
	(void)snprintf(p.day, sizeof p.day, "%s", run->day);
	(void)snprintf(p.suite, sizeof p.suite, "%s", r.suite);
	(void)snprintf(p.arch, sizeof p.arch, "%s", r.arch);
	(void)snprintf(p.source, sizeof p.source, "%s", r.package);
	(void)snprintf(p.version, sizeof p.version, "%s",
	    r.version ? r.version : "");
	if (collect(run->conf, a->scratch, a->output, fd, &r, f) == 0)
		rc = stage_seal(run->spool, run->attempt, &p, f);
	result_free(&r);
	(void)close(fd);
	return rc;
}
