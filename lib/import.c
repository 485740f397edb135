/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "buf.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "import.h"
#include "import_hold.h"
#include "import_line.h"
#include "mem.h"
#include "strs.h"

enum { FILE_SIZE_MOST = 1 << 28 };

/* What import.h says of them. */
static const char importing[] = "importing", written[] = "written",
    plan[] = "plan", imported[] = "imported";

struct session {
	const struct conf *conf;
	const struct spool *spool;
	const struct log *log;
	struct import *import;
	const char *file;	/* as the user named it */
	char *dir;		/* where it is, with the last slash */
	const char *base;	/* its name there */
};

static char *
path_of(const struct session *x, const char *state, const char *id)
{
	return mem_printf("%s.%s-%s", x->file, state, id);
}

static int
sync_dir(const struct session *x, struct fail *f)
{
	int fd = fs_open_dir(AT_FDCWD, x->dir);
	int rc = fd < 0 || fs_sync(fd) != 0 ? fail_errno(f, "%s", x->dir) : 0;

	if (fd >= 0)
		(void)close(fd);
	return rc;
}

static int
unlink_file(const char *path, struct fail *f)
{
	return fs_unlink(AT_FDCWD, path) == 0 || errno == ENOENT ? 0 :
	    fail_errno(f, "%s", path);
}

/* From one state to the next, for who must know that it was he. */
static int
advance(const struct session *x, const char *from, const char *to,
	struct fail *f)
{
	if (fs_rename(AT_FDCWD, from, AT_FDCWD, to) == 0)
		return sync_dir(x, f);
	if (errno == ENOENT)
		return fail_set(f, EX_TEMPFAIL, "%s: another import has taken "
		    "it, as it seems; import again", from);
	return fail_errno(f, "%s", from);
}

/* The last step: into the queues, and all is done. */
static int
move(struct batch *b, const char *path, struct fail *f)
{
	int rc = batch_move(b, f);

	return rc == 0 ? unlink_file(path, f) : rc;
}

/* FILE.imported-ID, of an import that did not come to its end. */
static int
go_on_imported(struct session *x, const char *id, struct fail *f)
{
	char *path = path_of(x, imported, id);
	struct buf text = { 0 };
	struct batch b;
	int rc = fs_read(AT_FDCWD, path, FILE_SIZE_MOST, &text, f);

	batch_init(&b, x->spool, id);
	if (rc != 0) {
		rc = f->err == ENOENT ? 0 : rc;		/* another has ended */
	} else if (batch_read_plan(&b, text.s, f) != 0) {
		rc = fail_prefix(f, "%s", path);
	} else {
		x->import->lines += b.tokens;
		x->import->resumed += b.tokens;
		rc = move(&b, path, f);
	}
	batch_free(&b);
	buf_free(&text);
	free(path);
	return rc;
}

/*
 * From here on the plan alone counts.  Its new name is nobody else's; where it
 * has got one before, that is found in the end.  b: the batch; or NULL.
 */
static int
go_on_written(struct session *x, const char *id, struct batch *b,
	struct fail *f)
{
	char next[TOKEN_ID_MAX], *from = path_of(x, plan, id), *to;
	char *lines = path_of(x, written, id);
	bool renamed;
	int rc = 0;

	token_draw_id(next);
	to = path_of(x, imported, next);
	renamed = fs_rename(AT_FDCWD, from, AT_FDCWD, to) == 0;
	if (!renamed && errno != ENOENT)
		rc = fail_errno(f, "%s", from);
	if (rc == 0)
		rc = sync_dir(x, f);
	if (rc == 0)
		rc = unlink_file(lines, f);
	if (rc == 0 && renamed)
		rc = b ? move(b, to, f) : go_on_imported(x, next, f);
	if (rc == 0 && renamed && b)
		x->import->queued += b->tokens;
	free(from);
	free(to);
	free(lines);
	return rc;
}

/*
 * Writes the plan, and fails where it was not told that it is there: who is
 * in doubt may have it in mind that there is none, and later be told so.
 */
static int
write_plan(const struct session *x, const struct batch *b, struct fail *f)
{
	char *path = path_of(x, plan, b->id);
	char *scratch = mem_printf("%s.%s.%s-%s", x->dir, x->base, plan, b->id);
	struct buf text = { 0 };
	int rc;

	batch_write_plan(b, &text);
	rc = fs_write_new(AT_FDCWD, scratch, text.s, text.len, f);
	if (rc == 0 && fs_rename(AT_FDCWD, scratch, AT_FDCWD, path) != 0) {
		rc = fail_errno(f, "%s", path);
		(void)fs_unlink(AT_FDCWD, scratch);
	}
	buf_free(&text);
	free(scratch);
	free(path);
	return rc == 0 ? sync_dir(x, f) : rc;
}

