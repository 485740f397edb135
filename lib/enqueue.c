/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "bucket.h"
#include "buf.h"
#include "clock.h"
#include "conf.h"
#include "enqueue.h"
#include "fail.h"
#include "mem.h"
#include "pending.h"
#include "request.h"
#include "spool.h"
#include "submit.h"

void
enqueue_host_arch(char arch[NAME_ARCH_MAX + 1])
{
	static const struct { const char *machine, *arch; } known[] = {
	    { "x86_64", "amd64" }, { "aarch64", "arm64" },
	    { "armv7l", "armhf" }, { "armv8l", "armhf" }, { "i686", "i386" },
	    { "i586", "i386" }, { "ppc64le", "ppc64el" },
	    { "riscv64", "riscv64" }, { "s390x", "s390x" },
	    { "loongarch64", "loong64" } };
	struct utsname u;

	arch[0] = '\0';
	if (uname(&u) != 0)
		return;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(u.machine, known[i].machine) == 0)
			(void)snprintf(arch, NAME_ARCH_MAX + 1, "%s",
			    known[i].arch);
}

static int
fill_in(const struct conf *c, struct request *r, const struct enqueue *e,
	struct fail *f)
{
	char arch[NAME_ARCH_MAX + 1] = "";

	if (request_is_public(r, r->package, f) != 0)
		return -1;
	if (!r->suite)
		r->suite = mem_dup(c->suite);
	if (!r->submit_time_s)
		r->submit_time_s = clock_now_s();
	if (r->arch)
		return 0;
	if (e->queue[0])
		queue_arch(arch, e->queue);
	else if (c->queues.n)
		queue_arch(arch, c->queues.v[0]);
	else
		enqueue_host_arch(arch);
	if (!arch[0])
		return fail_set(f, EX_USAGE, "%s: which architecture? say "
		    "--arch ARCH", r->package);
	r->arch = mem_dup(arch);
	return 0;
}

static int
find_queue(const struct spool *s, const struct request *r, struct enqueue *e,
	struct fail *f)
{
	char arch[NAME_ARCH_MAX + 1];
	int there = 0;

	if (e->queue[0]) {
		queue_arch(arch, e->queue);
		if (strcmp(arch, r->arch) != 0)
			return fail_set(f, EX_USAGE, "%s: arch %s does not "
			    "belong into queue %s", r->package, r->arch,
			    e->queue);
		return 0;
	}
	if (r->class) {
		(void)snprintf(e->queue, sizeof e->queue, "%s.%s", r->arch,
		    r->class);
		there = queue_exists(s, e->queue, f);
	}
	if (there == 0)
		(void)snprintf(e->queue, sizeof e->queue, "%s", r->arch);
	return there < 0 ? -1 : 0;
}

static int64_t
due(const struct request *r)
{
	return r->not_before_s > r->submit_time_s ?
	    bucket_not_before(r->not_before_s) : clock_now_s();
}

/* pending_enter, unless the door knows without reading the queue. */
static int
enter(const struct queue *q, const char *digest, const char *id,
	const struct enqueue *e, char other[TOKEN_ID_MAX], struct fail *f)
{
	int rc = pending_try(q, digest, id, other, f), known = -1;

	if (rc != 1)
		return rc;
	if (e->door && other[0])
		known = e->door->is_pending(e->door->context, other);
	if (known == 0)
		return pending_insist(q, digest, id, f);
	return known == 1 ? 1 : pending_enter(q, digest, id, other, f);
}

static enum enqueue_outcome
put(const struct queue *q, const struct request *r, struct enqueue *e,
	struct fail *f)
{
	char digest[DIGEST_ID_MAX], other[TOKEN_ID_MAX] = "";
	struct buf text = { 0 };
	struct token t;
	int rc;

	if (!e->id[0])
		token_draw_id(e->id);
	token_make(&t, e->id, r->package, r->priority >= 0 ?
	    (unsigned)r->priority : TOKEN_PRIORITY_DEFAULT);
	request_digest(r, digest);
	rc = e->insist ? pending_insist(q, digest, t.id, f) :
	    enter(q, digest, t.id, e, other, f);
	if (rc == 1) {
		memcpy(e->id, other, sizeof e->id);
		return ENQUEUE_PENDING;
	}
	if (rc == 0) {
		request_write(r, &text);
		/* Where this fails the link stays: it is a hint, and what
		 * failed may yet have been the reply alone. */
		rc = e->door ? e->door->put(e->door->context, q, &t, due(r),
		    &text, f) : submit_put(q, &t, due(r), &text, f);
		buf_free(&text);
	}
	return rc == 0 ? ENQUEUE_QUEUED : ENQUEUE_FAILED;
}

enum enqueue_outcome
enqueue(const struct conf *c, const struct spool *s, struct request *r,
	struct enqueue *e, struct fail *f)
{
	enum enqueue_outcome o = ENQUEUE_FAILED;
	const struct queue *q;
	struct queue own = QUEUE_CLOSED;

	if (fill_in(c, r, e, f) != 0 || find_queue(s, r, e, f) != 0)
		return ENQUEUE_FAILED;
	if (e->door)
		q = e->door->open(e->door->context, e->queue, f);
	else
		q = queue_open(&own, s, e->queue, f) == 0 ? &own : NULL;
	if (q)
		o = put(q, r, e, f);
	queue_close(&own);
	return o;
}
