/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "classify_inside.h"
#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"

enum { FILE_SIZE_MOST = 256 * 1024, CHUNK = 65536 };

void
classify_init(struct classify *c, const char *path)
{
	*c = (struct classify){ .path = path };
}

void
classify_drop(struct classify *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct classify_pattern *p = &c->v[i];

		free(p->name);
		free(p->text);
		if (p->has_regex)
			regfree(&p->regex);
		strs_free(&p->packages);
		strs_free(&p->except);
	}
	free(c->v);
	c->v = NULL;
	c->n = 0;
}

void
classify_free(struct classify *c)
{
	classify_drop(c);
	*c = (struct classify){ 0 };
}

static int
read_table(struct classify *c, struct fail *f)
{
	struct classify fresh = { .path = c->path };
	struct buf b = { 0 };
	int rc = fs_read(AT_FDCWD, c->path, FILE_SIZE_MOST, &b, f);

	if (rc == 0)
		rc = classify_parse(&fresh, b.s ? b.s : "", b.len, f);
	buf_free(&b);
	if (rc != 0) {
		classify_drop(&fresh);
		return -1;
	}
	classify_drop(c);
	c->v = fresh.v;
	c->n = fresh.n;
	return 1;
}

int
classify_refresh(struct classify *c, struct fail *f)
{
	struct stat now = { 0 };
	bool is_there;

	if (!c->path)
		return 0;
	is_there = fstatat(AT_FDCWD, c->path, &now, 0) == 0;
	if (!is_there && errno != ENOENT)
		return fail_errno(f, "%s", c->path);
	if (is_there ? fs_is_same(&now, &c->seen) : !c->seen.st_ino)
		return 0;
	c->seen = now;
	if (is_there)
		return read_table(c, f);
	classify_drop(c);
	return 1;
}

/* One log on its way through the table. */
struct search {
	const struct classify *table;
	unsigned *tries;	/* of each pattern's expression */
	bool *is_meant;		/* by exit code and package */
	size_t found;		/* only what comes before it is looked for */
	int64_t until_ms;
};

static bool
is_one_of(const struct strs *globs, const char *package)
{
	for (size_t i = 0; i < globs->n; i++)
		if (fnmatch(globs->v[i], package, 0) == 0)
			return true;
	return false;
}

static bool
is_meant(const struct classify_pattern *p, int exit_code, const char *package)
{
	return exit_code >= 0 && exit_code <= CLASSIFY_EXIT_MOST &&
	    p->exits & UINT32_C(1) << exit_code &&
	    (!p->packages.n || is_one_of(&p->packages, package)) &&
	    !is_one_of(&p->except, package);
}

static bool
holds(struct search *s, size_t i, const char *line)
{
	const struct classify_pattern *p = &s->table->v[i];

	if (!strstr(line, p->text))
		return false;
	if (!p->has_regex)
		return true;
	return s->tries[i]++ < CLASSIFY_TRIES_MOST &&
	    clock_boot_ms() < s->until_ms &&
	    regexec(&p->regex, line, 0, NULL, 0) == 0;
}

/* Newer ones of autopkgtest begin each line with seconds since the start. */
static const char *
without_seconds(const char *line)
{
	const char *p = line + strspn(line, " ");
	size_t digits = strspn(p, "0123456789");

	return digits && p[digits] == 's' && p[digits + 1] == ' ' ?
	    p + digits + 2 : line;
}

/* False when nothing more is to be looked for. */
static bool
look_at(struct search *s, const char *line)
{
	line = without_seconds(line);
	for (size_t i = 0; i < s->found; i++)
		if (s->is_meant[i] && holds(s, i, line))
			s->found = i;
	return s->found > 0;
}

/* A line as it is put together; what is beyond its room is left out. */
struct line {
	char text[CLASSIFY_LINE_MOST + 1];
	size_t n;
};

static bool
feed(struct search *s, struct line *l, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] != '\n' && p[i] != '\r') {
			if (l->n < CLASSIFY_LINE_MOST)
				l->text[l->n++] = p[i] ? p[i] : '?';
			continue;
		}
		l->text[l->n] = '\0';
		if (l->n && !look_at(s, l->text))
			return false;
		l->n = 0;
	}
	return true;
}

/* False when nothing more is to be looked for. */
static bool
read_lines(struct search *s, int fd, int64_t left)
{
	struct line l = { .n = 0 };
	char chunk[CHUNK];
	ssize_t n;

	while (left > 0 && clock_boot_ms() < s->until_ms &&
	    (n = read(fd, chunk, left < CHUNK ? (size_t)left : CHUNK)) > 0) {
		left -= n;
		if (!feed(s, &l, chunk, (size_t)n))
			return false;
	}
	return feed(s, &l, "\n", 1);
}

static void
read_log(struct search *s, int fd)
{
	const int64_t most = CLASSIFY_HEAD_MOST + CLASSIFY_TAIL_MOST;
	struct stat st = { 0 };

	if (fstat(fd, &st) != 0 || st.st_size <= most) {
		(void)read_lines(s, fd, most);
		return;
	}
	if (read_lines(s, fd, CLASSIFY_HEAD_MOST) &&
	    lseek(fd, -(off_t)CLASSIFY_TAIL_MOST, SEEK_END) >= 0)
		(void)read_lines(s, fd, CLASSIFY_TAIL_MOST);
}

const struct classify_pattern *
classify_log(const struct classify *c, int fd, int exit_code,
	const char *package)
{
	struct search s = { .table = c, .found = c->n,
	    .until_ms = clock_boot_ms() + CLASSIFY_TIME_MOST_MS };
	bool any = false;

	if (!c->n)
		return NULL;
	s.tries = mem_alloc(c->n * sizeof *s.tries);
	s.is_meant = mem_alloc(c->n * sizeof *s.is_meant);
	for (size_t i = 0; i < c->n; i++)
		any |= s.is_meant[i] = is_meant(&c->v[i], exit_code, package);
	if (any)
		read_log(&s, fd);
	free(s.tries);
	free(s.is_meant);
	return s.found < c->n ? &c->v[s.found] : NULL;
}
