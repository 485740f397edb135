/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fail.h"
#include "follow.h"
#include "fs.h"
#include "gunzip.h"
#include "mem.h"
#include "spool.h"
#include "tree.h"

enum {
	TICK_MS = 1000,
	NOWHERE_MOST = 30,	/* looks: it may be between two folders */
};

struct watcher {
	struct follow *w;
	const struct spool *s;
	enum find_state told;
	char attempt[TOKEN_NAME_MAX];	/* whose log is followed */
	long offset;
};

static void
tell(struct watcher *x)
{
	const struct found *found = &x->w->found;

	if (!x->w->news || found->state == x->told)
		return;
	x->told = found->state;
	if (found->state == FIND_NOWHERE)
		return;
	(void)fprintf(x->w->news, "%s: %s in %s/%s\n", x->w->id,
	    find_word(found->state), found->queue, found->path);
	(void)fflush(x->w->news);
}

/*
 * Copies an attempt's log from *offset on, and moves it.  Opened afresh each
 * time: NFS shows what is new at an open.
 */
static void
copy_log(const struct spool *s, const char *attempt, long *offset, FILE *out)
{
	char *path = mem_printf("%s/log", attempt), chunk[65536];
	int fd = fs_open_read(s->staging, path);
	ssize_t n;

	while (fd >= 0 && (n = pread(fd, chunk, sizeof chunk, *offset)) > 0) {
		(void)fwrite(chunk, 1, (size_t)n, out);
		*offset += n;
	}
	(void)fflush(out);
	if (fd >= 0)
		(void)close(fd);
	free(path);
}

int
follow_running(const struct spool *s, const struct found *found, FILE *out,
	struct fail *f)
{
	char name[TOKEN_NAME_MAX];
	long offset = 0;

	token_format(name, &found->token);
	copy_log(s, name, &offset, out);
	return ferror(out) ? fail_errno(f, "log") : 0;
}

static void
copy_news(struct watcher *x)
{
	char name[TOKEN_NAME_MAX];

	if (!x->w->log || x->w->found.state != FIND_RUNNING)
		return;
	token_format(name, &x->w->found.token);
	if (strcmp(name, x->attempt) != 0) {
		memcpy(x->attempt, name, sizeof name);
		x->offset = 0;
	}
	copy_log(x->s, name, &x->offset, x->w->log);
}

int
follow_cat(const struct spool *s, const struct result *r, const char *run_id,
	long skip_bytes, FILE *out, struct fail *f)
{
	char package[PUBLISH_PATH_MAX], chunk[65536], *path;
	FILE *whole = tmpfile();
	size_t n;
	int rc;

	if (!whole)
		return fail_errno(f, "no temporary file");
	publish_package_path(package, r->suite, r->arch, r->package);
	path = mem_printf("%s/%s/log.gz", package, run_id);
	rc = gunzip(s->results, path, whole, f);
	if (rc == 0 && fseek(whole, skip_bytes, SEEK_SET) == 0)
		while ((n = fread(chunk, 1, sizeof chunk, whole)) > 0)
			(void)fwrite(chunk, 1, n, out);
	(void)fclose(whole);
	free(path);
	return rc;
}

/* Whether a done request's result is to be seen: 1, 0 (not yet), or -1. */
static int
published(const struct conf *c, struct watcher *x, struct fail *f)
{
	struct follow *w = x->w;
	struct request r;
	int rc = find_read(c, x->s, &w->found, &r, f);

	w->run_id[0] = '\0';
	if (rc == 0)
		rc = find_run(x->s, &r, w->id, w->run_id, f);
	if (rc == 0 && w->run_id[0])
		rc = tree_result(x->s, r.suite, r.arch, r.package, w->run_id,
		    &w->result, f);
	request_free(&r);
	if (rc == 0 && w->run_id[0] && w->log)
		rc = follow_cat(x->s, &w->result, w->run_id, x->offset,
		    w->log, f);
	if (rc != 0)
		return f->err == ENOENT ? 0 : -1;
	return w->run_id[0] != '\0';
}

int
follow(const struct conf *c, const struct spool *s, struct follow *w,
	struct fail *f)
{
	const struct timespec tick = { TICK_MS / 1000,
	    TICK_MS % 1000 * 1000000L };
	struct watcher x = { .w = w, .s = s };
	int nowhere = 0, rc;
	struct queue q;

	rc = queue_open(&q, s, w->queue, f);
	while (rc == 0) {
		rc = find_in_queue(&q, w->id, &w->found, f);
		if (rc != 0)
			break;
		tell(&x);
		copy_news(&x);
		if (w->found.state == FIND_BAD)
			break;
		if (w->found.state == FIND_NOWHERE && ++nowhere > NOWHERE_MOST)
			break;
		if (w->found.state == FIND_DONE) {
			rc = published(c, &x, f);
			if (rc != 0) {
				rc = rc > 0 ? 0 : -1;
				break;
			}
		}
		(void)nanosleep(&tick, NULL);
	}
	queue_close(&q);
	return rc;
}
