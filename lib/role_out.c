/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking the role, and the out folder of its holder. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "role.h"
#include "role_inside.h"
#include "spool.h"
#include "strs.h"

static void
out_path(char out[ROLE_PATH_MAX], const struct role_token *t)
{
	(void)snprintf(out, ROLE_PATH_MAX, INDEX "/out.e%u.%s", t->epoch,
	    t->life);
}

/*
 * Opened at once, and held: another folder of the same name, which a repeated
 * mkdir makes, is not the one that others remove.
 */
static int
make_out(struct role *r, struct fail *f)
{
	char path[ROLE_PATH_MAX];

	out_path(path, &r->token);
	if (fs_mkdir(r->spool->results, path) != 0 && errno != EEXIST)
		return fail_errno(f, "%s/%s", r->spool->results_path, path);
	r->out = fs_open_dir(r->spool->results, path);
	return r->out >= 0 ? 0 :
	    fail_errno(f, "%s/%s", r->spool->results_path, path);
}

int
role_take(struct role *r, const struct spool *s, const char *name,
	const struct role_token *from, struct fail *f)
{
	char source[ROLE_PATH_MAX], target[ROLE_PATH_MAX];
	int rc = 1;

	*r = (struct role){ .spool = s, .out = -1,
	    .token.epoch = from->epoch + 1 };
	if (from->epoch >= ROLE_EPOCH_MOST)
		return fail_set(f, EX_DATAERR, "%s/" ROLE ": no epoch is left",
		    s->results_path);
	(void)snprintf(r->token.name, sizeof r->token.name, "%s", name);
	token_draw_id(r->token.life);
	if (make_out(r, f) != 0)
		return -1;
	role_token_path(source, ROLE, from);
	role_token_path(target, ROLE, &r->token);
	if (fs_rename(s->results, source, s->results, target) != 0) {
		bool gone = errno == ENOENT;

		(void)fail_errno(f, "%s/%s", s->results_path, target);
		/* No other attempt has this name: it tells of ours alone. */
		rc = role_is_shown(r, &(struct fail){ 0 });
		if (rc != 1)
			rc = gone && rc == 0 ? 0 : -1;
	}
	if (rc != 1)
		role_leave(r);
	return rc;
}

/*
 * A file is renamed out before it is unlinked: of one that a process here still
 * has open, NFS keeps a name where it was, and the folder could not go.
 */
static void
take_file(const struct spool *s, const char *folder, const char *name)
{
	char *from = mem_printf("%s/%s", folder, name), id[TOKEN_ID_MAX], *to;
	struct fail passed;

	token_draw_id(id);
	to = mem_printf(INDEX "/rest.%s", id);
	if (fs_rename(s->results, from, s->results, to) == 0)
		(void)fs_unlink(s->results, to);
	else
		(void)fs_remove_tree(s->results, from, &passed);
	free(from);
	free(to);
}

/* One round; the folder's own removal tells whether it was empty. */
static void
empty_out(const struct spool *s, const char *folder)
{
	struct strs names = { 0 };
	struct fail passed;

	(void)fs_list(s->results, folder, SIZE_MAX, &names, &passed);
	for (size_t i = 0; i < names.n; i++)
		take_file(s, folder, names.v[i]);
	strs_free(&names);
}

/* Its holder may be making files in it all the time. */
static int
remove_out(const struct spool *s, const char *folder, struct fail *f)
{
	enum { ROUNDS = 100 };

	for (int i = 0; i < ROUNDS; i++) {
		if (fs_rmdir(s->results, folder) == 0 || errno == ENOENT)
			return 0;
		(void)fail_errno(f, "%s/%s", s->results_path, folder);
		if (f->err != ENOTEMPTY && f->err != EEXIST)
			break;
		empty_out(s, folder);
	}
	return -1;
}

struct clearing {
	char own[ROLE_PATH_MAX];
	struct strs folders, rests;
};

static int
keep_rest(void *context, const char *name, unsigned char type)
{
	struct clearing *c = context;

	(void)type;
	if (strncmp(name, "out.", 4) == 0 &&
	    strcmp(name, strrchr(c->own, '/') + 1) != 0)
		strs_addf(&c->folders, INDEX "/%s", name);
	else if (strncmp(name, "rest.", 5) == 0 ||
	    strncmp(name, "role.", 5) == 0 || strncmp(name, "gone.", 5) == 0)
		strs_addf(&c->rests, INDEX "/%s", name);
	return 0;
}

int
role_clear(const struct role *r, struct fail *f)
{
	const struct spool *s = r->spool;
	struct clearing c = { .folders = { 0 } };
	struct fail passed;
	int rc;

	out_path(c.own, &r->token);
	rc = fs_each(s->results, INDEX, keep_rest, &c, f);
	for (size_t i = 0; rc == 0 && i < c.folders.n; i++)
		rc = remove_out(s, c.folders.v[i], f);
	for (size_t i = 0; i < c.rests.n; i++)
		(void)fs_remove_tree(s->results, c.rests.v[i], &passed);
	strs_free(&c.folders);
	strs_free(&c.rests);
	if (rc != 0 || role_sync(s, ROLE, f) != 0)
		return -1;
	return role_sync(s, INDEX, f);
}

/* Whether target is the file that has that number: a reply was lost. */
static bool
has_become(const struct spool *s, const char *target, uint64_t inode)
{
	char *folder = mem_dup(target), *slash = strrchr(folder, '/');
	uint64_t there = 0;
	struct fail passed;
	bool is;

	*slash = '\0';
	is = fs_find(s->results, folder, slash + 1, &there, &passed) == 1 &&
	    there == inode;
	free(folder);
	return is;
}

static int
make_folder_of(const struct spool *s, const char *target, struct fail *f)
{
	char *folder = mem_dupn(target,
	    (size_t)(strrchr(target, '/') - target));
	int rc = fs_mkdirs(s->results, folder, f);

	free(folder);
	return rc == 0 ? 0 : fail_prefix(f, "%s", s->results_path);
}

int
role_put(const struct role *r, const char *name, const char *target,
	struct fail *f)
{
	const struct spool *s = r->spool;
	struct stat st = { 0 };

	(void)fstatat(r->out, name, &st, AT_SYMLINK_NOFOLLOW);
	if (make_folder_of(s, target, f) != 0)
		return -1;
	if (fs_rename(r->out, name, s->results, target) == 0)
		return 0;
	(void)fail_errno(f, "%s/%s", s->results_path, target);
	if (f->err != ENOENT && f->err != ESTALE)
		return -1;
	if (st.st_ino && has_become(s, target, st.st_ino))
		return 0;
	return fail_set(f, EX_UNAVAILABLE, "%s/%s: the role of the indexer "
	    "was lost", s->results_path, target);
}

void
role_leave(struct role *r)
{
	char path[ROLE_PATH_MAX];
	struct fail passed;

	if (r->out < 0)
		return;
	(void)close(r->out);
	r->out = -1;
	out_path(path, &r->token);
	(void)remove_out(r->spool, path, &passed);
}

int
role_release(struct role *r, struct fail *f)
{
	char source[ROLE_PATH_MAX], target[ROLE_PATH_MAX];
	struct role_token next = { .epoch = r->token.epoch + 1 };
	int rc = 0;

	if (r->out < 0)
		return 0;
	token_draw_id(next.life);
	role_token_path(source, ROLE, &r->token);
	role_token_path(target, ROLE, &next);
	role_leave(r);
	if (fs_rename(r->spool->results, source, r->spool->results, target)
	    != 0 && errno != ENOENT)
		rc = fail_errno(f, "%s/%s", r->spool->results_path, target);
	return rc;
}
