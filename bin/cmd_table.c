/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each command is called, and what is told of it. */
#include "cmd.h"

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

const struct cmd cmd_table[] = {
	{ .name = "init",
	  .usage = "[--results DIR] [DIR] [QUEUE...]",
	  .help = "Make a spool with its queues (default: one for this host's\n"
	    "architecture) where the configuration says, or at DIR, which is\n"
	    "told from a queue by its slash.\n" },
	{ .name = "submit",
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
	{ .name = "import",
	  .usage = "[OPTION...] FILE...",
	  .help = "Take over britney's files of requests, which are renamed\n"
	    "away first.\n"
	    "      --priority N            0 to 10, higher first\n"
	    "      --pin-triggers RELEASE  test with the triggers from there\n"
	    "      --requester NAME        who asks\n" },
	{ .name = "worker", .section = 8,
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
	{ .name = "metrics", .section = 8,
	  .usage = "[-o FILE]",
	  .help = "Print the spool in numbers, for Prometheus; or replace\n"
	    "FILE by them.\n"
	    "  -o, --output FILE\n" },
	{ .name = "export",
	  .usage = "debci --suite SUITE [--ppa OWNER/NAME] [--since SPAN]",
	  .help = "Write what britney reads: debci.json, here or to -o FILE;\n"
	    "of what was asked for without a PPA, or with one, results of\n"
	    "the last SPAN (default 15d) and all that waits or runs.\n" },
	{ .name = "index", .section = 8,
	  .usage = "[--follow | --rebuild] [--name NAME]",
	  .help = "Take in what was published, and write what readers read.\n"
	    "      --follow     until SIGTERM; stand by while another does it\n"
	    "      --rebuild    read the whole tree, and check the manifests\n"
	    "      --name NAME  this indexer's name (default: the worker's)\n"
	    },
	{ .name = "status", .usage = "[--json]",
	  .help = "Show queues, workers, what runs and recent results.\n" },
	{ .name = "top", .usage = "[--once]",
	  .help = "Show the same on a terminal, as it changes.\n"
	    "      --once    print one screen as text\n" },
	{ .name = "log", .usage = "[-f] [--raw] ID | RUN",
	  .help = "Print the log of what runs, from any host, or of a run.\n"
	    "  -f, --follow  as it grows, to its end\n"
	    "      --raw     escape sequences, too, to a terminal\n" },
	{ .name = "cancel",
	  .usage = "[OPTION...] ID... | -p PACKAGE | --matching RE",
	  .help = "End requests that wait or run, without a result.\n"
	    HELP_CHOICE HELP_END HELP_DO },
	{ .name = "kill",
	  .usage = "[OPTION...] ID... | -p PACKAGE | --matching RE",
	  .help = "End attempts that run; each request is tried again, or has\n"
	    "no attempts left and is refused.\n"
	    HELP_CHOICE HELP_END HELP_DO },
	{ .name = "priority",
	  .usage = "[OPTION...] N ID... | N -p PACKAGE | N --matching RE",
	  .help = "Change the priority, 0 to 10, of what waits.\n"
	    HELP_CHOICE HELP_DO },
	{ .name = "retry",
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
	{ .name = "hold", .section = 8,
	  .usage = "[--reason TEXT] QUEUE...",
	  .help = "Claim nothing in these queues; what runs, runs.\n" },
	{ .name = "drain", .section = 8,
	  .usage = "[--host] [-w] [--reason TEXT] NAME...",
	  .help = "Have workers claim nothing; what runs is finished.\n"
	    "      --host         all workers of these hosts\n"
	    "  -w, --wait         until nothing of them runs\n"
	    "      --reason TEXT  why, for people\n" },
	{ .name = "release", .section = 8,
	  .usage = "NAME...",
	  .help = "End the hold of a queue, or the drain of a worker or host."
	    "\n" },
	{ .name = "fsck", .section = 8,
	  .usage = "[--repair] [--deep] [--json] [--dead NAME] [QUEUE...]",
	  .help = "Look whether the spool is as it should be.\n"
	    "      --repair      mend what can be mended for certain\n"
	    "      --deep        look at each published result, too\n"
	    "      --dead NAME   this worker has ended for good; with\n"
	    "                    --repair, what it claimed is given back\n" },
	{ .name = "serve", .section = 8,
	  .usage = "[--listen ADDRESS:PORT] [--results DIR] [--quiet]",
	  .help = "Give britney and people the results over HTTP, until "
	    "SIGTERM.\n"
	    "      --listen ADDRESS:PORT  where (default: serve-listen)\n"
	    "      --results DIR          of a mirror; there is no spool\n"
	    "      --quiet                no line for each request\n" },
	{ .name = "show",
	  .usage = "[--log] [--follow] [--json] ID | PACKAGE",
	  .help = "Show where a request is and what came out of it, or a\n"
	    "package's newest results.\n"
	    "      --log      print the log\n"
	    "      --follow   print it as it grows, to its end\n" },
	{ .name = "results",
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
	{ .name = "expire", .section = 8,
	  .usage = "--days N [--keep-last N] [--suite SUITE] [--dry-run]",
	  .help = "Have the indexer remove old runs, but for each package's\n"
	    "newest result and newest pass on each architecture.\n"
	    "      --days N       what was published more days ago\n"
	    "      --keep-last N  keep so many of the newest results, too\n"
	    "      --suite SUITE  in this one only\n"
	    "      --dry-run      only tell\n"
	    "  -v, --verbose      print each run's path\n" },
	{ .name = "mirror", .section = 8,
	  .usage = "[--full] [--grace SPAN] [--rsync OPTION]... SOURCE DEST",
	  .help = "Bring DEST to what the results tree SOURCE is, by rsync, "
	    "so that no index\nthere ever names a run that is not there.\n"
	    "      --full          compare everything, not only what is new\n"
	    "      --grace SPAN    keep runs for so long after the indexes\n"
	    "                      have lost them (default 1h)\n"
	    "      --rsync OPTION  for rsync: --bwlimit=5m; repeatable\n" },
	{ .name = "testbed", .section = 8,
	  .usage = "create|update|list [OPTION...]",
	  .help = "Make testbeds on this host, make them anew while tests "
	    "run, or list them.\n"
	    "  -s, --suite SUITE  repeatable (default: suite, or all)\n"
	    "  -a, --arch ARCH    repeatable (default: the host's, or all)\n"
	    "      --virt SERVER  chroot, lxc, podman, qemu, schroot, unshare;"
	    "\n                     repeatable (default: virt-server's, or "
	    "all)\n"
	    "      --json         list for programs\n" },
	{ .name = "doctor", .section = 8,
	  .usage = "[--json] [--volatile] [--timeout SPAN] [--peer]",
	  .help = "Look at the mounts and at this host for what would break "
	    "promises.\n"
	    "      --json          for programs\n"
	    "      --volatile      a spool in memory is meant to be there\n"
	    "      --timeout SPAN  give up after that (default 2m)\n"
	    "      --peer          try what two hosts see of each other; run "
	    "it\n"
	    "                      on both at the same time\n" },
	{ 0 } };
