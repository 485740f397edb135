/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "fail.h"
#include "hook_find.h"
#include "hook_run.h"
#include "log.h"
#include "mem.h"
#include "plain.h"

enum { NOT_STARTED = 127, READS_MOST = 64 };

static const char *const clean[] = { "HOME=/", "LANG=C.UTF-8",
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };

/* About the hook that runs, or is to. */
static void
say(const struct hook_run *r, enum log_level level, const char *text)
{
	const struct hook_message *m = &r->message;
	const struct log_about about = { .id = m->id,
	    .queue = hook_message_get(m, "ADTSPOOL_QUEUE"),
	    .package = hook_message_get(m, "ADTSPOOL_PACKAGE"),
	    .suite = hook_message_get(m, "ADTSPOOL_SUITE"),
	    .arch = hook_message_get(m, "ADTSPOOL_ARCH") };

	log_say_about(r->log, level, &about, "%s: hook %s, %s: %s", m->id,
	    strrchr(r->programs.v[r->at], '/') + 1,
	    hook_message_get(m, "ADTSPOOL_EVENT"), text);
}

/* What a hook prints is strangers' text, as like as not. */
static void
say_line(struct hook_run *r)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out, *plain;

	if (++r->lines > HOOK_LINES_MOST)
		return;
	out = open_memstream(&text, &n);
	plain = out ? plain_open(out) : NULL;
	if (plain) {
		(void)fwrite(r->line.s, 1, r->line.len, plain);
		(void)fclose(plain);
	}
	if (out && fclose(out) == 0)
		say(r, LOG_LEVEL_INFO, text);
	free(text);
}

static void
take_byte(struct hook_run *r, char byte)
{
	if (byte != '\n' && byte != '\r') {
		if (r->line.len < HOOK_LINE_MOST)
			buf_addn(&r->line, &byte, 1);
		return;
	}
	if (r->line.len)
		say_line(r);
	buf_reset(&r->line);
}

/* What there is, and not for ever. */
static void
take_output(struct hook_run *r)
{
	char chunk[4096];
	ssize_t n = 1;

	for (int i = 0; i < READS_MOST && r->output >= 0; i++) {
		n = read(r->output, chunk, sizeof chunk);
		for (ssize_t at = 0; at < n; at++)
			take_byte(r, chunk[at]);
		if (n > 0)
			continue;
		if (n == 0 || errno != EAGAIN) {
			(void)close(r->output);
			r->output = -1;
		}
		return;
	}
}

static void
end_output(struct hook_run *r)
{
	char text[64];

	take_output(r);
	take_byte(r, '\n');
	if (r->output >= 0)
		(void)close(r->output);
	r->output = -1;
	(void)snprintf(text, sizeof text, "%zu more lines are left out",
	    r->lines > HOOK_LINES_MOST ? r->lines - HOOK_LINES_MOST : 0);
	if (r->lines > HOOK_LINES_MOST)
		say(r, LOG_LEVEL_INFO, text);
	r->lines = 0;
}

/* In the new process: becomes the hook. */
static _Noreturn void
become(const struct hook_run *r, int output, char **env)
{
	char *argv[] = { r->programs.v[r->at], mem_dup(hook_message_get(
	    &r->message, "ADTSPOOL_EVENT")), NULL };
	int input = r->input;
	sigset_t none;

	(void)setsid();
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	for (int s = 1; s < NSIG; s++)
		(void)signal(s, SIG_DFL);
	(void)dup2(output, STDOUT_FILENO);
	(void)dup2(output, STDERR_FILENO);
	if (input < 0)
		input = open(r->message.input, O_RDONLY);
	if (input < 0) {
		(void)fprintf(stderr, "%s: %s\n", r->message.input,
		    strerror(errno));
		_exit(NOT_STARTED);
	}
	(void)dup2(input, STDIN_FILENO);
	(void)close_range(STDERR_FILENO + 1, ~0U, 0);
	(void)umask(022);
	(void)execve(argv[0], argv, env);
	(void)fprintf(stderr, "%s\n", strerror(errno));
	_exit(NOT_STARTED);
}

