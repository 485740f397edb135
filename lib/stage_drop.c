/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "fs.h"
#include "log.h"
#include "mem.h"
#include "spool.h"
#include "stage.h"
#include "strs.h"

/*
 * What is being removed: a stage, and what was making/ or run/ in one.  They
 * end like the attempt, so that a worker's can be told.
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
 * Renames a directory in staging away, to a name that never was.  Returns 1
 * where it is there now, by a listing if the answer was lost; 0 where there was
 * nothing to rename; -1.
 */
static int
take_away(const struct spool *s, const char *name, const char *away,
	struct fail *f)
{
	struct fail passed;
	uint64_t inode;

	if (fs_rename(s->staging, name, s->staging, away) == 0)
		return 1;
	(void)fail_errno(f, "%s", name);
	if (fs_find(s->staging, ".", away, &inode, &passed) == 1)
		return 1;
	return f->err == ENOENT ? 0 : -1;
}

/*
 * Takes making/ or run/ out of a stage that is being removed, and removes it.
 * A directory that was published may still be shown here, by an old listing,
 * with all that is in it: only a rename tells that it is here.
 */
static int
remove_part(const struct spool *s, const char *gone, const char *part,
	const char *attempt, struct fail *f)
{
	char *path = mem_printf("%s/%s", gone, part);
	char *away = fresh_name(GONE_RUN, attempt);
	int rc = take_away(s, path, away, f);

	if (rc == 1)
		rc = fs_remove_tree(s->staging, away, f);
	free(path);
	free(away);
	return rc;
}

/* In the order in which a late call that seals it would move it. */
static int
remove_run(const struct spool *s, const char *gone, const char *attempt,
	struct fail *f)
{
	return remove_part(s, gone, "making", attempt, f) == 0 ?
	    remove_part(s, gone, "run", attempt, f) : -1;
}

/* Removes what is left of it: files, and folders that are empty. */
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
	int rc = take_away(s, attempt, gone, f);

	if (rc == 1)
		rc = remove_gone(s, gone, attempt, end, f);
	else if (rc < 0)
		(void)fail_prefix(f, "%s/.staging", s->results_path);
	free(gone);
	return rc;
}

int
stage_drop_empty(const struct spool *s, const char *attempt)
{
	char *making = mem_printf("%s/making", attempt);
	int rc = -1;

	if (fs_rmdir(s->staging, making) == 0 || errno == ENOENT)
		rc = fs_rmdir(s->staging, attempt);
	free(making);
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
