/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "conf.h"
#include "enqueue.h"
#include "fail.h"
#include "fs.h"
#include "import.h"
#include "known.h"
#include "log.h"
#include "mem.h"
#include "request.h"
#include "spool.h"
#include "strs.h"
#include "writers.h"

enum {
	WRITER_PATIENCE_MS = 10000,
	WRITER_TICK_MS = 100,
	FILE_SIZE_MOST = 1 << 28,
};

static const char suffix[] = ".importing-";

struct session {
	const struct conf *conf;
	const struct spool *spool;
	const struct log *log;
	struct import *import;
	const char *file;	/* as the user named it, for messages */
	const char *id;		/* of the import */
	bool resumes;
	struct known known;	/* ids in the spool; ended ones when resuming */
};

static bool
is_pending(const void *known, const char *id)
{
	return known_is_pending(known, id);
}


/* A line that is no request is kept, with its reason, for people. */
static int
refuse(struct session *x, const char *line, const char *id,
	const struct fail *why, struct fail *f)
{
	char *name = mem_printf("line,%s", id);
	char *why_name = mem_printf("%s.why", name);
	char *text = mem_printf("adtspool: %s\n", why->text);
	int bad = fs_open_dir(x->spool->fd, "bad"), rc;

	log_say(x->log, LOG_LEVEL_ERROR, "%s", why->text);
	rc = bad < 0 ? fail_errno(f, "%s/bad", x->spool->path) :
	    fs_replace(bad, why_name, text, strlen(text), f);
	if (rc == 0)
		rc = fs_replace(bad, name, line, strlen(line), f);
	x->import->bad++;
	if (bad >= 0)
		(void)close(bad);
	free(name);
	free(why_name);
	free(text);
	return rc;
}

/* As britney's glue for debci does: the triggers come from another release. */
static void
pin_triggers(struct request *r, const char *release)
{
	struct strs pins = { 0 };
	char *all;

	for (size_t i = 0; i < r->triggers.n; i++) {
		const char *t = r->triggers.v[i];

		if (strncmp(t, "migration-reference/", 20) != 0)
			strs_addf(&pins, "src:%.*s", (int)strcspn(t, "/"), t);
	}
	if (pins.n) {
		all = strs_join(&pins, ",");
		strs_addf(&r->pin_packages, "%s=%s", release, all);
		free(all);
	}
	strs_free(&pins);
}

static int
enqueue_line(struct session *x, struct request *r, const char *id,
	struct fail *f)
{
	struct import *i = x->import;
	struct enqueue e = { .is_pending = is_pending,
	    .known = &x->known };

	if (i->priority >= 0)
		r->priority = i->priority;
	if (i->pin_triggers)
		pin_triggers(r, i->pin_triggers);
	if (i->requester && !r->requester)
		r->requester = mem_dup(i->requester);
	memcpy(e.id, id, sizeof e.id);
	switch (enqueue(x->conf, x->spool, r, &e, f)) {
	case ENQUEUE_QUEUED:
		i->queued++;
		known_add(&x->known, e.id);
		return 0;
	case ENQUEUE_PENDING:
		i->pending++;
		return 0;
	case ENQUEUE_FAILED:
		break;
	}
	return -1;
}

static int
import_line(struct session *x, const char *line, size_t n, size_t number,
	struct fail *f)
{
	char *name = mem_printf("%s:%zu", x->file, number);
	char *text = mem_dupn(line, n);
	char *seed = mem_printf("%s %zu", x->id, number);
	char id[TOKEN_ID_MAX];
	struct request r = { 0 };
	struct fail why;
	int rc = 0;

	digest_id(id, seed, strlen(seed));
	if (x->resumes && known_is_there(&x->known, id)) {
		x->import->resumed++;
	} else if (request_parse(&r, name, line, n, &why) != 0 ||
	    request_is_public(&r, name, &why) != 0) {
		rc = refuse(x, text, id, &why, f);
	} else if ((rc = enqueue_line(x, &r, id, &why)) != 0) {
		/* No such queue is the line's fault, a full disk is not. */
		*f = why;
		if (why.status == EX_CONFIG || why.status == EX_USAGE) {
			(void)fail_prefix(&why, "%s", name);
			rc = refuse(x, text, id, &why, f);
		}
	}
	request_free(&r);
	free(name);
	free(text);
	free(seed);
	return rc;
}

static int
import_text(struct session *x, const struct buf *b, struct fail *f)
{
	const char *p = b->s, *end = b->s + b->len;

	for (size_t number = 1; p < end; number++) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		size_t n = newline ? (size_t)(newline - p) : (size_t)(end - p);

		if (n > strspn(p, " \t\r") && p[0] != '#') {
			x->import->lines++;
			if (import_line(x, p, n, number, f) != 0)
				return -1;
		}
		p += n + 1;
	}
	return 0;
}

/* Whether it may be read: nobody writes, or it has rested for settle_s. */
static bool
is_quiet(int fd, const struct stat *last, int64_t rested_ms, int64_t settle_s)
{
	struct stat now;

	switch (writers_of(fd)) {
	case WRITERS_NONE:
		return true;
	case WRITERS_SOME:
		return false;
	case WRITERS_UNKNOWN:
		break;
	}
	return fstat(fd, &now) == 0 && writers_left_alone(last, &now) &&
	    rested_ms >= settle_s * 1000;
}

