/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A batch's plan, and what it is for:
 *
 *	batch <id>
 *	<queue> <bucket> <tokens>	the nth is tmp/<id>.<n>, from 0 on
 *	end <number of buckets>
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "strs.h"
#include "submit.h"

/* A bucket's number has up to five digits. */
enum { NUMBERS = 100000, NUMBER_TRIES = 1000 };

void
batch_write_plan(const struct batch *b, struct buf *plan)
{
	buf_addf(plan, "batch %s\n", b->id);
	for (size_t i = 0; i < b->n; i++)
		buf_addf(plan, "%s %s %zu\n", b->buckets[i].queue,
		    b->buckets[i].name, b->buckets[i].tokens);
	buf_addf(plan, "end %zu\n", b->n);
}

static bool
read_bucket(struct batch *b, const char *line)
{
	struct strs words = { 0 };
	struct batch_bucket *to = &b->buckets[b->n];
	char *end = NULL;
	int64_t due_s;
	bool good;

	strs_split(&words, line, " ");
	good = words.n == 3 && name_queue_ok(words.v[0]) &&
	    strlen(words.v[1]) < sizeof to->name &&
	    bucket_parse(words.v[1], &due_s) == 0;
	if (good) {
		(void)snprintf(to->queue, sizeof to->queue, "%s", words.v[0]);
		(void)snprintf(to->name, sizeof to->name, "%s", words.v[1]);
		to->tokens = strtoul(words.v[2], &end, 10);
		good = *end == '\0' && to->tokens > 0;
		b->tokens += to->tokens;
		b->n++;
	}
	strs_free(&words);
	return good;
}

static bool
read_lines(struct batch *b, const struct strs *lines)
{
	static const char first[] = "batch ";
	char last[32];

	if (lines->n < 2 || strncmp(lines->v[0], first, strlen(first)) != 0 ||
	    !token_id_ok(lines->v[0] + strlen(first)))
		return false;
	(void)snprintf(last, sizeof last, "end %zu", lines->n - 2);
	if (strcmp(lines->v[lines->n - 1], last) != 0)
		return false;
	memcpy(b->id, lines->v[0] + strlen(first), sizeof b->id);
	b->buckets = mem_grow(b->buckets, lines->n, sizeof *b->buckets);
	for (size_t i = 1; i < lines->n - 1; i++)
		if (!read_bucket(b, lines->v[i]))
			return false;
	return true;
}

int
batch_read_plan(struct batch *b, const char *plan, struct fail *f)
{
	struct strs lines = { 0 };
	int rc = 0;

	strs_split(&lines, plan, "\n");
	if (!read_lines(b, &lines))
		rc = fail_set(f, EX_TEMPFAIL, "is not a whole plan");
	strs_free(&lines);
	return rc;
}

/* Where to begin: two that move the same have hardly one target. */
static unsigned
draw_number(void)
{
	char id[TOKEN_ID_MAX];
	unsigned n = 0;

	token_draw_id(id);
	for (const char *p = id; *p; p++)
		n = n * 31 + (unsigned char)*p;
	return n % NUMBERS;
}

/*
 * Where the target is taken, the source is there, if only because a repeated
 * mkdir(2) made it again: then it is empty.
 */
static int
move_bucket(const struct queue *q, const char *from, const char *bucket,
	unsigned number, struct fail *f)
{
	char to[2 * BUCKET_NAME_MAX];

	for (int tries = 0; tries < NUMBER_TRIES; tries++) {
		(void)snprintf(to, sizeof to, "%s.%05u", bucket,
		    (number + (unsigned)tries) % NUMBERS);
		if (fs_rename(q->tmp, from, q->fresh, to) == 0 ||
		    errno == ENOENT)
			return 0;
		if (errno != ENOTEMPTY && errno != EEXIST)
			break;
		if (fs_rmdir(q->tmp, from) == 0 || errno == ENOENT)
			return 0;
		if (errno != ENOTEMPTY && errno != EEXIST)
			break;
	}
	return fail_errno(f, "%s/new/%s", q->name, to);
}

int
batch_move(struct batch *b, struct fail *f)
{
	unsigned number = draw_number();
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < b->n; i++) {
		const struct batch_bucket *x = &b->buckets[i];
		const struct queue *q = batch_queue(b, x->queue, f);
		char *from = mem_printf("%s.%zu", b->id, i);

		rc = q ? move_bucket(q, from, x->name, number +
		    (unsigned)(i % NUMBERS), f) : -1;
		free(from);
	}
	for (size_t i = 0; rc == 0 && i < b->n_queues; i++)
		if (fs_sync(b->queues[i].tmp) != 0 ||
		    fs_sync(b->queues[i].fresh) != 0)
			rc = fail_errno(f, "%s/new", b->queues[i].name);
	for (size_t i = 0; i < b->n_queues; i++)
		submit_ring(&b->queues[i]);
	return rc;
}
