/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each folder on its own: whether this user, and others that work on the same
 * spool, can do there what the protocol does there.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "doctor_look.h"
#include "fs.h"
#include "mem.h"

static bool
complain(struct doctor *d, const struct doctor_place *p, const char *what)
{
	doctor_say(d->report, doctor_grade_of(errno), "folder",
	    doctor_cure_of(errno), "%s: %s: %s", p->name, what,
	    strerror(errno));
	return false;
}

/* On ext4 each folder may fold or not, so each is tried. */
static bool
try_case(struct doctor *d, const struct doctor_place *p, const char *name)
{
	char upper[DOCTOR_NAME_MAX];
	size_t i;
	int fd;

	for (i = 0; name[i]; i++)
		upper[i] = (char)toupper((unsigned char)name[i]);
	upper[i] = '\0';
	fd = fs_create(p->fd, upper);
	if (fd >= 0) {
		(void)close(fd);
		doctor_remove(d, p, upper);
		return true;
	}
	if (errno != EEXIST)
		return complain(d, p, "a second file cannot be made");
	doctor_say(d->report, DOCTOR_BAD, "names", "make the folder without "
	    "case folding", "%s: names that differ in case alone are one, and "
	    "so are requests then", p->name);
	return false;
}

static bool
try_files(struct doctor *d, struct doctor_place *p)
{
	char made[DOCTOR_NAME_MAX], moved[DOCTOR_NAME_MAX];
	bool ok;
	int fd;

	doctor_name(d, made);
	doctor_name(d, moved);
	fd = fs_create(p->fd, made);
	p->closed = fd < 0;
	if (p->closed)
		return complain(d, p, "files cannot be made");
	(void)close(fd);
	ok = try_case(d, p, made);
	if (fs_rename(p->fd, made, p->fd, moved) != 0) {
		ok = complain(d, p, "files cannot be renamed");
		doctor_remove(d, p, made);
	} else if (fs_unlink(p->fd, moved) != 0) {
		ok = complain(d, p, "files cannot be removed");
	}
	return ok;
}

mode_t
doctor_lacks(const struct stat *folder, const struct stat *made)
{
	mode_t group = folder->st_mode & 070, others = folder->st_mode & 07;
	mode_t have = made->st_mode & 077;

	/* In another group, those of the folder's are others here. */
	if (made->st_gid != folder->st_gid)
		have = (have & 07) << 3 | (have & 07);
	return (group | others) & ~have;
}

static bool
judge_mode(struct doctor *d, const struct doctor_place *p,
	const struct stat *made)
{
	mode_t lacks = doctor_lacks(&p->st, made), mask = umask(0);
	char *cure;

	(void)umask(mask);
	if (lacks == 0)
		return true;
	cure = made->st_gid != p->st.st_gid && (lacks & 070) ?
	    mem_printf("chmod g+s there, and use umask %03o or less",
	    (unsigned)(mask & ~lacks)) :
	    mem_printf("umask %03o, for all that use adtspool",
	    (unsigned)(mask & ~lacks));
	doctor_say(d->report, lacks & 022 ? DOCTOR_BAD : DOCTOR_WARN, "members",
	    cure, "%s: has mode %04o, and folders that this user makes in it "
	    "%04o%s: others who may %s there may not do so in these", p->name,
	    (unsigned)(p->st.st_mode & 07777),
	    (unsigned)(made->st_mode & 07777),
	    made->st_gid == p->st.st_gid ? "" : ", of another group",
	    lacks & 022 ? "write" : "read");
	free(cure);
	return false;
}

