/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running rsync.  What it is sent is never believed to be more than bytes:
 * links, devices and permissions are not taken, all lands in .mirror, and names
 * are looked at before anything moves on from there.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "mirror_inside.h"

/* What rsync(1) exits with, or stands for that there is none, or was killed. */
enum { RSYNC_PARTIAL = 23, RSYNC_VANISHED = 24, NOT_STARTED = 127,
	KILLED = 128 };

static int
write_names(const struct mirror *m, const struct strs *names, struct fail *f)
{
	struct buf b = { 0 };
	int rc;

	buf_add(&b, "");
	for (size_t i = 0; i < names->n; i++)
		buf_addf(&b, "%s\n", names->v[i]);
	rc = fs_replace(m->inside, "list", b.s, b.len, f);
	buf_free(&b);
	return rc;
}

static void
command(const struct mirror *m, const struct mirror_call *c,
	struct strs *argv)
{
	strs_add(argv, "rsync");
	strs_add(argv, "-t");
	/* Two versions within a second may be as long as one another. */
	strs_add(argv, "--modify-window=-1");
	strs_add(argv, "--timeout=600");
	strs_addf(argv, "--temp-dir=%s/.mirror/tmp", m->dest);
	if (c->each)
		/* Without %i, -ii would not tell of what is unchanged. */
		strs_add(argv, "--out-format=%i %n");
	if (c->names) {
		strs_addf(argv, "--files-from=%s/.mirror/list", m->dest);
		/* It would make a list of each name, and look through all. */
		strs_add(argv, "--no-inc-recursive");
	}
	strs_add_all(argv, &c->args);
	if (m->o->more)
		strs_add_all(argv, m->o->more);
	strs_add(argv, "--");
	strs_addf(argv, "%s%s", m->source, c->below);
	strs_addf(argv, "%s/%s", m->dest, c->target);
}

static int
wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
end_group(int signal)
{
	(void)signal;
	(void)kill(0, SIGKILL);
}

/*
 * In the child: rsync ends with its parent, and holds the lock until then.  It
 * is of two processes, and told to end at the wrong moment one leaves the other
 * behind, for as long as its timeout: so all of their group are killed.
 */
static void
become_rsync(const struct mirror *m, char **argv, int out, pid_t parent)
{
	int null = open("/dev/null", O_RDWR), status;
	pid_t rsync;

	(void)setpgid(0, 0);
	(void)signal(SIGTERM, end_group);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent || null < 0 || dup2(null, 0) < 0 ||
	    dup2(out < 0 ? null : out, 1) < 0 ||
	    fcntl(m->lock, F_SETFD, 0) != 0)
		_exit(NOT_STARTED);
	rsync = fork();
	if (rsync == 0) {
		(void)execvp(argv[0], argv);
		_exit(NOT_STARTED);
	}
	status = rsync < 0 ? NOT_STARTED : wait_for(rsync);
	_exit(status < 0 ? KILLED : status);
}

static void
take_lines(const struct mirror_call *c, struct buf *b)
{
	size_t done = 0;
	char *end;

	while (done < b->len &&
	    (end = memchr(b->s + done, '\n', b->len - done))) {
		char *line = b->s + done, *blank;

		done = (size_t)(end - b->s) + 1;
		*end = '\0';
		if (end > line && end[-1] == '/')
			end[-1] = '\0';
		blank = strchr(line, ' ');
		if (blank)
			c->each(c->context, blank + strspn(blank, " "));
	}
	if (done)
		memmove(b->s, b->s + done, b->len - done);
	b->len -= done;
}

static void
read_names(const struct mirror_call *c, int fd)
{
	struct buf b = { 0 };
	char chunk[65536];
	ssize_t got;

	while ((got = read(fd, chunk, sizeof chunk)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		buf_addn(&b, chunk, (size_t)got);
		take_lines(c, &b);
	}
	buf_free(&b);
}

static enum mirror_end
judge(const struct mirror *m, const struct mirror_call *c, int status,
	struct fail *f)
{
	if (status == 0)
		return MIRROR_ALL;
	if (status == NOT_STARTED)
		(void)fail_set(f, EX_UNAVAILABLE, "rsync: cannot be started; "
		    "is it installed?");
	else
		(void)fail_set(f, EX_TEMPFAIL, "%s%s: rsync ended with %d; "
		    "what it said is above", m->source, c->below, status);
	return status == RSYNC_PARTIAL || status == RSYNC_VANISHED ?
	    MIRROR_PART : MIRROR_NONE;
}

static int
run(const struct mirror *m, const struct mirror_call *c, char **argv,
	struct fail *f)
{
	int pipe[2] = { -1, -1 };
	pid_t self = getpid(), pid;

	if (c->each && pipe2(pipe, O_CLOEXEC) != 0) {
		(void)fail_errno(f, "rsync");
		return -1;
	}
	pid = fork();
	if (pid == 0)
		become_rsync(m, argv, pipe[1], self);
	if (pid < 0)
		(void)fail_errno(f, "rsync");
	if (pipe[1] >= 0)
		(void)close(pipe[1]);
	if (pid > 0 && c->each)
		read_names(c, pipe[0]);
	if (pipe[0] >= 0)
		(void)close(pipe[0]);
	return pid < 0 ? -1 : wait_for(pid);
}

enum mirror_end
mirror_rsync(const struct mirror *m, struct mirror_call *c, struct fail *f)
{
	enum mirror_end end = MIRROR_NONE;
	struct strs argv = { 0 };

	if (!c->names || write_names(m, c->names, f) == 0) {
		command(m, c, &argv);
		end = judge(m, c, run(m, c, argv.v, f), f);
	}
	strs_free(&argv);
	strs_free(&c->args);
	return end;
}
