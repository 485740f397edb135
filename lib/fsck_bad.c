/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bad/, where each file has its reason beside it.  The folder is listed twice,
 * for what is remembered of a name the first time is its hash alone.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "fail.h"
#include "fs.h"
#include "fsck_look.h"
#include "mem.h"

static const char why[] = ".why";

/* A listing of bad/ and what it showed. */
struct bad {
	struct fsck_folder d;		/* first, for fsck_each */
	struct fsck_set files, whys;
	struct fsck_set claimed;	/* names in cur/, listed after bad/ */
};

/* The length of a .why's name without that; 0 where it is none. */
static size_t
base_length(const char *name)
{
	size_t n = strlen(name), tail = sizeof why - 1;

	return n > tail && strcmp(name + n - tail, why) == 0 ? n - tail : 0;
}

static uint64_t
hash_of_base(const char *name)
{
	char *base = mem_dupn(name, base_length(name));
	uint64_t hash = fsck_hash(0, base);

	free(base);
	return hash;
}

/* ".NAME.HEX", what fs_replace writes before it renames. */
static bool
check_scratch(struct fsck_folder *d, const char *name)
{
	int64_t age_s;
	char *object, age[CLOCK_TEXT_MAX];

	if (name[0] != '.')
		return false;
	age_s = fsck_age_s(d->x, d->fd, name);
	clock_format_span(age, age_s);
	object = fsck_object(d, name);
	if (age_s > FSCK_DAY_S && fsck_is_scratch(name))
		fsck_raise(d->x, FSCK_SCRATCH_OLD, object, "is %s old", age);
	free(object);
	return true;
}

static int
remember(void *folder, const char *name, unsigned char type)
{
	struct bad *b = folder;
	struct token t;

	if (check_scratch(&b->d, name))
		return 0;
	if (base_length(name)) {
		fsck_set_add(&b->whys, hash_of_base(name));
		return 0;
	}
	fsck_set_add(&b->files, fsck_hash(0, name));
	if (!b->d.q || type == DT_DIR)
		return 0;
	if (token_parse(&t, name) == 0 && t.worker[0])
		fsck_see(&b->d, FSCK_BAD, name, &t);
	return 0;
}

static int
remember_claim(void *folder, const char *name, unsigned char type)
{
	struct bad *b = folder;

	(void)type;
	fsck_set_add(&b->claimed, fsck_hash(0, name));
	return 0;
}

/*
 * The reason is written before the file comes, so while cur/ shows the file,
 * or the reason is young, somebody may be about to bring it.
 */
static void
check_why(struct bad *b, const char *name, const char *object)
{
	uint64_t base = hash_of_base(name);
	int64_t age_s;
	char age[CLOCK_TEXT_MAX];

	if (fsck_set_has(&b->files, base) || fsck_set_has(&b->claimed, base))
		return;
	age_s = fsck_age_s(b->d.x, b->d.fd, name);
	clock_format_span(age, age_s);
	if (age_s > FSCK_HOUR_S)
		fsck_raise(b->d.x, FSCK_WHY_ALONE, object, "is the reason of a "
		    "file that is not here; %s old", age);
}

static int
check(void *folder, const char *name, unsigned char type)
{
	struct bad *b = folder;
	char *object;

	if (name[0] == '.')
		return 0;
	object = fsck_object(&b->d, name);
	if (type == DT_DIR)
		fsck_raise(b->d.x, FSCK_STRANGER_BAD, object,
		    "is a directory");
	else if (base_length(name))
		check_why(b, name, object);
	else if (!fsck_set_has(&b->whys, fsck_hash(0, name)))
		fsck_raise(b->d.x, FSCK_WHY_MISSING, object, "has no .why");
	free(object);
	return 0;
}

static void
look(struct bad *b, int bad, int cur)
{
	b->d.fd = bad;
	fsck_each(&b->d, bad, ".", remember);
	if (cur >= 0)
		fsck_each(&b->d, cur, ".", remember_claim);
	fsck_set_sort(&b->files);
	fsck_set_sort(&b->whys);
	fsck_set_sort(&b->claimed);
	fsck_each(&b->d, bad, ".", check);
	fsck_set_free(&b->files);
	fsck_set_free(&b->whys);
	fsck_set_free(&b->claimed);
}

void
fsck_look_bad(struct fsck *x, const struct queue *q)
{
	struct bad b = { .d = { .x = x } };

	fsck_folder(&b.d, x, q, "%s/bad", q->name);
	fsck_check_folder(&b.d, q->bad, ".");
	fsck_step(x, b.d.path);
	look(&b, q->bad, q->cur);
}

void
fsck_look_imported(struct fsck *x)
{
	int bad = fs_open_dir(x->spool->fd, "bad");
	struct bad b = { .d = { .x = x } };

	fsck_folder(&b.d, x, NULL, "bad");
	if (bad < 0)
		fsck_raise(x, FSCK_FOLDER_MISSING, "bad", "is missing");
	else
		look(&b, bad, -1);
	if (bad >= 0)
		(void)close(bad);
}
