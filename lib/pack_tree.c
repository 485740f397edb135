/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
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
	LEFT_OUT_MOST = 64 << 10,
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
	struct buf left_out;	/* for PACK_LEFT_OUT, a line each */
	unsigned long more;	/* that it has no line for */
	struct fail *f;
};

/* A name may have any byte; a line of text has not. */
static void
tell_left_out(struct tree *t, const char *why)
{
	size_t at = t->left_out.len;

	t->cut = true;
	if (at > LEFT_OUT_MOST) {
		t->more++;
		return;
	}
	buf_addf(&t->left_out, "%s: %s", t->path.s, why);
	for (char *p = t->left_out.s + at; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = '?';
	buf_add(&t->left_out, "\n");
}

/* Whether an entry of so many bytes is still to be taken. */
static bool
take(struct tree *t, int64_t bytes)
{
	char why[80];

	if (t->left_bytes >= ENTRY_BYTES &&
	    bytes <= t->left_bytes - ENTRY_BYTES) {
		t->left_bytes -= bytes + ENTRY_BYTES;
		return true;
	}
	t->full = t->left_bytes < ENTRY_BYTES;
	(void)snprintf(why, sizeof why, "%" PRId64 " bytes, above the limit%s",
	    bytes, t->full ? "; so is all that would follow" : "");
	tell_left_out(t, why);
	return false;
}

static int
put_left_out(struct tree *t, int dir)
{
	if (!t->left_out.len)
		return 0;
	if (t->more)
		buf_addf(&t->left_out, "... and %lu more\n", t->more);
	return sink_put_text(&t->s, dir, PACK_LEFT_OUT, t->left_out.s, t->f);
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
		tell_left_out(t, strerror(errno));
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
		tell_left_out(t, "lies too deep");
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

	if (rc == 0) {
		rc = walk(&t, dir);
		if (rc == 0)
			rc = put_left_out(&t, dir);
		rc = sink_finish(&t.s, rc, f);
	}
	*cut = t.cut;
	buf_free(&t.path);
	buf_free(&t.left_out);
	return rc;
}
