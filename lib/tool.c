/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "strs.h"
#include "tool.h"

bool
tool_run(const struct strs *argv, unsigned most_s)
{
	posix_spawn_file_actions_t quiet;
	struct strs all = { 0 };
	int status = -1;
	pid_t pid;

	strs_split(&all, "timeout --kill-after=5", " ");
	strs_addf(&all, "%u", most_s);
	strs_add_all(&all, argv);
	(void)posix_spawn_file_actions_init(&quiet);
	for (int fd = 0; fd <= 2; fd++)
		(void)posix_spawn_file_actions_addopen(&quiet, fd, "/dev/null",
		    O_RDWR, 0);
	if (posix_spawnp(&pid, all.v[0], &quiet, NULL, all.v, environ) == 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	(void)posix_spawn_file_actions_destroy(&quiet);
	strs_free(&all);
	return status == 0;
}
