/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "fail.h"
#include "fence.h"
#include "fs.h"
#include "sandbox_inside.h"
#include "strs.h"

enum {
	EXPOSE_MOST = 32,
	KILL_TICK_MS = 10,
	KILL_PATIENCE_MS = 10000,
	REAP_TICK_MS = 1000,
	EXIT_FENCED = 128,	/* of the first process; a signal's is higher */
};

static void
take_output(int output)
{
	int null = open("/dev/null", O_RDONLY);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
		_exit(SANDBOX_NOT_STARTED);
	if (null > STDERR_FILENO)
		(void)close(null);
}

/*
 * Lets go of all that the runner had open.  Files of the spool are among it,
 * and closing one on a mount that hangs would keep this process, and with it a
 * whole namespace, from ending.
 */
static int
keep_only(int runner)
{
	int kept = STDERR_FILENO + 1;

	if (runner != kept && dup3(runner, kept, O_CLOEXEC) < 0)
		sandbox_die("dup3");
	if (close_range((unsigned)kept + 1, ~0U, 0) != 0)
		sandbox_die("close_range");
	return kept;
}

/* Puts an opened directory or file back where /tmp now hides it. */
static void
put_back(int fd, const char *path)
{
	char self[64], parent[4096];
	struct fail f;
	const char *slash = strrchr(path, '/');

	(void)snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	(void)snprintf(parent, sizeof parent, "%.*s", (int)(slash - path),
	    path);
	if (fs_mkdirs(AT_FDCWD, fs_is_dir(fd, ".") ? path : parent, &f) != 0)
		sandbox_die(f.text);
	if (!fs_is_dir(fd, ".")) {
		int empty = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		if (empty >= 0)
			(void)close(empty);
	}
	if (mount(self, path, NULL, MS_BIND | MS_REC, NULL) != 0)
		sandbox_die(path);
}

/*
 * Names of network namespaces, as podman makes them, are mounts, and end with
 * the sandbox; the files below them would not.
 */
static void
private_netns(void)
{
	static const char folder[] = "/run/netns";

	if (fs_is_dir(AT_FDCWD, folder) && mount("tmpfs", folder, "tmpfs",
	    MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755") != 0)
		sandbox_die(folder);
}

static void
private_tmp(const struct sandbox_plan *p)
{
	int fds[EXPOSE_MOST];

	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) != 0)
		sandbox_die("/");
	for (size_t i = 0; i < p->expose->n; i++) {
		fds[i] = -1;
		if (strncmp(p->expose->v[i], "/tmp/", 5) == 0 &&
		    (fds[i] = open(p->expose->v[i], O_PATH | O_CLOEXEC)) < 0)
			sandbox_die(p->expose->v[i]);
	}
	if (mount(p->tmp, "/tmp", NULL, MS_BIND, NULL) != 0)
		sandbox_die("/tmp");
	for (size_t i = 0; i < p->expose->n; i++)
		if (fds[i] >= 0)
			put_back(fds[i], p->expose->v[i]);
	if (p->tmp_too && fs_is_dir(AT_FDCWD, p->tmp_too) &&
	    mount(p->tmp, p->tmp_too, NULL, MS_BIND, NULL) != 0)
		sandbox_die(p->tmp_too);
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
	    NULL) != 0)
		sandbox_die("/proc");
}

/* How many children could be sent the signal. */
static unsigned
kill_children(void)
{
	unsigned n = 0;
	char path[64];
	FILE *in;
	long pid;

	(void)snprintf(path, sizeof path, "/proc/self/task/%ld/children",
	    (long)getpid());
	in = fopen(path, "re");
	while (in && fscanf(in, "%ld", &pid) == 1)
		n += kill((pid_t)pid, SIGKILL) == 0;
	if (in)
		(void)fclose(in);
	return n;
}

/*
 * Kills every child, which makes the next generation ours, until none is left;
 * or for some seconds, since one that is another user's cannot be killed.  No
 * pause while there is anything to kill: who forks and ends, again and again,
 * is to be caught between the two.
 */
static void
kill_descendants(void)
{
	const struct timespec tick = { 0, KILL_TICK_MS * 1000000L };
	int64_t end_ms = clock_boot_ms() + KILL_PATIENCE_MS;

	while (clock_boot_ms() < end_ms) {
		unsigned reaped = 0, killed = kill_children();
		pid_t gone;

		while ((gone = waitpid(-1, NULL, WNOHANG)) > 0)
			reaped++;
		if (gone < 0 && errno == ECHILD)
			return;
		if (!reaped || !killed)
			(void)nanosleep(&tick, NULL);
	}
}

/*
 * Ends the sandbox.  In a namespace the kernel kills what else there is when
 * its first process ends, but late: after its files were closed.  In a cgroup
 * the runner does, unless there is none any more.
 */
static void
end_all(const struct sandbox_plan *p, int status)
{
	if (p->isolated && getpid() == 1)
		(void)kill(-1, SIGKILL);
	else if (!p->isolated && (p->cgroup <= 0 || status == EXIT_FENCED ||
	    status == SANDBOX_NOT_STARTED))
		kill_descendants();
	if (status == EXIT_FENCED)
		(void)dprintf(STDERR_FILENO, "adtspool: ended, since the spool "
		    "took no heartbeat of this worker for half its lease\n");
	_exit(status);
}

/* The command's own status cannot be taken for one of ours. */
static int
exit_of(int status)
{
	if (WIFSIGNALED(status))
		return EXIT_FENCED + WTERMSIG(status);
	return WEXITSTATUS(status) < EXIT_FENCED ? WEXITSTATUS(status) :
	    EXIT_FENCED - 2;
}

