/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "fsck_look.h"
#include "mem.h"

void
fsck_add(struct fsck *x, enum fsck_kind kind, const char *object,
	const char *id, char *what)
{
	const char *slash = strrchr(object, '/');
	struct fsck_report *r = x->report;
	struct fsck_finding *g;
	struct token t = { 0 };

	if (r->n == FSCK_FINDINGS_MOST) {
		r->more++;
		free(what);
		return;
	}
	if (r->n == r->room) {
		r->room += r->room / 2 + 16;
		r->v = mem_grow(r->v, r->room, sizeof *r->v);
	}
	g = &r->v[r->n++];
	*g = (struct fsck_finding){ .words = fsck_words(kind),
	    .object = mem_dup(object), .what = what };
	if (!id && token_parse(&t, slash ? slash + 1 : object) == 0)
		id = t.id;
	if (id)
		(void)snprintf(g->id, sizeof g->id, "%s", id);
}

/* Whether the look before raised it as well. */
static bool
is_again(struct fsck *x, enum fsck_kind kind, const char *object)
{
	uint64_t key = fsck_hash(fsck_hash(0, fsck_words(kind)->key), object);

	fsck_set_add(&x->keys, key);
	return x->again && fsck_set_has(&x->before, key);
}

void
fsck_raise(struct fsck *x, enum fsck_kind kind, const char *object,
	const char *fmt, ...)
{
	struct buf what = { 0 };
	va_list ap;

	if (!is_again(x, kind, object))
		return;
	va_start(ap, fmt);
	buf_vaddf(&what, fmt, ap);
	va_end(ap);
	fsck_add(x, kind, object, NULL, what.s);
}

void
fsck_raise_id(struct fsck *x, enum fsck_kind kind, const char *object,
	const char *id, const char *what)
{
	if (is_again(x, kind, object))
		fsck_add(x, kind, object, id, mem_dup(what));
}

void
fsck_go_blind(struct fsck *x, const struct fail *f)
{
	x->partial = true;
	if (!x->report->blind[0])
		(void)snprintf(x->report->blind, sizeof x->report->blind,
		    "%s", f->text);
}

void
fsck_folder(struct fsck_folder *d, struct fsck *x, const struct queue *q,
	const char *fmt, ...)
{
	va_list ap;
	int n;

	*d = (struct fsck_folder){ .x = x, .q = q, .fd = -1 };
	va_start(ap, fmt);
	n = vsnprintf(d->path, sizeof d->path, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof d->path)
		abort();	/* its parts are names that passed name.h */
	d->hash = fsck_hash(fsck_hash(0, d->path), "/");
}

struct listing {
	struct fsck_folder *d;
	int (*each)(void *folder, const char *name, unsigned char type);
};

static int
pass_on(void *context, const char *name, unsigned char type)
{
	struct listing *l = context;

	l->d->n++;
	if (strcmp(name, "README") == 0 || strncmp(name, ".nfs", 4) == 0)
		return 0;
	if (type == DT_UNKNOWN) {
		l->d->x->partial = true;	/* gone, or not to be told */
		return 0;
	}
	return l->each(l->d, name, type);
}

void
fsck_each(struct fsck_folder *d, int at, const char *path,
	int (*each)(void *folder, const char *name, unsigned char type))
{
	struct listing l = { d, each };
	struct fail f;

	/* A bucket that is emptied is removed while it is listed. */
	if (fs_each(at, path, pass_on, &l, &f) == 0 || f.err == ENOENT ||
	    f.err == ESTALE)
		return;
	errno = f.err;
	(void)fail_errno(&f, "%s", d->path);
	fsck_go_blind(d->x, &f);
}

char *
fsck_object(const struct fsck_folder *d, const char *name)
{
	return mem_printf("%s/%s", d->path, name);
}

static void
keep(struct fsck_folder *d, const struct fsck_seen *seen, const char *name)
{
	struct fsck *x = d->x;

	if (x->n_seen == x->seen_room) {
		x->seen_room += x->seen_room / 2 + 16;
		x->seen = mem_grow(x->seen, x->seen_room, sizeof *x->seen);
	}
	x->seen[x->n_seen] = *seen;
	x->seen[x->n_seen++].path = fsck_object(d, name);
}

void
fsck_see(struct fsck_folder *d, enum fsck_place place, const char *name,
	const struct token *t)
{
	struct fsck_seen seen = { .id = fsck_id_number(t->id),
	    .hash = fsck_hash(d->hash, name), .place = place };

	fsck_ids_add(&d->x->ids, seen.id, place, seen.hash);
	if (fsck_set_has(&d->x->wanted, seen.id))
		keep(d, &seen, name);
}

void
fsck_seen_token(const struct fsck_seen *seen, struct token *t)
{
	*t = (struct token){ 0 };
	(void)token_parse(t, strrchr(seen->path, '/') + 1);
}

/* Sorted by id when the queues have been looked at. */
const struct fsck_seen *
fsck_seen_of(const struct fsck *x, uint64_t id, size_t *n)
{
	size_t low = 0, high = x->n_seen, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (x->seen[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	end = low;
	while (end < x->n_seen && x->seen[end].id == id)
		end++;
	*n = end - low;
	return x->seen ? x->seen + low : NULL;
}

int64_t
fsck_age_s(const struct fsck *x, int at, const char *name)
{
	struct stat st;

	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return -1;
	return x->now_s > st.st_mtim.tv_sec ? x->now_s - st.st_mtim.tv_sec : 0;
}

void
fsck_step(struct fsck *x, const char *what)
{
	if (x->part < x->of)
		x->part++;
	if (x->options->progress)
		x->options->progress(x->options->context, what, x->part,
		    x->of);
}

bool
fsck_is_scratch(const char *name)
{
	const char *dot = strrchr(name, '.');

	return name[0] == '.' && dot > name + 1 && dot[1] &&
	    strspn(dot + 1, "0123456789abcdef") == strlen(dot + 1);
}
