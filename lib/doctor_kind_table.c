/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>

#include "doctor_kind_table.h"

#define ONE_HOST "this host's alone"
#define NOT_TRIED "shared, and not tried"
#define GONE "in memory: what was acknowledged is gone after a reboot"
#define UP_TO_HOST "shared between guests of one host; how fresh it is and " \
	"whether locks hold is up to that"
#define BUSY_FILES "a file that another host has open cannot be renamed, " \
	"and names may fold"
#define NO_UNIX "has no owners of files, and may fold names"
#define ELSEWHERE "use ext4, xfs, btrfs, NFS or CephFS"
#define TRY_PEER "see what \"adtspool doctor --peer\" on two hosts says"

const struct doctor_kind doctor_kinds[] = {
	{ "ext4", DOCTOR_LOCAL, DOCTOR_OK, ONE_HOST, NULL },
	{ "ext3", DOCTOR_LOCAL, DOCTOR_OK, ONE_HOST, NULL },
	{ "ext2", DOCTOR_LOCAL, DOCTOR_WARN, ONE_HOST ", without a journal: "
	    "a power cut may leave a request in two folders or in none",
	    "use ext4, xfs or btrfs" },
	{ "xfs", DOCTOR_LOCAL, DOCTOR_OK, ONE_HOST, NULL },
	{ "btrfs", DOCTOR_LOCAL, DOCTOR_OK, ONE_HOST, NULL },
	{ "zfs", DOCTOR_LOCAL, DOCTOR_OK, ONE_HOST, NULL },
	{ "f2fs", DOCTOR_LOCAL, DOCTOR_OK, ONE_HOST, NULL },
	{ "bcachefs", DOCTOR_LOCAL, DOCTOR_OK, ONE_HOST, NULL },
	{ "tmpfs", DOCTOR_MEMORY, DOCTOR_BAD, GONE, ELSEWHERE
	    ", or say --volatile" },
	{ "ramfs", DOCTOR_MEMORY, DOCTOR_BAD, GONE, ELSEWHERE
	    ", or say --volatile" },
	{ "overlay", DOCTOR_OVERLAY, DOCTOR_WARN, ONE_HOST ", and most often "
	    "a container's layer, which goes with the container",
	    "mount a directory of the host there" },
	{ "nfs", DOCTOR_NFS, DOCTOR_OK, "shared", NULL },
	{ "nfs4", DOCTOR_NFS, DOCTOR_OK, "shared", NULL },
	{ "ceph", DOCTOR_CEPH, DOCTOR_OK, "shared", NULL },
	{ "fuse.ceph-fuse", DOCTOR_CEPH_FUSE, DOCTOR_OK, "shared", NULL },
	{ "gfs2", DOCTOR_SHARED, DOCTOR_WARN, NOT_TRIED, TRY_PEER },
	{ "ocfs2", DOCTOR_SHARED, DOCTOR_WARN, NOT_TRIED, TRY_PEER },
	{ "lustre", DOCTOR_SHARED, DOCTOR_WARN, NOT_TRIED, TRY_PEER },
	{ "fuse.glusterfs", DOCTOR_SHARED, DOCTOR_WARN, NOT_TRIED, TRY_PEER },
	{ "virtiofs", DOCTOR_SHARED, DOCTOR_WARN, UP_TO_HOST, TRY_PEER },
	{ "9p", DOCTOR_SHARED, DOCTOR_WARN, UP_TO_HOST, TRY_PEER },
	{ "cifs", DOCTOR_SHARED, DOCTOR_BAD, BUSY_FILES, ELSEWHERE },
	{ "smb3", DOCTOR_SHARED, DOCTOR_BAD, BUSY_FILES, ELSEWHERE },
	{ "fuse.sshfs", DOCTOR_SHARED, DOCTOR_BAD, "answers from a cache, and "
	    "its locks are this host's alone", ELSEWHERE },
	{ "vfat", DOCTOR_LOCAL, DOCTOR_BAD, NO_UNIX, ELSEWHERE },
	{ "exfat", DOCTOR_LOCAL, DOCTOR_BAD, NO_UNIX, ELSEWHERE },
	{ "ntfs3", DOCTOR_LOCAL, DOCTOR_BAD, NO_UNIX, ELSEWHERE },
	{ "fuseblk", DOCTOR_LOCAL, DOCTOR_BAD, NO_UNIX, ELSEWHERE },
	{ .type = NULL },
};

