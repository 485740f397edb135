/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of a text that was read: where, and what was meant perhaps. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "yaml.h"

enum { WORD_MOST = 40 };	/* a longer one is near no known word */

static bool
has_line(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon && colon[1] &&
	    strspn(colon + 1, "0123456789") == strlen(colon + 1);
}

/* C0, DEL, and C1 as UTF-8 has it, which terminals obey as well. */
static void
mask_controls(char *s)
{
	for (unsigned char *p = (unsigned char *)s; *p; p++) {
		if (*p < ' ' || *p == 0x7f)
			*p = '?';
		else if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
			p[0] = p[1] = '?';
	}
}

int
yaml_place(struct fail *f, const char *name, unsigned line)
{
	if (has_line(name))
		(void)fail_prefix(f, "%s", name);
	else
		(void)fail_prefix(f, "%s:%u", name, line);
	mask_controls(f->text);
	return -1;
}

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Letters to add, leave out, change or swap (optimal string alignment). */
static unsigned
distance(const char *a, const char *b)
{
	unsigned d[WORD_MOST + 1][WORD_MOST + 1];
	size_t na = strlen(a), nb = strlen(b);

	for (unsigned i = 0; i <= na; i++)
		d[i][0] = i;
	for (unsigned j = 0; j <= nb; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= na; i++)
		for (size_t j = 1; j <= nb; j++) {
			d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1,
			    d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[na][nb];
}

const char *
yaml_nearest(const char *word, const char *const *known)
{
	const char *nearest = NULL;
	unsigned best = (unsigned)strlen(word) / 3 + 1;

	if (strlen(word) > WORD_MOST)
		return NULL;
	for (; *known; known++) {
		unsigned d;

		if (strlen(*known) > WORD_MOST)
			continue;
		d = distance(word, *known);
		if (d < best) {
			best = d;
			nearest = *known;
		}
	}
	return nearest;
}

int
yaml_unknown(struct fail *f, const char *what, const char *word,
	const char *const *known)
{
	const char *nearest = yaml_nearest(word, known);

	if (nearest)
		return fail_set(f, EX_DATAERR,
		    "unknown %s \"%.60s\"; did you mean \"%s\"?", what, word,
		    nearest);
	return fail_set(f, EX_DATAERR, "unknown %s \"%.60s\"", what, word);
}
