/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "mirror_inside.h"

enum { MARK_SIZE_MOST = 4096 };

static int
open_place(struct mirror *m, struct fail *f)
{
	char real[PATH_MAX];
	size_t n = strlen(m->o->source);

	if (fs_mkdirs(AT_FDCWD, m->o->dest, f) != 0)
		return -1;
	if (!realpath(m->o->dest, real))
		return fail_errno(f, "%s", m->o->dest);
	m->dest = mem_dup(real);
	m->source = mem_printf("%s%s", m->o->source,
	    n && m->o->source[n - 1] == '/' ? "" : "/");
	m->to.results_path = m->dest;
	m->fresh.results_path = mem_printf("%s/.mirror/new", real);
	m->base.results_path = mem_printf("%s/.mirror/base", real);
	m->to.results = fs_open_dir(AT_FDCWD, real);
	if (m->to.results < 0)
		return fail_errno(f, "%s", real);
	if (fs_mkdirs(m->to.results, ".mirror", f) != 0 ||
	    fs_mkdirs(m->to.results, MANIFEST_FOLDER, f) != 0)
		return fail_prefix(f, "%s", real);
	m->inside = fs_open_dir(m->to.results, ".mirror");
	return m->inside < 0 ? fail_errno(f, "%s/.mirror", real) : 0;
}

static int
take_lock(struct mirror *m, struct fail *f)
{
	if (fs_overwrite(m->inside, "lock", "", 0, f) != 0)
		return -1;
	m->lock = fs_open_read(m->inside, "lock");
	if (m->lock < 0)
		return fail_errno(f, "%s/.mirror/lock", m->dest);
	if (flock(m->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return fail_set(f, EX_TEMPFAIL, "%s: another one mirrors to it, or the "
	    "rsync of one that was killed has not ended yet", m->dest);
}

/* What was cut off is in the way, but for runs, which are gone on with. */
static int
clean(struct mirror *m, struct fail *f)
{
	static const char *const folders[] = { "new", "base", "tmp", "old" };

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (fs_remove_tree(m->inside, folders[i], f) != 0 ||
		    fs_mkdirs(m->inside, folders[i], f) != 0)
			return fail_prefix(f, "%s/.mirror", m->dest);
	if (fs_mkdirs(m->inside, "runs", f) != 0)
		return -1;
	m->base.results = fs_open_dir(m->inside, "base");
	return m->base.results < 0 ? fail_errno(f, "%s/.mirror/base",
	    m->dest) : 0;
}

static int
read_state(struct mirror *m, struct fail *f)
{
	struct buf b = { 0 };
	int rc = fs_read(m->inside, "mark", MARK_SIZE_MOST, &b, f);

	if (rc != 0 && f->err == ENOENT)
		rc = 0;
	if (!b.s || manifest_mark_parse(&m->mark, b.s) != 0)
		m->mark = (struct manifest_mark){ .offset = 0 };
	buf_free(&b);
	if (rc == 0)
		rc = mirror_list_read(&m->gone, m->inside, "gone", f);
	return rc == 0 ? mirror_list_read(&m->pages, m->inside, "pages", f) :
	    -1;
}

/*
 * Again, where the source was faster; from all names, where its manifests do
 * not go on from the mark.
 */
static int
go(struct mirror *m, struct fail *f)
{
	static const struct timespec second = { .tv_sec = 1 };
	int rc = m->o->full || !m->mark.last[0] ? mirror_compare(m, f) : 0;

	for (int i = 0; rc == 0; i++) {
		rc = mirror_follow(m, f);
		if (rc == 0)
			return 0;
		if (rc == 1 && i < MIRROR_TRIES) {
			(void)nanosleep(&second, NULL);
			rc = 0;
		} else if (rc == -1 && f->status == EX_NOINPUT && !m->whole) {
			rc = mirror_compare(m, f);
		}
	}
	return -1;
}

static void
close_all(struct mirror *m)
{
	const int all[] = { m->to.results, m->fresh.results, m->base.results,
	    m->inside, m->lock };
	struct fail passed;

	if (m->inside >= 0 && m->lock >= 0)
		(void)fs_remove_tree(m->inside, "new", &passed);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i] >= 0)
			(void)close(all[i]);
	free(m->dest);
	free(m->source);
	free(m->fresh.results_path);
	free(m->base.results_path);
	mirror_list_free(&m->gone);
	mirror_list_free(&m->pages);
	strs_free(&m->absent);
}

int
mirror(const struct mirror_options *o, struct mirror_report *r,
	struct fail *f)
{
	struct mirror m = { .o = o, .r = r, .inside = -1, .lock = -1,
	    .to = { .results = -1 }, .fresh = { .results = -1 },
	    .base = { .results = -1 } };
	int rc = -1;

	*r = (struct mirror_report){ 0 };
	if (open_place(&m, f) == 0 && take_lock(&m, f) == 0 &&
	    clean(&m, f) == 0 && read_state(&m, f) == 0)
		rc = go(&m, f);
	r->whole = m.whole;
	close_all(&m);
	return rc;
}
