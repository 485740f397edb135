/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "role.h"
#include "role_inside.h"
#include "spool.h"
#include "strs.h"


/* Copies an id that the separator or the end follows. */
static const char *
take_id(char id[TOKEN_ID_MAX], const char *from)
{
	size_t n = strcspn(from, "@");

	if (n >= TOKEN_ID_MAX)
		return NULL;
	memcpy(id, from, n);
	id[n] = '\0';
	return token_id_ok(id) ? from + n : NULL;
}

int
role_parse(struct role_token *t, const char *name)
{
	char *dot;
	unsigned long epoch;
	const char *rest;

	if (name[0] != 'e' || name[1] < '0' || name[1] > '9' ||
	    (name[1] == '0' && name[2] != '.'))
		return -1;
	errno = 0;
	epoch = strtoul(name + 1, &dot, 10);
	if (errno != 0 || *dot != '.' || epoch > ROLE_EPOCH_MOST)
		return -1;
	rest = take_id(t->life, dot + 1);
	if (!rest || *rest != '@' || (rest[1] && !name_worker_ok(rest + 1)) ||
	    strlen(rest + 1) >= sizeof t->name)
		return -1;
	t->epoch = (unsigned)epoch;
	(void)snprintf(t->name, sizeof t->name, "%s", rest + 1);
	return 0;
}

void
role_format(char out[ROLE_NAME_MAX], const struct role_token *t)
{
	(void)snprintf(out, ROLE_NAME_MAX, "e%u.%s@%s", t->epoch, t->life,
	    t->name);
}

void
role_token_path(char out[ROLE_PATH_MAX], const char *folder,
	const struct role_token *t)
{
	char name[ROLE_NAME_MAX];

	role_format(name, t);
	(void)snprintf(out, ROLE_PATH_MAX, "%.*s/%s", ROLE_NAME_MAX, folder,
	    name);
}

int
role_sync(const struct spool *s, const char *path, struct fail *f)
{
	return fs_sync_dir(s->results, path) == 0 ? 0 :
	    fail_errno(f, "%s/%s", s->results_path, path);
}

/* Puts a folder with a token in it where role/ is, unless that has one. */
static int
place_folder(const struct spool *s, const char *scratch,
	const struct role_token *t, struct fail *f)
{
	char path[ROLE_PATH_MAX];
	int fd;

	role_token_path(path, scratch, t);
	if (fs_mkdir(s->results, scratch) != 0 && errno != EEXIST)
		return fail_errno(f, "%s/%s", s->results_path, scratch);
	fd = fs_create(s->results, path);
	if (fd < 0 && errno != EEXIST)
		return fail_errno(f, "%s/%s", s->results_path, path);
	if (fd >= 0)
		(void)close(fd);
	if (role_sync(s, scratch, f) != 0)
		return -1;
	/* ENOENT: done already, and the reply was lost. */
	if (fs_rename(s->results, scratch, s->results, ROLE) != 0 &&
	    errno != ENOENT && errno != EEXIST && errno != ENOTEMPTY)
		return fail_errno(f, "%s/" ROLE, s->results_path);
	return role_sync(s, INDEX, f);
}

int
role_make(const struct spool *s, struct fail *f)
{
	struct role_token t = { 0 };
	char scratch[ROLE_NAME_MAX];
	struct fail passed;
	int rc = role_look(s, &t, f);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (fs_mkdirs(s->results, INDEX, f) != 0)
		return fail_prefix(f, "%s", s->results_path);
	t = (struct role_token){ 0 };
	token_draw_id(t.life);
	(void)snprintf(scratch, sizeof scratch, INDEX "/role.%s", t.life);
	rc = place_folder(s, scratch, &t, f);
	(void)fs_remove_tree(s->results, scratch, &passed);
	return rc;
}

struct look {
	struct role_token best;
	bool found;
};

static int
keep_highest(void *context, const char *name, unsigned char type)
{
	struct look *l = context;
	struct role_token t;

	(void)type;
	if (role_parse(&t, name) != 0)
		return 0;
	if (!l->found || t.epoch > l->best.epoch ||
	    (t.epoch == l->best.epoch && strcmp(t.life, l->best.life) > 0))
		l->best = t;
	l->found = true;
	return 0;
}

int
role_look(const struct spool *s, struct role_token *t, struct fail *f)
{
	struct look l = { .found = false };

	if (fs_each(s->results, ROLE, keep_highest, &l, f) != 0 &&
	    f->err != ENOENT)
		return fail_prefix(f, "%s", s->results_path);
	*t = l.best;
	return l.found;
}

int
role_is_shown(const struct role *r, struct fail *f)
{
	char name[ROLE_NAME_MAX];
	uint64_t inode;
	int rc;

	role_format(name, &r->token);
	rc = fs_find(r->spool->results, ROLE, name, &inode, f);
	return rc < 0 ? fail_prefix(f, "%s", r->spool->results_path) : rc;
}
