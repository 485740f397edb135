/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "json.h"
#include "lease.h"
#include "mem.h"
#include "spool.h"

enum { STATE_SIZE_MOST = 1 << 20, TICK_MS = 100 };

const char *const lease_count_names[LEASE_COUNTS] = {
	[LEASE_CLAIMS] = "claims",
	[LEASE_CLAIM_CONFLICTS] = "claim_conflicts",
	[LEASE_LOSSES] = "lease_losses",
	[LEASE_HOST_FAILURES] = "host_failures",
	[LEASE_RETRIES] = "retries",
	[LEASE_REFUSED] = "refused",
	[LEASE_PASS] = "pass",
	[LEASE_NEUTRAL] = "neutral",
	[LEASE_FAIL] = "fail",
	[LEASE_TMPFAIL] = "tmpfail",
};

enum lease_count
lease_count_of(const char *status)
{
	enum lease_count i = LEASE_PASS;

	while (i < LEASE_COUNTS && strcmp(lease_count_names[i], status) != 0)
		i++;
	return i;
}

void
lease_recent(struct strs *recent, const char *line)
{
	struct strs kept = { 0 };
	size_t first = recent->n < LEASE_RECENT_MOST ? 0 :
	    recent->n - LEASE_RECENT_MOST + 1;

	for (size_t i = first; i < recent->n; i++)
		strs_add(&kept, recent->v[i]);
	strs_add(&kept, line);
	strs_free(recent);
	*recent = kept;
}

static int
lock(int fd)
{
	const struct timespec tick = { 0, TICK_MS * 1000000L };

	for (int ms = 0; ; ms += TICK_MS) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK || ms >= LEASE_PATIENCE_MS)
			return -1;
		(void)nanosleep(&tick, NULL);
	}
}

