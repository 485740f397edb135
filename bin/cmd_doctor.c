/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>

#include "buf.h"
#include "clock.h"
#include "cmd.h"
#include "doctor.h"
#include "doctor_report.h"

/* The one thing a signal handler may touch. */
static volatile sig_atomic_t stop;

static void
on_stop(int signal)
{
	(void)signal;
	stop = 1;
}

/* What is made to try things is removed before the end. */
static void
take_signals(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM };
	struct sigaction stopper = { .sa_handler = on_stop,
	    .sa_flags = SA_RESTART };

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		(void)sigaction(signals[i], &stopper, NULL);
}

static int
print(const struct doctor_report *r, bool json)
{
	struct buf out = { 0 };
	int status;

	if (json)
		doctor_report_json(r, &out);
	else
		doctor_report_text(r, &out);
	(void)fwrite(out.s, 1, out.len, stdout);
	buf_free(&out);
	status = cmd_flush();
	return status == EX_OK ? doctor_status(r) : status;
}

int
cmd_doctor(struct cmd *cmd, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "peer", no_argument, NULL, 'p' },
		{ "timeout", required_argument, NULL, 't' },
		{ "volatile", no_argument, NULL, 'v' }, { 0 } };
	struct doctor_options how = { .limit_s = 120, .stop = &stop };
	struct doctor_report report = { 0 };
	bool json = false;
	struct fail f;
	int o, status;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (o) {
		case 'j':
			json = true;
			break;
		case 'p':
			how.peer = true;
			break;
		case 'v':
			how.volatile_ok = true;
			break;
		case 't':
			if (clock_parse_span(optarg, &how.limit_s) == 0)
				break;
			(void)fprintf(stderr, "adtspool: --timeout: \"%s\" "
			    "is not a time, like 2m\n", optarg);
			return EX_USAGE;
		default:
			return cmd_usage(cmd);
		}
	if (optind < argc)
		return cmd_usage(cmd);
	take_signals();
	if (cmd_configure(cmd, &f) != 0 ||
	    doctor(&cmd->conf, &how, &report, &f) != 0)
		return cmd_fail(&f);
	status = print(&report, json);
	doctor_report_free(&report);
	return status;
}
