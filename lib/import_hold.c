/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fail.h"
#include "import_hold.h"
#include "writers.h"

enum {
	WRITER_PATIENCE_MS = 10000,
	WRITER_TICK_MS = 100,
};

/* NFS gives no exclusive lock to a descriptor that cannot write. */
static int
lock(struct import_hold *h, const char *path)
{
	int rc = flock(h->fd, LOCK_EX | LOCK_NB);

	if (rc == 0 || errno != EBADF)
		return rc;
	h->rw = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	return h->rw < 0 ? -1 : flock(h->rw, LOCK_EX | LOCK_NB);
}

int
import_hold(struct import_hold *h, const char *path, struct fail *f)
{
	struct stat st;

	*h = (struct import_hold){ open(path, O_RDONLY | O_NOFOLLOW |
	    O_CLOEXEC), -1 };
	if (h->fd < 0)
		return errno == ENOENT ? 1 : fail_errno(f, "%s", path);
	if (lock(h, path) != 0)
		return errno == EWOULDBLOCK || errno == ENOENT ? 1 :
		    fail_errno(f, "%s: cannot be locked against another import",
		    path);
	return fstat(h->fd, &st) == 0 && st.st_nlink == 0;
}

void
import_release(struct import_hold *h)
{
	if (h->fd >= 0)
		(void)close(h->fd);
	if (h->rw >= 0)
		(void)close(h->rw);
}

/* Whether it may be read: nobody writes, or it has rested for settle_s. */
static bool
is_quiet(int fd, const struct stat *last, int64_t rested_ms, int64_t settle_s)
{
	struct stat now;

	switch (writers_of(fd)) {
	case WRITERS_NONE:
		return true;
	case WRITERS_SOME:
		return false;
	case WRITERS_UNKNOWN:
		break;
	}
	return fstat(fd, &now) == 0 && writers_left_alone(last, &now) &&
	    rested_ms >= settle_s * 1000;
}

int
import_wait(const struct import_hold *h, const char *path, int64_t settle_s,
	struct fail *f)
{
	const struct timespec tick = { 0, WRITER_TICK_MS * 1000000L };
	int64_t most_ms = WRITER_PATIENCE_MS + settle_s * 1000;
	struct stat first;

	if (fstat(h->fd, &first) != 0)
		return fail_errno(f, "%s", path);
	for (int64_t ms = 0; !is_quiet(h->fd, &first, ms, settle_s);
	    ms += WRITER_TICK_MS) {
		if (ms >= most_ms)
			return fail_set(f, EX_TEMPFAIL, "%s: still being "
			    "written; import it when britney has ended", path);
		(void)nanosleep(&tick, NULL);
	}
	return 0;
}
