/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "writers.h"

enum writers
writers_of(int fd)
{
	struct statfs fs;

	if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
		(void)fcntl(fd, F_SETLEASE, F_UNLCK);
		return WRITERS_NONE;
	}
	/* NFSv4 says EAGAIN where it has no delegation, writer or not. */
	if (errno == EAGAIN && fstatfs(fd, &fs) == 0 &&
	    fs.f_type != NFS_SUPER_MAGIC)
		return WRITERS_SOME;
	return WRITERS_UNKNOWN;
}
