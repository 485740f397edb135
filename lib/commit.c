/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commit.h"
#include "fail.h"
#include "fs.h"
#include "scan.h"
#include "spool.h"
#include "submit.h"

/*
 * After ENOENT (somebody else was faster, or only the reply was lost) a fresh
 * listing of where it was to go, then of cur/, tells the truth.
 */
static enum commit_outcome
after_enoent(const struct queue *q, int to_dir, const char *to_path,
	const char *name, struct fail *f)
{
	int there = scan_lists(to_dir, to_path, name, f);

	if (there == 1)
		return COMMIT_WON;
	if (there == 0)
		there = scan_lists(q->cur, ".", name, f);
	if (there == 0)
		return COMMIT_LOST;
	if (there == 1)
		(void)fail_set(f, EX_TEMPFAIL, "%s/cur/%s: cannot be renamed",
		    q->name, name);
	return COMMIT_FAILED;
}

void
commit_day(char day[CLOCK_TEXT_MAX])
{
	clock_format(day, "%Y%m%d", clock_now_s());
}

static int
make_day(const struct queue *q, const char *day)
{
	int fd;

	if (fs_mkdir(q->done, day) != 0)
		return errno == EEXIST ? 0 : -1;
	fd = fs_open_dir(q->done, day);
	if (fd >= 0) {
		fs_share(fd, q->done);
		(void)close(fd);
	}
	return 0;
}

int
commit_sync(const struct queue *q, const char *day, struct fail *f)
{
	if (fs_sync_dir(q->done, day) == 0 && fs_sync(q->done) == 0)
		return 0;
	return fail_errno(f, "%s/done/%s", q->name, day);
}

enum commit_outcome
commit_done(const struct queue *q, const struct token *t, const char *day,
	struct fail *f)
{
	char name[TOKEN_NAME_MAX], to[CLOCK_TEXT_MAX + TOKEN_NAME_MAX];

	token_format(name, t);
	(void)snprintf(to, sizeof to, "%s/%s", day, name);
	if (make_day(q, day) != 0) {
		(void)fail_errno(f, "%s/done/%s", q->name, day);
		return COMMIT_FAILED;
	}
	if (fs_rename(q->cur, name, q->done, to) != 0) {
		enum commit_outcome o;

		(void)fail_errno(f, "%s/cur/%s", q->name, name);
		if (f->err != ENOENT)
			return COMMIT_FAILED;
		o = after_enoent(q, q->done, day, name, f);
		if (o != COMMIT_WON)
			return o;
	}
	/* Acknowledged from here on, so it has to survive a power cut. */
	return commit_sync(q, day, f) == 0 ? COMMIT_WON : COMMIT_FAILED;
}

/* After ENOENT, where only cur/ is worth a look: the rest moves on at once. */
static enum commit_outcome
after_going_back(const struct queue *q, const char *name, struct fail *f)
{
	if (f->err != ENOENT)
		return COMMIT_FAILED;
	switch (scan_lists(q->cur, ".", name, f)) {
	case 0:
		return COMMIT_LOST;
	case 1:
		(void)fail_set(f, EX_TEMPFAIL, "%s/cur/%s: cannot be renamed",
		    q->name, name);
		/* fallthrough */
	default:
		return COMMIT_FAILED;
	}
}

enum commit_outcome
commit_back(const struct queue *q, const struct token *t,
	const struct token *next, int64_t due_s, struct fail *f)
{
	char name[TOKEN_NAME_MAX];
	struct token to = *next;

	to.worker[0] = '\0';
	token_format(name, t);
	if (submit_rename(q, q->cur, name, &to, due_s, f) != 0)
		return after_going_back(q, name, f);
	submit_ring(q);
	return COMMIT_WON;
}

enum commit_outcome
commit_undrop(const struct queue *q, const struct token *t, struct fail *f)
{
	char name[TOKEN_NAME_MAX], to[TOKEN_NAME_MAX];
	struct token next = *t;

	next.worker[0] = '\0';
	token_format(name, t);
	token_format(to, &next);
	if (fs_rename(q->cur, name, q->fresh, to) != 0) {
		(void)fail_errno(f, "%s/cur/%s", q->name, name);
		return after_going_back(q, name, f);
	}
	return COMMIT_WON;
}

enum commit_outcome
commit_admit(const struct queue *q, const struct token *t,
	const struct token *next, struct fail *f)
{
	char name[TOKEN_NAME_MAX], to[TOKEN_NAME_MAX];

	token_format(name, t);
	token_format(to, next);
	if (fs_rename(q->cur, name, q->cur, to) == 0)
		return COMMIT_WON;
	(void)fail_errno(f, "%s/cur/%s", q->name, name);
	/*
	 * That the target is listed proves nothing: an earlier life of this
	 * worker may have made it, and its commit be on the way.  What is ours
	 * after a lost reply is adopted, under one more epoch.
	 */
	return after_going_back(q, name, f);
}

/* From a directory held open to bad/ under t's name; 1: it was not renamed. */
static int
refuse(const struct queue *q, int from_dir, const char *from,
	const struct token *t, const char *why, struct fail *f)
{
	char name[TOKEN_NAME_MAX], why_name[TOKEN_NAME_MAX + 4];

	/* The reason first: nothing is ever in bad/ without one. */
	token_format(name, t);
	(void)snprintf(why_name, sizeof why_name, "%s.why", name);
	if (fs_replace(q->bad, why_name, why, strlen(why), f) != 0)
		return -1;
	if (fs_rename(from_dir, from, q->bad, name) == 0)
		return 0;
	(void)fail_errno(f, "%s/bad/%s", q->name, name);
	return 1;
}

/* A reason without its file harms nobody; the other way round would. */
static enum commit_outcome
sync_refused(const struct queue *q, enum commit_outcome o, struct fail *f)
{
	if (o != COMMIT_WON || fs_sync(q->bad) == 0)
		return o;
	(void)fail_errno(f, "%s/bad", q->name);
	return COMMIT_FAILED;
}

enum commit_outcome
commit_bad(const struct queue *q, const struct token *t, const char *why,
	struct fail *f)
{
	enum commit_outcome o = COMMIT_WON;
	char name[TOKEN_NAME_MAX];
	int rc;

	token_format(name, t);
	rc = refuse(q, q->cur, name, t, why, f);
	if (rc != 0)
		o = rc > 0 && f->err == ENOENT ?
		    after_enoent(q, q->bad, ".", name, f) : COMMIT_FAILED;
	return sync_refused(q, o, f);
}

enum commit_outcome
commit_bad_waiting(const struct queue *q, const char *bucket,
	const struct token *t, const char *why, struct fail *f)
{
	int dir = fs_open_dir(q->fresh, bucket), rc;
	enum commit_outcome o = COMMIT_WON;
	char name[TOKEN_NAME_MAX], to[TOKEN_NAME_MAX];
	struct token from = *t;

	if (dir < 0) {
		(void)fail_errno(f, "%s/new/%s", q->name, bucket);
		return f->err == ENOENT ? COMMIT_LOST : COMMIT_FAILED;
	}
	from.worker[0] = '\0';
	token_format(name, &from);
	token_format(to, t);
	rc = refuse(q, dir, name, t, why, f);
	if (rc > 0 && f->err == ENOENT) {
		rc = scan_lists(q->bad, ".", to, f);
		o = rc < 0 ? COMMIT_FAILED : rc ? COMMIT_WON : COMMIT_LOST;
	} else if (rc != 0) {
		o = COMMIT_FAILED;
	}
	(void)close(dir);
	return sync_refused(q, o, f);
}
