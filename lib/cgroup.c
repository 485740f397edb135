/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "cgroup.h"
#include "cgroup_base.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "strs.h"

enum {
	FILE_MOST = 65536,
	DEPTH_MOST = 64,	/* of what a test makes below its own */
	TICK_MS = 10,
	PATIENCE_MS = 10000,
	CPU_PERIOD_US = 100000,
};

static const char *const controllers[CGROUP_CONTROLLERS] = {
	[CGROUP_MEMORY] = "memory",
	[CGROUP_CPU] = "cpu",
	[CGROUP_PIDS] = "pids",
};

/* The number behind a word that begins a line: 0 where there is none. */
static unsigned long
number_of(int dir, const char *file, const char *word)
{
	struct buf b = { 0 };
	struct strs words = { 0 };
	struct fail passed;
	unsigned long n = 0;

	if (fs_read(dir, file, FILE_MOST, &b, &passed) == 0 && b.s)
		strs_split(&words, b.s, " \n");
	for (size_t i = 0; i + 1 < words.n; i += 2)
		if (strcmp(words.v[i], word) == 0)
			n = strtoul(words.v[i + 1], NULL, 10);
	strs_free(&words);
	buf_free(&b);
	return n;
}

/* Gives what there is to those below; a second time changes nothing. */
static void
give_controllers(int dir)
{
	for (size_t i = 0; i < CGROUP_CONTROLLERS; i++) {
		char *text = mem_printf("+%s", controllers[i]);

		(void)cgroup_put(dir, "cgroup.subtree_control", text);
		free(text);
	}
}

static void
note_controllers(struct cgroup *g)
{
	struct buf b = { 0 };
	struct strs words = { 0 };
	struct fail passed;

	if (fs_read(g->runs, "cgroup.subtree_control", FILE_MOST, &b,
	    &passed) == 0 && b.s)
		strs_split(&words, b.s, " \n");
	for (size_t i = 0; i < CGROUP_CONTROLLERS; i++)
		g->has[i] = strs_has(&words, controllers[i]);
	strs_free(&words);
	buf_free(&b);
}

void
cgroup_kill(int fd)
{
	if (fd >= 0)
		(void)cgroup_put(fd, "cgroup.kill", "1");
}

struct cgroup_events
cgroup_events(int fd)
{
	return (struct cgroup_events){
		.oom_kills = number_of(fd, "memory.events", "oom_kill"),
		.refused = number_of(fd, "pids.events", "max"),
	};
}

/* A test that is root may have made others below its own. */
struct below {
	int dir, depth;
};

static void remove_below(int dir, int depth);

static int
remove_one(void *context, const char *name, unsigned char type)
{
	const struct below *b = context;
	int fd = type == DT_DIR ? fs_open_dir(b->dir, name) : -1;

	if (fd < 0)
		return 0;
	remove_below(fd, b->depth + 1);
	(void)close(fd);
	(void)fs_rmdir(b->dir, name);
	return 0;
}

static void
remove_below(int dir, int depth)
{
	struct below b = { dir, depth };
	struct fail passed;

	if (depth < DEPTH_MOST)
		(void)fs_each(dir, ".", remove_one, &b, &passed);
}

int
cgroup_end(const struct cgroup *g, const char *run, struct fail *f)
{
	const struct timespec tick = { 0, TICK_MS * 1000000L };
	int fd = fs_open_dir(g->runs, run), rc = -1;

	if (fd < 0)
		return errno == ENOENT ? 0 :
		    fail_errno(f, "%s/%s", g->path, run);
	for (int ms = 0; rc != 0 && ms < PATIENCE_MS; ms += TICK_MS) {
		cgroup_kill(fd);
		if (number_of(fd, "cgroup.events", "populated") == 0) {
			remove_below(fd, 0);
			rc = fs_rmdir(g->runs, run);
		}
		if (rc != 0 && errno == ENOENT)
			rc = 0;
		if (rc != 0)
			(void)nanosleep(&tick, NULL);
	}
	(void)close(fd);
	return rc == 0 ? 0 : fail_set(f, EX_TEMPFAIL, "%s/%s: what is in it "
	    "cannot be killed", g->path, run);
}

static int
remove_left(void *context, const char *name, unsigned char type)
{
	struct cgroup *g = context;
	struct fail f;

	if (type != DT_DIR)
		return 0;
	g->left++;
	if (cgroup_end(g, name, &f) != 0)
		(void)snprintf(g->why, sizeof g->why, "%.250s", f.text);
	return 0;
}

/* Below BASE: that, runs-NAME, and nothing in it. */
static int
make_runs(struct cgroup *g, const struct conf *c, const char *base_path,
	struct fail *f)
{
	int base = fs_open_dir(AT_FDCWD, base_path);

	g->path = mem_printf("%s/runs-%s", base_path, c->worker);
	if (base < 0 || fs_mkdirs(AT_FDCWD, g->path, f) != 0 ||
	    (g->runs = fs_open_dir(AT_FDCWD, g->path)) < 0) {
		(void)fail_errno(f, "%s", g->path);
		if (base >= 0)
			(void)close(base);
		return -1;
	}
	give_controllers(base);
	(void)close(base);
	give_controllers(g->runs);
	note_controllers(g);
	if (faccessat(g->runs, "cgroup.kill", W_OK, 0) != 0)
		return fail_errno(f, "%s/cgroup.kill", g->path);
	return fs_each(g->runs, ".", remove_left, g, f);
}

