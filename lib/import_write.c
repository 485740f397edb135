/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Phase one. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "batch.h"
#include "buf.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "import.h"
#include "import_hold.h"
#include "import_line.h"
#include "import_state.h"
#include "mem.h"

/* Where a plan is written before it has its name; free() it. */
static char *
plan_scratch(const struct import_session *x, const char *id)
{
	return mem_printf("%s.%s.plan-%s", x->dir, x->base, id);
}

/*
 * Writes the plan, and fails where it was not told that it is there: a
 * kernel that was not may remember that it is not, and say so later.
 */
static int
write_plan(const struct import_session *x, const struct batch *b,
	struct fail *f)
{
	char *path = import_path(x, "plan", b->id);
	char *scratch = plan_scratch(x, b->id);
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
	return rc == 0 ? import_sync(x, f) : rc;
}

/* Writes all that is asked for in path into tmp/. */
static int
write_tokens(struct import_session *x, const char *path, const char *before,
	struct batch *b, struct fail *f)
{
	struct import_lines lines = { .conf = x->conf, .spool = x->spool,
	    .log = x->log, .import = x->import, .file = x->file,
	    .before = before, .batch = b };
	struct buf text = { 0 };
	int rc = fs_read(AT_FDCWD, path, IMPORT_SIZE_MOST, &text, f);

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
import_own(struct import_session *x, const char *id, const char *before,
	struct fail *f)
{
	char *path = import_path(x, "importing", id);
	char *to = import_path(x, "written", id);
	struct batch b;
	int rc;

	batch_init(&b, x->spool, id);
	rc = write_tokens(x, path, before, &b, f);
	if (rc == 0 && b.n == 0) {
		rc = import_unlink(path, f);
	} else if (rc == 0) {
		rc = write_plan(x, &b, f);
		if (rc == 0)
			rc = import_advance(x, path, to, f);
		if (rc == 0)
			rc = import_go_on_written(x, id, &b, f);
	}
	batch_free(&b);
	free(path);
	free(to);
	return rc;
}

/* What the try before has written is nobody's any more. */
static int
discard(const struct import_session *x, const char *before, struct fail *f)
{
	char *path = import_path(x, "plan", before);
	char *scratch = plan_scratch(x, before);
	int rc = import_unlink(path, f);

	if (rc == 0)
		rc = import_unlink(scratch, f);
	batch_discard(x->spool, before);
	free(path);
	free(scratch);
	return rc;
}

int
import_take(struct import_session *x, const char *before, struct fail *f)
{
	char id[TOKEN_ID_MAX], *from = import_path(x, "importing", before), *to;
	struct import_hold h;
	int rc = import_hold(&h, from, f);

	token_draw_id(id);
	to = import_path(x, "importing", id);
	if (rc == 0)
		rc = import_advance(x, from, to, f);
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
