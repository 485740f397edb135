/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is new since the mark, in the order that mirror.h tells. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "mirror_inside.h"

/*
 * A package's pages may be written later than the manifest's line: for so long
 * after it was seen they are looked at each time.
 */
enum { PAGES_FOR_S = 3600 };

/* Which of the runs that are to go the source does not list any more. */
static int
find_absent(struct mirror *m, struct fail *f)
{
	struct strs asked = { 0 }, there = { 0 };
	size_t k = 0;
	int rc;

	for (size_t i = 0; i < m->gone.n; i++)
		if (m->gone.v[i].s == 0)
			strs_add(&asked, m->gone.v[i].text);
	rc = mirror_probe(m, &asked, &there, f);
	/* Both are sorted. */
	for (size_t i = 0; rc == 0 && i < asked.n; i++) {
		while (k < there.n && strcmp(there.v[k], asked.v[i]) < 0)
			k++;
		if (k == there.n || strcmp(there.v[k], asked.v[i]) != 0)
			strs_add(&m->absent, asked.v[i]);
	}
	strs_sort(&m->absent);
	strs_free(&asked);
	strs_free(&there);
	return rc;
}

/* What did not come as a whole is not to be taken for all. */
static int
again(enum mirror_end end)
{
	return end == MIRROR_ALL ? 0 : end == MIRROR_PART ? 1 : -1;
}

/* What is there already is linked, so .mirror/new is complete. */
static int
fetch_indexes(struct mirror *m, struct fail *f)
{
	struct mirror_call c = { .below = "", .target = ".mirror/new/" };
	struct strs hours = { 0 };
	int rc;

	mirror_tell(m, "fetching indexes", 0, 0);
	strs_split(&c.args, "-r --exclude=.* --exclude=/autopkgtest "
	    "--exclude=/by-version", " ");
	if (!m->whole)
		strs_add(&c.args, "--exclude=/" MIRROR_PAGES);
	strs_addf(&c.args, "--link-dest=%s", m->dest);
	if (fs_remove_tree(m->inside, "new", f) != 0 ||
	    fs_mkdirs(m->inside, "new", f) != 0)
		return -1;
	if (m->fresh.results >= 0)
		(void)close(m->fresh.results);
	m->fresh.results = fs_open_dir(m->inside, "new");
	if (m->fresh.results < 0)
		return fail_errno(f, "%s/.mirror/new", m->dest);
	rc = again(mirror_rsync(m, &c, f));
	if (rc == 0)
		rc = manifest_hours(&m->fresh, &hours, f);
	if (rc == 0 && !hours.n)
		rc = fail_set(f, EX_UNAVAILABLE, "%s: has no manifests; is it "
		    "a results tree, and does adtspool index run there?",
		    m->source);
	strs_free(&hours);
	return rc;
}

static void
add_page(struct mirror_list *pages, const struct notice *run, int64_t s)
{
	char package[PUBLISH_PATH_MAX], *path;

	publish_package_path(package, run->suite, run->arch, run->source);
	path = mem_printf(MIRROR_PAGES "%s", strchr(package, '/'));
	mirror_list_add(pages, path, s);
	free(path);
}

struct lines {
	struct mirror *m;
	struct strs *lines;	/* PATH NUMBER SIGN */
	int64_t now_s;
};

static int
touch_page(void *context, const struct notice *n)
{
	struct lines *l = context;

	add_page(&l->m->pages, n, l->now_s);
	return 0;
}

static int
keep_line(void *context, const struct notice *n)
{
	struct lines *l = context;
	char path[NOTICE_PATH_MAX];

	notice_path(path, n);
	strs_addf(l->lines, "%s %012zu%c", path, l->lines->n,
	    n->kind == NOTICE_NEW ? '+' : '-');
	return touch_page(context, n);
}

/* The lines since the mark, of .mirror/new as it is. */
static int
read_new(struct mirror *m, struct manifest_mark *mark,
	int (*each)(void *context, const struct notice *n), struct strs *lines,
	struct fail *f)
{
	struct lines l = { m, lines, clock_now_s() };
	int rc;

