/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "log.h"
#include "mem.h"
#include "spool.h"
#include "stage.h"
#include "strs.h"

enum { PLAN_SIZE_MOST = 4096 };

/*
 * What is being removed: a stage, and what was run/ in one.  They end like the
 * attempt, so that a worker's can be told.
 */
#define GONE ".gone."
#define GONE_RUN ".gone-run."

/* A name that never was: prefix, a fresh id, a dot, the attempt.  free() it. */
static char *
fresh_name(const char *prefix, const char *attempt)
{
	char id[TOKEN_ID_MAX];

	token_draw_id(id);
	return mem_printf("%s%s.%s", prefix, id, attempt);
}

/*
 * Takes run/ out of a stage that is being removed, and removes it.  A directory
 * that was published may still be shown here, by an old listing, with all that
 * is in it: only a rename tells that it is here.
 */
static int
remove_run(const struct spool *s, const char *gone, const char *attempt,
	struct fail *f)
{
	char *run = mem_printf("%s/run", gone);
	char *away = fresh_name(GONE_RUN, attempt);
	int rc = 0;

	if (fs_rename(s->staging, run, s->staging, away) == 0)
		rc = fs_remove_tree(s->staging, away, f);
	else if (errno != ENOENT)
		rc = fail_errno(f, "%s", run);
	free(run);
	free(away);
	return rc;
}

/* Removes what is left of it: files, and a run/ that is empty. */
static int
remove_rest(const struct spool *s, const char *gone, struct fail *f)
{
	struct strs names = { 0 };
	int fd = fs_open_dir(s->staging, gone), rc;

	if (fd < 0)
		return errno == ENOENT ? 0 : fail_errno(f, "%s", gone);
	rc = fs_list(fd, ".", SIZE_MAX, &names, f);
	for (size_t i = 0; i < names.n; i++)
		if (fs_unlink(fd, names.v[i]) != 0 && errno != ENOENT)
			(void)fs_rmdir(fd, names.v[i]);
	(void)close(fd);
	strs_free(&names);
	if (rc == 0 && fs_rmdir(s->staging, gone) != 0 && errno != ENOENT)
		rc = fail_errno(f, "%s", gone);
	return rc;
}

static int
remove_gone(const struct spool *s, const char *gone, const char *attempt,
	enum stage_end end, struct fail *f)
{
	if ((end == STAGE_DEAD && remove_run(s, gone, attempt, f) != 0) ||
	    remove_rest(s, gone, f) != 0)
		return fail_prefix(f, "%s/.staging", s->results_path);
	return 0;
}

int
stage_drop(const struct spool *s, const char *attempt, enum stage_end end,
	struct fail *f)
{
	char *gone = fresh_name(GONE, attempt);
	int rc = 0;

	if (fs_rename(s->staging, attempt, s->staging, gone) == 0)
		rc = remove_gone(s, gone, attempt, end, f);
	else if (errno != ENOENT)
		rc = fail_errno(f, "%s/.staging/%s", s->results_path, attempt);
	free(gone);
	return rc;
}

int
stage_drop_empty(const struct spool *s, const char *attempt)
{
	char *run = mem_printf("%s/run", attempt);
	int rc = -1;

	if (fs_rmdir(s->staging, run) == 0 || errno == ENOENT)
		rc = fs_rmdir(s->staging, attempt);
	free(run);
	return rc;
}

struct sweep {
	const char *worker;
	struct strs names;
};

