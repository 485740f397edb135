/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "fs.h"
#include "fsck_look.h"
#include "fsck_repair.h"
#include "fsck_run.h"
#include "lease.h"
#include "mem.h"
#include "recover.h"
#include "scan.h"
#include "stage.h"

static const char *
last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What came of a call that takes something away. */
static enum fsck_state
outcome(int rc, const struct fsck_finding *g, struct fail *f)
{
	if (rc == 0)
		return FSCK_REPAIRED;
	if (errno == ENOENT)
		return FSCK_GONE;
	(void)fail_errno(f, "%s", g->object);
	return FSCK_LEFT;
}

/* Refused where it is a directory by now. */
enum fsck_state
fsck_unlink(struct fsck *x, const struct fsck_finding *g, struct fail *f)
{
	return outcome(fs_unlink(x->spool->fd, g->object), g, f);
}

enum fsck_state
fsck_remove_tree(struct fsck *x, const struct fsck_finding *g, struct fail *f)
{
	return fs_remove_tree(x->spool->fd, g->object, f) == 0 ?
	    FSCK_REPAIRED : FSCK_LEFT;
}

enum fsck_state
fsck_remove_bucket(struct fsck *x, const struct fsck_finding *g,
	struct fail *f)
{
	int rc = fs_rmdir(x->spool->fd, g->object);

	/* It is in use again. */
	if (rc != 0 && (errno == ENOTEMPTY || errno == EEXIST))
		return FSCK_GONE;
	return outcome(rc, g, f);
}

enum fsck_state
fsck_remove_worker(struct fsck *x, const struct fsck_finding *g,
	struct fail *f)
{
	const char *worker = last_part(g->object);
	struct worker_state w;
	bool old = lease_read(x->spool, worker, &w, f) == 0 ?
	    x->now_s - w.beat_s > FSCK_WEEK_S : fsck_is_blank(x, worker);

	worker_state_free(&w);
	if (!old)
		return FSCK_GONE;	/* it has just begun to beat again */
	return outcome(fs_unlink(x->spool->workers, worker), g, f);
}

/* The folder that an object of the spool is in; the caller closes. */
static int
open_folder(struct fsck *x, const char *object, struct fail *f)
{
	char *folder = mem_dupn(object, (size_t)(last_part(object) - object));
	int fd = openat(x->spool->fd, folder,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		(void)fail_errno(f, "%s", folder);
	free(folder);
	return fd;
}

enum fsck_state
fsck_write_why(struct fsck *x, const struct fsck_finding *g, struct fail *f)
{
	char *name = mem_printf("%s.why", last_part(g->object));
	char *text = mem_printf("adtspool: %s: why it is here was not to be "
	    "found. To try again: mv it into new\n", g->object);
	int fd = open_folder(x, g->object, f);
	enum fsck_state state = FSCK_LEFT;
	struct stat st;

	if (fd >= 0 && fstatat(fd, last_part(g->object), &st,
	    AT_SYMLINK_NOFOLLOW) != 0)
		state = FSCK_GONE;
	else if (fd >= 0 && fs_replace(fd, name, text, strlen(text), f) == 0)
		state = FSCK_REPAIRED;
	if (fd >= 0)
		(void)close(fd);
	free(name);
	free(text);
	return state;
}

/* Not one that somebody has put in the place of what was seen. */
enum fsck_state
fsck_remove_link(struct fsck *x, const struct fsck_finding *g, struct fail *f)
{
	char text[TOKEN_ID_MAX + 1];
	ssize_t n = readlinkat(x->spool->fd, g->object, text, sizeof text - 1);
	bool same;

	if (n < 0)
		return outcome(-1, g, f);
	text[n] = '\0';
	same = g->id[0] ? strcmp(text, g->id) == 0 : !token_id_ok(text) ||
	    !token_id_ok(last_part(g->object));
	return same ? outcome(fs_unlink(x->spool->fd, g->object), g, f) :
	    FSCK_GONE;
}

/* Publishing and dropping say nothing of a stage that another has removed. */
static enum fsck_state
look_after(struct fsck *x, int rc, const char *stage)
{
	struct fail passed;

	if (rc == 0)
		return FSCK_REPAIRED;
	return scan_lists(x->spool->staging, ".", stage, &passed) == 0 ?
	    FSCK_GONE : FSCK_LEFT;
}

enum fsck_state
fsck_publish(struct fsck *x, const struct fsck_finding *g, struct fail *f)
{
	const char *stage = last_part(g->object);

	/* Which syncs the commit first. */
	return look_after(x, recover_stage(x->spool, stage, NULL, f), stage);
}

enum fsck_state
fsck_drop_stage(struct fsck *x, const struct fsck_finding *g, struct fail *f)
{
	const char *stage = last_part(g->object);

	return look_after(x, stage_drop(x->spool, stage, STAGE_DEAD, f),
	    stage);
}

/* Refused where there is something in it after all. */
enum fsck_state
fsck_drop_empty(struct fsck *x, const struct fsck_finding *g, struct fail *f)
{
	return outcome(stage_drop_empty(x->spool, last_part(g->object)), g, f);
}

enum fsck_state
fsck_remove_rest(struct fsck *x, const struct fsck_finding *g, struct fail *f)
{
	return fs_remove_tree(x->spool->staging, last_part(g->object), f) == 0 ?
	    FSCK_REPAIRED : FSCK_LEFT;
}

enum fsck_state
fsck_make_link(struct fsck *x, const struct fsck_finding *g, struct fail *f)
{
	char *target = fsck_link_target(g->object);
	char *folder = mem_dupn(g->object,
	    (size_t)(last_part(g->object) - g->object) - 1);
	enum fsck_state state = FSCK_LEFT;
	int results = x->spool->results;

	if (fs_mkdirs(results, folder, f) == 0) {
		(void)fs_unlink(results, g->object);
		state = outcome(fs_symlink(target, results, g->object), g, f);
	}
	free(folder);
	free(target);
	return state;
}

enum fsck_state
fsck_remove_version(struct fsck *x, const struct fsck_finding *g,
	struct fail *f)
{
	enum fsck_state state = outcome(fs_unlink(x->spool->results,
	    g->object), g, f);
	char *folder = mem_dupn(g->object,
	    (size_t)(last_part(g->object) - g->object) - 1);

	(void)fs_rmdir(x->spool->results, folder);	/* if it was the last */
	free(folder);
	return state;
}
