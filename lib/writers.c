/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>

#include "fs.h"
#include "writers.h"

enum writers
writers_of(int fd)
{
	/* A lease tells of writers on other hosts where there can be none. */
	if (!fs_is_local(fd))
		return WRITERS_UNKNOWN;
	if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
		(void)fcntl(fd, F_SETLEASE, F_UNLCK);
		return WRITERS_NONE;
	}
	return errno == EAGAIN ? WRITERS_SOME : WRITERS_UNKNOWN;
}

bool
writers_left_alone(const struct stat *before, const struct stat *now)
{
	return before->st_size == now->st_size &&
	    before->st_mtim.tv_sec == now->st_mtim.tv_sec &&
	    before->st_mtim.tv_nsec == now->st_mtim.tv_nsec;
}
