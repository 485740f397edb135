/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "cmd.h"
#include "status.h"
#include "top.h"
#include "top_screen.h"

enum { ROWS = 24, COLUMNS = 80, ROWS_MOST = 1000 };

/* The variable's number, or the other one. */
static int
size_of(const char *variable, int otherwise, int most)
{
	const char *text = getenv(variable);
	long n = text ? strtol(text, NULL, 10) : 0;

	return n > 0 && n <= most ? (int)n : otherwise;
}

static void
fill_view(struct top_view *v, const struct spool *s)
{
	struct winsize size;
	bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
	    size.ws_row && size.ws_col;

	*v = (struct top_view){ .chosen = TOP_RUNNING, .spool = s->path,
	    .once = true,
	    .rows = size_of("LINES", known ? size.ws_row : ROWS, ROWS_MOST),
	    .columns = size_of("COLUMNS", known ? size.ws_col : COLUMNS,
	    TOP_COLUMNS_MOST) };
}

static int
print_once(struct cmd *cmd)
{
	struct top_lines lines = { 0 };
	struct buf out = { 0 };
	struct top_view v;
	struct status st;
	struct fail f;

	fill_view(&v, &cmd->spool);
	if (status_read(&cmd->spool, &st, &f) != 0)
		return cmd_fail(&f);
	status_expect(&cmd->conf, &cmd->spool, &st);
	v.now_s = clock_now_s();
	top_layout(&st, &v, &lines);
	top_text(&lines, &out);
	(void)fwrite(out.s, 1, out.len, stdout);
	buf_free(&out);
	top_free(&lines);
	status_free(&st);
	return cmd_flush();
}

int
cmd_top(struct cmd *cmd, int argc, char **argv)
{
	static const struct option options[] = {
		{ "once", no_argument, NULL, 'o' }, { 0 } };
	bool once = false;
	struct fail f;
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o != 'o')
			return cmd_usage(cmd);
		once = true;
	}
	if (optind < argc)
		return cmd_usage(cmd);
	if (cmd_open(cmd, &f) != 0)
		return cmd_fail(&f);
	if (once)
		return print_once(cmd);
	return top_screen(&cmd->conf, &cmd->spool, &f) == 0 ? EX_OK :
	    cmd_fail(&f);
}