	*mark = m->mark;
	rc = manifest_read(&m->fresh, mark, each, &l, f);
	mirror_list_settle(&m->pages);
	return rc;
}

static int
fetch_pages(struct mirror *m, struct fail *f)
{
	struct mirror_list all = { 0 };
	struct strs names = { 0 };
	struct mirror_call c = { .below = "", .target = ".mirror/new/",
	    .names = &names };
	enum mirror_end end = MIRROR_ALL;

	for (size_t i = 0; i < m->pages.n; i++)
		mirror_list_add(&all, m->pages.v[i].text, 0);
	for (size_t i = 0; i < m->gone.n; i++) {
		struct notice run;

		if (m->gone.v[i].s == 0 && notice_parse_path(&run, NOTICE_GONE,
		    m->gone.v[i].text) == 0)
			add_page(&all, &run, 0);
	}
	mirror_list_settle(&all);
	for (size_t i = 0; i < all.n; i++)
		strs_add(&names, all.v[i].text);
	mirror_tell(m, "fetching pages", 0, 0);
	strs_split(&c.args, "-r --ignore-missing-args --exclude=.*", " ");
	strs_addf(&c.args, "--link-dest=%s", m->dest);
	if (names.n && !m->whole)
		end = mirror_rsync(m, &c, f);
	strs_free(&c.args);
	strs_free(&names);
	mirror_list_free(&all);
	return again(end);
}

static int
fetch_manifests(struct mirror *m, struct fail *f)
{
	struct mirror_call c = { .below = MANIFEST_FOLDER "/",
	    .target = ".mirror/new/" MANIFEST_FOLDER "/" };

	strs_split(&c.args, "-r --exclude=.*", " ");
	strs_addf(&c.args, "--link-dest=%s/" MANIFEST_FOLDER, m->dest);
	return again(mirror_rsync(m, &c, f));
}

/* What came of the lines, a run each. */
struct change {
	struct strs came;	/* a line says so, whatever a later one says */
	struct strs stay;	/* ... and no later one says that it went */
	struct strs went;	/* the last line says so */
};

static void
split(struct strs *lines, struct change *c)
{
	strs_sort(lines);
	for (size_t i = 0; i < lines->n; ) {
		size_t n = strcspn(lines->v[i], " ");
		char *path = mem_dupn(lines->v[i], n), sign = '-';
		bool came = false;

		for (; i < lines->n && strncmp(lines->v[i], path, n) == 0 &&
		    lines->v[i][n] == ' '; i++) {
			sign = lines->v[i][strlen(lines->v[i]) - 1];
			came = came || sign == '+';
		}
		if (came)
			strs_add(&c->came, path);
		strs_add(sign == '+' ? &c->stay : &c->went, path);
		free(path);
	}
}

static void
change_free(struct change *c)
{
	strs_free(&c->came);
	strs_free(&c->stay);
	strs_free(&c->went);
}

/*
 * Fetches what came.  1 where something is missing that the indexes may name:
 * next time they are fetched after it was seen to be missing.  What is missing
 * though the source says that it is there is not excused.
 */
static int
fetch_new(struct mirror *m, const struct change *c, struct fail *f)
{
	struct strs missing = { 0 };
	int rc = mirror_fetch_runs(m, &c->came, &missing, f);

	for (size_t i = 0; rc >= 0 && i < missing.n; i++) {
		const char *path = missing.v[i];

		if (strs_has(&m->absent, path) && strs_has(&c->went, path))
			continue;
		(void)fail_set(f, EX_TEMPFAIL, "%s%s: is in the manifest, and "
		    "is missing; if it is gone for good, adtspool index "
		    "--rebuild there, or mirror --full", m->source, path);
		strs_add(&m->absent, path);
		rc = 1;
	}
	strs_free(&missing);
	return rc;
}

