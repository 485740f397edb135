/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands for lib/run.c's child and for inotify: an attempt is a process
 * that takes a while, and makes a stage by the product's own calls.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "calls.h"
#include "clock.h"
#include "fail.h"
#include "fence.h"
#include "file.h"
#include "fs.h"
#include "guard.h"
#include "mem.h"
#include "memory.h"
#include "oracle.h"
#include "proc.h"
#include "request.h"
#include "result.h"
#include "rng.h"
#include "run.h"
#include "sched.h"
#include "spool.h"
#include "stage.h"
#include "watch.h"
#include "attempt.h"
#include "wrap.h"

struct attempt {
	struct spool spool;
	const char *name, *package, *suite, *arch, *trigger;
	struct plan plan;
	struct token token;
	int exit_code;
	int64_t lasts_ns;
	const struct fence *fence;
	uint64_t fence_passes;
	unsigned number;
};

static struct rng rng;
static unsigned last_number;

void
attempts_init(uint64_t seed)
{
	rng = rng_make(seed, 5);
	last_number = 0;
}

static int
draw_exit(void)
{
	static const int codes[] = { 0, 0, 0, 0, 0, 2, 4, 4, 8, 12, 16, 16, 16,
	    20, RUN_NOT_STARTED, RUN_BAD_HOST, RUN_FAILED, 137 };

	if (rng_one_in(&rng, 2))
		return 0;
	return codes[rng_below(&rng, sizeof codes / sizeof *codes)];
}

static void
copy(char *to, size_t room, const char *from)
{
	(void)snprintf(to, room, "%s", from);
}

/* What a fork would copy. */
static struct attempt *
attempt_of(const struct run *r)
{
	const struct strs *triggers = &r->request->triggers;
	struct attempt *a = world_alloc(sizeof *a);

	a->spool = *r->spool;
	a->spool.path = world_dup(r->spool->path);
	a->spool.results_path = world_dup(r->spool->results_path);
	a->name = world_dup(r->attempt);
	a->package = world_dup(r->request->package);
	a->suite = world_dup(r->request->suite);
	a->arch = world_dup(r->request->arch);
	a->trigger = triggers->n ? world_dup(triggers->v[0]) : "";
	a->token = *r->token;
	copy(a->plan.queue, sizeof a->plan.queue, r->queue);
	copy(a->plan.day, sizeof a->plan.day, r->day);
	copy(a->plan.suite, sizeof a->plan.suite, a->suite);
	copy(a->plan.arch, sizeof a->plan.arch, a->arch);
	copy(a->plan.source, sizeof a->plan.source, a->package);
	copy(a->plan.version, sizeof a->plan.version, "1.0-1");
	a->fence = r->fence;
	a->fence_passes = r->fence_passes;
	a->exit_code = draw_exit();
	a->lasts_ns = rng_one_in(&rng, 3) ? 0 :
	    rng_between(&rng, 0, rng_one_in(&rng, 8) ? 60 : 6) * SIM_S;
	a->number = ++last_number;
	return a;
}

/* Until told to stop, or fenced; then it is how the attempt exits. */
static int
go_on(const struct attempt *a, int64_t ns)
{
	int64_t until = sched_now + ns;

	do {
		int64_t left = until - sched_now;

		if (proc_sleep(left < SIM_S ? left : SIM_S, 1U << SIGTERM))
			return RUN_FAILED;
		if (fence_left_ms(a->fence, a->fence_passes) == 0)
			return RUN_FENCED;
	} while (sched_now < until);
	return 0;
}

