/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "manifest.h"
#include "manifest_inside.h"
#include "spool.h"
#include "strs.h"
#include "token.h"

enum { CHUNK = 65536 };

void
manifest_mark_format(char out[MANIFEST_MARK_MAX],
	const struct manifest_mark *m)
{
	(void)snprintf(out, MANIFEST_MARK_MAX, "%s %llu %s", m->hour,
	    (unsigned long long)m->offset, m->last);
}

static bool
hour_ok(const char *s)
{
	static const char shape[] = "ddddddddTdd";

	return name_begins_as(s, shape) && !s[sizeof shape - 1];
}

int
manifest_mark_parse(struct manifest_mark *m, const char *text)
{
	struct manifest_mark is = { .offset = 0 };
	unsigned long long offset;
	char end;

	if (sscanf(text, "%11s %llu %12s%c", is.hour, &offset, is.last,
	    &end) != 3 || !hour_ok(is.hour) || !token_id_ok(is.last))
		return -1;
	is.offset = offset;
	*m = is;
	return 0;
}

static int
keep_hour(void *context, const char *name, unsigned char type)
{
	(void)type;
	if (hour_ok(name))
		strs_add(context, name);
	return 0;
}

int
manifest_hours(const struct spool *s, struct strs *hours, struct fail *f)
{
	if (fs_each(s->results, MANIFEST_FOLDER, keep_hour, hours, f) != 0 &&
	    f->err != ENOENT)
		return fail_prefix(f, "%s", s->results_path);
	strs_sort(hours);
	return 0;
}

void
manifest_freshen(const struct spool *s)
{
	int fd = fs_open_dir(s->results, MANIFEST_FOLDER);

	if (fd < 0)
		return;
	fs_freshen(fd);
	(void)close(fd);
}

int
manifest_open(const struct spool *s, const char *hour, uint64_t *size,
	struct fail *f)
{
	char path[sizeof MANIFEST_FOLDER + MANIFEST_HOUR_MAX];
	struct stat st;
	int fd;

	(void)snprintf(path, sizeof path, MANIFEST_FOLDER "/%s", hour);
	fd = fs_open_read(s->results, path);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		*size = (uint64_t)st.st_size;
		return fd;
	}
	(void)fail_errno(f, "%s/%s", s->results_path, path);
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

void
manifest_note(struct manifest_mark *m, const char *line, size_t n)
{
	m->offset += n;
	digest_id(m->last, line, n);
}

/* Whether the line before the mark is the one that was there. */
static bool
is_known(int fd, const struct manifest_mark *m)
{
	char tail[MANIFEST_LINE_MAX], last[DIGEST_ID_MAX];
	size_t n = m->offset < sizeof tail ? m->offset : sizeof tail;
	ssize_t got = pread(fd, tail, n, (off_t)(m->offset - n));
	size_t start;

	if (got != (ssize_t)n || n == 0 || tail[n - 1] != '\n')
		return false;
	for (start = n - 1; start > 0 && tail[start - 1] != '\n'; start--)
		;
	digest_id(last, tail + start, n - start);
	return strcmp(last, m->last) == 0;
}

struct reading {
	struct manifest_mark *mark;
	int (*each)(void *context, const struct notice *n);
	void *context;
	bool stopped;
};

static void
take_line(struct reading *r, const char *line, size_t n)
{
	char text[MANIFEST_LINE_MAX];
	struct notice notice;

	manifest_note(r->mark, line, n);
	if (n < 4 || n > sizeof text || line[1] != ' ' ||
	    (line[0] != '+' && line[0] != '-'))
		return;
	memcpy(text, line + 2, n - 3);
	text[n - 3] = '\0';
	if (notice_parse_path(&notice, line[0] == '+' ? NOTICE_NEW :
	    NOTICE_GONE, text) == 0)
		r->stopped = r->each(r->context, &notice) != 0;
}

/* Takes whole lines off the front of b. */
static void
take_lines(struct reading *r, struct buf *b)
{
	size_t done = 0;
	char *end;

	while (!r->stopped && done < b->len &&
	    (end = memchr(b->s + done, '\n', b->len - done))) {
		size_t n = (size_t)(end - b->s) + 1 - done;

		take_line(r, b->s + done, n);
		done += n;
	}
	if (done)
		memmove(b->s, b->s + done, b->len - done);
	b->len -= done;
}

static int
read_lines(struct reading *r, int fd, const char *hour, struct fail *f)
{
	struct buf b = { 0 };
	char chunk[CHUNK];
	ssize_t got = 1;

	while (got > 0 && !r->stopped) {
		got = read(fd, chunk, sizeof chunk);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0) {
			buf_addn(&b, chunk, (size_t)got);
			take_lines(r, &b);
		}
	}
	buf_free(&b);
	return got < 0 ? fail_errno(f, MANIFEST_FOLDER "/%s", hour) : 0;
}

static int
read_hour(const struct spool *s, const char *hour, struct reading *r,
	struct fail *f)
{
	struct manifest_mark *m = r->mark;
	uint64_t size;
	int fd = manifest_open(s, hour, &size, f), rc;

	if (fd < 0)
		return -1;
	if (strcmp(hour, m->hour) != 0) {
		*m = (struct manifest_mark){ .offset = 0 };
		(void)snprintf(m->hour, sizeof m->hour, "%s", hour);
	}
	if (m->offset && (size < m->offset || !is_known(fd, m)))
		rc = fail_set(f, EX_NOINPUT, "%s/" MANIFEST_FOLDER "/%s: does "
		    "not have what was read before", s->results_path, hour);
	else if (lseek(fd, (off_t)m->offset, SEEK_SET) < 0)
		rc = fail_errno(f, MANIFEST_FOLDER "/%s", hour);
	else
		rc = read_lines(r, fd, hour, f);
	(void)close(fd);
	return rc;
}

int
manifest_read(const struct spool *s, struct manifest_mark *m,
	int (*each)(void *context, const struct notice *n), void *context,
	struct fail *f)
{
	struct reading r = { .mark = m, .each = each, .context = context };
	struct strs hours = { 0 };
	int rc = manifest_hours(s, &hours, f);

	if (rc == 0 && m->hour[0] && !strs_has(&hours, m->hour))
		rc = fail_set(f, EX_NOINPUT, "%s/" MANIFEST_FOLDER "/%s: is "
		    "not there any more", s->results_path, m->hour);
	for (size_t i = 0; rc == 0 && !r.stopped && i < hours.n; i++)
		if (strcmp(hours.v[i], m->hour) >= 0)
			rc = read_hour(s, hours.v[i], &r, f);
	strs_free(&hours);
	return rc;
}

int
manifest_age_out(const struct spool *s, int64_t before_s, struct fail *f)
{
	char first[CLOCK_TEXT_MAX];
	struct strs hours = { 0 };
	int rc = manifest_hours(s, &hours, f);

	clock_format(first, "%Y%m%dT%H", before_s);
	for (size_t i = 0; rc == 0 && i + 1 < hours.n; i++) {
		char path[sizeof MANIFEST_FOLDER + MANIFEST_HOUR_MAX];

		if (strcmp(hours.v[i], first) >= 0)
			break;
		(void)snprintf(path, sizeof path, MANIFEST_FOLDER "/%.11s",
		    hours.v[i]);
		if (fs_unlink(s->results, path) != 0 && errno != ENOENT)
			rc = fail_errno(f, "%s/%s", s->results_path, path);
	}
	strs_free(&hours);
	return rc;
}
