/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the lock that one of the two holds keeps the other out. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "doctor_peer.h"
#include "doctor_report.h"
#include "doctor_talk.h"
#include "fail.h"
#include "fs.h"

enum { TRIES = 20, TRY_MS = 100 };

/*
 * A descriptor, or an errno below 0.  For reading alone where the file is
 * another's, which flock(2) minds on NFS.
 */
static int
open_lock(const struct doctor_talk *t, const char *name)
{
	int fd = openat(t->dir, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == EACCES)
		fd = openat(t->dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	return fd >= 0 ? fd : -errno;
}

/* It may take a moment until a lock that was given up is free. */
static int
take(int fd)
{
	for (int i = 0; i < TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK)
			break;
		doctor_talk_sleep(TRY_MS);
	}
	return errno;
}

/* The one that holds it says "0", or the error. */
static int
hold(struct doctor_talk *t, int fd, struct doctor_report *r, struct fail *f)
{
	int err = take(fd);

	if (err)
		doctor_say(r, DOCTOR_BAD, "locks", "mount it with locks",
		    "a lock cannot be taken: %s", strerror(err));
	if (doctor_talk_exchange(t, err ? "none" : "held", f) != 0 ||
	    doctor_talk_exchange(t, "wait", f) != 0)
		return -1;
	(void)flock(fd, LOCK_UN);
	return doctor_talk_exchange(t, "free", f);
}

/* The other one tries while it is held, and after that. */
static int
try(struct doctor_talk *t, int fd, struct doctor_report *r, struct fail *f)
{
	bool held, got;
	int err;

	if (doctor_talk_exchange(t, "ready", f) != 0)
		return -1;
	held = strcmp(t->heard, "held") == 0;
	got = flock(fd, LOCK_EX | LOCK_NB) == 0;
	err = got ? 0 : fd < 0 ? -fd : errno;
	if (got)
		(void)flock(fd, LOCK_UN);
	if (held && got)
		doctor_say(r, DOCTOR_BAD, "locks", "mount it with locks "
		    "(NFS: local_lock=none)", "both hold one lock: two workers "
		    "of one name take each other's requests for their own");
	else if (held && err != EWOULDBLOCK)
		doctor_say(r, DOCTOR_WARN, "locks", "let both write there, "
		    "and mount it with locks", "a lock cannot be asked for: "
		    "%s", strerror(err));
	if (doctor_talk_exchange(t, "tried", f) != 0 ||
	    doctor_talk_exchange(t, "wait", f) != 0)
		return -1;
	if (!held || got || err != EWOULDBLOCK)
		return 0;
	err = take(fd);
	if (err)
		doctor_say(r, DOCTOR_BAD, "locks", "restart the server's lock "
		    "service", "a lock that the other one gave up is not "
		    "free: %s", strerror(err));
	else
		doctor_say(r, DOCTOR_OK, "locks", NULL, "a lock that the "
		    "other one holds keeps this one out until it is given up");
	return 0;
}

/* First the left one holds it, then the other: a file each. */
int
doctor_peer_lock(struct doctor_talk *t, struct doctor_report *r,
	struct fail *f)
{
	char name[DOCTOR_FILE_MAX];
	int fd, rc = 0;

	doctor_talk_file(name, t->me, "lock");
	if (fs_write_new(t->dir, name, "", 0, f) != 0 ||
	    doctor_talk_exchange(t, "made", f) != 0)
		return -1;
	for (int round = 0; rc == 0 && round < 2; round++) {
		bool mine = (round == 0) == t->left;

		doctor_talk_file(name, mine ? t->me : t->other, "lock");
		fd = open_lock(t, name);
		rc = mine ? hold(t, fd, r, f) : try(t, fd, r, f);
		if (fd >= 0)
			(void)close(fd);
	}
	return rc;
}
