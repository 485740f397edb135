/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ncurses.h>
#include <term.h>
#undef lines		/* macros of term.h */
#undef columns

#include "clock.h"
#include "fail.h"
#include "spool.h"
#include "status.h"
#include "top.h"
#include "top_screen.h"

enum { TICK_MS = 1000, ESCAPE_MS = 50, PAGE = 10 };

struct screen {
	const struct conf *conf;
	const struct spool *spool;
	struct status status;
	struct top_view view;
	struct fail fail;		/* of the last look */
	int64_t next_ms;		/* look, on the boot clock */
};

/* What was seen last stays, where nothing can be seen now. */
static void
look(struct screen *s)
{
	int64_t begun_ms = clock_boot_ms();
	struct status fresh;

	s->view.problem = NULL;
	if (status_read(s->spool, &fresh, &s->fail) == 0) {
		status_expect(s->conf, s->spool, &fresh);
		status_free(&s->status);
		s->status = fresh;
	} else {
		s->view.problem = s->fail.text;
	}
	s->view.took_ms = clock_boot_ms() - begun_ms;
	s->next_ms = clock_boot_ms() + top_wait_ms(s->view.took_ms);
}

static attr_t
attribute(enum top_look l)
{
	switch (l) {
	case TOP_TITLE:
		return A_REVERSE;
	case TOP_HEAD:
		return A_BOLD;
	case TOP_HEAD_CHOSEN:
		return A_BOLD | A_UNDERLINE;
	case TOP_GOOD:
	case TOP_WARN:
		return COLOR_PAIR(l);
	case TOP_BAD:
		return COLOR_PAIR(l) | A_BOLD;
	case TOP_DIM:
		return A_DIM;
	case TOP_PLAIN:
		break;
	}
	return A_NORMAL;
}

static void
draw(struct screen *s)
{
	struct top_lines lines = { 0 };

	s->view.rows = getmaxy(stdscr);
	s->view.columns = getmaxx(stdscr);
	s->view.now_s = clock_now_s();
	top_layout(&s->status, &s->view, &lines);
	(void)erase();
	for (size_t i = 0; i < lines.n; i++) {
		(void)attrset((int)attribute(lines.v[i].look));
		(void)mvaddstr((int)i, 0, lines.v[i].text);
	}
	(void)attrset(A_NORMAL);
	(void)refresh();
	top_free(&lines);
}

static void
scroll_by(struct screen *s, long by)
{
	size_t *from = &s->view.from[s->view.chosen];

	if (by < 0)
		*from = *from > (size_t)-by ? *from - (size_t)-by : 0;
	else
		*from += (size_t)by;
}

/* False: it is to end. */
static bool
obey(struct screen *s, int key)
{
	struct top_view *v = &s->view;

	switch (key) {
	case 'q':
		return false;
	case 'r':
		s->next_ms = 0;
		break;
	case '\t':
		v->chosen = (v->chosen + 1) % TOP_PARTS;
		break;
	case 's':
		v->sort = (v->sort + 1) % TOP_SORTS;
		break;
	case 'n':
		top_next_queue(&s->status, v);
		break;
	case '?':
	case 'h':
		v->help = !v->help;
		break;
	case KEY_UP:
		scroll_by(s, -1);
		break;
	case KEY_DOWN:
		scroll_by(s, 1);
		break;
	case KEY_PPAGE:
		scroll_by(s, -PAGE);
		break;
	case KEY_NPAGE:
		scroll_by(s, PAGE);
		break;
	case KEY_HOME:
		v->from[v->chosen] = 0;
		break;
	case KEY_END:
		v->from[v->chosen] = SIZE_MAX / 2;
		break;
	default:
		break;
	}
	return true;
}

/* Whether the cursor can be moved. */
static bool
can_show(void)
{
	const char *move;
	int known;
	bool can;

	if (setupterm(NULL, STDOUT_FILENO, &known) != OK)
		return false;
	move = tigetstr("cup");
	can = move && (intptr_t)move != -1;
	(void)del_curterm(cur_term);
	return can;
}

/* initscr(3) would end the program where it cannot.  delscreen() it. */
static SCREEN *
open_screen(struct fail *f)
{
	const char *term = getenv("TERM");
	SCREEN *opened;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		(void)fail_set(f, EX_USAGE, "top: this is no terminal; "
		    "adtspool top --once prints one screen as text");
		return NULL;
	}
	(void)setlocale(LC_CTYPE, "");
	opened = can_show() ? newterm(NULL, stdout, stdin) : NULL;
	if (!opened)
		(void)fail_set(f, EX_USAGE, "top: the terminal (TERM=%.40s) "
		    "cannot show it; adtspool top --once prints one screen as "
		    "text", term ? term : "");
	return opened;
}

static void
set_up(struct screen *s)
{
	(void)cbreak();
	(void)noecho();
	(void)keypad(stdscr, TRUE);
	(void)set_escdelay(ESCAPE_MS);
	(void)curs_set(0);
	timeout(TICK_MS);
	if (has_colors() && start_color() == OK &&
	    use_default_colors() == OK) {
		(void)init_pair(TOP_GOOD, COLOR_GREEN, -1);
		(void)init_pair(TOP_WARN, COLOR_YELLOW, -1);
		(void)init_pair(TOP_BAD, COLOR_RED, -1);
	}
	s->view.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	s->view.spool = s->spool->path;
}

int
top_screen(const struct conf *c, const struct spool *s, struct fail *f)
{
	struct screen screen = { .conf = c, .spool = s,
	    .view = { .chosen = TOP_RUNNING } };
	SCREEN *opened = open_screen(f);
	int key = ERR;

	if (!opened)
		return -1;
	set_up(&screen);
	while (obey(&screen, key)) {
		if (clock_boot_ms() >= screen.next_ms)
			look(&screen);
		draw(&screen);
		key = getch();
	}
	(void)endwin();
	delscreen(opened);
	status_free(&screen.status);
	free(screen.view.queue);
	return 0;
}
