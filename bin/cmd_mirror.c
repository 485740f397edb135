/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>

#include "clock.h"
#include "cmd.h"
#include "mirror.h"
#include "progress.h"

enum { GRACE_DEFAULT_S = 3600 };

static void
show(void *context, const char *what, size_t part, size_t of)
{
	progress_show(context, what, part, of);
}

static int
run(struct mirror_options o)
{
	struct mirror_report r;
	struct progress bar;
	struct fail f;
	int rc;

	progress_init(&bar, stderr);
	o.progress = show;
	o.context = &bar;
	rc = mirror(&o, &r, &f);
	progress_end(&bar);
	if (rc != 0)
		return cmd_fail(&f);
	(void)printf("%zu runs came, %zu went, %zu are to go later%s\n",
	    r.came, r.went, r.waiting, r.whole ? "; all was compared" : "");
	return cmd_flush();
}

enum { OPT_FULL = 256, OPT_GRACE, OPT_RSYNC };

static const struct option options[] = {
	{ "full", no_argument, NULL, OPT_FULL },
	{ "grace", required_argument, NULL, OPT_GRACE },
	{ "rsync", required_argument, NULL, OPT_RSYNC }, { 0 } };

/* EX_OK, or EX_USAGE after a message. */
static int
take_option(struct mirror_options *m, struct strs *more, int o,
	const char *text)
{
	switch (o) {
	case OPT_FULL:
		m->full = true;
		return EX_OK;
	case OPT_GRACE:
		if (clock_parse_span(text, &m->grace_s) == 0)
			return EX_OK;
		(void)fprintf(stderr, "adtspool: --grace: \"%s\" is no span "
		    "of time; write 30m or 1h\n", text);
		return EX_USAGE;
	default:
		if (text[0] == '-')
			strs_add(more, text);
		else
			(void)fprintf(stderr, "adtspool: --rsync: \"%s\" is "
			    "no option; write --rsync=--bwlimit=5m\n", text);
		return text[0] == '-' ? EX_OK : EX_USAGE;
	}
}

int
cmd_mirror(struct cmd *cmd, int argc, char **argv)
{
	struct strs more = { 0 };
	struct mirror_options m = { .grace_s = GRACE_DEFAULT_S,
	    .more = &more };
	int o, status = EX_OK;

	while (status == EX_OK &&
	    (o = getopt_long(argc, argv, "", options, NULL)) != -1)
		status = o == '?' ? cmd_usage(cmd) :
		    take_option(&m, &more, o, optarg);
	if (status == EX_OK && (optind + 2 != argc || !argv[optind][0] ||
	    !argv[optind + 1][0]))
		status = cmd_usage(cmd);
	if (status == EX_OK) {
		m.source = argv[optind];
		m.dest = argv[optind + 1];
		status = run(m);
	}
	strs_free(&more);
	return status;
}
