/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors.h"
#include "buf.h"
#include "calls.h"
#include "clock.h"
#include "conf.h"
#include "enqueue.h"
#include "fail.h"
#include "file.h"
#include "fs.h"
#include "mem.h"
#include "oracle.h"
#include "proc.h"
#include "request.h"
#include "rng.h"
#include "scan.h"
#include "sched.h"
#include "spool.h"
#include "strs.h"

enum { TRIES = 3 };

static struct rng rng;

void
actors_init(uint64_t seed)
{
	rng = rng_make(seed, 6);
}

static void
write_text(const struct ask *a, struct buf *b)
{
	char when[CLOCK_TEXT_MAX];

	buf_addf(b, "{\"package\": \"pkg%u\", \"arch\": \"%s\", ", a->package,
	    a->arch);
	if (a->priority >= 0)
		buf_addf(b, "\"priority\": %d, ", a->priority);
	if (a->not_before_s) {
		clock_format(when, "%Y-%m-%dT%H:%M:%S", clock_now_s() +
		    a->not_before_s);
		buf_addf(b, "\"not-before\": \"%s\", ", when);
	}
	buf_addf(b, "\"triggers\": [\"sim/%u\"]}\n", a->number);
}

/* As bin/cmd_submit.c does it; true when there is nothing left to be done. */
static bool
submit(const struct ask *a, const struct buf *text)
{
	struct enqueue e = { .insist = a->insists };
	struct request r = { 0 };
	struct spool s;
	struct fail f;
	char trigger[32];
	bool done = false;

	(void)snprintf(trigger, sizeof trigger, "sim/%u", a->number);
	if (spool_open(&s, a->conf->spool, a->conf->results, &f) != 0)
		return false;
	if (request_parse(&r, "ask", text->s, text->len, &f) != 0)
		oracle_fail("%s", f.text);
	switch (enqueue(a->conf, &s, &r, &e, &f)) {
	case ENQUEUE_QUEUED:
		oracle_acknowledged(e.id, trigger);
		done = true;
		break;
	case ENQUEUE_PENDING:
		oracle_pending(e.id);
		done = true;
		break;
	case ENQUEUE_FAILED:
		break;
	}
	request_free(&r);
	spool_close(&s);
	return done;
}

void
actor_submit(void *arg)
{
	const struct ask *a = arg;
	struct buf text = { 0 };

	write_text(a, &text);
	for (int i = 0; i < TRIES && !submit(a, &text); i++) {
		if (rng_one_in(&rng, 3))
			break;
		proc_wait(rng_between(&rng, 1, 20) * SIM_S);
	}
	buf_free(&text);
}

static void
look_into(int at, const char *path, const char *inside)
{
	struct strs names = { 0 };
	struct stat st;
	struct fail f;

	(void)fs_list(at, path, SIZE_MAX, &names, &f);
	for (size_t i = 0; i < names.n; i++) {
		char *name = mem_printf("%s/%s%s", path, names.v[i], inside);

		/* What is not there is remembered, too. */
		if (rng_one_in(&rng, 4))
			(void)fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW);
		free(name);
	}
	strs_free(&names);
}

static void
look_at_queue(const struct spool *s, const char *name)
{
	struct strs days = { 0 };
	struct queue q;
	struct fail f;

	if (queue_open(&q, s, name, &f) != 0)
		return;
	look_into(q.cur, ".", "");
	look_into(q.fresh, ".", "");
	look_into(q.done, ".", "");
	(void)scan_days(&q, &days, &f);
	for (size_t i = 0; i < days.n; i++)
		look_into(q.done, days.v[i], "");
	strs_free(&days);
	queue_close(&q);
}

/* As people do, and so do other programs: it is what fills caches. */
void
actor_look(void *arg)
{
	const struct conf *c = arg;
	struct spool s;
	struct fail f;

	proc_now->is_protocol = false;
	if (spool_open(&s, c->spool, c->results, &f) != 0)
		return;
	for (int64_t n = rng_between(&rng, 1, 40); n > 0; n--) {
		for (size_t i = 0; i < c->queues.n; i++)
			look_at_queue(&s, c->queues.v[i]);
		look_into(s.staging, ".", "/plan");
		proc_wait(rng_between(&rng, 1, 40) * SIM_S / 4);
	}
	spool_close(&s);
}

/* Writes in pieces, with pauses; 0 when all of it is there. */
static int
copy_slowly(const char *path, const struct buf *text, struct node **n)
{
	int fd = openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL, 0666);
	int rc = 0;

	if (fd < 0)
		return -1;
	*n = call_file(fd)->node;
	for (size_t i = 0; rc == 0 && i < text->len; ) {
		size_t most = 1 + rng_below(&rng, text->len);
		ssize_t w;

		if (most > text->len - i)
			most = text->len - i;
		proc_wait(rng_between(&rng, 0, 100) * SIM_MS);
		w = write(fd, text->s + i, most);
		if (w < 0 && errno != EINTR)
			rc = -1;
		else if (w > 0)
			i += (size_t)w;
	}
	if (close(fd) != 0)
		rc = -1;
	return rc;
}

void
actor_drop(void *arg)
{
	const struct ask *a = arg;
	struct buf text = { 0 };
	struct node *n = NULL;
	char path[256], first[256];
	bool renames = rng_one_in(&rng, 2);
	int rc;

	proc_now->is_protocol = false;
	write_text(a, &text);
	(void)snprintf(path, sizeof path, "%s/%s/new/drop%u.yaml",
	    a->conf->spool, a->arch, a->number);
	(void)snprintf(first, sizeof first, "%s/%s/%s.drop%u.part",
	    a->conf->spool, a->arch, rng_one_in(&rng, 2) ? "new/" : "tmp/",
	    a->number);
	rc = copy_slowly(renames ? first : path, &text, &n);
	if (rc == 0 && renames)
		rc = renameat(AT_FDCWD, first, AT_FDCWD, path);
	if (rc == 0)
		oracle_dropped(n);
	buf_free(&text);
}
