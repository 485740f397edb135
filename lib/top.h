/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The spool on one screen: what status.h has read, as lines that fit.  Knows
 * nothing of terminals; top_screen.h shows it on one.
 */
#ifndef TOP_H
#define TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct status;

enum top_part { TOP_QUEUES, TOP_WORKERS, TOP_RUNNING, TOP_FAILURES,
	TOP_PARTS };

enum top_sort { TOP_BY_TIME, TOP_BY_EXCESS, TOP_BY_NAME, TOP_SORTS };

enum top_look { TOP_PLAIN, TOP_TITLE, TOP_HEAD, TOP_HEAD_CHOSEN, TOP_GOOD,
	TOP_WARN, TOP_BAD, TOP_DIM };

enum {
	TOP_COLUMNS_LEAST = 20,
	TOP_COLUMNS_MOST = 500,
	TOP_WAIT_LEAST_MS = 2000,	/* between two looks */
	TOP_WAIT_PART = 10,	/* and so many times what the last one took */
};

/* How it is to be seen. */
struct top_view {
	int rows, columns;
	enum top_part chosen;		/* which the arrows move */
	size_t from[TOP_PARTS];		/* its first line; kept in range */
	enum top_sort sort;		/* of what runs */
	char *queue;			/* of which alone; NULL: of all */
	bool help;			/* the keys instead */
	bool ascii;			/* the terminal has no UTF-8 */
	const char *spool;		/* its path */
	int64_t now_s;
	int64_t took_ms;		/* the last look */
	bool once;			/* no other look follows: no keys */
	const char *problem;		/* why it did not work; NULL: it did */
};

struct top_line {
	char *text;			/* nothing in it moves a cursor */
	enum top_look look;
};

struct top_lines {
	struct top_line *v;
	size_t n;
};

/*
 * Exactly v->rows lines, none wider than v->columns; top_free them.  st may be
 * zeroed.
 */
void top_layout(const struct status *st, struct top_view *v,
	struct top_lines *out);
void top_free(struct top_lines *l);

/* The lines as text, without blanks and empty lines at the end. */
void top_text(const struct top_lines *l, struct buf *out);

/* How long to wait for the next look: it takes a tenth of the time at most. */
int64_t top_wait_ms(int64_t took_ms);

/* Chooses the queue that follows the chosen one; after the last, all. */
void top_next_queue(const struct status *st, struct top_view *v);

#endif
