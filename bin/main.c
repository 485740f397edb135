/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds a command, here or in a program of its own: adtspool-NAME, beside this
 * one, which is given the same arguments.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "mem.h"
#include "program.h"

static int
usage(FILE *out)
{
	(void)fputs("usage: adtspool [-c FILE] COMMAND [ARGUMENT...]\n", out);
	for (const struct cmd *c = cmd_table; c->name; c++)
		(void)fprintf(out, "  %-8s  %s\n", c->name, c->usage);
	(void)fputs("adtspool COMMAND --help tells more, and so does "
	    "adtspool(1).\n", out);
	return out == stdout ? cmd_flush() : EX_USAGE;
}

static int
run_here(const struct cmd_run *r, const struct cmd *about,
	const char *conf_file, int argc, char **argv)
{
	struct cmd cmd = *about;
	int status;

	cmd.conf_file = conf_file;
	cmd.spool = (struct spool){ .fd = -1, .workers = -1, .results = -1,
	    .staging = -1 };
	status = r->run(&cmd, argc, argv);
	spool_close(&cmd.spool);
	conf_free(&cmd.conf);
	return status;
}

/* Becomes the command's program; returns where there is none. */
static int
run_its_program(const char *name, char **argv)
{
	char *program = mem_printf("adtspool-%s", name);
	char *path = program_beside(program);

	if (path)
		(void)execv(path, argv);
	(void)fprintf(stderr, "adtspool: %s: %s; is %s?\n",
	    path ? path : program, strerror(errno),
	    path ? "all of adtspool installed" : "/proc mounted");
	free(path);
	free(program);
	return EX_OSFILE;
}

/* argv are the command's own arguments, all those of this program. */
static int
run_command(const struct cmd *about, const char *conf_file, int argc,
	char **argv, char **all)
{
	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return cmd_help(about);
	for (const struct cmd_run *r = cmd_runs; r->name; r++)
		if (strcmp(r->name, about->name) == 0)
			return run_here(r, about, conf_file, argc, argv);
	return run_its_program(about->name, all);
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "conf", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 } };
	const char *conf_file = NULL;
	char **all = argv;
	int o;

	while ((o = getopt_long(argc, argv, "+c:h", options, NULL)) != -1)
		switch (o) {
		case 'c':
			conf_file = optarg;
			break;
		case 'h':
			return usage(stdout);
		case 'V':
			(void)puts("adtspool " VERSION);
			return cmd_flush();
		default:
			return usage(stderr);
		}
	argc -= optind;
	argv += optind;
	optind = 0;	/* a fresh scan, for the command's own options */
	for (const struct cmd *c = cmd_table; argc && c->name; c++)
		if (strcmp(argv[0], c->name) == 0)
			return run_command(c, conf_file, argc, argv, all);
	if (argc)
		(void)fprintf(stderr, "adtspool: there is no command \"%s\"\n",
		    argv[0]);
	return usage(stderr);
}
