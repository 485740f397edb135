/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "fs.h"
#include "hook_find.h"
#include "strs.h"

static bool
name_ok(const char *name)
{
	return name[0] && strspn(name, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == strlen(name);
}

/* Why that is not to be trusted; NULL: it is. */
static const char *
doubt(const struct stat *st)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return "belongs to neither root nor the worker's user";
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return "others may write to it: chmod go-w";
	return NULL;
}

static void
look(int dir, const char *folder, const char *name, struct strs *programs,
	struct strs *refused)
{
	struct stat st;

	if (!name_ok(name) || fstatat(dir, name, &st, 0) != 0 ||
	    !S_ISREG(st.st_mode) || faccessat(dir, name, X_OK, 0) != 0)
		return;
	if (doubt(&st))
		strs_addf(refused, "%s/%s: not run: %s", folder, name,
		    doubt(&st));
	else
		strs_addf(programs, "%s/%s", folder, name);
}

int
hook_find(const char *folder, struct strs *programs, struct strs *refused,
	struct fail *f)
{
	struct strs names = { 0 };
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;
	struct stat st;

	if (dir < 0)
		return fail_errno(f, "%s", folder);
	if (fstat(dir, &st) != 0)
		rc = fail_errno(f, "%s", folder);
	else if (doubt(&st))
		rc = fail_set(f, EX_CONFIG, "%s: no hook is run: %s", folder,
		    doubt(&st));
	else
		rc = fs_list(dir, ".", SIZE_MAX, &names, f);
	strs_sort(&names);
	for (size_t i = 0; rc == 0 && i < names.n; i++)
		look(dir, folder, names.v[i], programs, refused);
	strs_free(&names);
	(void)close(dir);
	return rc;
}
