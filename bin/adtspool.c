/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of commands, and what they share. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "journal.h"
#include "log.h"
#include "plain.h"

/* Options that commands have in common. */
#define HELP_CHOICE \
	"  -p, --package NAME   of this package; repeatable\n" \
	"      --matching RE    package or trigger matches; regex(7)\n" \
	"  -q, --queue QUEUE    only there\n" \
	"  -s, --suite SUITE    only for that suite\n"
#define HELP_END \
	"      --reason TEXT    why, for people\n" \
	"  -w, --wait           until it has ended\n"
#define HELP_DO \
	"  -n, --dry-run        tell what is meant, do nothing\n" \
	"      --json           for programs\n"

static struct cmd commands[] = {
	{ .name = "init", .run = cmd_init,
	  .usage = "[--results DIR] [DIR] [QUEUE...]",
	  .help = "Make a spool with its queues (default: one for this host's\n"
	    "architecture) where the configuration says, or at DIR, which is\n"
	    "told from a queue by its slash.\n" },
	{ .name = "submit", .run = cmd_submit,
	  .usage = "[OPTION...] PACKAGE[/VERSION]... | -f FILE",
	  .help = "Request tests.\n"
	    "  -s, --suite SUITE         what to test in\n"
	    "  -a, --arch ARCH           what to test on\n"
	    "  -q, --queue QUEUE         default: as arch and class say\n"
	    "  -t, --trigger SRC/VER     because of this; repeatable\n"
	    "  -p, --pin RELEASE=PKGS    from another release; repeatable\n"
	    "  -e, --env NAME=VALUE      for the tests; repeatable\n"
	    "      --extra-apt-source L  a line of apt sources; repeatable\n"
	    "      --ppa OWNER/NAME      a Launchpad archive; repeatable\n"
	    "      --test-name NAME      only this test; repeatable\n"
	    "      --all-proposed        everything from -proposed\n"
	    "      --priority N          0 to 10, higher first (default 5)\n"
	    "      --not-before TIME     2026-11-22T18:00, or a span: 2h\n"
	    "      --requester NAME      who asks (default: you)\n"
	    "      --force               even if the same waits or runs\n"
	    "  -w, --wait                follow the log, exit as the test\n"
	    "  -f, --file FILE           a request; - is standard input\n" },
	{ .name = "import", .run = cmd_import,
	  .usage = "[OPTION...] FILE...",
	  .help = "Take over britney's files of requests, which are renamed\n"
	    "away first.\n"
	    "      --priority N            0 to 10, higher first\n"
	    "      --pin-triggers RELEASE  test with the triggers from there\n"
	    "      --requester NAME        who asks\n" },
	{ .name = "worker", .section = 8, .run = cmd_worker,
	  .usage = "[--drain] [--slots N] [--name NAME] [--replace] "
	    "[QUEUE... | --print-command REQUEST]",
	  .help = "Run what waits, until SIGTERM.\n"
	    "      --drain       end when nothing that is due waits or runs\n"
	    "      --slots N     tests at the same time\n"
	    "      --name NAME   this worker's name (default: the host's)\n"
	    "      --replace     where one of that name runs here, run beside\n"
	    "                    it as NAME.2, or NAME, and have it stop\n"
	    "      --print-command REQUEST\n"
	    "                    how an id's, or a file's, would run here\n" },
	{ .name = "metrics", .section = 8, .run = cmd_metrics,
	  .usage = "[-o FILE]",
	  .help = "Print the spool in numbers, for Prometheus; or replace\n"
	    "FILE by them.\n"
	    "  -o, --output FILE\n" },
	{ .name = "export", .run = cmd_export,
	  .usage = "debci --suite SUITE [--ppa OWNER/NAME] [--since SPAN]",
	  .help = "Write what britney reads: debci.json, here or to -o FILE;\n"
	    "of what was asked for without a PPA, or with one, results of\n"
	    "the last SPAN (default 15d) and all that waits or runs.\n" },
	{ .name = "index", .section = 8, .run = cmd_index,
	  .usage = "[--follow | --rebuild] [--name NAME]",
	  .help = "Take in what was published, and write what readers read.\n"
	    "      --follow     until SIGTERM; stand by while another does it\n"
	    "      --rebuild    read the whole tree, and check the manifests\n"
	    "      --name NAME  this indexer's name (default: the worker's)\n"
	    },
	{ .name = "status", .run = cmd_status, .usage = "[--json]",
	  .help = "Show queues, workers, what runs and recent results.\n" },
	{ .name = "top", .run = cmd_top, .usage = "[--once]",
	  .help = "Show the same on a terminal, as it changes.\n"
	    "      --once    print one screen as text\n" },
	{ .name = "log", .run = cmd_log, .usage = "[-f] [--raw] ID | RUN",
	  .help = "Print the log of what runs, from any host, or of a run.\n"
	    "  -f, --follow  as it grows, to its end\n"
	    "      --raw     escape sequences, too, to a terminal\n" },
	{ .name = "cancel", .run = cmd_cancel,
	  .usage = "[OPTION...] ID... | -p PACKAGE | --matching RE",
	  .help = "End requests that wait or run, without a result.\n"
	    HELP_CHOICE HELP_END HELP_DO },
	{ .name = "kill", .run = cmd_kill,
	  .usage = "[OPTION...] ID... | -p PACKAGE | --matching RE",
	  .help = "End attempts that run; each request is tried again, or has\n"
	    "no attempts left and is refused.\n"
	    HELP_CHOICE HELP_END HELP_DO },
	{ .name = "priority", .run = cmd_priority,
	  .usage = "[OPTION...] N ID... | N -p PACKAGE | N --matching RE",
	  .help = "Change the priority, 0 to 10, of what waits.\n"
	    HELP_CHOICE HELP_DO },
	{ .name = "retry", .run = cmd_retry,
	  .usage = "[OPTION...] ID... | RUN... | --trigger SRC/VER",
	  .help = "Ask once more for what was run, with the same parameters.\n"
	    "  -t, --trigger SRC/VER  what failed last with this trigger\n"
	    "  -p, --package NAME     ... of this package\n"
	    "  -s, --suite SUITE      ... in this suite (default: suite)\n"
	    "  -a, --arch ARCH        ... on this architecture\n"
	    "      --all              ... and what passed\n"
	    "      --since SPAN       ... since then (default 15d)\n"
	    "      --priority N       0 to 10 (default: as it was)\n"
	    "      --requester NAME   who asks (default: you)\n"
	    "      --force            even if the same waits or runs\n"
	    "  -n, --dry-run          tell what is meant, do nothing\n"
	    "      --json             for programs\n" },
	{ .name = "hold", .section = 8, .run = cmd_hold,
	  .usage = "[--reason TEXT] QUEUE...",
	  .help = "Claim nothing in these queues; what runs, runs.\n" },
	{ .name = "drain", .section = 8, .run = cmd_drain,
	  .usage = "[--host] [-w] [--reason TEXT] NAME...",
	  .help = "Have workers claim nothing; what runs is finished.\n"
	    "      --host         all workers of these hosts\n"
	    "  -w, --wait         until nothing of them runs\n"
	    "      --reason TEXT  why, for people\n" },
	{ .name = "release", .section = 8, .run = cmd_release,
	  .usage = "NAME...",
	  .help = "End the hold of a queue, or the drain of a worker or host."
	    "\n" },
	{ .name = "fsck", .section = 8, .run = cmd_fsck,
	  .usage = "[--repair] [--deep] [--json] [--dead NAME] [QUEUE...]",
	  .help = "Look whether the spool is as it should be.\n"
	    "      --repair      mend what can be mended for certain\n"
	    "      --deep        look at each published result, too\n"
	    "      --dead NAME   this worker has ended for good; with\n"
	    "                    --repair, what it claimed is given back\n" },
	{ .name = "serve", .section = 8, .run = cmd_serve,
	  .usage = "[--listen ADDRESS:PORT] [--results DIR] [--quiet]",
	  .help = "Give britney and people the results over HTTP, until "
	    "SIGTERM.\n"
	    "      --listen ADDRESS:PORT  where (default: serve-listen)\n"
	    "      --results DIR          of a mirror; there is no spool\n"
	    "      --quiet                no line for each request\n" },
	{ .name = "show", .run = cmd_show,
	  .usage = "[--log] [--follow] [--json] ID | PACKAGE",
	  .help = "Show where a request is and what came out of it, or a\n"
	    "package's newest results.\n"
	    "      --log      print the log\n"
	    "      --follow   print it as it grows, to its end\n" },
	{ .name = "results", .run = cmd_results,
	  .usage = "[OPTION...]",
	  .help = "List published results, the newest first.\n"
	    "  -p, --package PACKAGE\n"
	    "  -s, --suite SUITE\n"
	    "  -a, --arch ARCH\n"
	    "  -t, --trigger SRC[/VER]   run because of this\n"
	    "      --since TIME          2026-11-22, or a span: 15d\n"
	    "      --status STATUS       pass, fail, neutral, tmpfail; "
	    "repeatable\n"
	    "      --limit N             at most; 0 for all (default 25, or\n"
	    "                            all with --json)\n"
	    "      --json                for programs\n" },
	{ .name = "expire", .section = 8, .run = cmd_expire,
	  .usage = "--days N [--keep-last N] [--suite SUITE] [--dry-run]",
	  .help = "Have the indexer remove old runs, but for each package's\n"
	    "newest result and newest pass on each architecture.\n"
	    "      --days N       what was published more days ago\n"
	    "      --keep-last N  keep so many of the newest results, too\n"
	    "      --suite SUITE  in this one only\n"
	    "      --dry-run      only tell\n"
	    "  -v, --verbose      print each run's path\n" },
	{ .name = "mirror", .section = 8, .run = cmd_mirror,
	  .usage = "[--full] [--grace SPAN] [--rsync OPTION]... SOURCE DEST",
	  .help = "Bring DEST to what the results tree SOURCE is, by rsync, "
	    "so that no index\nthere ever names a run that is not there.\n"
	    "      --full          compare everything, not only what is new\n"
	    "      --grace SPAN    keep runs for so long after the indexes\n"
	    "                      have lost them (default 1h)\n"
	    "      --rsync OPTION  for rsync: --bwlimit=5m; repeatable\n" },
	{ .name = "testbed", .section = 8, .run = cmd_testbed,
	  .usage = "create|update|list [OPTION...]",
	  .help = "Make testbeds on this host, make them anew while tests "
	    "run, or list them.\n"
	    "  -s, --suite SUITE  repeatable (default: suite, or all)\n"
	    "  -a, --arch ARCH    repeatable (default: the host's, or all)\n"
	    "      --virt SERVER  chroot, lxc, podman, qemu, schroot, unshare;"
	    "\n                     repeatable (default: virt-server's, or "
	    "all)\n"
	    "      --json         list for programs\n" },
	{ .name = "doctor", .section = 8, .run = cmd_doctor,
	  .usage = "[--json] [--volatile] [--timeout SPAN] [--peer]",
	  .help = "Look at the mounts and at this host for what would break "
	    "promises.\n"
	    "      --json          for programs\n"
	    "      --volatile      a spool in memory is meant to be there\n"
	    "      --timeout SPAN  give up after that (default 2m)\n"
	    "      --peer          try what two hosts see of each other; run "
	    "it\n"
	    "                      on both at the same time\n" },
};

