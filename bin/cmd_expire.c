/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>

#include "clock.h"
#include "cmd.h"
#include "expire.h"
#include "notice.h"
#include "progress.h"

enum { DAYS_MOST = 36500, LAST_MOST = 1000000, DAY_S = 86400 };

struct view {
	struct progress bar;
	bool verbose;
};

static void
show(void *context, const char *what, size_t part, size_t of)
{
	struct view *v = context;

	progress_show(&v->bar, what, part, of);
}

static void
tell_run(void *context, const struct notice *run)
{
	struct view *v = context;
	char path[NOTICE_PATH_MAX];

	if (!v->verbose)
		return;
	notice_path(path, run);
	progress_end(&v->bar);
	(void)puts(path);
}

static void
print(const struct expire_options *o, const struct expire_report *r)
{
	(void)printf("%zu runs of %zu packages %s, %.1f MiB; %zu as old are "
	    "kept\n", r->runs, r->packages, o->dry_run ? "would go" : "are to "
	    "go", (double)r->bytes / (1 << 20), r->kept);
	if (r->runs && !o->dry_run)
		(void)puts("adtspool index takes them out of the indexes, and "
		    "removes them");
	if (r->waiting)
		(void)fprintf(stderr, "adtspool: %zu runs were to go before, "
		    "and no indexer has taken notice; is adtspool index "
		    "running?\n", r->waiting);
	if (r->unread)
		(void)fprintf(stderr, "adtspool: %zu packages are left alone, "
		    "for a run could not be read: %s\n", r->unread, r->why);
}

static int
run(struct cmd *cmd, struct expire_options *o, struct view *v, int64_t days)
{
	struct expire_report r;
	struct fail f;
	int rc, status;

	progress_init(&v->bar, stderr);
	o->before_s = clock_now_s() - days * DAY_S;
	o->progress = show;
	o->going = tell_run;
	o->context = v;
	if (cmd_open(cmd, &f) != 0)
		return cmd_fail(&f);
	rc = expire(&cmd->spool, o, &r, &f);
	progress_end(&v->bar);
	if (rc == 0)
		print(o, &r);
	if (rc != 0)
		return cmd_fail(&f);
	status = cmd_flush();
	return status == EX_OK && r.unread ? EX_TEMPFAIL : status;
}

enum { OPT_DAYS = 256, OPT_LAST, OPT_SUITE, OPT_DRY };

static const struct option options[] = {
	{ "days", required_argument, NULL, OPT_DAYS },
	{ "keep-last", required_argument, NULL, OPT_LAST },
	{ "suite", required_argument, NULL, OPT_SUITE },
	{ "dry-run", no_argument, NULL, OPT_DRY },
	{ "verbose", no_argument, NULL, 'v' }, { 0 } };

int
cmd_expire(struct cmd *cmd, int argc, char **argv)
{
	struct expire_options opt = { 0 };
	struct view v = { 0 };
	int o, days = -1, last = 0;

	while ((o = getopt_long(argc, argv, "v", options, NULL)) != -1)
		switch (o) {
		case OPT_DAYS:
			days = cmd_number(optarg, DAYS_MOST, "--days");
			if (days < 0)
				return EX_USAGE;
			break;
		case OPT_LAST:
			last = cmd_number(optarg, LAST_MOST, "--keep-last");
			if (last < 0)
				return EX_USAGE;
			break;
		case OPT_SUITE:
			opt.suite = optarg;
			break;
		case OPT_DRY:
			opt.dry_run = true;
			break;
		case 'v':
			v.verbose = true;
			break;
		default:
			return cmd_usage(cmd);
		}
	if (days < 0 || optind < argc)
		return cmd_usage(cmd);
	if (opt.suite && !name_suite_ok(opt.suite)) {
		(void)fprintf(stderr, "adtspool: --suite: \"%s\" is no name "
		    "of a suite\n", opt.suite);
		return EX_USAGE;
	}
	opt.keep_last = (unsigned)last;
	return run(cmd, &opt, &v, days);
}
