/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "fail.h"
#include "fence.h"
#include "fs.h"
#include "log.h"
#include "mem.h"
#include "policy.h"
#include "request.h"
#include "result.h"
#include "run_inside.h"
#include "sandbox.h"
#include "spool.h"
#include "stage.h"
#include "testbed.h"
#include "virt.h"

enum { TICK_MS = 1000 };

/* The one thing a signal handler may touch. */
static volatile sig_atomic_t stop;

static void
on_stop(int signal)
{
	(void)signal;
	stop = 1;
}

static int
open_scratch(struct attempt *a, struct fail *f)
{
	const struct run *r = a->run;

	a->output_path = testbed_output(r->scratch);
	a->tmp_path = mem_printf("%s/tmp", r->scratch);
	a->scratch = a->output = a->console = -1;
	a->follow = (struct follow){ -1, -1, r->conf->log_most_bytes };
	if (fs_mkdirs(AT_FDCWD, a->output_path, f) != 0 ||
	    fs_mkdirs(AT_FDCWD, a->tmp_path, f) != 0)
		return -1;
	(void)chmod(a->tmp_path, 01777);
	a->scratch = fs_open_dir(AT_FDCWD, r->scratch);
	a->output = fs_open_dir(AT_FDCWD, a->output_path);
	/* O_APPEND: autopkgtest's tee opens it again through /dev/stderr. */
	a->console = openat(a->scratch, "console",
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (a->scratch < 0 || a->output < 0 || a->console < 0)
		return fail_errno(f, "%s", r->scratch);
	return 0;
}

/* For others: a test that has begun does not wait for it. */
static void
open_followed(struct attempt *a)
{
	const struct run *r = a->run;
	char *log = mem_printf("%s/log", r->attempt);

	if (a->follow.to < 0)
		a->follow.to = openat(r->spool->staging, log,
		    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	free(log);
}

/* The sandbox looks at the fence as well, unless somebody stopped it. */
static bool
is_over(struct attempt *a)
{
	a->timed_out = clock_boot_ms() > a->deadline_ms;
	a->fenced = !fence_left_ms(a->run->fence, a->run->fence_passes);
	return a->timed_out || a->fenced;
}

/* Runs the command to its end; returns its exit status as autopkgtest's. */
static int
run_command(struct attempt *a, struct fail *f)
{
	const struct conf *c = a->run->conf;
	struct strs expose = { 0 };
	char *chroot_tmp = virt_tmp(&a->virt);
	struct sandbox_plan p = { .cgroup = a->cgroup,
	    .limits = run_limits(a),
	    .argv = &a->argv, .directory = "/",
	    .tmp = a->tmp_path, .tmp_too = chroot_tmp,
	    .expose = &expose, .output = a->console,
	    .fence = a->run->fence, .fence_passes = a->run->fence_passes,
	    .isolated = a->run->isolated };
	struct sandbox s;
	int status;

	strs_add(&expose, a->run->scratch);
	strs_add_all(&expose, &c->expose);
	a->started = sandbox_start(&s, &p, f) == 0;
	free(chroot_tmp);
	if (!a->started) {
		strs_free(&expose);
		return -1;
	}
	open_followed(a);
	do {
		status = sandbox_wait(&s, TICK_MS);
		run_copy_news(a);
		run_bound_logs(a);
	} while (status == SANDBOX_TIMEOUT && !stop && !is_over(a));
	cgroup_kill(a->cgroup);
	sandbox_end(&s);
	run_copy_news(a);
	strs_free(&expose);
	if (a->timed_out)
		(void)dprintf(a->console, "adtspool: killed after %lld s, the "
		    "worker's limit for a whole run\n",
		    (long long)a->timeout_s);
	if (status == SANDBOX_FENCED)
		a->fenced = true;
	if (a->fenced)
		return fail_set(f, EX_TEMPFAIL, "the spool took no heartbeat "
		    "for half the lease");
	if (status < 0)
		return RESULT_EXIT_TESTBED;
	if (status == SANDBOX_NOT_STARTED) {
		a->started = false;
		return run_not_started(a, f);
	}
	return status <= RESULT_EXIT_OTHER ? status : RESULT_EXIT_OTHER;
}

/* The same, within the limits of a run. */
static int
run_limited(struct attempt *a, struct fail *f)
{
	int status;

	if (run_begin_limits(a, f) != 0)
		return -1;
	status = run_command(a, f);
	run_end_limits(a);
	return status;
}

/* The same, and where that tells to, once more on a machine of its own. */
static int
run_commands(struct attempt *a, struct fail *f)
{
	int status, again;

	if (run_make_command(a, false, f) != 0)
		return -1;
	a->deadline_ms = clock_boot_ms() + a->timeout_s * 1000;
	status = run_limited(a, f);
	if (status < 0 || stop || a->timed_out)
		return status;
	again = run_needs_machine(a, f);
	if (again < 0)
		return -1;
	return again ? run_limited(a, f) : status;
}

static int
attempt_result(struct attempt *a, struct fail *f)
{
	const struct run *run = a->run;
	int status;

	if (open_scratch(a, f) != 0)
		return -1;
	if (run->verdict && run->verdict->never)
		return run_reject(a, f);
	if (testbed_write_keys(run->request, a->scratch, f) != 0)
		return -1;
	status = run_commands(a, f);
	if (stop)
		return fail_set(f, EX_TEMPFAIL, "told to stop");
	if (status >= 0)
		status = run_judge(a, status);
	if (status >= 0 && run_pack_and_seal(a, status, f) != 0)
		return -1;
	if (status == RESULT_EXIT_TESTBED || status == RESULT_EXIT_OTHER)
		run_tell_reason(a);
	return status;
}

/* Another host, or this one later, may do better with the same request. */
static bool
is_hosts_fault(int err)
{
	return err == ENOSPC || err == EDQUOT || err == EROFS || err == EIO ||
	    err == ESTALE || err == EMFILE || err == ENFILE || err == ENOMEM;
}

static int
be_runner(const struct run *run)
{
	struct attempt a = { .run = run, .started_s = clock_now_s() };
	struct fail f, f2;
	int status = attempt_result(&a, &f);

	if (status < 0 && !stop)
		log_say(run->log, LOG_LEVEL_ERROR, "%s: %s: no result could "
		    "be made: %s", run->token->id, run->request->package,
		    f.text);
	if (run_remove_scratch(run->scratch, &f2) != 0)
		log_say(run->log, LOG_LEVEL_ERROR, "%s: %s", run->scratch,
		    f2.text);
	if (status >= 0)
		return status;
	if (a.fenced)
		return RUN_FENCED;
	if (stop)
		return RUN_STOPPED;
	if (!a.started)
		return RUN_NOT_STARTED;
	return is_hosts_fault(f.err) ? RUN_BAD_HOST : RUN_FAILED;
}

static void
take_signals(pid_t worker)
{
	struct sigaction stopper = { .sa_handler = on_stop };
	sigset_t none;

	stop = 0;
	(void)sigaction(SIGTERM, &stopper, NULL);
	(void)sigaction(SIGCHLD, &(struct sigaction){ .sa_handler = SIG_DFL },
	    NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	/* What a terminal says is for the worker alone. */
	(void)setsid();
	/*
	 * A worker that is killed takes its attempts along.  Not by SIGKILL:
	 * this process removes what they leave.
	 */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != worker)
		_exit(RUN_FAILED);
}

char *
run_scratch(const struct conf *c, const struct token *t)
{
	return mem_printf("%s/%s/%s.%u", c->scratch, t->worker, t->id,
	    t->epoch);
}

pid_t
run_start(const struct run *r, struct fail *f)
{
	pid_t worker = getpid(), pid = fork();

	if (pid < 0)
		(void)fail_errno(f, "cannot start a process");
	if (pid == 0) {
		take_signals(worker);
		_exit(be_runner(r));
	}
	return pid;
}
