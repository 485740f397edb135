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
#include "mem.h"
#include "spool.h"
#include "stage.h"
#include "strs.h"

enum { PLAN_SIZE_MOST = 4096 };

/* The run directory: as it is written, and as it is sealed. */
#define MAKING "making"
#define RUN "run"

int
stage_make(const struct spool *s, const char *attempt, struct fail *f)
{
	char *making = mem_printf("%s/" MAKING, attempt);
	int rc = 0;

	/* No attempt is made twice: what is there has lost its reply. */
	if ((fs_mkdir(s->staging, attempt) != 0 && errno != EEXIST) ||
	    (fs_mkdir(s->staging, making) != 0 && errno != EEXIST))
		rc = fail_errno(f, "%s/.staging/%s", s->results_path, making);
	free(making);
	return rc;
}

static int
open_part(const struct spool *s, const char *attempt, const char *part,
	struct fail *f)
{
	char *path = mem_printf("%s/%s", attempt, part);
	int fd = fs_open_dir(s->staging, path);

	if (fd < 0)
		(void)fail_errno(f, "%s/.staging/%s", s->results_path, path);
	free(path);
	return fd;
}

int
stage_open_run(const struct spool *s, const char *attempt, struct fail *f)
{
	return open_part(s, attempt, MAKING, f);
}

/* part "." is the stage itself. */
static int
sync_part(const struct spool *s, const char *attempt, const char *part,
	struct fail *f)
{
	int fd = open_part(s, attempt, part, f), rc;

	if (fd < 0)
		return -1;
	rc = fs_sync(fd) == 0 ? 0 : fail_errno(f, "%s/%s", attempt, part);
	(void)close(fd);
	return rc;
}

/* As listings tell it, for it is in listings that it is looked for. */
static int
identify(const struct spool *s, const char *attempt, const char *part,
	uint64_t *inode, struct fail *f)
{
	int there = fs_find(s->staging, attempt, part, inode, f);

	if (there == 0)
		return fail_set(f, EX_TEMPFAIL, "%s/.staging/%s/%s: not "
		    "listed", s->results_path, attempt, part);
	return there == 1 ? 0 : -1;
}

/* Syncs what is, or will be, run/; and then the plan, with its number. */
static int
write_plan(const struct spool *s, const char *attempt, const char *part,
	struct plan *p, struct fail *f)
{
	struct buf b = { 0 };
	int fd, rc;

	if (sync_part(s, attempt, part, f) != 0 ||
	    identify(s, attempt, part, &p->inode, f) != 0)
		return -1;
	fd = open_part(s, attempt, ".", f);
	if (fd < 0)
		return -1;
	buf_addf(&b, "%s\n%s\n%s\n%s\n%s\n%s\n%" PRIu64 "\n", p->queue, p->day,
	    p->suite, p->arch, p->source, p->version, p->inode);
	rc = fs_replace(fd, "plan", b.s, b.len, f);
	(void)close(fd);
	buf_free(&b);
	return rc;
}

/*
 * making/ -> run/, which seals it.  After an error a listing tells whether it
 * was done: it may be the reply alone that was lost.
 */
static int
name_run(const struct spool *s, const char *attempt, uint64_t inode,
	struct fail *f)
{
	char *making = mem_printf("%s/" MAKING, attempt);
	char *run = mem_printf("%s/" RUN, attempt);
	uint64_t there = 0;
	struct fail passed;
	int rc = 0;

	if (fs_rename(s->staging, making, s->staging, run) != 0) {
		(void)fail_errno(f, "%s/.staging/%s", s->results_path, run);
		f->status = EX_TEMPFAIL;
		if (fs_find(s->staging, attempt, RUN, &there, &passed) != 1 ||
		    there != inode)
			rc = -1;
	}
	free(making);
	free(run);
	return rc;
}

static int
sync_stage(const struct spool *s, const char *attempt, struct fail *f)
{
	if (sync_part(s, attempt, ".", f) != 0)
		return -1;
	return fs_sync(s->staging) == 0 ? 0 :
	    fail_errno(f, "%s/.staging", s->results_path);
}

int
stage_seal(const struct spool *s, const char *attempt, struct plan *p,
	struct fail *f)
{
	int there = fs_find(s->staging, attempt, RUN, &p->inode, f);

	if (there != 0)
		return there == 1 ? stage_seal_again(s, attempt, p, f) : -1;
	if (write_plan(s, attempt, MAKING, p, f) != 0 ||
	    name_run(s, attempt, p->inode, f) != 0)
		return -1;
	return sync_stage(s, attempt, f);
}

int
stage_seal_again(const struct spool *s, const char *attempt, struct plan *p,
	struct fail *f)
{
	return write_plan(s, attempt, RUN, p, f) == 0 ?
	    sync_stage(s, attempt, f) : -1;
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
