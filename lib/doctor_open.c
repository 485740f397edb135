/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "doctor_look.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "spool.h"

static const char make_it[] = "make what is missing with: adtspool init";

void
doctor_name(struct doctor *d, char out[DOCTOR_NAME_MAX])
{
	(void)snprintf(out, DOCTOR_NAME_MAX, ".doctor-%s.%u", d->id,
	    ++d->made);
}

void
doctor_remove(struct doctor *d, const struct doctor_place *p,
	const char *name)
{
	struct fail f;

	if (fs_remove_tree(p->fd, name, &f) != 0)
		doctor_say(d->report, doctor_grade_of(f.err), "left",
		    "remove it", "%s: %s cannot be removed: %s", p->name,
		    name, strerror(f.err));
}

enum doctor_grade
doctor_grade_of(int err)
{
	switch (err) {
	case EIO:
	case ESTALE:
	case ETIMEDOUT:
	case ENOTCONN:
	case ESHUTDOWN:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ECONNREFUSED:
	case EINTR:
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return DOCTOR_UNSEEN;
	default:
		return DOCTOR_BAD;
	}
}

const char *
doctor_cure_of(int err)
{
	switch (err) {
	case EACCES:
	case EPERM:
		return geteuid() == 0 ? "root is squashed, it seems: use an "
		    "ordinary user, or export it with no_root_squash" :
		    "let this user read and write there";
	case EROFS:
		return "mount it with rw";
	case ENOSPC:
		return "make room";
	case EDQUOT:
		return "make room, or raise the quota";
	case ENOENT:
	case ENOTDIR:
		return make_it;
	case ESTALE:
	case ENOTCONN:
		return "mount it afresh";
	default:
		return NULL;
	}
}

enum need { NEEDED, MADE_LATER };

static void
open_place(struct doctor *d, struct doctor_place *p, int at, const char *path,
	enum need need)
{
	p->fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->fd >= 0 && fstat(p->fd, &p->st) == 0)
		return;
	if (need == MADE_LATER && errno == ENOENT)
		return;
	doctor_say(d->report, doctor_grade_of(errno), "folder",
	    doctor_cure_of(errno), "%s: %s", p->name, strerror(errno));
	if (p->fd >= 0)
		(void)close(p->fd);
	p->fd = -1;
}

static void
open_queue(struct doctor *d, struct doctor_queue *q, const char *name)
{
	static const char *const folders[DOCTOR_FOLDERS] = { "tmp", "new",
	    "cur", "done", "bad", "pending", "tries" };

	q->self.name = mem_dup(name);
	open_place(d, &q->self, d->spool.fd, name, NEEDED);
	for (size_t i = 0; i < DOCTOR_FOLDERS; i++) {
		q->in[i].name = mem_printf("%s/%s", name, folders[i]);
		q->in[i].fd = -1;
		if (q->self.fd >= 0)
			open_place(d, &q->in[i], q->self.fd, folders[i],
			    NEEDED);
	}
}

/* Each that is there, and each that the configuration says should be. */
static void
open_queues(struct doctor *d)
{
	const struct spool s = { .path = d->conf->spool, .fd = d->spool.fd };
	const struct strs *wanted = &d->conf->queues;
	struct strs names = { 0 };
	struct fail f;

	if (spool_queues(&s, &names, &f) != 0)
		doctor_say(d->report, doctor_grade_of(f.err), "folder",
		    doctor_cure_of(f.err), "spool: %s", f.text);
	else if (names.n == 0 && wanted->n == 0)
		doctor_say(d->report, DOCTOR_BAD, "queue", make_it,
		    "spool: there is no queue");
	for (size_t i = 0; i < wanted->n; i++)
		if (!strs_has(&names, wanted->v[i]))
			doctor_say(d->report, DOCTOR_BAD, "queue", make_it,
			    "%s: there is no such queue, though this host is "
			    "to work for it", wanted->v[i]);
	d->queues = mem_alloc(names.n * sizeof *d->queues);
	d->n_queues = names.n;
	for (size_t i = 0; i < names.n; i++)
		open_queue(d, &d->queues[i], names.v[i]);
	strs_free(&names);
}

int
doctor_open(struct doctor *d)
{
	struct token t;

	token_new(&t, "doctor", TOKEN_PRIORITY_DEFAULT);
	memcpy(d->id, t.id, sizeof d->id);
	d->spool.name = mem_dup("spool");
	d->workers.name = mem_dup("workers");
	d->lines.name = mem_dup("bad");
	d->results.name = mem_dup("results");
	d->staging.name = mem_dup("results/.staging");
	d->workers.fd = d->lines.fd = d->results.fd = d->staging.fd = -1;
	open_place(d, &d->spool, AT_FDCWD, d->conf->spool, NEEDED);
	open_place(d, &d->results, AT_FDCWD, d->conf->results, NEEDED);
	if (d->results.fd >= 0)
		open_place(d, &d->staging, d->results.fd, ".staging",
		    MADE_LATER);
	if (d->spool.fd < 0)
		return -1;
	open_place(d, &d->workers, d->spool.fd, "workers", NEEDED);
	open_place(d, &d->lines, d->spool.fd, "bad", NEEDED);
	open_queues(d);
	return 0;
}

static void
close_place(struct doctor_place *p)
{
	if (p->fd >= 0)
		(void)close(p->fd);
	free(p->name);
}

void
doctor_close(struct doctor *d)
{
	close_place(&d->spool);
	close_place(&d->workers);
	close_place(&d->lines);
	close_place(&d->results);
	close_place(&d->staging);
	for (size_t i = 0; i < d->n_queues; i++) {
		close_place(&d->queues[i].self);
		for (size_t j = 0; j < DOCTOR_FOLDERS; j++)
			close_place(&d->queues[i].in[j]);
	}
	free(d->queues);
}
