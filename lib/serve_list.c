/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "name.h"
#include "publish.h"
#include "serve_list.h"
#include "serve_run.h"
#include "strs.h"

/* Of a folder's names so many are kept at a time. */
enum { BATCH = 4096 };

enum level { LEVEL_SUITE, LEVEL_ARCH, LEVEL_POOL, LEVEL_SOURCE, LEVEL_RUN,
	LEVEL_FILE };

struct walk {
	const struct serve_query *q;
	struct buf path;	/* of the folder, with a slash at its end */
	struct buf last;	/* the last prefix that was told */
	size_t told;
	bool ended;
	int (*each)(void *context, const struct serve_item *item);
	void *context;
};

static bool
begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static bool
pool_ok(const char *s)
{
	return (strlen(s) == 1 && name_arch_ok(s)) ||
	    (strlen(s) == 4 && begins(s, "lib") && name_source_ok(s));
}

static bool
file_ok(const char *s)
{
	return s[0] != '.';
}

static bool
name_ok(enum level level, const char *name)
{
	static bool (*const ok[])(const char *) = { name_suite_ok,
	    name_arch_ok, pool_ok, name_source_ok, publish_run_id_ok,
	    file_ok };

	return ok[level](name);
}

/* How much of a name is its prefix up to the delimiter; 0: it has none. */
static size_t
prefix_of(const struct walk *w, const char *name)
{
	size_t n = strlen(w->q->prefix);
	const char *at = NULL;

	if (w->q->delimiter && strlen(name) > n)
		at = strchr(name + n, w->q->delimiter);
	return at ? (size_t)(at - name) + 1 : 0;
}

static bool
is_text(const char *text, const char *name, size_t n)
{
	return strlen(text) == n && strncmp(text, name, n) == 0;
}

/*
 * Whether path, a folder with a slash at its end or a file, has to be looked
 * at.  All names in a folder begin with its path.  A prefix that is the marker
 * itself is not told again, though objects behind the marker have it.
 */
static bool
is_asked_for(const struct walk *w, const char *path, bool folder)
{
	const struct serve_query *q = w->q;
	size_t n = prefix_of(w, path);

	if (!begins(path, q->prefix) && !(folder && begins(q->prefix, path)))
		return false;
	if (strcmp(path, q->marker) <= 0 &&
	    !(folder && begins(q->marker, path)))
		return false;
	if (*q->end_marker && strcmp(path, q->end_marker) >= 0)
		return false;
	return n == 0 || !(is_text(q->marker, path, n) ||
	    (w->last.len && is_text(w->last.s, path, n)));
}

/* Whether the folder's child of that name has to be looked at. */
static bool
wants(struct walk *w, enum level level, const char *name)
{
	size_t len = w->path.len;
	bool does;

	buf_add(&w->path, name);
	if (level != LEVEL_FILE)
		buf_add(&w->path, "/");
	does = is_asked_for(w, w->path.s, level != LEVEL_FILE);
	w->path.s[w->path.len = len] = '\0';
	return does;
}

/* In the order of the paths below: what ends is followed by end. */
static int
compare(const char *a, const char *b, unsigned char end)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (*a ? (unsigned char)*a : end) - (*b ? (unsigned char)*b : end);
}

static int
by_folder(const void *a, const void *b)
{
	return compare(*(char *const *)a, *(char *const *)b, '/');
}

static int
by_file(const void *a, const void *b)
{
	return compare(*(char *const *)a, *(char *const *)b, '\0');
}

struct batch {
	struct walk *w;
	enum level level;
	const char *after;	/* the last name of the batch before; NULL */
	struct strs names;
	bool more;		/* some did not fit */
};

static void
sort_and_cut(struct batch *b)
{
	struct strs *l = &b->names;

	if (l->n)
		qsort(l->v, l->n, sizeof *l->v,
		    b->level == LEVEL_FILE ? by_file : by_folder);
	for (b->more = b->more || l->n > BATCH; l->n > BATCH; l->n--) {
		free(l->v[l->n - 1]);
		l->v[l->n - 1] = NULL;
	}
}

static int
keep(void *context, const char *name, unsigned char type)
{
	struct batch *b = context;

	if (type != (b->level == LEVEL_FILE ? DT_REG : DT_DIR) ||
	    !name_ok(b->level, name) || !wants(b->w, b->level, name) ||
	    (b->after && compare(name, b->after,
	    b->level == LEVEL_FILE ? '\0' : '/') <= 0))
		return 0;
	strs_add(&b->names, name);
	if (b->names.n == 2 * BATCH)
		sort_and_cut(b);
	return 0;
}

/* Where the prefix names the only child there can be, it is not searched. */
static int
find_children(struct batch *b, int folder, struct fail *f)
{
	const char *prefix = b->w->q->prefix;
	size_t n;

	if (begins(prefix, b->w->path.s)) {
		prefix += b->w->path.len;
		n = strcspn(prefix, "/");
		if (b->level != LEVEL_FILE && prefix[n] == '/') {
			strs_addf(&b->names, "%.*s", (int)n, prefix);
			if (!name_ok(b->level, b->names.v[0]))
				strs_free(&b->names);
			return 0;
		}
	}
	if (fs_each(folder, ".", keep, b, f) != 0)
		return f->err == ENOENT ? 0 : -1;
	sort_and_cut(b);
	return 0;
}

