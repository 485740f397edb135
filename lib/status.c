/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "commit.h"
#include "expect.h"
#include "fail.h"
#include "find.h"
#include "fs.h"
#include "mem.h"
#include "scan.h"
#include "spool.h"
#include "status.h"

static int
count_waiting(const struct queue *q, struct queue_status *st, struct fail *f)
{
	int64_t now_s = clock_now_s();
	struct scan_bucket *buckets;
	size_t n;
	int rc = scan_count(q, &buckets, &n, f);

	for (size_t i = 0; i < n; i++) {
		const struct scan_bucket *b = &buckets[i];

		if (b->due_s > now_s) {
			st->delayed += b->n;
			continue;
		}
		st->waiting += b->n;
		if (b->n && b->due_s &&
		    (!st->oldest_s || b->due_s < st->oldest_s))
			st->oldest_s = b->due_s;
	}
	free(buckets);
	return rc;
}

static int
tally_name(void *context, const char *name, unsigned char type)
{
	size_t *n = context, length = strlen(name);

	(void)type;
	*n += strcmp(name, "README") != 0 && name[0] != '.' &&
	    (length < 4 || strcmp(name + length - 4, ".why") != 0);
	return 0;
}

/* Counts a folder's files, leaving out .why, README and dotfiles. */
static int
count_files(int at, const char *path, size_t *n, struct fail *f)
{
	*n = 0;
	if (fs_each(at, path, tally_name, n, f) == 0 || f->err == ENOENT)
		return 0;
	return -1;
}

/* The claim changed its inode's time, on all filesystems that are of use. */
static void
add_claim(struct status *all, const struct queue *q, const char *name)
{
	struct running_status claim = { 0 };
	struct stat st;

	if (fstatat(q->cur, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		claim.since_s = st.st_ctim.tv_sec;
	all->claims = mem_grow(all->claims, all->running.n + 1,
	    sizeof *all->claims);
	all->claims[all->running.n] = claim;
	strs_addf(&all->running, "%s %s", q->name, name);
}

static int
read_queue(const struct spool *s, const char *name, struct status *all,
	struct fail *f)
{
	struct queue_status *st = &all->queues[all->n_queues++];
	struct strs claimed = { 0 };
	char day[CLOCK_TEXT_MAX];
	struct queue q;
	int rc = queue_open(&q, s, name, f);

	st->name = mem_dup(name);
	st->is_held = control_has(&all->control, CONTROL_HOLD, name);
	commit_day(day);
	if (rc == 0)
		rc = count_waiting(&q, st, f);
	if (rc == 0)
		rc = scan_claimed(&q, &claimed, f);
	if (rc == 0)
		rc = count_files(q.bad, ".", &st->bad, f);
	if (rc == 0)
		rc = count_files(q.done, day, &st->done_today, f);
	st->running = claimed.n;
	for (size_t i = 0; i < claimed.n; i++)
		add_claim(all, &q, claimed.v[i]);
	strs_free(&claimed);
	queue_close(&q);
	return rc;
}

static int
read_queues(const struct spool *s, struct status *st, struct fail *f)
{
	struct strs names = { 0 };
	int rc = spool_queues(s, &names, f);

	st->queues = mem_alloc(names.n * sizeof *st->queues);
	for (size_t i = 0; rc == 0 && i < names.n; i++)
		rc = read_queue(s, names.v[i], st, f);
	strs_free(&names);
	return rc;
}

static int
read_workers(const struct spool *s, struct status *st, struct fail *f)
{
	struct strs names = { 0 }, all = { 0 };
	int rc = lease_workers(s, &names, f);

	st->workers = mem_alloc(names.n * sizeof *st->workers);
	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		struct worker_state *w = &st->workers[st->n_workers];
		struct fail passed;

		/* One that is being written at this moment is no error. */
		if (lease_read(s, names.v[i], w, &passed) != 0)
			continue;
		st->n_workers++;
		strs_add_all(&all, &w->recent);
	}
	strs_sort(&all);	/* each begins with its time */
	for (size_t i = all.n; i-- > 0; )
		strs_add(&st->recent, all.v[i]);
	strs_free(&all);
	strs_free(&names);
	return rc;
}

static int
read_control(const struct spool *s, struct status *st, struct fail *f)
{
	if (control_list(s, &st->control, f) != 0)
		return -1;
	st->orders = mem_alloc(st->control.n * sizeof *st->orders);
	for (size_t i = 0; i < st->control.n; i++) {
		enum control_verb verb;
		const char *of = control_parse(st->control.v[i], &verb);

		control_read(s, verb, of, &st->orders[i]);
	}
	return 0;
}

int
status_read(const struct spool *s, struct status *st, struct fail *f)
{
	*st = (struct status){ 0 };
	if (read_control(s, st, f) == 0 && read_queues(s, st, f) == 0 &&
	    read_workers(s, st, f) == 0 &&
	    count_files(s->fd, "bad", &st->bad_lines, f) == 0)
		return 0;
	status_free(st);
	return -1;
}

void
status_expect(const struct conf *c, const struct spool *s, struct status *st)
{
	for (size_t i = 0; i < st->running.n; i++) {
		const char *line = st->running.v[i];
		int queue = (int)strcspn(line, " ");
		struct found found = { .state = FIND_RUNNING };
		struct fail passed;
		struct request r;

		(void)snprintf(found.queue, sizeof found.queue, "%.*s", queue,
		    line);
		(void)snprintf(found.path, sizeof found.path, "cur/%s",
		    line + queue + 1);
		if (find_read(c, s, &found, &r, &passed) == 0)
			st->claims[i].expect_s = expect_duration_s(s, r.suite,
			    r.arch, r.package);
		request_free(&r);
	}
}

void
status_free(struct status *st)
{
	for (size_t i = 0; i < st->n_queues; i++)
		free(st->queues[i].name);
	for (size_t i = 0; i < st->n_workers; i++)
		worker_state_free(&st->workers[i]);
	free(st->queues);
	free(st->workers);
	free(st->claims);
	free(st->orders);
	strs_free(&st->control);
	strs_free(&st->running);
	strs_free(&st->recent);
	*st = (struct status){ 0 };
}
