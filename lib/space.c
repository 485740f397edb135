/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "space.h"
#include "spool.h"

enum { PROBE_BYTES = 1 << 20, MIB = 1 << 20 };

/* No blocks at all, or no inodes, is "unknown": CephFS, and btrfs. */
static int
judge(const char *path, const struct statvfs *v, const struct conf *c,
	struct fail *f)
{
	int64_t free_bytes = (int64_t)v->f_bavail * (int64_t)v->f_frsize;

	if (v->f_flag & ST_RDONLY)
		return fail_set(f, EX_TEMPFAIL, "%s: mounted read-only; "
		    "nothing is claimed", path);
	if (v->f_blocks && free_bytes < c->free_least_bytes)
		return fail_set(f, EX_TEMPFAIL, "%s: less than min-free, "
		    "%lld MiB, is free; nothing is claimed", path,
		    (long long)c->free_least_bytes / MIB);
	if (v->f_files && v->f_favail < c->inodes_least)
		return fail_set(f, EX_TEMPFAIL, "%s: fewer than "
		    "min-free-inodes, %u, are free; nothing is claimed", path,
		    c->inodes_least);
	return 0;
}

static int
check(int fd, const char *path, const struct conf *c, struct fail *f)
{
	struct statvfs v;

	if (fstatvfs(fd, &v) != 0)
		return fail_errno(f, "%s", path);
	return judge(path, &v, c, f);
}

static int
check_path(const char *path, const struct conf *c, struct fail *f)
{
	struct statvfs v;

	if (statvfs(path, &v) != 0)
		return fail_errno(f, "%s", path);
	return judge(path, &v, c, f);
}

int
space_check(const struct conf *c, const struct spool *s, struct fail *f)
{
	return check(s->fd, s->path, c, f) == 0 &&
	    check(s->results, s->results_path, c, f) == 0 &&
	    check_path(c->scratch, c, f) == 0 ? 0 : -1;
}

int
space_probe(const struct spool *s, const char *worker, struct fail *f)
{
	char *name = mem_printf(".probe.%s", worker);
	void *zeros = mem_alloc(PROBE_BYTES);
	int rc;

	(void)fs_unlink(s->staging, name);
	rc = fs_write_new(s->staging, name, zeros, PROBE_BYTES, f);
	if (rc != 0)
		(void)fail_prefix(f, "%s/.staging", s->results_path);
	(void)fs_unlink(s->staging, name);
	free(zeros);
	free(name);
	return rc;
}
