/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>

#include "fail.h"
#include "fs.h"
#include "import_state.h"
#include "mem.h"

char *
import_path(const struct import_session *x, const char *state, const char *id)
{
	return mem_printf("%s.%s-%s", x->file, state, id);
}

int
import_sync(const struct import_session *x, struct fail *f)
{
	return fs_sync_dir(AT_FDCWD, x->dir) == 0 ? 0 :
	    fail_errno(f, "%s", x->dir);
}

int
import_unlink(const char *path, struct fail *f)
{
	return fs_unlink(AT_FDCWD, path) == 0 || errno == ENOENT ? 0 :
	    fail_errno(f, "%s", path);
}

int
import_advance(const struct import_session *x, const char *from,
	const char *to, struct fail *f)
{
	if (fs_rename(AT_FDCWD, from, AT_FDCWD, to) == 0)
		return import_sync(x, f);
	if (errno == ENOENT)
		return fail_set(f, EX_TEMPFAIL, "%s: another import has taken "
		    "it, as it seems; import again", from);
	return fail_errno(f, "%s", from);
}
