/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "fs.h"
#include "import.h"
#include "import_state.h"
#include "mem.h"
#include "strs.h"
#include "token.h"

/* Renames the file away, and imports that. */
static int
import_fresh(struct import_session *x, struct fail *f)
{
	int fd = fs_open_read(AT_FDCWD, x->file), rc;
	char id[TOKEN_ID_MAX], *away;

	if (fd < 0)
		return errno == ENOENT ? 0 : fail_errno(f, "%s", x->file);
	(void)close(fd);
	token_draw_id(id);
	away = import_path(x, "importing", id);
	rc = fs_rename(AT_FDCWD, x->file, AT_FDCWD, away) == 0 ?
	    import_take(x, id, f) : fail_errno(f, "%s", x->file);
	free(away);
	return rc;
}

static int
go_on_plan(struct import_session *x, const char *id, struct fail *f)
{
	return import_go_on_written(x, id, NULL, f);
}

/* Goes on with what there is beside the file in that state. */
static int
each(struct import_session *x, const char *state,
	int (*go_on)(struct import_session *x, const char *id, struct fail *f),
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
	struct import_session x = { .conf = c, .spool = s, .log = log,
	    .import = i, .file = file, .base = slash ? slash + 1 : file,
	    .dir = slash ? mem_dupn(file, (size_t)(slash - file) + 1) :
	    mem_dup("./") };
	int rc;

	/* Sent when a lease is broken: the next try tells. */
	(void)sigaction(SIGIO, &(struct sigaction){ .sa_handler = SIG_IGN },
	    NULL);
	rc = each(&x, "written", go_on_plan, f);
	if (rc == 0)
		rc = each(&x, "importing", import_take, f);
	if (rc == 0)
		rc = import_fresh(&x, f);
	if (rc == 0)
		rc = each(&x, "imported", import_go_on_imported, f);
	free(x.dir);
	return rc;
}
