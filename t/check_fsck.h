/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of fsck share.  Each makes something wrong in a spool with
 * the queues amd64 and arm64, and says what is to be found.
 */
#ifndef CHECK_FSCK_H
#define CHECK_FSCK_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "fsck.h"
#include "fsck_words.h"
#include "harness.h"
#include "spool.h"
#include "strs.h"

#define DAY "20261122"
#define HOUR_S 3600
#define DAY_S 86400

static const struct spool *s;
static const struct conf *c;

static inline void
set_scene(void)
{
	s = harness_spool("amd64 arm64");
	c = harness_conf("attempts: 3\nbackoff: 0s\n");
}

/* Makes a file or a link look as if nobody had touched it for so long. */
static inline void
age(const char *path, int64_t age_s)
{
	const struct timespec t[] = { { time(NULL) - age_s, 0 },
	    { time(NULL) - age_s, 0 } };

	ck_assert_int_eq(utimensat(harness_dirfd(), path, t,
	    AT_SYMLINK_NOFOLLOW), 0);
}

static inline void
write_old(const char *path, const char *text, int64_t age_s)
{
	harness_write(path, text);
	age(path, age_s);
}

static inline void
make_dir(const char *path)
{
	struct fail f;

	ck_assert_int_eq(fs_mkdirs(harness_dirfd(), path, &f), 0);
}

static inline void
make_link(const char *target, const char *path)
{
	ck_assert_int_eq(fs_symlink(target, harness_dirfd(), path), 0);
}

static struct buf snapshot;

static inline int
add_to_snapshot(const char *path, const struct stat *st, int type,
	struct FTW *at)
{
	(void)type;
	(void)at;
	buf_addf(&snapshot, "%s %lu %lu %ld %ld\n", path,
	    (unsigned long)st->st_ino, (unsigned long)st->st_nlink,
	    (long)st->st_size, (long)st->st_mtim.tv_nsec);
	return 0;
}

/* All that there is, as a text to be compared; free() it. */
static inline char *
picture(void)
{
	buf_add(&snapshot, "");
	ck_assert_int_eq(nftw(harness_dir(), add_to_snapshot, 16, FTW_PHYS),
	    0);
	{
		char *text = snapshot.s;

		snapshot = (struct buf){ 0 };
		return text;
	}
}

enum { LOOK = 0, DEEP = 1, REPAIR = 2 };

/* What somebody does between the two looks; NULL: nothing. */
static void (*between)(void);

/* Staging is the first that is looked at, and looked at again. */
static inline void
on_progress(void *context, const char *what, size_t part, size_t of)
{
	int *times = context;

	ck_assert_uint_le(part, of);
	*times += strcmp(what, ".staging") == 0;
	if (*times == 3 && between) {
		void (*act)(void) = between;

		between = NULL;
		act();
	}
}

/* The caller frees the report. */
static inline struct fsck_report
look_for_dead(int how, const char *dead)
{
	struct strs queues = { 0 }, names = { 0 };
	struct fsck_options o = { .deep = how & DEEP, .repair = how & REPAIR,
	    .queues = &queues, .dead = &names, .progress = on_progress };
	struct fsck_report r;
	struct fail f;
	int times = 0;

	o.context = &times;

	if (dead)
		strs_add(&names, dead);
	ck_assert_msg(fsck(c, s, &o, &r, &f) == 0, "%s", f.text);
	strs_free(&names);
	return r;
}

static inline struct fsck_report
look(int how)
{
	return look_for_dead(how, NULL);
}

/* What was found, as "kind object state" and a newline each; free() it. */
static inline char *
words_of(const struct fsck_report *r)
{
	static const char *const states[] = { "", " repaired", " gone",
	    " left" };
	struct buf b = { 0 };

	buf_add(&b, "");
	for (size_t i = 0; i < r->n; i++)
		buf_addf(&b, "%s %s%s\n", r->v[i].words->key, r->v[i].object,
		    states[r->v[i].state]);
	return b.s;
}

static inline void
must_say(int how, const char *wanted)
{
	struct fsck_report r = look(how);
	char *words = words_of(&r);

	ck_assert_str_eq(words, wanted);
	free(words);
	fsck_report_free(&r);
}

/* Looking changes nothing, and finds this alone. */
static inline void
must_find(int how, const char *finding)
{
	char *before = picture(), *after, *wanted;
	struct buf b = { 0 };

	buf_addf(&b, "%s%s", finding, finding[0] ? "\n" : "");
	wanted = b.s;
	must_say(how, wanted);
	after = picture();
	ck_assert_str_eq(after, before);
	free(before);
	free(after);
	free(wanted);
}

static inline void
must_be_clean(int how)
{
	must_find(how, "");
}

/* It is found, and mended, and then nothing is wrong any more. */
static inline void
must_mend(int how, const char *finding)
{
	char wanted[1024];
	struct fsck_report r;

	must_find(how, finding);
	(void)snprintf(wanted, sizeof wanted, "%s repaired\n", finding);
	must_say(how | REPAIR, wanted);
	must_be_clean(how);
	r = look(how);
	ck_assert_int_eq(fsck_status(&r), EX_OK);
	fsck_report_free(&r);
}

/* It is found, and left to people, whatever they ask for. */
static inline void
must_leave(int how, const char *finding)
{
	struct fsck_report r;

	must_find(how, finding);
	must_find(how | REPAIR, finding);
	r = look(how);
	ck_assert_int_eq(fsck_status(&r),
	    r.v[0].words->hint ? EX_OK : EX_DATAERR);
	ck_assert_ptr_nonnull(r.v[0].words->cure);
	fsck_report_free(&r);
}

#endif
