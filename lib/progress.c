/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <unistd.h>

#include "clock.h"
#include "progress.h"

enum { FIRST_MS = 1000, NEXT_MS = 100, BAR = 30, WHAT_MOST = 40 };

void
progress_init(struct progress *p, FILE *out)
{
	*p = (struct progress){ .out = isatty(fileno(out)) ? out : NULL,
	    .next_ms = clock_boot_ms() + FIRST_MS };
}

void
progress_show(struct progress *p, const char *what, size_t part, size_t of)
{
	static const char done[] = "##############################";
	static const char todo[] = "..............................";
	int n = of ? (int)(part * BAR / of) : 0;

	_Static_assert(sizeof done == BAR + 1 && sizeof todo == BAR + 1,
	    "the bar is as long as its parts");
	if (!p->out || clock_boot_ms() < p->next_ms)
		return;
	p->next_ms = clock_boot_ms() + NEXT_MS;
	p->shown = true;
	(void)fprintf(p->out, "\r[%.*s%.*s] %.*s\033[K", n, done, BAR - n, todo,
	    WHAT_MOST, what);
	(void)fflush(p->out);
}

void
progress_end(struct progress *p)
{
	if (p->shown)
		(void)fputs("\r\033[K", p->out);
	if (p->shown)
		(void)fflush(p->out);
	p->shown = false;
}