enum { COMMANDS = sizeof commands / sizeof *commands };

static int
usage(FILE *out)
{
	(void)fputs("usage: adtspool [-c FILE] COMMAND [ARGUMENT...]\n", out);
	for (size_t i = 0; i < COMMANDS; i++)
		(void)fprintf(out, "  %-8s  %s\n", commands[i].name,
		    commands[i].usage);
	(void)fputs("adtspool COMMAND --help tells more, and so does "
	    "adtspool(1).\n", out);
	return out == stdout ? cmd_flush() : EX_USAGE;
}

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

static int
run_command(struct cmd *cmd, const char *conf_file, int argc, char **argv)
{
	int status;

	cmd->conf_file = conf_file;
	cmd->spool = (struct spool){ .fd = -1, .workers = -1, .results = -1,
	    .staging = -1 };
	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return cmd_help(cmd);
	status = cmd->run(cmd, argc, argv);
	spool_close(&cmd->spool);
	conf_free(&cmd->conf);
	return status;
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
	for (size_t i = 0; argc && i < COMMANDS; i++)
		if (strcmp(argv[0], commands[i].name) == 0)
			return run_command(&commands[i], conf_file, argc,
			    argv);
	if (argc)
		(void)fprintf(stderr, "adtspool: there is no command \"%s\"\n",
		    argv[0]);
	return usage(stderr);
}
