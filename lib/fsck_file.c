/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of requests that wait or are claimed: tokens, and what is none. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fsck_look.h"

/* Of a token; there is no next number. */
enum { NUMBER_MOST = 999999, DIGITS_MOST = 6 };

/* Asks only where the mode does not tell: on NFS that is a call each. */
static bool
is_closed(const struct fsck_folder *d, const char *path, const struct stat *st)
{
	if ((st->st_mode & S_IROTH) ||
	    (st->st_uid == geteuid() && (st->st_mode & S_IRUSR)))
		return false;
	return faccessat(d->fd, path, R_OK, AT_EACCESS) != 0 &&
	    (errno == EACCES || errno == EPERM);
}

static void
judge(const struct fsck_folder *d, const char *object, const char *path,
	const struct stat *st)
{
	struct fsck *x = d->x;

	if (!S_ISREG(st->st_mode)) {
		fsck_raise(x, FSCK_FILE_KIND, object, "is no regular file");
		return;
	}
	if (st->st_nlink > 1)
		fsck_raise(x, FSCK_FILE_LINKED, object, "has %lu names (hard "
		    "links)", (unsigned long)st->st_nlink);
	if (is_closed(d, path, st))
		fsck_raise(x, FSCK_FILE_CLOSED, object, "may not be read by "
		    "user %u", (unsigned)geteuid());
	else if (d->sticky && st->st_uid != geteuid())
		fsck_raise(x, FSCK_FILE_CLOSED, object, "may not be renamed by "
		    "user %u: its folder is sticky", (unsigned)geteuid());
}

void
fsck_check_file(const struct fsck_folder *d, const char *name)
{
	struct stat st;
	char *object;

	if (fstatat(d->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return;		/* on its way: another look tells */
	object = fsck_object(d, name);
	judge(d, object, name, &st);
	free(object);
}

/* Whether a name would be a token's, were a number not too long. */
static bool
is_out_of_range(const char *name)
{
	static const char *const fields[] = { ",p", ",e", ",a" };
	bool long_one = false;

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		size_t digits;

		name = strstr(name, fields[i]);
		if (!name)
			return false;
		digits = strspn(name + 2, "0123456789");
		if (digits == 0)
			return false;
		long_one = long_one || digits > DIGITS_MOST;
	}
	return long_one;
}

bool
fsck_check_token(const struct fsck_folder *d, enum fsck_kind stranger,
	const char *name, struct token *t)
{
	char *object = fsck_object(d, name);
	bool ok = token_parse(t, name) == 0;

	if (!ok && is_out_of_range(name))
		fsck_raise(d->x, FSCK_TOKEN_RANGE, object, "is a token's name "
		    "but for its numbers");
	else if (!ok)
		fsck_raise(d->x, stranger, object, "is no token's name");
	else if (t->epoch == NUMBER_MOST || t->attempt == NUMBER_MOST)
		fsck_raise(d->x, FSCK_TOKEN_RANGE, object, "has used up its "
		    "numbers");
	free(object);
	return ok;
}

static int
in_cur(void *folder, const char *name, unsigned char type)
{
	struct fsck_folder *d = folder;
	struct token t;

	(void)type;
	if (!fsck_check_token(d, FSCK_STRANGER_CLAIMED, name, &t))
		return 0;
	if (!t.worker[0]) {
		char *object = fsck_object(d, name);

		fsck_raise(d->x, FSCK_STRANGER_CLAIMED, object, "bears no "
		    "worker's name");
		free(object);
		return 0;
	}
	fsck_see(d, FSCK_CLAIMED, name, &t);
	fsck_bear(d->x, t.worker, d, name);
	fsck_check_claim(d, name, t.worker);
	/* A dropped file that is still being judged may be anything. */
	if (t.epoch != TOKEN_EPOCH_DROPPED)
		fsck_check_file(d, name);
	return 0;
}

void
fsck_look_claimed(struct fsck *x, const struct queue *q)
{
	struct fsck_folder d;

	fsck_folder(&d, x, q, "%s/cur", q->name);
	d.fd = q->cur;
	fsck_check_folder(&d, q->cur, ".");
	fsck_step(x, d.path);
	fsck_each(&d, q->cur, ".", in_cur);
}

static int
in_day(void *folder, const char *name, unsigned char type)
{
	struct fsck_folder *d = folder;
	struct token t;

	(void)type;
	if (token_parse(&t, name) == 0 && t.worker[0]) {
		fsck_see(d, FSCK_DONE, name, &t);
	} else {
		char *object = fsck_object(d, name);

		fsck_raise(d->x, FSCK_STRANGER_DONE, object, "is no committed "
		    "token's name");
		free(object);
	}
	return 0;
}

static int
in_done(void *folder, const char *name, unsigned char type)
{
	struct fsck_folder *d = folder, day;
	char *object = fsck_object(d, name);

	if (type != DT_DIR || strlen(name) != 8 ||
	    strspn(name, "0123456789") != 8) {
		fsck_raise(d->x, FSCK_STRANGER_DONE, object, "is no day of "
		    "done");
	} else {
		fsck_folder(&day, d->x, d->q, "%s", object);
		fsck_step(d->x, day.path);
		fsck_each(&day, d->q->done, name, in_day);
	}
	free(object);
	return 0;
}

void
fsck_look_done(struct fsck *x, const struct queue *q)
{
	struct fsck_folder d;

	fsck_folder(&d, x, q, "%s/done", q->name);
	fsck_step(x, d.path);
	fsck_each(&d, q->done, ".", in_done);
}
