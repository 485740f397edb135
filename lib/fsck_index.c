/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RESULTS/.index: notices that nobody takes in, and tokens of the role. */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fail.h"
#include "fsck_look.h"
#include "notice.h"
#include "role.h"

struct notices {
	struct fsck_folder d;
	bool told;		/* of one that is old */
};

static void
raise_at(struct fsck_folder *d, enum fsck_kind kind, const char *name,
	const char *what)
{
	char *object = fsck_object(d, name);

	fsck_raise(d->x, kind, object, "%s", what);
	free(object);
}

/* Of those that are old, one is told: they have the same reason. */
static int
in_notices(void *folder, const char *name, unsigned char type)
{
	struct notices *l = folder;
	struct fsck_folder *d = &l->d;
	struct notice n;

	(void)type;
	if (notice_parse(&n, name) != 0) {
		raise_at(d, FSCK_NOTICE_STRANGE, name, "is no notice");
	} else if (!l->told) {
		char *path = fsck_object(d, name), age[CLOCK_TEXT_MAX];
		int64_t age_s = fsck_age_s(d->x, d->x->spool->results, path);

		clock_format_span(age, age_s);
		l->told = age_s > FSCK_DAY_S;
		if (l->told)
			fsck_raise(d->x, FSCK_NOTICE_OLD, path, "was left %s "
			    "ago", age);
		free(path);
	}
	return 0;
}

/* The token that counts, as role_look has it, is not told. */
static int
in_role(void *folder, const char *name, unsigned char type)
{
	struct fsck_folder *d = folder;
	struct role_token t, best;
	struct fail f;

	(void)type;
	if (role_parse(&t, name) != 0)
		raise_at(d, FSCK_ROLE_STRANGE, name, "is no token");
	else if (role_look(d->x->spool, &best, &f) == 1 &&
	    strcmp(best.life, t.life) != 0)
		raise_at(d, FSCK_ROLE_TWICE, name, "is a second token");
	return 0;
}

void
fsck_look_index(struct fsck *x)
{
	struct notices l = { .told = false };
	struct fsck_folder d;

	fsck_folder(&l.d, x, NULL, ".index/notices");
	l.d.fd = x->spool->results;
	fsck_step(x, l.d.path);
	fsck_each(&l.d, l.d.fd, l.d.path, in_notices);
	fsck_folder(&d, x, NULL, ".index/role");
	d.fd = x->spool->results;
	fsck_each(&d, d.fd, d.path, in_role);
}
