/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the commands share. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "journal.h"
#include "log.h"
#include "plain.h"

int
cmd_fail(const struct fail *f)
{
	(void)fprintf(stderr, "adtspool: %s\n", f->text);
	return f->status;
}

int
cmd_help(const struct cmd *cmd)
{
	(void)printf("usage: adtspool %s %s\n\n%s\nadtspool-%s(%d) tells more."
	    "\n", cmd->name, cmd->usage, cmd->help, cmd->name,
	    cmd->section ? cmd->section : 1);
	return cmd_flush();
}

int
cmd_usage(const struct cmd *cmd)
{
	(void)fprintf(stderr, "usage: adtspool %s %s\n", cmd->name, cmd->usage);
	return EX_USAGE;
}

int
cmd_refuse(const char *option, const char *text, const char *what)
{
	(void)fprintf(stderr, "adtspool: %s: \"%s\" is no %s\n", option, text,
	    what);
	return EX_USAGE;
}

int
cmd_number(const char *text, int most, const char *option)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (text[0] && !*end && errno == 0 && n >= 0 && n <= most)
		return (int)n;
	(void)fprintf(stderr, "adtspool: %s: \"%s\" is not a number from 0 to "
	    "%d\n", option, text, most);
	return -1;
}

FILE *
cmd_log_stream(void)
{
	FILE *plain = isatty(STDOUT_FILENO) ? plain_open(stdout) : NULL;

	return plain ? plain : stdout;
}

int
cmd_flush(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EX_OK;
	(void)fprintf(stderr, "adtspool: standard output: %s\n",
	    strerror(errno));
	return EX_IOERR;
}

int
cmd_read_conf(const struct cmd *cmd, struct conf *c, struct fail *f)
{
	char *found = cmd->conf_file ? NULL : conf_find();
	int rc = conf_read(c, cmd->conf_file ? cmd->conf_file : found, f);

	free(found);
	return rc;
}

int
cmd_configure(struct cmd *cmd, struct fail *f)
{
	return cmd_read_conf(cmd, &cmd->conf, f);
}

void
cmd_service_log(struct log *l, struct journal *j)
{
	*l = (struct log){ .out = stderr, .most = LOG_LEVEL_INFO };
	if (journal_open(j, NULL, stderr) == 0)
		l->journal = j;
}

int
cmd_open(struct cmd *cmd, struct fail *f)
{
	if (cmd_configure(cmd, f) != 0)
		return -1;
	return spool_open(&cmd->spool, cmd->conf.spool, cmd->conf.results, f);
}
