/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A manifest is written in the out folder of the role, and put in place. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "manifest.h"
#include "manifest_inside.h"
#include "role.h"
#include "spool.h"
#include "strs.h"

#define SCRATCH "manifest"

/* What grew larger is not copied again: the next hour begins early. */
enum { CHUNK = 65536, HOUR_SIZE_MOST = 8 << 20, HOUR_S = 3600 };

static int
write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -1;
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

static int
copy_hour(struct manifest_writer *w, const char *hour, uint64_t size,
	struct fail *f)
{
	char chunk[CHUNK];
	uint64_t there, sum = 0;
	ssize_t n = 0;
	int from = manifest_open(w->role->spool, hour, &there, f), bad = 0;

	if (from < 0)
		return -1;
	while (!bad && (n = read(from, chunk, sizeof chunk)) > 0) {
		bad = write_all(w->fd, chunk, (size_t)n) != 0;
		sum += (uint64_t)n;
	}
	if (bad || n < 0)
		bad = fail_errno(f, MANIFEST_FOLDER "/%s", hour);
	else if (sum != size)
		bad = fail_set(f, EX_TEMPFAIL, MANIFEST_FOLDER "/%s: has "
		    "%llu bytes instead of %llu", hour,
		    (unsigned long long)sum, (unsigned long long)size);
	(void)close(from);
	return bad ? -1 : 0;
}

/* Nothing may be there behind the mark, in its hour or in a later one. */
static int
check_end(const struct manifest_mark *end, const char *newest, struct fail *f)
{
	if (strcmp(newest, end->hour) == 0)
		return 0;
	return fail_set(f, EX_TEMPFAIL, MANIFEST_FOLDER "/%s: is the newest, "
	    "instead of %s", newest[0] ? newest : "(none)",
	    end->hour[0] ? end->hour : "(none)");
}

/* The hour that comes after all there are, and is not before now. */
static void
next_hour(char hour[MANIFEST_HOUR_MAX], const struct manifest_mark *end)
{
	char now[CLOCK_TEXT_MAX], next[CLOCK_TEXT_MAX] = "", minute[16];
	int64_t s;

	clock_format(now, "%Y%m%dT%H", clock_now_s());
	(void)snprintf(minute, sizeof minute, "%s00", end->hour);
	if (clock_parse(minute, &s) == 0)
		clock_format(next, "%Y%m%dT%H", s + HOUR_S);
	(void)snprintf(hour, MANIFEST_HOUR_MAX, "%.11s",
	    strcmp(now, next) >= 0 ? now : next);
}

/* Whether the lines go on in the hour that is there. */
static bool
goes_on(const struct manifest_mark *end)
{
	char now[CLOCK_TEXT_MAX];

	clock_format(now, "%Y%m%dT%H", clock_now_s());
	return strcmp(now, end->hour) <= 0 && end->offset < HOUR_SIZE_MOST;
}

int
manifest_begin(struct manifest_writer *w, const struct role *r,
	const struct manifest_mark *end, struct fail *f)
{
	struct strs hours = { 0 };
	int rc;

	*w = (struct manifest_writer){ .role = r, .end = *end, .fd = -1 };
	rc = manifest_hours(r->spool, &hours, f);
	if (rc == 0)
		rc = check_end(end, hours.n ? hours.v[hours.n - 1] : "", f);
	strs_free(&hours);
	if (rc != 0)
		return -1;
	(void)fs_unlink(r->out, SCRATCH);
	w->fd = fs_create(r->out, SCRATCH);
	if (w->fd < 0)
		return fail_errno(f, "%s/.index/out/" SCRATCH,
		    r->spool->results_path);
	if (goes_on(end))
		return copy_hour(w, end->hour, end->offset, f);
	w->end = (struct manifest_mark){ .offset = 0 };
	next_hour(w->end.hour, end);
	return 0;
}

static int
flush(struct manifest_writer *w, struct fail *f)
{
	if (write_all(w->fd, w->pending.s, w->pending.len) != 0)
		return fail_errno(f, MANIFEST_FOLDER "/%s", w->end.hour);
	buf_reset(&w->pending);
	return 0;
}

int
manifest_add(struct manifest_writer *w, const struct notice *n,
	struct fail *f)
{
	char path[NOTICE_PATH_MAX], line[MANIFEST_LINE_MAX + 1];
	int len;

	notice_path(path, n);
	len = snprintf(line, sizeof line, "%c %s\n",
	    n->kind == NOTICE_NEW ? '+' : '-', path);
	buf_addn(&w->pending, line, (size_t)len);
	manifest_note(&w->end, line, (size_t)len);
	return w->pending.len < CHUNK ? 0 : flush(w, f);
}

static int
sync_folder(const struct spool *s, struct fail *f)
{
	return fs_sync_dir(s->results, MANIFEST_FOLDER) == 0 ? 0 :
	    fail_errno(f, "%s/" MANIFEST_FOLDER, s->results_path);
}

int
manifest_end(struct manifest_writer *w, struct fail *f)
{
	char target[sizeof MANIFEST_FOLDER + MANIFEST_HOUR_MAX];
	int rc = flush(w, f);

	(void)snprintf(target, sizeof target, MANIFEST_FOLDER "/%s",
	    w->end.hour);
	if (rc == 0 && fs_sync(w->fd) != 0)
		rc = fail_errno(f, "%s/%s", w->role->spool->results_path,
		    target);
	if (rc == 0)
		rc = role_put(w->role, SCRATCH, target, f);
	if (rc == 0)
		rc = sync_folder(w->role->spool, f);
	manifest_abandon(w);
	return rc;
}

void
manifest_abandon(struct manifest_writer *w)
{
	if (w->fd >= 0)
		(void)close(w->fd);
	w->fd = -1;
	buf_free(&w->pending);
}