/*
 * Waits until the file is quiet: what a britney still writes must not be lost.
 * Where the kernel cannot tell, the file must not have changed meanwhile.
 */
static int
wait_for_writers(int fd, const char *file, int64_t settle_s, struct fail *f)
{
	const struct timespec tick = { 0, WRITER_TICK_MS * 1000000L };
	int64_t most_ms = WRITER_PATIENCE_MS + settle_s * 1000;
	struct stat first;

	if (fstat(fd, &first) != 0)
		return fail_errno(f, "%s", file);
	for (int64_t ms = 0; !is_quiet(fd, &first, ms, settle_s);
	    ms += WRITER_TICK_MS) {
		if (ms >= most_ms)
			return fail_set(f, EX_TEMPFAIL, "%s: still being "
			    "written; import it when britney has ended", file);
		(void)nanosleep(&tick, NULL);
	}
	return 0;
}

/*
 * 0: it is ours; 1: another import is at it, or has just ended.  NFS gives no
 * exclusive lock to a descriptor that cannot write: *rw is one that can, then.
 */
static int
lock(int fd, const char *path, int *rw, struct fail *f)
{
	struct stat st;
	int rc = flock(fd, LOCK_EX | LOCK_NB);

	if (rc != 0 && errno == EBADF) {
		*rw = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
		rc = *rw < 0 ? -1 : flock(*rw, LOCK_EX | LOCK_NB);
	}
	if (rc != 0)
		return errno == EWOULDBLOCK || errno == ENOENT ? 1 :
		    fail_errno(f, "%s: cannot be locked against another import",
		    path);
	return fstat(fd, &st) == 0 && st.st_nlink == 0;
}

static void
close_both(int fd, int rw)
{
	(void)close(fd);
	if (rw >= 0)
		(void)close(rw);
}

/* Imports a file that was renamed away, and removes it. */
static int
import_renamed(struct session *x, const char *path, struct fail *f)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), rw = -1, rc;
	struct buf b = { 0 };

	if (fd < 0)
		return errno == ENOENT ? 0 : fail_errno(f, "%s", path);
	rc = lock(fd, path, &rw, f);
	if (rc != 0) {
		close_both(fd, rw);
		return rc < 0 ? -1 : 0;
	}
	rc = wait_for_writers(fd, path, x->conf->settle_s, f);
	if (rc == 0)
		rc = fs_read(AT_FDCWD, path, FILE_SIZE_MOST, &b, f);
	if (rc == 0)
		rc = known_read(&x->known, x->spool, x->resumes, f);
	if (rc == 0)
		rc = import_text(x, &b, f);
	if (rc == 0 && fs_unlink(AT_FDCWD, path) != 0 && errno != ENOENT)
		rc = fail_errno(f, "%s", path);
	buf_free(&b);
	known_free(&x->known);
	close_both(fd, rw);
	return rc;
}

/* Renames file away, as the import x->id, and imports that. */
static int
import_fresh(struct session *x, struct fail *f)
{
	int fd = fs_open_read(AT_FDCWD, x->file), rc;
	char *away;

	if (fd < 0)
		return errno == ENOENT ? 0 : fail_errno(f, "%s", x->file);
	(void)close(fd);
	away = mem_printf("%s%s%s", x->file, suffix, x->id);
	rc = fs_rename(AT_FDCWD, x->file, AT_FDCWD, away) == 0 ?
	    import_renamed(x, away, f) : fail_errno(f, "%s", x->file);
	free(away);
	return rc;
}

/* What interrupted imports left beside the file. */
static int
resume(struct session *x, struct fail *f)
{
	const char *slash = strrchr(x->file, '/');
	char *dir = slash ? mem_dupn(x->file, (size_t)(slash - x->file) + 1) :
	    mem_dup("./");
	const char *base = slash ? slash + 1 : x->file;
	struct strs names = { 0 };
	int rc = fs_list(AT_FDCWD, dir, SIZE_MAX, &names, f);

	x->resumes = true;
	for (size_t i = 0; rc == 0 && i < names.n; i++) {
		size_t n = strlen(base);
		char *path;

		if (strncmp(names.v[i], base, n) != 0 ||
		    strncmp(names.v[i] + n, suffix, strlen(suffix)) != 0)
			continue;
		x->id = names.v[i] + n + strlen(suffix);
		path = mem_printf("%s%s", dir, names.v[i]);
		rc = import_renamed(x, path, f);
		free(path);
	}
	x->resumes = false;
	strs_free(&names);
	free(dir);
	return rc;
}

int
import_file(const struct conf *c, const struct spool *s, const char *file,
	struct import *i, const struct log *log, struct fail *f)
{
	struct session x = { .conf = c, .spool = s, .log = log, .import = i,
	    .file = file };
	char id[TOKEN_ID_MAX];

	/* Sent when a lease is broken: the next try tells. */
	(void)sigaction(SIGIO, &(struct sigaction){ .sa_handler = SIG_IGN },
	    NULL);
	if (resume(&x, f) != 0)
		return -1;
	token_draw_id(id);
	x.id = id;
	return import_fresh(&x, f);
}
