/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the commands share: each is a function of main's arguments. */
#ifndef CMD_H
#define CMD_H

#include <stdio.h>

#include "conf.h"
#include "fail.h"
#include "spool.h"

struct journal;
struct log;

/* The configuration and the spool that a command works with. */
struct cmd {
	const char *name;	/* of the command */
	const char *usage;	/* what stands behind its name */
	const char *help;	/* for --help: lines of text */
	int section;		/* of its manual; 0: 1 */
	const char *conf_file;	/* -c; NULL: the usual places */
	struct conf conf;
	struct spool spool;
};

extern const struct cmd cmd_table[];	/* of all; one without a name ends it */

/* The commands that are in this program. */
struct cmd_run {
	const char *name;
	int (*run)(struct cmd *cmd, int argc, char **argv);
};

extern const struct cmd_run cmd_runs[];	/* one without a name ends it */

/* Each returns an exit status: EX_OK, or a sysexits(3) one after a message. */
int cmd_cancel(struct cmd *cmd, int argc, char **argv);
int cmd_doctor(struct cmd *cmd, int argc, char **argv);
int cmd_drain(struct cmd *cmd, int argc, char **argv);
int cmd_expire(struct cmd *cmd, int argc, char **argv);
int cmd_export(struct cmd *cmd, int argc, char **argv);
int cmd_fsck(struct cmd *cmd, int argc, char **argv);
int cmd_hold(struct cmd *cmd, int argc, char **argv);
int cmd_import(struct cmd *cmd, int argc, char **argv);
int cmd_index(struct cmd *cmd, int argc, char **argv);
int cmd_init(struct cmd *cmd, int argc, char **argv);
int cmd_kill(struct cmd *cmd, int argc, char **argv);
int cmd_log(struct cmd *cmd, int argc, char **argv);
int cmd_metrics(struct cmd *cmd, int argc, char **argv);
int cmd_mirror(struct cmd *cmd, int argc, char **argv);
int cmd_priority(struct cmd *cmd, int argc, char **argv);
int cmd_release(struct cmd *cmd, int argc, char **argv);
int cmd_results(struct cmd *cmd, int argc, char **argv);
int cmd_retry(struct cmd *cmd, int argc, char **argv);
int cmd_serve(struct cmd *cmd, int argc, char **argv);
int cmd_show(struct cmd *cmd, int argc, char **argv);
int cmd_status(struct cmd *cmd, int argc, char **argv);
int cmd_submit(struct cmd *cmd, int argc, char **argv);
int cmd_testbed(struct cmd *cmd, int argc, char **argv);
int cmd_top(struct cmd *cmd, int argc, char **argv);
int cmd_worker(struct cmd *cmd, int argc, char **argv);

/* Reads the configuration; -1 after a message on standard error. */
int cmd_configure(struct cmd *cmd, struct fail *f);

/* Reads it into c. */
int cmd_read_conf(const struct cmd *cmd, struct conf *c, struct fail *f);

/* A service's log: standard error, or the journal where that leads there. */
void cmd_service_log(struct log *l, struct journal *j);

/* The same as cmd_configure, and opens the spool. */
int cmd_open(struct cmd *cmd, struct fail *f);

/* Prints "adtspool: ..." on standard error; returns f's status. */
int cmd_fail(const struct fail *f);

/* Prints the command's help; returns EX_OK. */
int cmd_help(const struct cmd *cmd);

/* Prints how to use the command on standard error; returns EX_USAGE. */
int cmd_usage(const struct cmd *cmd);

/* Says that an option's text is no such thing; returns EX_USAGE. */
int cmd_refuse(const char *option, const char *text, const char *what);

/* A number from 0 to most; -1 after a message. */
int cmd_number(const char *text, int most, const char *option);

/*
 * Where a log is printed: standard output, or where that is a terminal, a
 * stream before it (plain.h) that is to be closed.
 */
FILE *cmd_log_stream(void);

/* Ends standard output; EX_IOERR after a message where it was not written. */
int cmd_flush(void);

#endif
