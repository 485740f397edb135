/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "conf.h"
#include "fail.h"
#include "find.h"
#include "fs.h"
#include "mem.h"
#include "result.h"
#include "scan.h"
#include "spool.h"
#include "strs.h"
#include "tree.h"

const char *
find_word(enum find_state state)
{
	static const char *const words[] = { "nowhere", "waiting", "running",
	    "done", "bad" };

	return words[state];
}

struct search {
	const char *id;
	struct found *found;
	const char *folder;
};

static int
match_waiting(void *context, const struct scan_entry *e)
{
	struct search *s = context;

	if (!e->is_token || strcmp(e->token.id, s->id) != 0)
		return 0;
	s->found->state = FIND_WAITING;
	s->found->token = e->token;
	s->found->due_s = e->due_s;
	(void)snprintf(s->found->path, sizeof s->found->path, "new/%s/%s",
	    e->bucket, e->name);
	return 1;
}

static int
match_name(void *context, const char *name, unsigned char type)
{
	struct search *s = context;
	struct token t;

	(void)type;
	if (token_parse(&t, name) != 0 || strcmp(t.id, s->id) != 0)
		return 0;
	s->found->token = t;
	(void)snprintf(s->found->path, sizeof s->found->path, "%s/%s",
	    s->folder, name);
	return 1;
}

/* Looks for the id among the names of one folder of the queue. */
static int
search_folder(const struct queue *q, struct search *s, const char *folder,
	enum find_state state, struct fail *f)
{
	s->folder = folder;
	s->found->path[0] = '\0';
	if (fs_each(q->fd, folder, match_name, s, f) != 0)
		return f->err == ENOENT ? 0 : -1;
	if (s->found->path[0])
		s->found->state = state;
	return 0;
}

static int
search_done(const struct queue *q, struct search *s, struct fail *f)
{
	struct strs days = { 0 };
	int rc = scan_days(q, &days, f);

	for (size_t i = days.n; rc == 0 && !s->found->state && i-- > 0; ) {
		char *folder = mem_printf("done/%s", days.v[i]);

		rc = search_folder(q, s, folder, FIND_DONE, f);
		free(folder);
	}
	strs_free(&days);
	return rc;
}

int
find_in_queue(const struct queue *q, const char *id, struct found *found,
	struct fail *f)
{
	struct search s = { .id = id, .found = found };
	int rc;

	*found = (struct found){ 0 };
	(void)snprintf(found->queue, sizeof found->queue, "%s", q->name);
	rc = search_folder(q, &s, "cur", FIND_RUNNING, f);
	if (rc == 0 && !found->state)
		rc = search_folder(q, &s, "bad", FIND_BAD, f);
	if (rc == 0 && !found->state)
		rc = search_done(q, &s, f);
	if (rc == 0 && !found->state)
		rc = scan_waiting(q, match_waiting, &s, f);
	return rc;
}

int
find_request(const struct spool *s, const char *id, struct found *found,
	struct fail *f)
{
	struct strs queues = { 0 };
	int rc = spool_queues(s, &queues, f);

	*found = (struct found){ 0 };
	for (size_t i = 0; rc == 0 && !found->state && i < queues.n; i++) {
		struct queue q;

		rc = queue_open(&q, s, queues.v[i], f);
		if (rc == 0)
			rc = find_in_queue(&q, id, found, f);
		queue_close(&q);
	}
	strs_free(&queues);
	return rc;
}

int
find_read(const struct conf *c, const struct spool *s,
	const struct found *found, struct request *r, struct fail *f)
{
	char *path = mem_printf("%s/%s", found->queue, found->path);
	char arch[NAME_ARCH_MAX + 1];
	struct buf b = { 0 };
	int rc = fs_read(s->fd, path, REQUEST_SIZE_MOST, &b, f);

	*r = (struct request){ 0 };
	if (rc == 0)
		rc = request_parse(r, path, b.s, b.len, f);
	if (rc == 0) {
		queue_arch(arch, found->queue);
		if (!r->suite)
			r->suite = mem_dup(c->suite);
		if (!r->arch)
			r->arch = mem_dup(arch);
	}
	buf_free(&b);
	free(path);
	return rc;
}

int
find_run(const struct spool *s, const struct request *r, const char *id,
	char run_id[PUBLISH_RUN_ID_MAX], struct fail *f)
{
	struct strs runs = { 0 };
	int rc = tree_runs(s, r->suite, r->arch, r->package, &runs, f);

	run_id[0] = '\0';
	for (size_t i = runs.n; rc == 0 && !run_id[0] && i-- > 0; ) {
		struct result result;
		struct fail passed;

		if (tree_result(s, r->suite, r->arch, r->package, runs.v[i],
		    &result, &passed) == 0 && strcmp(result.id, id) == 0)
			memcpy(run_id, runs.v[i], PUBLISH_RUN_ID_MAX);
		result_free(&result);
	}
	strs_free(&runs);
	return rc;
}