static bool
try_dirs(struct doctor *d, const struct doctor_place *p)
{
	char name[DOCTOR_NAME_MAX];
	struct stat st;
	bool ok = true;

	doctor_name(d, name);
	if (fs_mkdir(p->fd, name) != 0)
		return complain(d, p, "folders cannot be made");
	if (fstatat(p->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		ok = complain(d, p, "a new folder is not seen");
	else
		ok = judge_mode(d, p, &st);
	if (fs_rmdir(p->fd, name) != 0)
		ok = complain(d, p, "folders cannot be removed");
	return ok;
}

static bool
judge_sticky(struct doctor *d, const struct doctor_place *p)
{
	bool mine = geteuid() == 0 || geteuid() == p->st.st_uid;
	char *cure;

	if (!(p->st.st_mode & S_ISVTX))
		return true;
	cure = mem_printf("chmod -t %s", p->name);
	doctor_say(d->report, mine ? DOCTOR_WARN : DOCTOR_BAD, "sticky", cure,
	    "%s: sticky: only root and uid %lu, whose folder it is, can take "
	    "away what others put there", p->name,
	    (unsigned long)p->st.st_uid);
	free(cure);
	return false;
}

/* CephFS tells quotas as numbers in text; others do not know the name. */
static long long
quota(int fd, const char *name)
{
	char text[32] = "";
	ssize_t n = fgetxattr(fd, name, text, sizeof text - 1);

	return n > 0 ? strtoll(text, NULL, 10) : 0;
}

/* Renames between realms of quotas are refused, though all is one device. */
static bool
judge_quota(struct doctor *d, const struct doctor_place *p)
{
	if (quota(p->fd, "ceph.quota.max_bytes") <= 0 &&
	    quota(p->fd, "ceph.quota.max_files") <= 0)
		return true;
	doctor_say(d->report, DOCTOR_BAD, "quota", "set it to 0 here, and on "
	    "the spool as a whole instead (setfattr -n ceph.quota.max_bytes)",
	    "%s: has a quota of its own, and so nothing can be renamed out "
	    "of it or into it", p->name);
	return false;
}

static bool
check(struct doctor *d, struct doctor_place *p, unsigned needs)
{
	bool ok = p->fd >= 0;

	if (!ok)
		return false;
	ok = try_files(d, p);
	if ((needs & DOCTOR_NEEDS_DIRS) && !p->closed)
		ok = try_dirs(d, p) && ok;
	if (needs & DOCTOR_NEEDS_OTHERS)
		ok = judge_sticky(d, p) && ok;
	if (needs & DOCTOR_NEEDS_ONE_REALM)
		ok = judge_quota(d, p) && ok;
	return ok;
}

static void
check_queue(struct doctor *d, struct doctor_queue *q)
{
	static const unsigned needs[DOCTOR_FOLDERS] = {
		[DOCTOR_FOLDER_TMP] = DOCTOR_NEEDS_ONE_REALM,
		[DOCTOR_FOLDER_NEW] = DOCTOR_NEEDS_ONE_REALM |
		    DOCTOR_NEEDS_DIRS | DOCTOR_NEEDS_OTHERS,
		[DOCTOR_FOLDER_CUR] = DOCTOR_NEEDS_ONE_REALM |
		    DOCTOR_NEEDS_OTHERS,
		[DOCTOR_FOLDER_DONE] = DOCTOR_NEEDS_ONE_REALM |
		    DOCTOR_NEEDS_DIRS,
		[DOCTOR_FOLDER_BAD] = DOCTOR_NEEDS_ONE_REALM |
		    DOCTOR_NEEDS_OTHERS,
		[DOCTOR_FOLDER_PENDING] = DOCTOR_NEEDS_OTHERS,
		[DOCTOR_FOLDER_TRIES] = DOCTOR_NEEDS_OTHERS,
	};
	bool ok = q->self.fd >= 0;

	for (size_t i = 0; i < DOCTOR_FOLDERS; i++)
		ok = check(d, &q->in[i], needs[i]) && ok;
	if (ok)
		doctor_say(d->report, DOCTOR_OK, "folder", NULL, "%s: in all "
		    "of its folders files can be made, renamed and removed",
		    q->self.name);
}

/* As which NFS shows those whom it cannot map, and a root that it squashed. */
static void
check_nobody(struct doctor *d)
{
	enum { NOBODY = 65534 };

	if (d->spool.st.st_uid == NOBODY && geteuid() != NOBODY)
		doctor_say(d->report, DOCTOR_WARN, "owner", "let the server "
		    "and this host map ids alike, or chown it to the workers' "
		    "user", "spool: belongs to nobody (uid %d): a squashed "
		    "root made it, or ids are not mapped", NOBODY);
}

void
doctor_check_folders(struct doctor *d)
{
	bool ok = check(d, &d->workers, DOCTOR_NEEDS_FILES);

	ok = check(d, &d->lines, DOCTOR_NEEDS_FILES) && ok;
	check_nobody(d);
	if (ok)
		doctor_say(d->report, DOCTOR_OK, "folder", NULL, "workers and "
		    "bad: files can be made, renamed and removed");
	for (size_t i = 0; i < d->n_queues; i++)
		check_queue(d, &d->queues[i]);
	ok = check(d, &d->results, DOCTOR_NEEDS_DIRS);
	if (d->staging.fd >= 0)
		ok = check(d, &d->staging, DOCTOR_NEEDS_ONE_REALM |
		    DOCTOR_NEEDS_DIRS | DOCTOR_NEEDS_OTHERS) && ok;
	if (ok)
		doctor_say(d->report, DOCTOR_OK, "folder", NULL, "results: "
		    "files and folders can be made, renamed and removed");
}