static bool
is_prefixed(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

static int
keep_gone(void *context, const char *name, unsigned char type)
{
	struct sweep *w = context;
	const char *at = strrchr(name, '@');

	(void)type;
	if ((is_prefixed(name, GONE) || is_prefixed(name, GONE_RUN)) &&
	    (!w->worker || (at && strcmp(at + 1, w->worker) == 0)))
		strs_add(&w->names, name);
	return 0;
}

/* What has the name of a run that was taken away is one, and nobody's. */
static int
sweep_one(const struct spool *s, const char *name, struct fail *f)
{
	const char *dot;

	if (is_prefixed(name, GONE_RUN))
		return fs_remove_tree(s->staging, name, f);
	dot = strchr(name + strlen(GONE), '.');
	return remove_gone(s, name, dot ? dot + 1 : name, STAGE_DEAD, f);
}

int
stage_sweep(const struct spool *s, const char *worker, const struct log *log,
	struct fail *f)
{
	struct sweep w = { .worker = worker };
	int rc = fs_each(s->staging, ".", keep_gone, &w, f);

	for (size_t i = 0; i < w.names.n; i++) {
		struct fail why;

		if (sweep_one(s, w.names.v[i], &why) != 0)
			log_say(log, LOG_LEVEL_ERROR, "%s", why.text);
	}
	strs_free(&w.names);
	return rc;
}

int
stage_make(const struct spool *s, const char *attempt, struct fail *f)
{
	char *run = mem_printf("%s/run", attempt);
	int rc = 0;

	/* No attempt is made twice: what is there has lost its reply. */
	if ((fs_mkdir(s->staging, attempt) != 0 && errno != EEXIST) ||
	    (fs_mkdir(s->staging, run) != 0 && errno != EEXIST))
		rc = fail_errno(f, "%s/.staging/%s", s->results_path, run);
	free(run);
	return rc;
}

int
stage_open_run(const struct spool *s, const char *attempt, struct fail *f)
{
	char *run = mem_printf("%s/run", attempt);
	int fd = fs_open_dir(s->staging, run);

	if (fd < 0)
		(void)fail_errno(f, "%s/.staging/%s", s->results_path, run);
	free(run);
	return fd;
}

static int
sync_run(const struct spool *s, const char *attempt, struct fail *f)
{
	int fd = stage_open_run(s, attempt, f), rc;

	if (fd < 0)
		return -1;
	rc = fs_sync(fd) == 0 ? 0 : fail_errno(f, "%s/run", attempt);
	(void)close(fd);
	return rc;
}

/* As listings tell it, for it is in listings that it is looked for. */
static int
identify_run(const struct spool *s, const char *attempt, uint64_t *inode,
	struct fail *f)
{
	int there = fs_find(s->staging, attempt, "run", inode, f);

	if (there == 0)
		return fail_set(f, EX_TEMPFAIL, "%s/.staging/%s/run: not "
		    "listed", s->results_path, attempt);
	return there == 1 ? 0 : -1;
}

int
stage_seal(const struct spool *s, const char *attempt, struct plan *p,
	struct fail *f)
{
	struct buf b = { 0 };
	int fd, rc = sync_run(s, attempt, f);

	if (rc == 0)
		rc = identify_run(s, attempt, &p->inode, f);
	if (rc != 0)
		return -1;
	buf_addf(&b, "%s\n%s\n%s\n%s\n%s\n%s\n%" PRIu64 "\n", p->queue, p->day,
	    p->suite, p->arch, p->source, p->version, p->inode);
	fd = fs_open_dir(s->staging, attempt);
	if (fd < 0)
		rc = fail_errno(f, "%s", attempt);
	else
		rc = fs_replace(fd, "plan", b.s, b.len, f);
	if (fd >= 0)
		(void)close(fd);
	if (rc == 0 && fs_sync(s->staging) != 0)
		rc = fail_errno(f, "%s/.staging", s->results_path);
	buf_free(&b);
	return rc;
}

/* Copies the line at *p that ends in a newline; moves *p behind it. */
static bool
line(char *out, size_t room, const char **p)
{
	const char *end = strchr(*p, '\n');

	if (!end || (size_t)(end - *p) >= room)
		return false;
	memcpy(out, *p, (size_t)(end - *p));
	out[end - *p] = '\0';
	*p = end + 1;
	return true;
}

/* The results tree may be writable by others: nothing is taken on trust. */
static bool
parse_plan(struct plan *p, const char *text)
{
	char inode[24];
	bool whole = line(p->queue, sizeof p->queue, &text) &&
	    line(p->day, sizeof p->day, &text) &&
	    line(p->suite, sizeof p->suite, &text) &&
	    line(p->arch, sizeof p->arch, &text) &&
	    line(p->source, sizeof p->source, &text) &&
	    line(p->version, sizeof p->version, &text) &&
	    line(inode, sizeof inode, &text) &&
	    inode[0] && strspn(inode, "0123456789") == strlen(inode);

	p->inode = whole ? strtoull(inode, NULL, 10) : 0;
	return whole && name_queue_ok(p->queue) && name_suite_ok(p->suite) &&
	    name_arch_ok(p->arch) && name_source_ok(p->source) &&
	    (!p->version[0] || name_version_ok(p->version)) &&
	    strlen(p->day) == 8 && strspn(p->day, "0123456789") == 8;
}

int
stage_read_plan(const struct spool *s, const char *attempt, struct plan *p,
	struct fail *f)
{
	char *name = mem_printf("%s/plan", attempt);
	struct buf b = { 0 };
	int rc = fs_read(s->staging, name, PLAN_SIZE_MOST, &b, f);

	if (rc == 0 && !parse_plan(p, b.s))
		rc = fail_set(f, EX_DATAERR, "%s/.staging/%s: damaged",
		    s->results_path, name);
	buf_free(&b);
	free(name);
	return rc;
}

struct mine {
	const char *worker;
	struct strs *names;
};

static int
keep_mine(void *context, const char *name, unsigned char type)
{
	struct mine *m = context;
	struct token t;

	(void)type;
	if (token_parse(&t, name) == 0 && t.worker[0] &&
	    (!m->worker || strcmp(t.worker, m->worker) == 0))
		strs_add(m->names, name);
	return 0;
}

int
stage_list(const struct spool *s, const char *worker, struct strs *names,
	struct fail *f)
{
	struct mine m = { worker, names };

	return fs_each(s->staging, ".", keep_mine, &m, f);
}
