/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the console says of a failure. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "fs.h"
#include "log.h"
#include "mem.h"
#include "request.h"
#include "run_inside.h"

enum { PART_MOST = 1 << 20, REASON_MAX = 300 };

static void
copy_plain(char *to, size_t room, const char *line)
{
	(void)snprintf(to, room, "%s", line);
	for (char *p = to; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = '?';
}

static void
read_part(int fd, off_t from, struct strs *lines)
{
	char *part = mem_alloc(PART_MOST + 1);
	ssize_t n = pread(fd, part, PART_MOST, from);

	part[n > 0 ? n : 0] = '\0';
	strs_split(lines, part, "\r\n");
	free(part);
}

/* The lines of its head and of its tail. */
static void
read_console(const struct attempt *a, struct strs *lines)
{
	int fd = fs_open_read(a->scratch, "console");
	struct stat st;

	if (fd < 0)
		return;
	read_part(fd, 0, lines);
	if (fstat(fd, &st) == 0 && st.st_size > PART_MOST)
		read_part(fd, st.st_size - PART_MOST > PART_MOST ?
		    st.st_size - PART_MOST : PART_MOST, lines);
	(void)close(fd);
}

/*
 * What a failure that is not the package's was, for the worker's log: the first
 * line of the console that has the word, or else the last one.  It may be a
 * stranger's text.
 */
static void
find_reason(const struct attempt *a, const char *word, char *reason,
	size_t room)
{
	struct strs lines = { 0 };
	size_t i = 0;

	read_console(a, &lines);
	while (i < lines.n && !strstr(lines.v[i], word))
		i++;
	if (i == lines.n && i > 0)
		i--;
	copy_plain(reason, room, lines.n ? lines.v[i] : "nothing was said");
	strs_free(&lines);
}

bool
run_find_line(const struct attempt *a, const char *word, char *line,
	size_t room)
{
	struct strs lines = { 0 };
	const char *at = NULL;

	read_console(a, &lines);
	for (size_t i = 0; !at && i < lines.n; i++)
		at = strstr(lines.v[i], word);
	if (at)
		copy_plain(line, room, at);
	strs_free(&lines);
	return at;
}

int
run_not_started(const struct attempt *a, struct fail *f)
{
	char reason[REASON_MAX];

	find_reason(a, "adtspool: ", reason, sizeof reason);
	return fail_set(f, EX_UNAVAILABLE, "%s cannot be started: %s",
	    a->argv.v[0], reason);
}

void
run_tell_reason(const struct attempt *a)
{
	const struct run *r = a->run;
	char reason[REASON_MAX];

	find_reason(a, "ERROR: ", reason, sizeof reason);
	log_say(r->log, LOG_LEVEL_INFO, "%s: %s/%s: said: %s", r->token->id,
	    r->queue, r->request->package, reason);
}
