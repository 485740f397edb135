/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "doctor_look.h"
#include "doctor_trial.h"
#include "fail.h"
#include "fs.h"

static void
run_trial(struct doctor *d, const struct doctor_trial *t, int dir,
	const char *where)
{
	struct fail f = { 0 };

	if (t->run(dir, &f) == 0)
		doctor_say(d->report, DOCTOR_OK, t->check, NULL, "%s: %s",
		    where, t->fine);
	else
		doctor_say(d->report, doctor_grade_of(f.err), t->check,
		    f.err ? doctor_cure_of(f.err) : "use another filesystem",
		    "%s: %s", where, f.text);
}

/* Whose it is that this user makes: the squash of NFS shows so. */
static void
judge_owner(struct doctor *d, const struct stat *st, const char *where)
{
	if (st->st_uid == geteuid())
		doctor_say(d->report, DOCTOR_OK, "owner", NULL, "%s: what uid "
		    "%lu makes is its own", where, (unsigned long)st->st_uid);
	else
		doctor_say(d->report, DOCTOR_WARN, "owner", geteuid() == 0 ?
		    "let workers be an ordinary user, or export with "
		    "no_root_squash" : "give this user the same uid on the "
		    "server, or mend its map of ids", "%s: what uid %lu makes "
		    "belongs to uid %lu, as which it is checked", where,
		    (unsigned long)geteuid(), (unsigned long)st->st_uid);
}

/* The time of files is for people and for settling: never for safety. */
static void
judge_time(struct doctor *d, const struct stat *st, int64_t before_ms,
	const char *where)
{
	int64_t made_ms = (int64_t)st->st_mtim.tv_sec * 1000 +
	    st->st_mtim.tv_nsec / 1000000;
	int64_t ahead_ms = made_ms - (before_ms + clock_now_ms()) / 2;

	doctor_say(d->report, DOCTOR_NOTE, "time", NULL, "%s: files are "
	    "stamped %lld.%03lld s %s this host's clock%s", where,
	    llabs(ahead_ms) / 1000, llabs(ahead_ms) % 1000,
	    ahead_ms < 0 ? "behind" : "ahead of",
	    st->st_mtim.tv_nsec == 0 ? ", in whole seconds" : "");
}

static int
stamp(int dir, struct stat *st, struct fail *f)
{
	if (fs_write_new(dir, "stamp", "x", 1, f) != 0)
		return -1;
	return fstatat(dir, "stamp", st, AT_SYMLINK_NOFOLLOW) == 0 ? 0 :
	    fail_errno(f, "stamp");
}

static void
judge_file(struct doctor *d, int dir, const char *where)
{
	int64_t before_ms = clock_now_ms();
	struct stat st = { 0 };
	struct fail f;

	if (stamp(dir, &st, &f) == 0) {
		judge_owner(d, &st, where);
		judge_time(d, &st, before_ms, where);
		return;
	}
	doctor_say(d->report, doctor_grade_of(f.err), "owner",
	    doctor_cure_of(f.err), "%s: %s", where, f.text);
}

static void
check_calls(struct doctor *d, const struct doctor_place *p, const char *where)
{
	char name[DOCTOR_NAME_MAX];
	int dir = -1;

	doctor_name(d, name);
	if (fs_mkdir(p->fd, name) == 0)
		dir = fs_open_dir(p->fd, name);
	if (dir < 0)
		doctor_say(d->report, doctor_grade_of(errno), "folder",
		    doctor_cure_of(errno), "%s: no folder can be made there: "
		    "%s", where, strerror(errno));
	for (const struct doctor_trial *t = doctor_trials; dir >= 0 && t->run;
	    t++)
		run_trial(d, t, dir, where);
	if (dir >= 0) {
		judge_file(d, dir, where);
		(void)close(dir);
	}
	doctor_remove(d, p, name);
}

/* Once a filesystem: queues may be several. */
void
doctor_check_calls(struct doctor *d)
{
	bool seen = false;

	for (size_t i = 0; i < d->n_queues; i++) {
		const struct doctor_place *p =
		    &d->queues[i].in[DOCTOR_FOLDER_TMP];
		bool known = p->fd < 0 || p->closed;

		for (size_t j = 0; !known && j < i; j++)
			known = d->queues[j].in[DOCTOR_FOLDER_TMP].st.st_dev ==
			    p->st.st_dev;
		if (!known)
			check_calls(d, p, p->name);
		seen = seen || p->st.st_dev == d->results.st.st_dev;
	}
	if (d->results.fd >= 0 && !d->results.closed && !seen)
		check_calls(d, &d->results, "results");
}