static void
tell(struct walk *w, int folder, const char *file)
{
	struct serve_item item = { .folder = folder, .file = file };
	size_t len = w->path.len, n;

	buf_add(&w->path, file);
	n = prefix_of(w, w->path.s);
	if (n) {
		buf_reset(&w->last);
		buf_addn(&w->last, w->path.s, n);
	}
	item.is_prefix = n;
	item.name = n ? w->last.s : w->path.s;
	w->ended = w->each(w->context, &item) != 0 ||
	    ++w->told == w->q->limit;
	w->path.s[w->path.len = len] = '\0';
}

static int look_into(struct walk *w, int folder, enum level level,
	struct fail *f);

/* What was removed meanwhile, or is no folder, has nothing in it. */
static int
look_at(struct walk *w, int above, enum level level, const char *name,
	struct fail *f)
{
	size_t len = w->path.len;
	int fd, rc = 0;

	if (level == LEVEL_FILE) {
		tell(w, above, name);
		return 0;
	}
	fd = fs_open_dir(above, name);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ?
		    0 : fail_errno(f, "%s%s", w->path.s, name);
	buf_addf(&w->path, "%s/", name);
	if (level == LEVEL_RUN)
		rc = serve_run_is_listed(fd, w->q->container, w->path.s, f);
	if (rc > 0 || (rc == 0 && level != LEVEL_RUN))
		rc = look_into(w, fd, level + 1, f);
	w->path.s[w->path.len = len] = '\0';
	(void)close(fd);
	return rc;
}

static int
look_into(struct walk *w, int folder, enum level level, struct fail *f)
{
	char *after = NULL;
	bool more = true;
	int rc = 0;

	while (rc == 0 && more && !w->ended) {
		struct batch b = { .w = w, .level = level, .after = after };

		if (clock_boot_ms() >= w->q->until_ms)
			rc = fail_set(f, EX_TEMPFAIL, "%s: listing it takes "
			    "too long", w->path.s);
		else
			rc = find_children(&b, folder, f);
		more = b.more;
		for (size_t i = 0; rc == 0 && !w->ended && i < b.names.n; i++)
			if (wants(w, level, b.names.v[i]))
				rc = look_at(w, folder, level, b.names.v[i],
				    f);
		free(after);
		after = more ? mem_dup(b.names.v[b.names.n - 1]) : NULL;
		strs_free(&b.names);
	}
	free(after);
	return rc;
}

/* The suites that a container may be of: its name up to each hyphen, or all. */
static void
add_suites(struct strs *suites, const char *container)
{
	size_t n = 0;

	do {
		n += strcspn(container + n, "-");
		strs_addf(suites, "%.*s", (int)n, container);
		if (!name_suite_ok(suites->v[suites->n - 1]))
			free(suites->v[--suites->n]);
	} while (container[n++]);
	if (suites->n)
		qsort(suites->v, suites->n, sizeof *suites->v, by_folder);
}

/* The folder of all suites; -1 with errno. */
static int
open_top(int results)
{
	return fs_open_dir(results, "autopkgtest");
}

int
serve_list_has(int results, const char *container, struct fail *f)
{
	struct strs suites = { 0 };
	int top = open_top(results), there = 0;

	if (top < 0)
		return errno == ENOENT ? 0 : fail_errno(f, "autopkgtest");
	add_suites(&suites, container);
	for (size_t i = 0; there == 0 && i < suites.n; i++) {
		int fd = fs_open_dir(top, suites.v[i]);

		if (fd >= 0)
			there = 1;
		else if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
			there = fail_errno(f, "autopkgtest/%s", suites.v[i]);
		if (fd >= 0)
			(void)close(fd);
	}
	strs_free(&suites);
	(void)close(top);
	return there;
}

int
serve_list(int results, const struct serve_query *q,
	int (*each)(void *context, const struct serve_item *item),
	void *context, struct fail *f)
{
	struct walk w = { .q = q, .ended = q->limit == 0, .each = each,
	    .context = context };
	int top = open_top(results), rc = 0;
	struct strs suites = { 0 };

	if (top < 0)
		return errno == ENOENT ? 0 : fail_errno(f, "autopkgtest");
	buf_add(&w.path, "");
	add_suites(&suites, q->container);
	for (size_t i = 0; rc == 0 && !w.ended && i < suites.n; i++)
		if (wants(&w, LEVEL_SUITE, suites.v[i]))
			rc = look_at(&w, top, LEVEL_SUITE, suites.v[i], f);
	strs_free(&suites);
	buf_free(&w.path);
	buf_free(&w.last);
	(void)close(top);
	return rc;
}
