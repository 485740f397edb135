/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether flock(2) keeps a second process out, and lets it in again. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor_look.h"
#include "fs.h"

/* An open file of its own, as another worker has it. */
static int
open_lock(int dir, const char *name)
{
	return openat(dir, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
}

/* What another process gets that tries: 0, or its errno. */
static int
lock_elsewhere(int dir, const char *name)
{
	int status = 0, fd;
	pid_t child = fork();

	if (child == 0) {
		fd = open_lock(dir, name);
		_exit(fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0 ? errno : 0);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return child < 0 ? errno : WIFEXITED(status) ? WEXITSTATUS(status) :
	    EIO;
}

static void
say_error(struct doctor *d, const char *what, int err)
{
	doctor_say(d->report, doctor_grade_of(err), "locks",
	    "mount it with locks",
	    "workers: %s: %s", what, strerror(err));
}

static void
try_lock(struct doctor *d, int fd, const char *name)
{
	int other;

	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		say_error(d, "a lock cannot be taken", errno);
		return;
	}
	other = lock_elsewhere(d->workers.fd, name);
	if (other == 0) {
		doctor_say(d->report, DOCTOR_BAD, "locks", "mount it with "
		    "locks", "workers: two processes hold one lock: two "
		    "workers of one name take each other's requests for "
		    "their own");
		return;
	}
	if (other != EWOULDBLOCK) {
		say_error(d, "a second process cannot ask for a lock", other);
		return;
	}
	(void)flock(fd, LOCK_UN);
	other = lock_elsewhere(d->workers.fd, name);
	if (other != 0)
		say_error(d, "a lock that was given up is still held", other);
	else
		doctor_say(d->report, DOCTOR_OK, "locks", NULL, "workers: a "
		    "lock keeps other processes of this host out");
}

void
doctor_check_locks(struct doctor *d)
{
	char name[DOCTOR_NAME_MAX];
	int fd;

	if (d->workers.fd < 0 || d->workers.closed)
		return;
	doctor_name(d, name);
	fd = fs_create(d->workers.fd, name);
	if (fd < 0) {
		say_error(d, "a file cannot be made", errno);
		return;
	}
	(void)close(fd);
	fd = open_lock(d->workers.fd, name);
	if (fd < 0)
		say_error(d, "cannot be opened", errno);
	else
		try_lock(d, fd, name);
	if (fd >= 0)
		(void)close(fd);
	doctor_remove(d, &d->workers, name);
}