#define LOST_AT_TIMEOUT "a call that times out fails, though the server may " \
	"do it yet, and what was written may be lost"
#define LOCKS_ARE_LOCAL "locks are this host's alone: two workers of one " \
	"name on two hosts take each other's requests for their own"
#define NO_BARRIER "a power cut may take what was synced"
#define CACHED "what other hosts changed is not seen"
#define UDP "under load UDP may corrupt what is written"

const struct doctor_rule doctor_rules[] = {
	{ "nobarrier", DOCTOR_LOCAL, DOCTOR_BAD, NO_BARRIER,
	    "mount it without that" },
	{ "barrier=0", DOCTOR_LOCAL, DOCTOR_BAD, NO_BARRIER,
	    "mount it without that" },
	{ "volatile", DOCTOR_OVERLAY, DOCTOR_BAD, NO_BARRIER,
	    "mount it without that" },
	{ "soft", DOCTOR_NFS, DOCTOR_BAD, LOST_AT_TIMEOUT,
	    "mount it with hard" },
	{ "softerr", DOCTOR_NFS, DOCTOR_BAD, LOST_AT_TIMEOUT,
	    "mount it with hard" },
	{ "softreval", DOCTOR_NFS, DOCTOR_WARN, "while the server does not "
	    "answer, what was there before is shown",
	    "mount it with nosoftreval" },
	{ "nolock", DOCTOR_NFS, DOCTOR_BAD, LOCKS_ARE_LOCAL,
	    "mount it with lock" },
	{ "local_lock=all", DOCTOR_NFS, DOCTOR_BAD, LOCKS_ARE_LOCAL,
	    "mount it with local_lock=none" },
	{ "local_lock=flock", DOCTOR_NFS, DOCTOR_BAD, LOCKS_ARE_LOCAL,
	    "mount it with local_lock=none" },
	{ "nocto", DOCTOR_NFS, DOCTOR_WARN, "a file that another host has "
	    "overwritten, like a heartbeat, may be read as it was before",
	    "mount it with cto" },
	{ "proto=udp", DOCTOR_NFS, DOCTOR_WARN, UDP,
	    "mount it with proto=tcp" },
	{ "proto=udp6", DOCTOR_NFS, DOCTOR_WARN, UDP,
	    "mount it with proto=tcp6" },
	{ "vers=3", DOCTOR_NFS, DOCTOR_NOTE, "a name that appears between two "
	    "ticks of the server's clock may stay unseen until its folder "
	    "changes again", "mount it with vers=4.2" },
	{ "nowsync", DOCTOR_CEPH, DOCTOR_BAD, "removing and making files is "
	    "answered before it is done, and may fail after that",
	    "mount it with wsync" },
	{ "recover_session=clean", DOCTOR_CEPH, DOCTOR_WARN, "when the cluster "
	    "has shut this host out, locks and unsynced data go in silence",
	    "mount it with recover_session=no" },
	/* 9p since Linux 6.4 shows loose and fscache as numbers. */
	{ "cache=loose", DOCTOR_SHARED, DOCTOR_BAD, CACHED,
	    "mount it with cache=none" },
	{ "cache=f", DOCTOR_SHARED, DOCTOR_BAD, CACHED,
	    "mount it with cache=none" },
	{ "cache=fscache", DOCTOR_SHARED, DOCTOR_BAD, CACHED,
	    "mount it with cache=none" },
	{ "cache=8f", DOCTOR_SHARED, DOCTOR_BAD, CACHED,
	    "mount it with cache=none" },
	{ "localflock", DOCTOR_SHARED, DOCTOR_BAD, LOCKS_ARE_LOCAL,
	    "mount it with flock" },
	{ "localflocks", DOCTOR_SHARED, DOCTOR_BAD, LOCKS_ARE_LOCAL,
	    "mount it without that" },
	{ .option = NULL },
};
