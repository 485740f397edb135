/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listing a folder, and what may be in any of them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "fsck_look.h"
#include "mem.h"

int64_t
fsck_age_s(const struct fsck *x, int at, const char *name)
{
	struct stat st;

	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return -1;
	return x->now_s > st.st_mtim.tv_sec ? x->now_s - st.st_mtim.tv_sec : 0;
}

bool
fsck_is_scratch(const char *name)
{
	const char *dot = strrchr(name, '.');

	return name[0] == '.' && dot > name + 1 && dot[1] &&
	    strspn(dot + 1, "0123456789abcdef") == strlen(dot + 1);
}

struct listing {
	struct fsck_folder *d;
	int at;
	const char *path;
	int (*each)(void *folder, const char *name, unsigned char type);
};

/* What the doctor makes to try a folder, and removes. */
static bool
is_trial(const struct listing *l, const char *name)
{
	static const char prefix[] = ".doctor-";
	char *path, *object, age[CLOCK_TEXT_MAX];
	int64_t age_s;

	if (strncmp(name, prefix, sizeof prefix - 1) != 0)
		return false;
	path = mem_printf("%s/%s", l->path, name);
	object = fsck_object(l->d, name);
	age_s = fsck_age_s(l->d->x, l->at, path);
	clock_format_span(age, age_s);
	if (age_s > FSCK_HOUR_S && !l->d->again)
		fsck_raise(l->d->x, strncmp(object, ".staging/", 9) == 0 ?
		    FSCK_STAGE_REST : FSCK_TRIAL_OLD, object,
		    "is what was tried here; %s old", age);
	free(path);
	free(object);
	return true;
}

static int
pass_on(void *context, const char *name, unsigned char type)
{
	struct listing *l = context;

	l->d->n++;
	if (strcmp(name, "README") == 0 || strncmp(name, ".nfs", 4) == 0 ||
	    is_trial(l, name))
		return 0;
	if (type == DT_UNKNOWN) {
		l->d->x->partial = true;	/* gone, or not to be told */
		return 0;
	}
	return l->each(l->d, name, type);
}

void
fsck_each(struct fsck_folder *d, int at, const char *path,
	int (*each)(void *folder, const char *name, unsigned char type))
{
	struct listing l = { d, at, path, each };
	struct fail f;

	/* A bucket that is emptied is removed while it is listed. */
	if (fs_each(at, path, pass_on, &l, &f) == 0 || f.err == ENOENT ||
	    f.err == ESTALE)
		return;
	errno = f.err;
	(void)fail_errno(&f, "%s", d->path);
	fsck_go_blind(d->x, &f);
}
