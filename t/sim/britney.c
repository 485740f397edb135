/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "britney.h"
#include "conf.h"
#include "disk.h"
#include "fail.h"
#include "fault.h"
#include "host.h"
#include "import.h"
#include "memory.h"
#include "oracle.h"
#include "proc.h"
#include "rng.h"
#include "sched.h"
#include "spool.h"

enum { LINES_MOST = 12, FIRST_NUMBER = 1000 };

static struct rng rng;
static const struct conf *conf;
static struct host *at;		/* where britney and its glue run */
static unsigned number;
static bool writes;

void
britney_init(uint64_t seed, const struct conf *c)
{
	rng = rng_make(seed, 10);
	conf = c;
	at = &hosts[rng_below(&rng, (uint64_t)n_hosts)];
	number = FIRST_NUMBER;
	writes = false;
}

static const char *
path(void)
{
	return "/spool/britney";
}

/* Opens for appending, writes and closes; what fails is not asked for. */
static void
be_britney(void *arg)
{
	char line[256], trigger[32];
	int64_t n = rng_between(&rng, 1, LINES_MOST);
	int fd;

	(void)arg;
	/* adtspool-spool(5), CAVEATS: it loses lines otherwise. */
	proc_now->asks_names = true;
	proc_now->is_protocol = false;
	for (; n > 0; n--) {
		int len;
		bool good;

		(void)snprintf(trigger, sizeof trigger, "sim/%u", number++);
		len = snprintf(line, sizeof line, "debci-unstable-%s:pkg%u "
		    "{\"triggers\": [\"%s\"]}\n",
		    rng_one_in(&rng, 2) ? "amd64" : "arm64",
		    (unsigned)rng_below(&rng, 4), trigger);
		fd = open(path(), O_WRONLY | O_CREAT | O_APPEND, 0666);
		if (fd < 0)
			return;
		good = write(fd, line, (size_t)len) == len;
		good &= fsync(fd) == 0;
		if (close(fd) != 0 || !good)
			return;
		oracle_asked(trigger);
		proc_wait(rng_between(&rng, 0, 300) * SIM_MS);
	}
}

/* As bin/cmd_import.c does it. */
static void
be_import(void *arg)
{
	struct import i = { .priority = -1 };
	struct spool s;
	struct fail f;
	int rc;

	(void)arg;
	if (spool_open(&s, conf->spool, conf->results, &f) != 0)
		proc_exit(f.status);
	rc = import_file(conf, &s, path(), &i, NULL, &f);
	spool_close(&s);
	proc_exit(rc == 0 ? 0 : f.status);
}

static void
ended(struct proc *p)
{
	(void)p;
	writes = false;
}

static void
write_some(void *arg)
{
	(void)arg;
	if (at->is_up && !writes) {
		writes = true;
		proc_start(at, "britney", NULL, be_britney,
		    NULL)->on_end = ended;
	}
}

static void
import_some(void *arg)
{
	struct host *h = rng_one_in(&rng, 3) ?
	    &hosts[rng_below(&rng, (uint64_t)n_hosts)] : at;

	(void)arg;
	if (h->is_up)
		(void)proc_start(h, "import", NULL, be_import, NULL);
}

void
britney_plan(int64_t span_ns)
{
	if (rng_one_in(&rng, 2))
		return;
	for (int64_t n = rng_between(&rng, 1, 3); n > 0; n--) {
		int64_t when = sched_now + rng_between(&rng, 0, span_ns);

		sched_at(when, write_some, NULL);
		for (int64_t k = rng_between(&rng, 0, 4); k > 0; k--)
			sched_at(when + rng_between(&rng, 1, 60) * SIM_S,
			    import_some, NULL);
	}
}

void
britney_finish(struct host *h)
{
	if (!britney_is_done())
		(void)proc_start(h, "import", NULL, be_import, NULL);
}

bool
britney_is_done(void)
{
	for (const struct dent *d = shared[0]->root->entries; d; d = d->next)
		if (strncmp(d->name, "britney", 7) == 0)
			return false;
	return true;
}