/* Until the command ends; reaps what others of its processes leave. */
static int
wait_for_command(const struct sandbox_plan *p, pid_t child, int runner)
{
	struct pollfd fds[] = { { .fd = pidfd_open(child, 0),
	    .events = POLLIN }, { .fd = runner, .events = POLLIN } };
	int status = 0;
	pid_t gone;

	if (fds[0].fd < 0)
		sandbox_die("pidfd_open");
	for (;;) {
		int64_t left_ms = fence_left_ms(p->fence, p->fence_passes);

		if (left_ms == 0)
			return EXIT_FENCED;
		(void)poll(fds, 2, left_ms < REAP_TICK_MS ? (int)left_ms :
		    REAP_TICK_MS);
		if (fds[1].revents)
			return SANDBOX_NOT_STARTED;	/* told to nobody */
		while ((gone = waitpid(-1, &status, WNOHANG)) > 0)
			if (gone == child)
				return exit_of(status);
	}
}

/*
 * The sandbox's first process.  It ends with the command, with the runner
 * (which, in a new PID namespace, getppid(2) does not tell of), or when the
 * worker's lease runs out.  It touches nothing of the spool, which may hang.
 */
static void
watch_over(const struct sandbox_plan *p, int runner)
{
	sigset_t all;
	pid_t child;

	/* What a terminal or systemd(1) sends to all is not for us. */
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	if (p->isolated)
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	else if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		sandbox_die("prctl");
	take_output(p->output);
	if (p->isolated) {
		private_tmp(p);
		private_netns();
	} else {
		(void)setenv("TMPDIR", p->tmp, 1);
	}
	runner = keep_only(runner);
	child = sandbox_spawn(p);
	if (child < 0)
		sandbox_die("clone");
	end_all(p, wait_for_command(p, child, runner));
}

int
sandbox_start(struct sandbox *s, const struct sandbox_plan *p,
	struct fail *f)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	int runner;

	if (p->expose->n > EXPOSE_MOST)
		return fail_set(f, EX_CONFIG, "expose: at most %d paths",
		    EXPOSE_MOST - 1);
	if (p->isolated)
		args.flags = CLONE_NEWNS | CLONE_NEWPID;
	else if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		return fail_errno(f, "prctl");
	if (p->cgroup > 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (unsigned)p->cgroup;
	}
	runner = pidfd_open(getpid(), 0);
	if (runner < 0)
		return fail_errno(f, "pidfd_open");
	s->isolated = p->isolated;
	s->pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
	if (s->pid == 0)
		watch_over(p, runner);
	(void)close(runner);
	if (s->pid < 0)
		return fail_errno(f, "cannot start %s", p->argv->v[0]);
	s->pidfd = pidfd_open(s->pid, 0);
	if (s->pidfd >= 0)
		return 0;
	(void)fail_errno(f, "pidfd_open");
	sandbox_end(s);
	return -1;
}

int
sandbox_wait(struct sandbox *s, int timeout_ms)
{
	struct pollfd p = { .fd = s->pidfd, .events = POLLIN };
	int status;

	if (s->pid < 0 || poll(&p, 1, timeout_ms) <= 0 ||
	    waitpid(s->pid, &status, 0) != s->pid)
		return SANDBOX_TIMEOUT;
	s->pid = -1;
	if (!WIFEXITED(status) || WEXITSTATUS(status) > EXIT_FENCED)
		return SANDBOX_SIGNALLED;
	if (WEXITSTATUS(status) == EXIT_FENCED)
		return SANDBOX_FENCED;
	return WEXITSTATUS(status);
}

/*
 * Waits for the first process, which its namespace keeps until nothing is left
 * in it: for some seconds, since what hangs in the kernel cannot be killed.
 */
static void
await_end(const struct sandbox *s)
{
	const struct timespec tick = { 0, KILL_TICK_MS * 1000000L };

	for (int ms = 0; ms < KILL_PATIENCE_MS; ms += KILL_TICK_MS) {
		if (waitpid(s->pid, NULL, WNOHANG) == s->pid)
			return;
		(void)nanosleep(&tick, NULL);
	}
}

void
sandbox_end(struct sandbox *s)
{
	if (s->pid > 0) {
		(void)kill(s->pid, SIGKILL);
		await_end(s);
		s->pid = -1;
	}
	if (s->pidfd >= 0)
		(void)close(s->pidfd);
	s->pidfd = -1;
	if (!s->isolated)
		kill_descendants();
}

static int
can_isolate(struct fail *f)
{
	struct clone_args args = { .exit_signal = SIGCHLD,
	    .flags = CLONE_NEWNS | CLONE_NEWPID };
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
	int status;

	if (pid < 0)
		return fail_errno(f, "no namespaces for the testbeds (%s)",
		    geteuid() == 0 ? "not permitted here" : "needs root");
	if (pid == 0)
		_exit(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) != 0);
	if (waitpid(pid, &status, 0) != pid || status != 0)
		return fail_set(f, EX_NOPERM, "no mount namespace");
	return 0;
}

int
sandbox_choose(const struct conf *c, bool *isolated, struct fail *f)
{
	struct fail why;

	*isolated = c->isolate != CONF_ISOLATE_NEVER && can_isolate(&why) == 0;
	if (*isolated || c->isolate != CONF_ISOLATE_ALWAYS)
		return 0;
	return fail_set(f, EX_CONFIG, "%s: isolate: always, but %.500s",
	    c->file, why.text);
}
