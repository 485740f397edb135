/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Phase two. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>

#include "batch.h"
#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "import.h"
#include "import_state.h"

static int
move(struct batch *b, const char *path, struct fail *f)
{
	int rc = batch_move(b, f);

	return rc == 0 ? import_unlink(path, f) : rc;
}

int
import_go_on_imported(struct import_session *x, const char *id,
	struct fail *f)
{
	char *path = import_path(x, "imported", id);
	struct buf text = { 0 };
	struct batch b;
	int rc = fs_read(AT_FDCWD, path, IMPORT_SIZE_MOST, &text, f);

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

int
import_go_on_written(struct import_session *x, const char *id,
	struct batch *b, struct fail *f)
{
	char next[TOKEN_ID_MAX], *from = import_path(x, "plan", id), *to;
	char *lines = import_path(x, "written", id);
	bool renamed;
	int rc = 0;

	token_draw_id(next);
	to = import_path(x, "imported", next);
	renamed = fs_rename(AT_FDCWD, from, AT_FDCWD, to) == 0;
	if (!renamed && errno != ENOENT)
		rc = fail_errno(f, "%s", from);
	if (rc == 0)
		rc = import_sync(x, f);
	if (rc == 0)
		rc = import_unlink(lines, f);
	if (rc == 0 && renamed)
		rc = b ? move(b, to, f) : import_go_on_imported(x, next, f);
	if (rc == 0 && renamed && b)
		x->import->queued += b->tokens;
	free(from);
	free(to);
	free(lines);
	return rc;
}