static int
start(struct hook_run *r)
{
	struct strs env = { 0 };
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	for (size_t i = 0; i < sizeof clean / sizeof *clean; i++)
		strs_add(&env, clean[i]);
	strs_add_all(&env, &r->message.env);
	if (r->input >= 0)
		(void)lseek(r->input, 0, SEEK_SET);
	r->pid = fork();
	if (r->pid == 0)
		become(r, ends[1], env.v);
	(void)close(ends[1]);
	strs_free(&env);
	if (r->pid < 0) {
		(void)close(ends[0]);
		return -1;
	}
	(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
	r->output = ends[0];
	r->killed = false;
	r->until_ms = clock_boot_ms() + r->message.timeout_ms;
	return 0;
}

static void
end(struct hook_run *r)
{
	if (r->input >= 0)
		(void)close(r->input);
	strs_free(&r->programs);
	hook_message_free(&r->message);
	buf_free(&r->line);
	*r = (struct hook_run){ 0 };
}

/* The next that can be started, or the end. */
static void
start_one(struct hook_run *r)
{
	while (r->at < r->programs.n) {
		if (start(r) == 0)
			return;
		say(r, LOG_LEVEL_ERROR, strerror(errno));
		r->at++;
	}
	end(r);
}

/* A file that never blocks: hooks need not read it. */
static int
hold_input(const struct hook_message *m)
{
	size_t n = strlen(m->input);
	int fd;

	if (m->input[0] == '/')
		return -1;
	fd = memfd_create("event", MFD_CLOEXEC);
	if (fd >= 0 && write(fd, m->input, n) == (ssize_t)n)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void
hook_run_begin(struct hook_run *r, struct hook_message *m,
	const struct log *log)
{
	struct strs refused = { 0 };
	struct fail f;

	*r = (struct hook_run){ .active = true, .log = log, .message = *m,
	    .input = hold_input(m), .output = -1 };
	if (hook_find(m->folder, &r->programs, &refused, &f) != 0)
		log_say(log, LOG_LEVEL_ERROR, "hooks: %s", f.text);
	for (size_t i = 0; i < refused.n; i++)
		log_say(log, LOG_LEVEL_ERROR, "hooks: %s", refused.v[i]);
	strs_free(&refused);
	start_one(r);
}

static void
tell_end(const struct hook_run *r, int status)
{
	char text[80];

	if (r->killed)
		(void)snprintf(text, sizeof text, "had not ended after %lld s,"
		    " and was killed", (long long)r->message.timeout_ms / 1000);
	else if (WIFSIGNALED(status))
		(void)snprintf(text, sizeof text, "ended by signal %d",
		    WTERMSIG(status));
	else
		(void)snprintf(text, sizeof text, "failed: exit %d",
		    WEXITSTATUS(status));
	if (r->killed || status != 0)
		say(r, LOG_LEVEL_ERROR, text);
}

void
hook_run_push(struct hook_run *r)
{
	siginfo_t seen = { 0 };
	int status = 0;

	take_output(r);
	if (waitid(P_PID, (id_t)r->pid, &seen, WEXITED | WNOHANG |
	    WNOWAIT) == 0 && seen.si_pid == 0) {
		if (clock_boot_ms() >= r->until_ms) {
			r->killed = true;
			(void)kill(-r->pid, SIGKILL);
		}
		return;
	}
	/* Before it is waited for: nobody else has its number yet. */
	(void)kill(-r->pid, SIGKILL);
	(void)waitpid(r->pid, &status, 0);
	end_output(r);
	tell_end(r, status);
	r->at++;
	start_one(r);
}

void
hook_run_kill(struct hook_run *r)
{
	(void)kill(-r->pid, SIGKILL);
	end_output(r);
	say(r, LOG_LEVEL_ERROR, "ended, as the worker has ended");
	end(r);
}