int
cgroup_open(struct cgroup *g, const struct conf *c, struct fail *f)
{
	char *base = NULL;

	*g = (struct cgroup){ .runs = -1, .why = "cgroup: never" };
	if (strcmp(c->cgroup, "never") == 0)
		return 0;
	g->why[0] = '\0';
	base = cgroup_base(c, f);
	if (base && make_runs(g, c, base, f) == 0) {
		free(base);
		return 0;
	}
	free(base);
	cgroup_close(g);
	(void)snprintf(g->why, sizeof g->why, "%.250s", f->text);
	return strcmp(c->cgroup, "auto") == 0 ? 0 : fail_set(f, EX_CONFIG,
	    "%s: cgroup: %s, but %s", c->file, c->cgroup, g->why);
}

void
cgroup_close(struct cgroup *g)
{
	if (g->runs >= 0)
		(void)close(g->runs);
	g->runs = -1;
	free(g->path);
	g->path = NULL;
}

int
cgroup_open_other(struct cgroup *other, const struct cgroup *g,
	const char *worker, struct fail *f)
{
	const char *slash = g->path ? strrchr(g->path, '/') : NULL;

	*other = (struct cgroup){ .runs = -1 };
	if (!slash)
		return 0;
	other->path = mem_printf("%.*s/runs-%s", (int)(slash - g->path),
	    g->path, worker);
	other->runs = fs_open_dir(AT_FDCWD, other->path);
	return other->runs < 0 ? 0 :
	    fs_each(other->runs, ".", remove_left, other, f);
}

static int
put_limit(int dir, const char *file, char *text, struct fail *f)
{
	int rc = cgroup_put(dir, file, text);

	if (rc != 0)
		(void)fail_errno(f, "%s: %s", file, text);
	free(text);
	return rc;
}

static int
limit(const struct cgroup *g, const struct conf *c, int dir, struct fail *f)
{
	if (g->has[CGROUP_MEMORY] && c->memory_most_bytes) {
		if (put_limit(dir, "memory.max", mem_printf("%" PRId64,
		    c->memory_most_bytes), f) != 0)
			return -1;
		/* Where there is none to account for, none is used. */
		(void)cgroup_put(dir, "memory.swap.max", "0");
	}
	if (g->has[CGROUP_CPU] && c->cpu_most_percent &&
	    put_limit(dir, "cpu.max", mem_printf("%" PRId64 " %d",
	    (int64_t)c->cpu_most_percent * CPU_PERIOD_US / 100,
	    CPU_PERIOD_US), f) != 0)
		return -1;
	if (g->has[CGROUP_PIDS] && c->processes_most)
		return put_limit(dir, "pids.max",
		    mem_printf("%u", c->processes_most), f);
	return 0;
}

int
cgroup_begin(const struct cgroup *g, const struct conf *c, const char *run,
	struct fail *f)
{
	int fd = -1;

	if (cgroup_end(g, run, f) != 0)
		return -1;
	if (fs_mkdir(g->runs, run) != 0 ||
	    (fd = fs_open_dir(g->runs, run)) < 0)
		return fail_errno(f, "%s/%s", g->path, run);
	if (limit(g, c, fd, f) == 0)
		return fd;
	(void)fail_prefix(f, "%s/%s", g->path, run);
	(void)close(fd);
	(void)fs_rmdir(g->runs, run);
	return -1;
}

/* ", memory-max 2048 MiB" where that is asked for. */
static void
tell_one(const struct conf *c, enum cgroup_controller which, struct buf *out)
{
	switch (which) {
	case CGROUP_MEMORY:
		if (c->memory_most_bytes)
			buf_addf(out, ", memory-max %" PRId64 " MiB",
			    c->memory_most_bytes >> 20);
		break;
	case CGROUP_CPU:
		if (c->cpu_most_percent)
			buf_addf(out, ", cpu-max %u%%", c->cpu_most_percent);
		break;
	case CGROUP_PIDS:
		if (c->processes_most)
			buf_addf(out, ", processes-max %u",
			    c->processes_most);
		break;
	case CGROUP_CONTROLLERS:
		break;
	}
}

enum keeper { BY_CONTROLLER, BY_RLIMIT, BY_NOBODY };

static const char *const keepers[] = {
	[BY_CONTROLLER] = "kept for each run",
	[BY_RLIMIT] = "for want of its controller, kept for each process alone",
	[BY_NOBODY] = "NOT kept, for want of its controller",
};

/* The stand-in for processes is a user's, and told of by itself. */
static enum keeper
keeper_of(const struct cgroup *g, enum cgroup_controller which)
{
	if (g->has[which])
		return BY_CONTROLLER;
	return which == CGROUP_PIDS ? BY_NOBODY : BY_RLIMIT;
}

static void
tell_those(const struct cgroup *g, const struct conf *c, enum keeper by,
	struct buf *out)
{
	struct buf list = { 0 };

	for (int i = 0; i < CGROUP_CONTROLLERS; i++)
		if (keeper_of(g, (enum cgroup_controller)i) == by)
			tell_one(c, (enum cgroup_controller)i, &list);
	if (list.len)
		buf_addf(out, "; %s: %s", keepers[by], list.s + 2);
	buf_free(&list);
}

void
cgroup_tell(const struct cgroup *g, const struct conf *c, struct buf *out)
{
	if (g->runs < 0)
		buf_addf(out, "no cgroups (%s)", g->why);
	else
		buf_addf(out, "cgroups below %s", g->path);
	tell_those(g, c, BY_CONTROLLER, out);
	tell_those(g, c, BY_RLIMIT, out);
	tell_those(g, c, BY_NOBODY, out);
	if (g->runs >= 0 && g->why[0])
		buf_addf(out, "; %s", g->why);
	if (!g->has[CGROUP_PIDS] && c->processes_most)
		buf_add(out, geteuid() == 0 ? "; root's processes are not "
		    "limited" : "; processes-max times slots is the limit of "
		    "this user's processes instead");
}