/* Writes all that is asked for in path into tmp/. */
static int
write_tokens(struct session *x, const char *path, const char *before,
	struct batch *b, struct fail *f)
{
	struct import_lines lines = { .conf = x->conf, .spool = x->spool,
	    .log = x->log, .import = x->import, .file = x->file,
	    .before = before, .batch = b };
	struct buf text = { 0 };
	int rc = fs_read(AT_FDCWD, path, FILE_SIZE_MOST, &text, f);

	if (rc == 0)
		rc = known_read(&lines.known, x->spool, f);
	if (rc == 0)
		rc = import_lines(&lines, &text, f);
	if (rc == 0)
		rc = batch_sync(b, f);
	known_free(&lines.known);
	buf_free(&text);
	return rc;
}

/* FILE.importing-ID, whose lines are ours: nobody else has this id. */
static int
import_own(struct session *x, const char *id, const char *before,
	struct fail *f)
{
	char *path = path_of(x, importing, id), *to = path_of(x, written, id);
	struct batch b;
	int rc;

	batch_init(&b, x->spool, id);
	rc = write_tokens(x, path, before, &b, f);
	if (rc == 0 && b.n == 0) {
		rc = unlink_file(path, f);
	} else if (rc == 0) {
		rc = write_plan(x, &b, f);
		if (rc == 0)
			rc = advance(x, path, to, f);
		if (rc == 0)
			rc = go_on_written(x, id, &b, f);
	}
	batch_free(&b);
	free(path);
	free(to);
	return rc;
}

/* What the try before has written is nobody's any more. */
static int
discard(const struct session *x, const char *before, struct fail *f)
{
	char *path = path_of(x, plan, before);
	int rc = unlink_file(path, f);

	batch_discard(x->spool, before);
	free(path);
	return rc;
}

/*
 * FILE.importing-ID becomes that of an id of our own: whoever was at it cannot
 * go on.
 */
static int
take(struct session *x, const char *before, struct fail *f)
{
	char id[TOKEN_ID_MAX], *from = path_of(x, importing, before), *to;
	struct import_hold h;
	int rc = import_hold(&h, from, f);

	token_draw_id(id);
	to = path_of(x, importing, id);
	if (rc == 0)
		rc = advance(x, from, to, f);
	if (rc == 0)
		rc = discard(x, before, f);
	if (rc == 0)
		rc = import_wait(&h, to, x->conf->settle_s, f);
	if (rc == 0)
		rc = import_own(x, id, before, f);
	import_release(&h);
	free(from);
	free(to);
	return rc < 0 ? -1 : 0;
}

/* Renames the file away, and imports that. */
static int
import_fresh(struct session *x, struct fail *f)
{
	int fd = fs_open_read(AT_FDCWD, x->file), rc;
	char id[TOKEN_ID_MAX], *away;

	if (fd < 0)
		return errno == ENOENT ? 0 : fail_errno(f, "%s", x->file);
	(void)close(fd);
	token_draw_id(id);
	away = path_of(x, importing, id);
	rc = fs_rename(AT_FDCWD, x->file, AT_FDCWD, away) == 0 ?
	    take(x, id, f) : fail_errno(f, "%s", x->file);
	free(away);
	return rc;
}

static int
go_on_plan(struct session *x, const char *id, struct fail *f)
{
	return go_on_written(x, id, NULL, f);
}

/* Goes on with what there is beside the file in that state. */
static int
each(struct session *x, const char *state,
	int (*go_on)(struct session *x, const char *id, struct fail *f),
	struct fail *f)
{
	char *prefix = mem_printf("%s.%s-", x->base, state);
	struct strs names = { 0 };
	size_t n = strlen(prefix);
	int rc = fs_list(AT_FDCWD, x->dir, SIZE_MAX, &names, f);

	for (size_t i = 0; rc == 0 && i < names.n; i++)
		if (strncmp(names.v[i], prefix, n) == 0 &&
		    token_id_ok(names.v[i] + n))
			rc = go_on(x, names.v[i] + n, f);
	strs_free(&names);
	free(prefix);
	return rc;
}

int
import_file(const struct conf *c, const struct spool *s, const char *file,
	struct import *i, const struct log *log, struct fail *f)
{
	const char *slash = strrchr(file, '/');
	struct session x = { .conf = c, .spool = s, .log = log, .import = i,
	    .file = file, .base = slash ? slash + 1 : file,
	    .dir = slash ? mem_dupn(file, (size_t)(slash - file) + 1) :
	    mem_dup("./") };
	int rc;

	/* Sent when a lease is broken: the next try tells. */
	(void)sigaction(SIGIO, &(struct sigaction){ .sa_handler = SIG_IGN },
	    NULL);
	rc = each(&x, written, go_on_plan, f);
	if (rc == 0)
		rc = each(&x, importing, take, f);
	if (rc == 0)
		rc = import_fresh(&x, f);
	if (rc == 0)
		rc = each(&x, imported, go_on_imported, f);
	free(x.dir);
	return rc;
}
