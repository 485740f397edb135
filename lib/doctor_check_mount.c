/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "conf.h"
#include "doctor_kind.h"
#include "doctor_look.h"
#include "doctor_mount.h"
#include "fail.h"
#include "mem.h"
#include "watch.h"

enum { MIB = 1 << 20 };

int
doctor_open_scratch(const struct conf *c)
{
	char *path = mem_dup(c->scratch), *slash;
	int fd;

	while ((fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 &&
	    errno == ENOENT && path[1]) {
		slash = strrchr(path, '/');
		slash[slash == path] = '\0';
	}
	free(path);
	return fd;
}

static void
check_mount(struct doctor *d, int fd, const struct doctor_site *site)
{
	struct doctor_mount m;
	struct fail f;

	if (doctor_mount_of(&m, fd, &f) == 0)
		doctor_judge(d->report, &m, site);
	else
		doctor_say(d->report, DOCTOR_UNSEEN, "mount", NULL, "%s: %s; "
		    "how it is mounted cannot be told (%s)", site->name,
		    m.type ? m.type : "a filesystem", f.text);
	doctor_mount_free(&m);
}

static bool
is_one_mount(int fd, int other)
{
	struct doctor_mount a, b = { 0 };
	struct fail f;
	bool one = doctor_mount_of(&a, fd, &f) == 0 &&
	    doctor_mount_of(&b, other, &f) == 0 && a.id == b.id;

	doctor_mount_free(&a);
	doctor_mount_free(&b);
	return one;
}

void
doctor_check_mounts(struct doctor *d)
{
	struct doctor_site site = { .name = "spool", .kernel = doctor_kernel(),
	    .volatile_ok = d->options->volatile_ok };
	bool one = d->results.fd >= 0 &&
	    is_one_mount(d->spool.fd, d->results.fd);
	int scratch = doctor_open_scratch(d->conf);

	if (one)
		site.name = "spool and results";
	check_mount(d, d->spool.fd, &site);
	site.name = "results";
	if (!one && d->results.fd >= 0)
		check_mount(d, d->results.fd, &site);
	if (scratch < 0)
		return;
	site = (struct doctor_site){ .name = "scratch", .scratch = true };
	check_mount(d, scratch, &site);
	(void)close(scratch);
}

/* A CephFS without a manager says 0 of everything. */
static void
check_room(struct doctor *d, int fd, const char *name,
	enum doctor_grade grade)
{
	int64_t room, least = d->conf->free_least_bytes;
	struct statvfs v;

	if (fstatvfs(fd, &v) != 0) {
		doctor_say(d->report, DOCTOR_UNSEEN, "space", NULL, "%s: %s",
		    name, strerror(errno));
		return;
	}
	if (v.f_blocks == 0) {
		doctor_say(d->report, DOCTOR_NOTE, "space", NULL, "%s: this "
		    "filesystem does not tell how full it is", name);
		return;
	}
	room = (int64_t)v.f_bavail * (int64_t)v.f_frsize;
	if (room < least)
		doctor_say(d->report, grade, "space", "make room, or let "
		    "min-free be less", "%s: %lld MiB are free, and with less "
		    "than %lld MiB workers claim nothing", name,
		    (long long)(room / MIB), (long long)(least / MIB));
	else
		doctor_say(d->report, DOCTOR_OK, "space", NULL, "%s: %lld MiB "
		    "are free", name, (long long)(room / MIB));
	if (v.f_files != 0 && v.f_favail < d->conf->inodes_least)
		doctor_say(d->report, grade, "inodes", "remove old files, or "
		    "let min-free-inodes be less", "%s: %llu files can be "
		    "made, and with less than %u workers claim nothing", name,
		    (unsigned long long)v.f_favail, d->conf->inodes_least);
}

void
doctor_check_space(struct doctor *d)
{
	int scratch = doctor_open_scratch(d->conf);
	bool one = d->results.fd >= 0 &&
	    d->spool.st.st_dev == d->results.st.st_dev;

	check_room(d, d->spool.fd, one ? "spool and results" : "spool",
	    DOCTOR_BAD);
	if (!one && d->results.fd >= 0)
		check_room(d, d->results.fd, "results", DOCTOR_BAD);
	if (scratch < 0)
		return;
	check_room(d, scratch, "scratch", DOCTOR_WARN);
	(void)close(scratch);
}

static void
say_how_others_are_seen(struct doctor *d)
{
	struct doctor_mount m;
	struct fail f;

	if (doctor_mount_of(&m, d->spool.fd, &f) == 0 &&
	    doctor_kind_is_shared(&m))
		doctor_say(d->report, DOCTOR_NOTE, "watch", NULL, "spool: "
		    "what other hosts put there wakes nobody here; it is "
		    "seen at the next poll, every %llds",
		    (long long)d->conf->poll_s);
	doctor_mount_free(&m);
}

void
doctor_check_watch(struct doctor *d)
{
	struct fail f;
	size_t i = 0;

	if (watch_open(&f) < 0) {
		doctor_say(d->report, DOCTOR_WARN, "watch", "raise "
		    "fs.inotify.max_user_instances with sysctl", "%s: what "
		    "is put into a queue is seen at the next poll only",
		    f.text);
		return;
	}
	while (i < d->n_queues) {
		char *path = mem_printf("%s/%s", d->conf->spool,
		    d->queues[i].in[DOCTOR_FOLDER_NEW].name);
		int rc = watch_add(path, WATCH_ARRIVALS, &f);

		free(path);
		if (rc != 0)
			break;
		i++;
	}
	watch_close();
	if (i < d->n_queues)
		doctor_say(d->report, DOCTOR_WARN, "watch", "raise "
		    "fs.inotify.max_user_watches with sysctl", "%s: what is "
		    "put there is seen at the next poll only", f.text);
	else
		doctor_say(d->report, DOCTOR_OK, "watch", NULL, "what this "
		    "host puts into a queue wakes its worker at once");
	say_how_others_are_seen(d);
}