/* The log, for those who follow it; how it exits, if it was ended. */
static int
run_test(const struct attempt *a)
{
	char *path = mem_printf("%s/log", a->name);
	int fd = openat(a->spool.staging, path,
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	int ended = 0;

	for (int i = 0; i < 3 && !ended; i++) {
		ended = go_on(a, a->lasts_ns / 3);
		if (fd >= 0)
			(void)!write(fd, "one more line\n", 14);
	}
	if (fd >= 0)
		(void)close(fd);
	free(path);
	return ended;
}

static int
write_result(const struct attempt *a, int dir, struct fail *f)
{
	struct result r = { .exit_code = a->exit_code,
	    .attempt = a->token.attempt + 1, .started_s = clock_now_s() };
	struct buf b = { 0 };
	int rc;

	memcpy(r.id, a->token.id, sizeof r.id);
	r.package = mem_dup(a->package);
	r.suite = mem_dup(a->suite);
	r.arch = mem_dup(a->arch);
	r.version = mem_dup(a->plan.version);
	r.worker = mem_dup(a->token.worker);
	r.status = mem_dup(result_status(a->exit_code));
	r.message = mem_printf("attempt %u", a->number);
	strs_add(&r.triggers, a->trigger);
	result_write(&r, &b);
	rc = fs_write_new(dir, "log.gz", "log", 3, f);
	if (rc == 0)
		rc = fs_write_new(dir, "result.json", b.s, b.len, f);
	result_free(&r);
	buf_free(&b);
	return rc;
}

static int
seal(struct attempt *a, struct fail *f)
{
	int dir = stage_open_run(&a->spool, a->name, f), rc;
	struct node *run;

	if (dir < 0)
		return -1;
	run = call_file(dir)->node;
	rc = write_result(a, dir, f);
	if (rc == 0)
		rc = stage_seal(&a->spool, a->name, &a->plan, f);
	(void)close(dir);
	if (rc == 0)
		oracle_sealed(a->name, a->trigger, run);
	return rc;
}

static void
be_attempt(void *arg)
{
	struct attempt *a = arg;
	struct fail f = { 0 };
	int ended;

	oracle_started(a->name, a->trigger);
	if (a->exit_code == RUN_NOT_STARTED)
		proc_exit(RUN_NOT_STARTED);
	ended = run_test(a);
	if (ended)
		proc_exit(ended);
	if (a->exit_code == RUN_FAILED)
		proc_exit(RUN_FAILED);
	if (a->exit_code == 137)
		proc_end(proc_now, SIGKILL);
	if (a->exit_code == RUN_BAD_HOST)
		proc_exit(RUN_BAD_HOST);
	if (seal(a, &f) != 0)
		proc_exit(f.err == EIO || f.err == ESTALE || f.err == EROFS ||
		    f.err == ENOSPC || f.err == EDQUOT ? RUN_BAD_HOST :
		    RUN_FAILED);
	proc_exit(a->exit_code);
}

pid_t
__wrap_run_start(const struct run *r, struct fail *f)
{
	const struct proc *p = proc_start(proc_now->host, "attempt", proc_now,
	    be_attempt, attempt_of(r));

	(void)f;
	return p->pid;
}

/* What is cleaned takes no time here. */
pid_t
__wrap_aside_start(void (*work)(void *of), void *of)
{
	work(of);
	return 0;
}

/* Who only tells what hangs is not needed. */
int
__wrap_guard_start(struct guard *g, const char *what, const struct log *log,
	struct fail *f)
{
	(void)what;
	(void)log;
	(void)f;
	*g = (struct guard){ .page = world_alloc(64) };
	return 0;
}

int
__wrap_watch_open(struct fail *f)
{
	(void)f;
	return call_fd(file_make(FILE_WATCH, proc_now->host, NULL, 0));
}

int
__wrap_watch_add(const char *dir, enum watch_what what, struct fail *f)
{
	(void)what;
	(void)dir;
	(void)f;
	return 0;
}

enum watch_news
__wrap_watch_drain(void)
{
	return WATCH_NOTHING;
}

void
__wrap_watch_close(void)
{
	for (int fd = 0; fd < PROC_FDS; fd++) {
		struct file *f = call_file(fd);

		if (f && f->kind == FILE_WATCH) {
			proc_now->fds[fd] = NULL;
			file_close(f);
		}
	}
}
