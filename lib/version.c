/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "notice.h"
#include "spool.h"
#include "version.h"

static char *
folder_of(const struct notice *run, const char *version)
{
	if (!version || !name_version_ok(version))
		return NULL;
	return mem_printf("by-version/%s/%s/%s/%s", run->suite, run->arch,
	    run->source, version);
}

int
version_link(const struct spool *s, const struct notice *run,
	const char *version, struct fail *f)
{
	char *folder = folder_of(run, version), path[NOTICE_PATH_MAX];
	char *name, *target;
	int rc;

	if (!folder)
		return 0;
	notice_path(path, run);
	name = mem_printf("%s/%s", folder, run->run_id);
	target = mem_printf("../../../../../%s", path);
	rc = fs_mkdirs(s->results, folder, f);
	if (rc == 0 && fs_symlink(target, s->results, name) != 0 &&
	    errno != EEXIST)
		rc = fail_errno(f, "%s/%s", s->results_path, name);
	free(folder);
	free(name);
	free(target);
	return rc;
}

int
version_unlink(const struct spool *s, const struct notice *run,
	const char *version, struct fail *f)
{
	char *folder = folder_of(run, version), *name;
	int rc = 0;

	if (!folder)
		return 0;
	name = mem_printf("%s/%s", folder, run->run_id);
	if (fs_unlink(s->results, name) != 0 && errno != ENOENT)
		rc = fail_errno(f, "%s/%s", s->results_path, name);
	/* Refused while others are in it; publishing makes it again. */
	else
		(void)fs_rmdir(s->results, folder);
	free(folder);
	free(name);
	return rc;
}
