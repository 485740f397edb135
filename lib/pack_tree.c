/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "pack.h"
#include "pack_sink.h"
#include "strs.h"

enum {
	DEPTH_MOST = 64,
	ENTRY_BYTES = 512,	/* what an empty file costs in a tar */
};

/* A tree on its way into a tar. */
struct tree {
	struct sink s;
	const struct strs *skip;
	struct buf path;	/* where the walk is */
	int depth;
	int64_t left_bytes;
	bool full;		/* nothing more is taken */
	bool cut;
	struct fail *f;
};

/* Whether an entry of so many bytes is still to be taken. */
static bool
take(struct tree *t, int64_t bytes)
{
	if (bytes > t->left_bytes - ENTRY_BYTES)
		t->full = t->cut = true;
	else
		t->left_bytes -= bytes + ENTRY_BYTES;
	return !t->full;
}

/* One odd file must not cost the whole run's artifacts. */
static int
leave_out(struct tree *t)
{
	switch (errno) {
	case EACCES:
	case EPERM:
	case ENOENT:
	case ENOTDIR:
	case ELOOP:
	case ENXIO:
	case EINVAL:
		t->cut = true;
		return 0;
	default:
		return fail_errno(t->f, "%s", t->path.s);
	}
}

static int
put_link(struct tree *t, int dir, const char *name, const struct stat *st)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, name, target, sizeof target - 1);

	if (n < 0)
		return leave_out(t);
	target[n] = '\0';
	if (!take(t, n))
		return 0;
	return sink_put_header(&t->s, t->path.s, st, target, t->f);
}

static int
put_regular(struct tree *t, int dir, const char *name)
{
	struct stat st;
	int fd = sink_open_file(dir, name, &st);
	int rc = 0;

	if (fd < 0)
		return leave_out(t);
	if (take(t, st.st_size)) {
		rc = sink_put_header(&t->s, t->path.s, &st, NULL, t->f);
		if (rc == 0)
			rc = sink_put_file(&t->s, fd, st.st_size, t->path.s,
			    t->f);
	}
	(void)close(fd);
	return rc;
}

static int walk(struct tree *t, int dir);

static int
put_dir(struct tree *t, int dir, const char *name, const struct stat *st)
{
	int fd, rc = 0;

	if (t->depth == DEPTH_MOST) {
		t->cut = true;
		return 0;
	}
	fd = fs_open_dir(dir, name);
	if (fd < 0)
		return leave_out(t);
	if (take(t, 0)) {
		rc = sink_put_header(&t->s, t->path.s, st, NULL, t->f);
		if (rc == 0)
			rc = walk(t, fd);
	}
	(void)close(fd);
	return rc;
}

static int
put_entry(struct tree *t, int dir, const char *name)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return leave_out(t);
	if (S_ISLNK(st.st_mode))
		return put_link(t, dir, name, &st);
	if (S_ISDIR(st.st_mode))
		return put_dir(t, dir, name, &st);
	if (S_ISREG(st.st_mode))
		return put_regular(t, dir, name);
	return 0;
}

static int
walk(struct tree *t, int dir)
{
	struct strs names = { 0 };
	size_t len = t->path.len;
	int rc = fs_list(dir, ".", SIZE_MAX, &names, t->f);

	if (rc != 0)
		(void)fail_prefix(t->f, "%s", len ? t->path.s : t->s.name);
	strs_sort(&names);
	for (size_t i = 0; rc == 0 && !t->full && i < names.n; i++) {
		if (t->depth == 0 && strs_has(t->skip, names.v[i]))
			continue;
		buf_addf(&t->path, "%s%s", len ? "/" : "", names.v[i]);
		t->depth++;
		rc = put_entry(t, dir, names.v[i]);
		t->depth--;
		t->path.len = len;
		t->path.s[len] = '\0';
	}
	strs_free(&names);
	return rc;
}

int
pack_tree(int dir, const struct strs *skip, int to_dir, const char *to,
	int64_t most_bytes, bool *cut, struct fail *f)
{
	struct tree t = { .s = { .dir = to_dir, .name = to }, .skip = skip,
	    .left_bytes = most_bytes, .f = f };
	int rc = sink_begin(&t.s, SINK_TAR_GZIP, f);

	if (rc == 0)
		rc = sink_finish(&t.s, walk(&t, dir), f);
	*cut = t.cut;
	buf_free(&t.path);
	return rc;
}
