/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The renames of the protocol, between the folders themselves: two of them
 * may be one device and still refuse, where a bind mount or the edge of a
 * quota lies between.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor_look.h"
#include "fs.h"

/* In the folder itself, or in a bucket or day. */
enum depth { ITSELF, INSIDE };

struct move {
	enum doctor_folder from;
	enum depth from_depth;
	enum doctor_folder to;
	enum depth to_depth;
};

static const struct move moves[] = {
	{ DOCTOR_FOLDER_TMP, ITSELF, DOCTOR_FOLDER_NEW, INSIDE },
	{ DOCTOR_FOLDER_NEW, INSIDE, DOCTOR_FOLDER_CUR, ITSELF },
	{ DOCTOR_FOLDER_NEW, ITSELF, DOCTOR_FOLDER_CUR, ITSELF },
	{ DOCTOR_FOLDER_CUR, ITSELF, DOCTOR_FOLDER_NEW, INSIDE },
	{ DOCTOR_FOLDER_CUR, ITSELF, DOCTOR_FOLDER_NEW, ITSELF },
	{ DOCTOR_FOLDER_CUR, ITSELF, DOCTOR_FOLDER_DONE, INSIDE },
	{ DOCTOR_FOLDER_CUR, ITSELF, DOCTOR_FOLDER_BAD, ITSELF },
	{ DOCTOR_FOLDER_BAD, ITSELF, DOCTOR_FOLDER_NEW, ITSELF },
};

enum { MOVES = sizeof moves / sizeof *moves,
	PATH_ROOM = 2 * DOCTOR_NAME_MAX };

static void
make_path(struct doctor *d, char out[PATH_ROOM], const char *inside,
	enum depth depth)
{
	char name[DOCTOR_NAME_MAX];

	doctor_name(d, name);
	(void)snprintf(out, PATH_ROOM, "%s%s%s", depth == INSIDE ? inside : "",
	    depth == INSIDE ? "/" : "", name);
}

static void
complain(struct doctor *d, const struct doctor_place *from,
	const struct doctor_place *to)
{
	int err = errno;

	doctor_say(d->report, doctor_grade_of(err), "move", err == EXDEV ?
	    "let both be plain folders of one mount, with one quota" :
	    doctor_cure_of(err), "%s to %s: %s%s", from->name, to->name,
	    strerror(err), err != EXDEV ? "" :
	    from->st.st_dev != to->st.st_dev ? ": they are two filesystems" :
	    ": a mount or the edge of a quota lies between");
}

/* Whether one file goes this way. */
static bool
try_move(struct doctor *d, const struct doctor_queue *q, const struct move *m,
	const char *inside)
{
	const struct doctor_place *from = &q->in[m->from];
	const struct doctor_place *to = &q->in[m->to];
	char old[PATH_ROOM], moved[PATH_ROOM];
	int fd;

	make_path(d, old, inside, m->from_depth);
	make_path(d, moved, inside, m->to_depth);
	if (from->fd < 0 || to->fd < 0 || from->closed || to->closed)
		return false;
	fd = fs_create(from->fd, old);
	if (fd < 0) {
		complain(d, from, to);
		return false;
	}
	(void)close(fd);
	if (fs_rename(from->fd, old, to->fd, moved) == 0) {
		doctor_remove(d, to, moved);
		return true;
	}
	complain(d, from, to);
	doctor_remove(d, from, old);
	return false;
}

static void
check_queue(struct doctor *d, const struct doctor_queue *q)
{
	const struct doctor_place *fresh = &q->in[DOCTOR_FOLDER_NEW];
	const struct doctor_place *done = &q->in[DOCTOR_FOLDER_DONE];
	bool failed[DOCTOR_FOLDERS][DOCTOR_FOLDERS] = { { false } }, ok = true;
	char inside[DOCTOR_NAME_MAX];

	doctor_name(d, inside);
	/* Where one cannot be made, the rename into it tells. */
	if (fresh->fd >= 0)
		(void)fs_mkdir(fresh->fd, inside);
	if (done->fd >= 0)
		(void)fs_mkdir(done->fd, inside);
	for (size_t i = 0; i < MOVES; i++) {
		bool *bad = &failed[moves[i].from][moves[i].to];

		*bad = *bad || !try_move(d, q, &moves[i], inside);
		ok = ok && !*bad;
	}
	if (fresh->fd >= 0)
		doctor_remove(d, fresh, inside);
	if (done->fd >= 0)
		doctor_remove(d, done, inside);
	if (ok)
		doctor_say(d->report, DOCTOR_OK, "move", NULL, "%s: renames "
		    "between tmp, new, cur, done and bad work", q->self.name);
}

/* A whole folder, as a result is published; into the tree, if there is one. */
static void
check_results(struct doctor *d)
{
	struct doctor_place tree = { .name = d->results.name,
	    .fd = fs_open_dir(d->results.fd, "autopkgtest") };
	const struct doctor_place *to = tree.fd >= 0 ? &tree : &d->results;
	char made[DOCTOR_NAME_MAX], moved[DOCTOR_NAME_MAX];

	doctor_name(d, made);
	doctor_name(d, moved);
	if (tree.fd >= 0)
		(void)fstat(tree.fd, &tree.st);
	if (fs_mkdir(d->staging.fd, made) != 0)
		complain(d, &d->staging, to);
	else if (fs_rename(d->staging.fd, made, to->fd, moved) == 0) {
		doctor_remove(d, to, moved);
		doctor_say(d->report, DOCTOR_OK, "move", NULL, "results: "
		    "a folder can be renamed out of .staging");
	} else {
		complain(d, &d->staging, to);
		doctor_remove(d, &d->staging, made);
	}
	if (tree.fd >= 0)
		(void)close(tree.fd);
}

void
doctor_check_moves(struct doctor *d)
{
	for (size_t i = 0; i < d->n_queues; i++)
		check_queue(d, &d->queues[i]);
	if (d->staging.fd >= 0 && !d->staging.closed && !d->results.closed)
		check_results(d);
}
