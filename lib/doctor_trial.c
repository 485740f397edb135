/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "doctor_trial.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "token.h"

static int
make(int dir, const char *name, const char *text, struct fail *f)
{
	return fs_write_new(dir, name, text, strlen(text), f);
}

/* Refused with this errno, and with no other: answers are told apart by it. */
static int
must_fail(int rc, int wanted, const char *what, struct fail *f)
{
	if (rc == 0)
		return fail_set(f, EX_OSERR, "%s succeeds, and must not",
		    what);
	if (errno != wanted) {
		(void)fail_errno(f, "%s", what);
		return fail_prefix(f, "the wrong error");
	}
	return 0;
}

static int
rename_takes_it_away(int dir, struct fail *f)
{
	if (make(dir, "once", "", f) != 0)
		return -1;
	if (fs_rename(dir, "once", dir, "once@first") != 0)
		return fail_errno(f, "a rename");
	return must_fail(fs_rename(dir, "once", dir, "once@second"), ENOENT,
	    "a second rename of one file", f);
}

static int
rename_keeps_full_folders(int dir, struct fail *f)
{
	if (fs_mkdir(dir, "empty") != 0 || fs_mkdir(dir, "full") != 0)
		return fail_errno(f, "mkdir");
	if (make(dir, "full/file", "", f) != 0)
		return -1;
	if (fs_rename(dir, "empty", dir, "full") == 0)
		return fail_set(f, EX_OSERR, "a folder may be replaced that "
		    "is not empty");
	if (errno == EEXIST || errno == ENOTEMPTY)
		return 0;
	return fail_errno(f, "renaming a folder over one that is not empty");
}

static int
must_be(const struct buf *b, const char *text, const char *what,
	struct fail *f)
{
	return b->s && strcmp(b->s, text) == 0 ? 0 : fail_set(f, EX_OSERR,
	    "%s is read as another one", what);
}

static int
rename_over_open_file(int dir, struct fail *f)
{
	static const char old[] = "a file that was replaced while it was open";
	struct buf b = { 0 };
	int fd, rc;

	if (make(dir, "open", "old", f) != 0 ||
	    make(dir, "other", "new", f) != 0)
		return -1;
	fd = fs_open_read(dir, "open");
	rc = fd < 0 || fs_rename(dir, "other", dir, "open") != 0 ?
	    fail_errno(f, "renaming over a file that is open") :
	    fs_read_fd(fd, old, 16, &b, f);
	if (rc == 0)
		rc = must_be(&b, "old", old, f);
	buf_reset(&b);
	if (rc == 0)
		rc = fs_read(dir, "open", 16, &b, f);
	if (rc == 0)
		rc = must_be(&b, "new", "a file that took one's place", f);
	if (fd >= 0)
		(void)close(fd);
	buf_free(&b);
	return rc;
}

static int
exclusive_is_exclusive(int dir, struct fail *f)
{
	int fd;

	if (make(dir, "excl", "", f) != 0)
		return -1;
	fd = fs_create(dir, "excl");
	if (fd >= 0)
		(void)close(fd);
	return must_fail(fd >= 0 ? 0 : -1, EEXIST,
	    "making a file that is there already", f);
}

static int
links_are_kept(int dir, struct fail *f)
{
	static const char target[] = "../../1:2.0~rc1+b2";
	char text[sizeof target] = "";

	if (fs_symlink(target, dir, "1:2.0~rc1+b2") != 0)
		return fail_errno(f, "a symbolic link");
	if (readlinkat(dir, "1:2.0~rc1+b2", text, sizeof text - 1) < 0)
		return fail_errno(f, "reading a symbolic link");
	return strcmp(text, target) == 0 ? 0 : fail_set(f, EX_OSERR,
	    "a symbolic link's text is changed");
}

static int
link_count_is_one(int dir, struct fail *f)
{
	struct stat st;

	if (make(dir, "count", "", f) != 0)
		return -1;
	if (fstatat(dir, "count", &st, AT_SYMLINK_NOFOLLOW) != 0)
		return fail_errno(f, "stat");
	return st.st_nlink == 1 ? 0 : fail_set(f, EX_OSERR, "a new file has "
	    "%llu names, it says; what people drop would be refused",
	    (unsigned long long)st.st_nlink);
}

/* By its number a result is known, whoever publishes it under what name. */
static int
inode_number_stays(int dir, struct fail *f)
{
	uint64_t before = 0, after = 0;

	if (fs_mkdir(dir, "stage") != 0 ||
	    fs_mkdir(dir, "stage/making") != 0 ||
	    fs_mkdir(dir, "package") != 0)
		return fail_errno(f, "mkdir");
	if (fs_find(dir, "stage", "making", &before, f) < 0)
		return -1;
	if (fs_rename(dir, "stage/making", dir, "stage/run") != 0 ||
	    fs_rename(dir, "stage/run", dir, "package/moved") != 0)
		return fail_errno(f, "renaming a folder");
	if (fs_find(dir, "package", "moved", &after, f) < 0)
		return -1;
	return before && before == after ? 0 : fail_set(f, EX_OSERR, "a "
	    "folder that is renamed is listed with another inode number");
}

static int
folder_can_be_synced(int dir, struct fail *f)
{
	return fs_sync(dir) == 0 ? 0 : fail_errno(f, "fsync of a folder");
}

/* As commit_bad makes it: the reason beside the longest name of a token. */
static int
longest_name_fits(int dir, struct fail *f)
{
	struct token t = { .priority = TOKEN_PRIORITY_MOST, .epoch = 999999,
	    .attempt = 999999, .id = "aaaaaaaaaaaa" };
	char name[TOKEN_NAME_MAX], *why;
	int rc;

	memset(t.label, 'l', sizeof t.label - 1);
	memset(t.worker, 'w', sizeof t.worker - 1);
	token_format(name, &t);
	why = mem_printf("%s.why", name);
	rc = fs_replace(dir, why, "x", 1, f);
	if (rc != 0)
		(void)fail_set(f, f->status, "names of %zu bytes: %s",
		    strlen(why), strerror(f->err));
	free(why);
	return rc;
}

const struct doctor_trial doctor_trials[] = {
	{ "rename", "a file can be renamed away once", rename_takes_it_away },
	{ "rename", "no folder replaces one that is not empty",
	    rename_keeps_full_folders },
	{ "rename", "a file can be replaced while it is read",
	    rename_over_open_file },
	{ "names", "a name can be taken once", exclusive_is_exclusive },
	{ "names", "the longest ones fit", longest_name_fits },
	{ "links", "symbolic links are kept", links_are_kept },
	{ "links", "a new file has one name", link_count_is_one },
	{ "inode", "a folder keeps its number when it is renamed",
	    inode_number_stays },
	{ "sync", "folders can be synced", folder_can_be_synced },
	{ .run = NULL },
};
