/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inotifytools/inotifytools.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/select.h>
#include <unistd.h>

#include "fail.h"
#include "watch.h"

enum {
	ARRIVALS = IN_MOVED_TO | IN_CREATE | IN_CLOSE_WRITE,
	LEAVINGS = IN_MOVED_FROM | IN_DELETE,
	LOSSES = IN_Q_OVERFLOW | IN_IGNORED | IN_UNMOUNT | IN_DELETE_SELF |
	    IN_MOVE_SELF,
};

static bool
is_inotify(int fd)
{
	static const char kind[] = "anon_inode:inotify";
	char link[32], target[sizeof kind];

	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	return readlink(link, target, sizeof target) ==
	    (ssize_t)sizeof kind - 1 &&
	    memcmp(target, kind, sizeof kind - 1) == 0;
}

/*
 * The library does not tell its descriptor, which select(2) bounds to
 * FD_SETSIZE, so it is the one inotify descriptor that was not there before.
 */
static int
initialize(struct fail *f)
{
	bool before[FD_SETSIZE];

	for (int fd = 0; fd < FD_SETSIZE; fd++)
		before[fd] = is_inotify(fd);
	if (!inotifytools_initialize()) {
		errno = inotifytools_error();
		(void)fail_errno(f, "inotify");
		return -1;
	}
	for (int fd = 0; fd < FD_SETSIZE; fd++)
		if (!before[fd] && is_inotify(fd))
			return fd;
	inotifytools_cleanup();
	return fail_set(f, EX_TEMPFAIL,
	    "inotify: no descriptor below %d in /proc/self/fd", FD_SETSIZE);
}

int
watch_open(struct fail *f)
{
	int fd = initialize(f);

	if (fd < 0 && f->err == EMFILE)
		return fail_set(f, EX_TEMPFAIL, "inotify: none left; raise "
		    "fs.inotify.max_user_instances with sysctl(8)");
	if (fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
		(void)fail_errno(f, "inotify");
		inotifytools_cleanup();
		return -1;
	}
	return fd;
}

int
watch_add(const char *dir, enum watch_what what, struct fail *f)
{
	if (inotifytools_watch_file(dir,
	    ARRIVALS | (what == WATCH_LEAVINGS_TOO ? LEAVINGS : 0) |
	    IN_ONLYDIR | IN_DELETE_SELF | IN_MOVE_SELF))
		return 0;
	errno = inotifytools_error();
	(void)fail_errno(f, "%s", dir);
	if (f->err == ENOSPC)
		return fail_set(f, EX_TEMPFAIL, "%s: no watch left; raise "
		    "fs.inotify.max_user_watches with sysctl(8)", dir);
	return -1;
}

enum watch_news
watch_drain(void)
{
	enum watch_news news = WATCH_NOTHING;
	const struct inotify_event *e;

	/*
	 * To the end, for the library reads ahead, unseen by poll(2).  With 0
	 * seconds its next_event would wait for ever; this one polls.
	 */
	while ((e = inotifytools_next_events(0, 1))) {
		if (e->mask & LOSSES)
			news = WATCH_LOST;
		else if (news == WATCH_NOTHING)
			news = WATCH_NEWS;
	}
	if (inotifytools_error() != 0 && inotifytools_error() != EINTR)
		news = WATCH_LOST;
	return news;
}

void
watch_close(void)
{
	inotifytools_cleanup();
}
