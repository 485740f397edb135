/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the other worker of the pair that --replace uses has left on this host:
 * the next upgrade, which takes its name, may be months away.
 */
#include <fcntl.h>
#include <stdlib.h>

#include "cgroup.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "lease.h"
#include "log.h"
#include "mem.h"
#include "recover.h"
#include "replace.h"
#include "run.h"

struct pair {
	const struct recovery *recovery;
	const struct cgroup *cgroup;
	char other[NAME_WORKER_MAX + 1];
	char *scratch;	/* its */
};

static void
remove_all(const struct pair *p)
{
	const struct recovery *r = p->recovery;
	struct cgroup left;
	struct fail f;
	/* What is always left of one that ran is no news. */
	bool was_empty = fs_rmdir(AT_FDCWD, p->scratch) == 0;

	if (cgroup_open_other(&left, p->cgroup, p->other, &f) != 0 ||
	    run_remove_scratches(p->scratch, &f) != 0)
		log_say(r->log, LOG_LEVEL_ERROR, "%s", f.text);
	else if (!was_empty || left.left)
		log_say(r->log, LOG_LEVEL_INFO, "worker %s: removed what %s "
		    "left here", r->conf->worker, p->other);
	cgroup_close(&left);
}

/*
 * Holds the other's name: it does not start meanwhile.  A mount may have lost
 * its lock, so nothing is done while a process like it is there, either.
 */
static void
clean(void *of)
{
	const struct pair *p = of;
	const struct recovery *r = p->recovery;
	struct lease held;
	struct fail f;
	int rc = lease_take_left(&held, r->spool, p->other, &f);

	if (rc < 0)
		log_say(r->log, LOG_LEVEL_ERROR, "%s", f.text);
	if (rc == 1 && !replace_is_alive(r->spool, p->other))
		remove_all(p);
	lease_release(&held);
}

void
recover_pair(const struct recovery *r, const struct cgroup *g)
{
	struct pair p = { .recovery = r, .cgroup = g };

	replace_other(p.other, r->conf->worker);
	if (!p.other[0])
		return;
	p.scratch = mem_printf("%s/%s", r->conf->scratch, p.other);
	if (fs_is_dir(AT_FDCWD, p.scratch))
		recover_aside(r, clean, &p);
	free(p.scratch);
}
