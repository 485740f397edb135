/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "mirror_inside.h"

enum { LIST_SIZE_MOST = 1 << 30 };

void
mirror_list_add(struct mirror_list *l, const char *text, int64_t s)
{
	if (l->n == l->room) {
		l->room = l->room ? 2 * l->room : 64;
		l->v = mem_grow(l->v, l->room, sizeof *l->v);
	}
	l->v[l->n++] = (struct mirror_item){ mem_dup(text), s };
}

static int
by_text_latest_first(const void *x, const void *y)
{
	const struct mirror_item *a = x, *b = y;
	int order = strcmp(a->text, b->text);

	if (order != 0)
		return order;
	return a->s < b->s ? 1 : a->s > b->s ? -1 : 0;
}

void
mirror_list_settle(struct mirror_list *l)
{
	size_t n = 0;

	if (l->n)
		qsort(l->v, l->n, sizeof *l->v, by_text_latest_first);
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].s < 0 ||
		    (n && strcmp(l->v[n - 1].text, l->v[i].text) == 0))
			free(l->v[i].text);
		else
			l->v[n++] = l->v[i];
	l->n = n;
}

static int
by_text(const void *x, const void *y)
{
	const struct mirror_item *a = x, *b = y;

	return strcmp(a->text, b->text);
}

struct mirror_item *
mirror_list_find(const struct mirror_list *l, const char *text)
{
	char *same = mem_dup(text);
	struct mirror_item key = { same, 0 }, *found = NULL;

	if (l->n)
		found = bsearch(&key, l->v, l->n, sizeof *l->v, by_text);
	free(same);
	return found;
}

void
mirror_list_free(struct mirror_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].text);
	free(l->v);
	*l = (struct mirror_list){ 0 };
}

static void
take_line(struct mirror_list *l, char *line)
{
	char *blank = strchr(line, ' '), *end;
	intmax_t s;

	if (!blank || !blank[1])
		return;
	s = strtoimax(blank + 1, &end, 10);
	*blank = '\0';
	if (!*end && s >= 0)
		mirror_list_add(l, line, s);
}

int
mirror_list_read(struct mirror_list *l, int dir, const char *name,
	struct fail *f)
{
	struct strs lines = { 0 };
	struct buf b = { 0 };
	int rc = fs_read(dir, name, LIST_SIZE_MOST, &b, f);

	if (rc != 0 && f->err == ENOENT)
		rc = 0;
	if (b.s)
		strs_split(&lines, b.s, "\n");
	for (size_t i = 0; i < lines.n; i++)
		take_line(l, lines.v[i]);
	mirror_list_settle(l);
	strs_free(&lines);
	buf_free(&b);
	return rc;
}

int
mirror_list_write(const struct mirror_list *l, int dir, const char *name,
	struct fail *f)
{
	struct buf b = { 0 };
	int rc;

	buf_add(&b, "");
	for (size_t i = 0; i < l->n; i++)
		buf_addf(&b, "%s %jd\n", l->v[i].text, (intmax_t)l->v[i].s);
	rc = fs_replace(dir, name, b.s, b.len, f);
	buf_free(&b);
	return rc;
}
