/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a run may use, and what it is told where that was not enough. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "log.h"
#include "mem.h"
#include "request.h"
#include "result.h"
#include "run_inside.h"

static bool
has_cgroups(const struct run *r)
{
	return r->cgroup && r->cgroup->runs >= 0;
}

/* That of its scratch directory, so of this attempt alone. */
static const char *
name_of(const char *scratch)
{
	const char *slash = strrchr(scratch, '/');

	return slash ? slash + 1 : scratch;
}

int
run_remove_cgroup(const struct cgroup *g, const char *scratch, struct fail *f)
{
	return g && g->runs >= 0 ? cgroup_end(g, name_of(scratch), f) : 0;
}

bool
run_is_left(const struct cgroup *g, const char *scratch)
{
	return fs_is_dir(AT_FDCWD, scratch) ||
	    (g && g->runs >= 0 && fs_is_dir(g->runs, name_of(scratch)));
}

int
run_begin_limits(struct attempt *a, struct fail *f)
{
	const struct run *r = a->run;

	a->cgroup = -1;
	if (!has_cgroups(r))
		return 0;
	a->cgroup = cgroup_begin(r->cgroup, r->conf, name_of(r->scratch),
	    f);
	return a->cgroup < 0 ? -1 : 0;
}

static void
tell(const struct attempt *a)
{
	const struct run *r = a->run;
	char *message = run_limits_message(a, RESULT_EXIT_OTHER);

	if (message)
		log_say(r->log, LOG_LEVEL_INFO, "%s: %s: %s", r->token->id,
		    r->request->package, message);
	if (a->events.refused)
		log_say(r->log, LOG_LEVEL_INFO, "%s: %s: processes-max (%u) "
		    "was reached: %lu times no process or thread could be "
		    "made", r->token->id, r->request->package,
		    r->conf->processes_most, a->events.refused);
	free(message);
}

void
run_end_limits(struct attempt *a)
{
	const struct run *r = a->run;
	struct fail f;

	if (a->cgroup < 0)
		return;
	a->events = cgroup_events(a->cgroup);
	(void)close(a->cgroup);
	a->cgroup = -1;
	tell(a);
	if (run_remove_cgroup(r->cgroup, r->scratch, &f) != 0)
		log_say(r->log, LOG_LEVEL_ERROR, "%s", f.text);
}

static bool
has(const struct run *r, enum cgroup_controller which)
{
	return has_cgroups(r) && r->cgroup->has[which];
}

/*
 * A user's processes are counted in all the slots together; data and CPU time
 * of each process alone: of the latter what cpu-max allows in the longest time
 * that the run may take.
 */
struct sandbox_limits
run_limits(const struct attempt *a)
{
	const struct run *r = a->run;
	const struct conf *c = r->conf;
	struct sandbox_limits l = { 0 };

	if (!has(r, CGROUP_PIDS))
		l.processes_most = c->processes_most * c->slots;
	if (!has(r, CGROUP_MEMORY))
		l.memory_most_bytes = c->memory_most_bytes;
	if (!has(r, CGROUP_CPU) && c->cpu_most_percent)
		l.cpu_most_s = (a->timeout_s * c->cpu_most_percent + 99) / 100;
	return l;
}

char *
run_limits_message(const struct attempt *a, int exit_code)
{
	const struct conf *c = a->run->conf;

	if (!a->events.oom_kills ||
	    strcmp(result_status(exit_code), "pass") == 0)
		return NULL;
	if (!c->memory_most_bytes)
		return mem_printf("Out of memory: the kernel killed %lu of its "
		    "processes", a->events.oom_kills);
	return mem_printf("Out of memory: the kernel killed %lu of its "
	    "processes, which used more than memory-max, %" PRId64 " MiB",
	    a->events.oom_kills, c->memory_most_bytes >> 20);
}
