/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "aside.h"

enum { TICK_MS = 20, CALL_TICKS = 50 };

static _Noreturn void
be_aside(void (*work)(void *of), void *of, pid_t caller)
{
	sigset_t none;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != caller)
		_exit(1);	/* before it could be told so */
	/* What a terminal says is for the caller alone. */
	(void)setsid();
	(void)signal(SIGCHLD, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	work(of);
	_exit(0);
}

pid_t
aside_start(void (*work)(void *of), void *of)
{
	pid_t caller = getpid(), pid = fork();

	if (pid == 0)
		be_aside(work, of, caller);
	if (pid > 0)
		return pid;
	work(of);
	return 0;
}

void
aside_await(pid_t pid, void (*meanwhile)(void *of), void *of)
{
	const struct timespec tick = { 0, TICK_MS * 1000000L };

	for (int i = 1; pid > 0; i++) {
		pid_t gone = waitpid(pid, NULL, WNOHANG);

		if (gone == pid || (gone < 0 && errno != EINTR))
			return;
		if (meanwhile && i % CALL_TICKS == 0)
			meanwhile(of);
		(void)nanosleep(&tick, NULL);
	}
}
