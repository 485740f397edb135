/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "image_inside.h"
#include "mem.h"
#include "strs.h"

enum { NAMES_MOST = 10000 };

struct listing {
	const struct conf *conf;
	int dir;
	enum image_kind kind;
	void (*each)(void *context, const struct image_entry *e);
	void *context;
};

/* What it takes on the disk.  What cannot be read is not counted. */
static int64_t
size_of(char *path)
{
	char *paths[] = { path, NULL };
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_XDEV | FTS_NOCHDIR,
	    NULL);
	int64_t blocks = 0;
	FTSENT *e;

	while (tree && (e = fts_read(tree)))
		if (e->fts_info != FTS_DP && e->fts_info != FTS_NS)
			blocks += e->fts_statp->st_blocks;
	if (tree)
		(void)fts_close(tree);
	return blocks * 512;
}

static void
tell(const struct listing *l, const char *link)
{
	char *version = image_newest(l->dir, link), *path;
	struct image_entry e = { .image.kind = l->kind };
	struct strs old = { 0 };
	struct fail uncounted;

	if (!version)
		return;
	path = mem_printf("%s/%s/%s", l->conf->testbeds,
	    image_traits[l->kind].server, version);
	if (image_parse(&e.image, &e.made_s, version) == 0 &&
	    access(path, F_OK) == 0) {
		e.version = path;
		e.size_bytes = size_of(path);
		(void)image_old(l->dir, &e.image, &old, &uncounted);
		e.old = (unsigned)old.n;
		l->each(l->context, &e);
	}
	image_free(&e.image);
	strs_free(&old);
	free(path);
	free(version);
}

static int
list_kind(struct listing *l, struct fail *f)
{
	struct strs names = { 0 };
	int rc;

	l->dir = image_open(l->conf, l->kind, f);
	if (l->dir < 0)
		return f->err == ENOENT ? 0 : -1;
	rc = fs_list(l->dir, ".", NAMES_MOST, &names, f);
	if (names.n)
		strs_sort(&names);
	for (size_t i = 0; rc == 0 && i < names.n; i++)
		tell(l, names.v[i]);
	strs_free(&names);
	(void)close(l->dir);
	return rc;
}

int
image_each(const struct conf *c, void (*each)(void *context,
	const struct image_entry *e), void *context, struct fail *f)
{
	struct listing l = { .conf = c, .each = each, .context = context };
	int rc = 0;

	for (int kind = 0; rc == 0 && kind < IMAGE_KINDS; kind++) {
		l.kind = (enum image_kind)kind;
		rc = list_kind(&l, f);
	}
	return rc;
}
