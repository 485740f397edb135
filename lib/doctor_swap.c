/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one of the two makes, the other must be able to read and take away. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "buf.h"
#include "doctor_peer.h"
#include "doctor_report.h"
#include "doctor_talk.h"
#include "fail.h"
#include "fs.h"

enum { READ_MOST = 64, OVERWRITES = 3, STALE_MOST_MS = 5000,
	STALE_LOOK_MS = 50 };

static const char cure[] = "use one group and umask 002 on both hosts, with "
	"g+s on the folders, or one user that is not squashed";

/* What both must see alike of a file. */
struct sight {
	unsigned long uid;
	uint64_t inode;		/* as a listing tells it */
};

static int
see(struct doctor_talk *t, const char *folder, struct sight *s,
	struct fail *f)
{
	char name[DOCTOR_FILE_MAX + 8];
	struct stat st;
	int there = fs_find(t->dir, folder, "file", &s->inode, f);

	(void)snprintf(name, sizeof name, "%s/file", folder);
	if (there < 0)
		return -1;
	if (!there)
		return fail_set(f, EX_TEMPFAIL, "%s: is not listed", name);
	if (fstatat(t->dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return fail_errno(f, "%s", name);
	s->uid = (unsigned long)st.st_uid;
	return 0;
}

/* A folder with a file to take away, as a bucket with a request is. */
static int
make_folder(struct doctor_talk *t, const char *folder, struct fail *f)
{
	char name[DOCTOR_FILE_MAX + 8];

	(void)snprintf(name, sizeof name, "%s/file", folder);
	if (fs_mkdir(t->dir, folder) != 0)
		return fail_errno(f, "%s", folder);
	return fs_write_new(t->dir, name, t->me, strlen(t->me), f);
}

static int
read_it(struct doctor_talk *t, const char *name, struct fail *f)
{
	struct buf b = { 0 };
	int rc = fs_read(t->dir, name, READ_MOST, &b, f);

	if (rc == 0 && strcmp(b.s, t->other) != 0)
		rc = fail_set(f, EX_IOERR, "%s: is not what was written there",
		    name);
	buf_free(&b);
	return rc;
}

/* Takes it out of the folder that the other made, and removes both. */
static int
take_it(struct doctor_talk *t, const char *folder, const char *name,
	struct fail *f)
{
	char mine[DOCTOR_FILE_MAX];

	doctor_talk_file(mine, t->me, "taken");
	if (fs_rename(t->dir, name, t->dir, mine) != 0)
		return fail_errno(f, "what the other one made cannot be "
		    "renamed");
	if (fs_unlink(t->dir, mine) != 0)
		return fail_errno(f, "what the other one made cannot be "
		    "removed");
	if (fs_rmdir(t->dir, folder) != 0)
		return fail_errno(f, "a folder that the other one made cannot "
		    "be removed");
	return 0;
}

static void
compare(const struct sight *here, const struct sight *there,
	struct doctor_report *r)
{
	if (here->uid != there->uid)
		doctor_say(r, DOCTOR_WARN, "owner", "let both hosts map ids "
		    "alike", "a file that is uid %lu's there is uid %lu's "
		    "here", there->uid, here->uid);
	if (here->inode != there->inode)
		doctor_say(r, DOCTOR_BAD, "inode", "mount it with the same "
		    "options on both hosts", "one file has two inode numbers: "
		    "%" PRIu64 " there and %" PRIu64 " here; so results that "
		    "are published already are not known again", there->inode,
		    here->inode);
}

/* 0 when all went well. */
static int
try_theirs(struct doctor_talk *t, const struct sight *there,
	struct doctor_report *r, struct fail *f)
{
	char folder[DOCTOR_FILE_MAX], name[DOCTOR_FILE_MAX + 8];
	struct sight here;

	doctor_talk_file(folder, t->other, "swap");
	(void)snprintf(name, sizeof name, "%s/file", folder);
	if (see(t, folder, &here, f) != 0)
		return -1;
	compare(&here, there, r);
	return read_it(t, name, f) == 0 && take_it(t, folder, name, f) == 0 ?
	    0 : -1;
}

int
doctor_peer_swap(struct doctor_talk *t, struct doctor_report *r,
	struct fail *f)
{
	char folder[DOCTOR_FILE_MAX], text[64];
	struct sight mine, theirs = { 0 };
	struct fail why;
	bool ok;

	doctor_talk_file(folder, t->me, "swap");
	if (make_folder(t, folder, f) != 0 || see(t, folder, &mine, f) != 0)
		return -1;
	(void)snprintf(text, sizeof text, "%lu %" PRIu64, mine.uid,
	    mine.inode);
	if (doctor_talk_exchange(t, text, f) != 0)
		return -1;
	if (sscanf(t->heard, "%lu %" SCNu64, &theirs.uid, &theirs.inode) != 2)
		return fail_set(f, EX_DATAERR, "what it says is not "
		    "understood");
	ok = try_theirs(t, &theirs, r, &why) == 0;
	if (ok)
		doctor_say(r, DOCTOR_OK, "members", NULL, "what the other one "
		    "made can be read, renamed and removed");
	else
		doctor_say(r, DOCTOR_BAD, "members", cure, "%s", why.text);
	if (doctor_talk_exchange(t, ok ? "taken" : "left", f) != 0)
		return -1;
	return ok && strcmp(t->heard, "taken") == 0 ? 0 : 1;
}

/* How long it is read stale, after it was said that it is new; -1: longer. */
static int64_t
wait_for_text(struct doctor_talk *t, const char *name, const char *text,
	struct fail *f)
{
	for (int64_t ms = 0; ms <= STALE_MOST_MS; ms += STALE_LOOK_MS) {
		struct buf b = { 0 };
		int rc = fs_read(t->dir, name, READ_MOST, &b, f);
		bool fresh = rc == 0 && strcmp(b.s, text) == 0;

		buf_free(&b);
		if (fresh)
			return ms;
		doctor_talk_sleep(STALE_LOOK_MS);
	}
	return -1;
}

static void
say_fresh(int64_t worst_ms, struct doctor_report *r)
{
	static const char mount_cure[] = "mount it with what keeps close-to-"
		"open consistency (NFS: cto, acregmax=60 or less)";

	if (worst_ms == 0)
		doctor_say(r, DOCTOR_OK, "fresh", NULL, "what the other one "
		    "overwrites is read as it is now");
	else if (worst_ms > 0)
		doctor_say(r, DOCTOR_WARN, "fresh", mount_cure, "what the "
		    "other one overwrites is read as it was for up to %lld ms",
		    (long long)worst_ms);
	else
		doctor_say(r, DOCTOR_BAD, "fresh", mount_cure, "what the "
		    "other one overwrites, like its heartbeat, is still read "
		    "as it was %d ms later", STALE_MOST_MS);
}

/* Each overwrites a file of its own, in place, and reads the other's. */
int
doctor_peer_fresh(struct doctor_talk *t, struct doctor_report *r,
	struct fail *f)
{
	char own[DOCTOR_FILE_MAX], theirs[DOCTOR_FILE_MAX], text[24];
	int64_t worst_ms = 0, ms;
	struct fail ignored;

	doctor_talk_file(own, t->me, "fresh");
	doctor_talk_file(theirs, t->other, "fresh");
	for (int i = 0; i <= OVERWRITES; i++) {
		(void)snprintf(text, sizeof text, "beat %d", i);
		if (fs_overwrite(t->dir, own, text, strlen(text), f) != 0 ||
		    doctor_talk_exchange(t, text, f) != 0)
			return -1;
		ms = wait_for_text(t, theirs, t->heard, &ignored);
		worst_ms = ms < 0 || worst_ms < 0 ? -1 :
		    ms > worst_ms ? ms : worst_ms;
		if (doctor_talk_exchange(t, "read", f) != 0)
			return -1;
	}
	say_fresh(worst_ms, r);
	return 0;
}
