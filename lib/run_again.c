/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is run, and whether it is run again, or not at all. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "image.h"
#include "log.h"
#include "policy.h"
#include "request.h"
#include "result.h"
#include "run_inside.h"
#include "testbed.h"
#include "virt.h"

enum { SUMMARY_MOST = 1 << 20 };

static struct testbed
testbed_of(const struct attempt *a)
{
	const struct run *run = a->run;

	return (struct testbed){ .conf = run->conf, .request = run->request,
	    .verdict = run->verdict, .id = run->token->id,
	    .epoch = run->token->epoch, .scratch = run->scratch };
}

int
run_make_command(struct attempt *a, bool machine, struct fail *f)
{
	struct testbed t = testbed_of(a);

	t.machine = machine;
	strs_free(&a->argv);
	strs_free(&a->virt);
	testbed_command(&t, &a->argv, &a->virt);
	a->timeout_s = testbed_timeout_s(&t);
	image_hold(a->run->conf, &a->argv, &a->virt);
	return virt_note(a->scratch, &a->virt, f);
}

static void
shut(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static int
make_empty(const char *path, struct fail *f)
{
	return run_remove_folder(path, f) != 0 ||
	    fs_mkdirs(AT_FDCWD, path, f) != 0 ? -1 : 0;
}

/* autopkgtest wants an empty directory, and a test no other's /tmp. */
static int
begin_anew(struct attempt *a, struct fail *f)
{
	shut(&a->follow.from);
	shut(&a->output);
	if (make_empty(a->output_path, f) != 0 ||
	    make_empty(a->tmp_path, f) != 0)
		return -1;
	(void)chmod(a->tmp_path, 01777);
	a->output = fs_open_dir(AT_FDCWD, a->output_path);
	return a->output < 0 ? fail_errno(f, "%s", a->output_path) : 0;
}

int
run_needs_machine(struct attempt *a, struct fail *f)
{
	const struct run *run = a->run;
	struct testbed t = testbed_of(a);
	struct buf summary = { 0 };
	struct fail passed;
	bool needs = fs_read(a->output, "summary", SUMMARY_MOST, &summary,
	    &passed) == 0 && summary.s && testbed_wants_machine(&t, summary.s);

	buf_free(&summary);
	if (!needs)
		return 0;
	virt_clean(run->scratch);
	if (begin_anew(a, f) != 0 || run_make_command(a, true, f) != 0)
		return -1;
	log_say(run->log, LOG_LEVEL_INFO, "%s: %s/%s: tests were skipped that "
	    "want a machine of their own; again, on %s", run->token->id,
	    run->queue, run->request->package,
	    run->conf->machine_virt_server);
	(void)dprintf(a->console, "adtspool: tests were skipped that want a "
	    "machine of their own; again, on %s\n",
	    run->conf->machine_virt_server);
	return 1;
}

int
run_reject(struct attempt *a, struct fail *f)
{
	const struct policy_verdict *v = a->run->verdict;

	a->started = true;	/* it needs no host that can run tests */
	(void)dprintf(a->console, "adtspool: %s is never run here: %s\n"
	    "adtspool: as said in %s\n", a->run->request->package, v->never,
	    v->never_place);
	return run_pack_and_seal(a, RESULT_EXIT_REJECTED, f) == 0 ?
	    RESULT_EXIT_REJECTED : -1;
}