/* No index here names what was absent before they were fetched. */
static int
let_go(struct mirror *m, struct fail *f)
{
	int64_t now_s = clock_now_s();
	int rc = 0;

	for (size_t i = 0; i < m->absent.n; i++) {
		struct mirror_item *gone = mirror_list_find(&m->gone,
		    m->absent.v[i]);

		if (gone && gone->s == 0)
			gone->s = now_s;
	}
	for (size_t i = 0; rc == 0 && i < m->gone.n; i++) {
		struct mirror_item *gone = &m->gone.v[i];
		struct notice run;

		mirror_tell(m, "removing runs", i, m->gone.n);
		if (gone->s == 0 || now_s - gone->s < m->o->grace_s)
			continue;
		if (notice_parse_path(&run, NOTICE_GONE, gone->text) == 0)
			rc = mirror_remove_run(m, &run, f);
		if (rc == 0)
			gone->s = -1;
	}
	mirror_list_settle(&m->gone);
	m->r->waiting = m->gone.n;
	return rc;
}

/* What a later line says came back does not go. */
static void
note_gone(struct mirror *m, const struct change *c)
{
	for (size_t i = 0; i < c->went.n; i++)
		if (mirror_has_run(m, c->went.v[i]))
			mirror_list_add(&m->gone, c->went.v[i], 0);
	mirror_list_settle(&m->gone);
	for (size_t i = 0; i < c->stay.n; i++) {
		struct mirror_item *gone = mirror_list_find(&m->gone,
		    c->stay.v[i]);

		if (gone)
			gone->s = -1;
	}
	mirror_list_settle(&m->gone);
}

static int
save(struct mirror *m, const struct manifest_mark *mark, struct fail *f)
{
	int64_t old_s = clock_now_s() - PAGES_FOR_S;
	char text[MANIFEST_MARK_MAX];

	for (size_t i = 0; i < m->pages.n; i++)
		if (m->pages.v[i].s < old_s)
			m->pages.v[i].s = -1;
	mirror_list_settle(&m->pages);
	manifest_mark_format(text, mark);
	if (mirror_list_write(&m->gone, m->inside, "gone", f) != 0 ||
	    mirror_list_write(&m->pages, m->inside, "pages", f) != 0)
		return -1;
	/* Where there is no line yet, there is nothing to go on from. */
	if (!mark->last[0])
		return 0;
	return fs_replace(m->inside, "mark", text, strlen(text), f);
}

static int
put_in_place(struct mirror *m, const struct change *c,
	const struct manifest_mark *mark, struct fail *f)
{
	if (syncfs(m->inside) != 0)
		return fail_errno(f, "%s", m->dest);
	if (mirror_place_indexes(m, f) != 0)
		return -1;
	note_gone(m, c);
	if (syncfs(m->inside) != 0)
		return fail_errno(f, "%s", m->dest);
	/* Lost before this, all is found again by the old mark. */
	if (save(m, mark, f) != 0 || let_go(m, f) != 0)
		return -1;
	/* What is left there went while it was fetched. */
	if (fs_remove_tree(m->inside, "runs", f) != 0)
		return -1;
	return mirror_list_write(&m->gone, m->inside, "gone", f);
}

int
mirror_follow(struct mirror *m, struct fail *f)
{
	struct manifest_mark mark;
	struct strs lines = { 0 };
	struct change c = { .came = { 0 } };
	int rc = find_absent(m, f);

	if (rc == 0)
		rc = fetch_indexes(m, f);
	if (rc == 0)
		rc = read_new(m, &mark, touch_page, NULL, f);
	if (rc == 0)
		rc = fetch_pages(m, f);
	if (rc == 0)
		rc = fetch_manifests(m, f);
	if (rc == 0)
		rc = read_new(m, &mark, keep_line, &lines, f);
	if (rc == 0) {
		split(&lines, &c);
		rc = fetch_new(m, &c, f);
	}
	if (rc == 0)
		rc = put_in_place(m, &c, &mark, f);
	change_free(&c);
	strs_free(&lines);
	return rc;
}