static int
open_file(const struct spool *s, const char *worker)
{
	return openat(s->workers, worker,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
}

int
lease_take(struct lease *l, const struct spool *s, const char *worker,
	struct fail *f)
{
	struct stat st;

	*l = (struct lease){ .fd = open_file(s, worker) };
	if (l->fd < 0)
		return fail_errno(f, "%s/workers/%s", s->path, worker);
	if (lock(l->fd) == 0) {
		token_draw_id(l->life);
		if (fstat(l->fd, &st) == 0)
			l->longest = (size_t)st.st_size;
		return 0;
	}
	if (errno == EWOULDBLOCK)
		(void)fail_set(f, EX_TEMPFAIL, "%s/workers/%s: a worker of "
		    "this name runs already; stop it, or give this one another "
		    "name (--name, or worker: in the configuration)", s->path,
		    worker);
	else
		(void)fail_errno(f, "%s/workers/%s: cannot be locked, and so "
		    "not be kept to one worker; mount with locks", s->path,
		    worker);
	lease_release(l);
	return -1;
}

int
lease_move(struct lease *l, const struct spool *s, const char *worker,
	struct fail *f)
{
	int fd = open_file(s, worker);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0) {
		(void)fail_errno(f, "%s/workers/%s: cannot be locked", s->path,
		    worker);
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	lease_release(l);
	l->fd = fd;
	return 0;
}

int
lease_take_left(struct lease *l, const struct spool *s, const char *worker,
	struct fail *f)
{
	int fd = openat(s->workers, worker, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	int rc = fd < 0 ? -1 : flock(fd, LOCK_EX | LOCK_NB);

	*l = (struct lease){ .fd = rc == 0 ? fd : -1 };
	if (rc == 0)
		return 1;
	f->err = errno;
	if (errno != EWOULDBLOCK && errno != ENOENT)
		(void)fail_errno(f, "%s/workers/%s", s->path, worker);
	else
		rc = 0;
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

int
lease_is_held(const struct spool *s, const char *worker, struct fail *f)
{
	struct lease l;
	int rc = lease_take_left(&l, s, worker, f);

	lease_release(&l);
	return rc != 0 ? rc < 0 ? -1 : 0 : f->err == EWOULDBLOCK;
}

void
lease_release(struct lease *l)
{
	if (l->fd >= 0)
		(void)close(l->fd);
	l->fd = -1;
}

static void
write_counts(const struct worker_state *w, struct json_writer *j)
{
	json_put_object(j, "counts");
	for (int i = 0; i < LEASE_COUNTS; i++)
		json_put_number(j, lease_count_names[i], w->counts[i]);
	json_put_object_end(j);
}

static void
read_counts(struct worker_state *w, const struct json_tree *j)
{
	const struct json_tree *counts = json_tree_get(j, "counts");

	for (int i = 0; counts && i < LEASE_COUNTS; i++)
		w->counts[i] = json_tree_get_number(counts,
		    lease_count_names[i], 0);
}

static void
write_state(const struct worker_state *w, struct buf *b)
{
	struct json_writer j = { .out = b, .pretty = true };

	json_put_object(&j, NULL);
	json_put_string(&j, "worker", w->worker);
	json_put_string(&j, "host", w->host);
	json_put_string(&j, "version", w->version);
	json_put_string(&j, "life", w->life);
	json_put_string(&j, "state", w->state);
	json_put_string(&j, "problem", w->problem);
	json_put_string(&j, "warning", w->warning);
	json_put_number(&j, "pid", w->pid);
	json_put_number(&j, "slots", w->slots);
	json_put_number(&j, "started", w->started_s);
	json_put_number(&j, "beat", w->beat);
	json_put_number(&j, "beat_time", w->beat_s);
	json_put_number(&j, "heartbeat", w->heartbeat_s);
	json_put_number(&j, "lease", w->lease_s);
	json_put_strings(&j, "queues", &w->queues);
	json_put_strings(&j, "running", &w->running);
	json_put_strings(&j, "recent", &w->recent);
	write_counts(w, &j);
	json_put_object_end(&j);
}

static char *
copy(const struct json_tree *j, const char *key)
{
	const char *s = json_tree_get_string(j, key);

	return s ? mem_dup(s) : NULL;
}

int
lease_read(const struct spool *s, const char *worker, struct worker_state *w,
	struct fail *f)
{
	struct json_tree *j = NULL;
	struct buf b = { 0 };

	*w = (struct worker_state){ 0 };
	if (fs_read(s->workers, worker, STATE_SIZE_MOST, &b, f) == 0)
		j = json_tree_parse(worker, b.s, b.len, f);
	buf_free(&b);
	if (!j)
		return fail_prefix(f, "%s/workers", s->path);
	w->worker = mem_dup(worker);
	w->host = copy(j, "host");
	w->version = copy(j, "version");
	w->life = copy(j, "life");
	w->state = copy(j, "state");
	w->problem = copy(j, "problem");
	w->warning = copy(j, "warning");
	w->pid = json_tree_get_number(j, "pid", 0);
	w->slots = json_tree_get_number(j, "slots", 0);
	w->started_s = json_tree_get_number(j, "started", 0);
	w->beat = json_tree_get_number(j, "beat", 0);
	w->beat_s = json_tree_get_number(j, "beat_time", 0);
	w->heartbeat_s = json_tree_get_number(j, "heartbeat", 0);
	w->lease_s = json_tree_get_number(j, "lease", 0);
	json_tree_get_strings(j, "queues", &w->queues);
	json_tree_get_strings(j, "running", &w->running);
	json_tree_get_strings(j, "recent", &w->recent);
	read_counts(w, j);
	json_tree_free(j);
	return 0;
}

/*
 * Whether somebody else has the name: the file tells another life than ours.
 * What is no heartbeat, or is not there, is ours to write.
 */
static enum lease_outcome
look_who_has_it(const struct lease *l, const struct spool *s,
	const char *worker, struct fail *f)
{
	enum lease_outcome o = LEASE_KEPT;
	struct worker_state w;

	if (l->beat == 0)
		return LEASE_KEPT;	/* the life before, which has ended */
	if (lease_read(s, worker, &w, f) != 0) {
		o = f->err && f->err != ENOENT ? LEASE_FAILED : LEASE_KEPT;
	} else if (w.life && strcmp(w.life, l->life) != 0) {
		(void)fail_set(f, EX_TEMPFAIL, "%s/workers/%s: another worker "
		    "of this name has started, on %s; give each its own name, "
		    "and mount with locks", s->path, worker,
		    w.host ? w.host : "some host");
		o = LEASE_TAKEN;
	}
	worker_state_free(&w);
	return o;
}

enum lease_outcome
lease_beat(struct lease *l, const struct spool *s,
	const struct worker_state *w, struct fail *f)
{
	enum lease_outcome o = look_who_has_it(l, s, w->worker, f);
	struct worker_state now = *w;
	struct buf b = { 0 };
	size_t len;

	if (o != LEASE_KEPT)
		return o;
	now.life = l->life;
	now.beat = (int64_t)l->beat + 1;
	now.beat_s = clock_now_s();
	write_state(&now, &b);
	len = b.len;
	/* Blanks over a longer beat before: one write, no truncation. */
	while (b.len < l->longest)
		buf_add(&b, " ");
	buf_add(&b, "\n");
	l->longest = len > l->longest ? len : l->longest;
	/*
	 * Synced: what the server does not have, nobody sees.  Counted when it
	 * is there: until then the file may tell of the life before.
	 */
	if (fs_overwrite_sync(s->workers, w->worker, b.s, b.len, f) == 0) {
		l->beat++;
	} else {
		(void)fail_prefix(f, "%s/workers", s->path);
		o = LEASE_FAILED;
	}
	buf_free(&b);
	return o;
}

static int
keep_worker(void *context, const char *name, unsigned char type)
{
	(void)type;
	if (name_worker_ok(name) && strcmp(name, "README"))
		strs_add(context, name);
	return 0;
}

int
lease_workers(const struct spool *s, struct strs *names, struct fail *f)
{
	int rc = fs_each(s->workers, ".", keep_worker, names, f);

	strs_sort(names);
	return rc;
}

void
worker_state_free(struct worker_state *w)
{
	free(w->worker);
	free(w->host);
	free(w->version);
	free(w->life);
	free(w->state);
	free(w->problem);
	free(w->warning);
	strs_free(&w->running);
	strs_free(&w->queues);
	strs_free(&w->recent);
	*w = (struct worker_state){ 0 };
}
