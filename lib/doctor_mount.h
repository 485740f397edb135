/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One mount, as a line of /proc/self/mountinfo (proc(5)) tells:
 *
 *	36 35 98:0 /root /point rw,noatime shared:1 - ext4 /dev/vda rw,data=...
 *
 * Fields end at one blank each, for the source may be empty; bytes that would
 * disturb are written \040.  Sources and options are others' texts.
 */
#ifndef DOCTOR_MOUNT_H
#define DOCTOR_MOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "strs.h"

struct fail;

struct doctor_mount {
	uint64_t id;		/* as in statx(2)'s stx_mnt_id */
	char *root, *point, *type, *source;
	struct strs options;	/* the mount's own, then the filesystem's */
};

/* Reads one line; -1 where it is none.  m is doctor_mount_free'd if 0. */
int doctor_mount_parse(struct doctor_mount *m, const char *line);

/* Finds a mount in the whole text; -1 where it is not there. */
int doctor_mount_find(struct doctor_mount *m, const char *text, uint64_t id);

/*
 * Finds the mount of an open directory.  With -1, m has a type from statfs(2)
 * at best, and nothing else, and f tells why.  To be freed in any case.
 */
int doctor_mount_of(struct doctor_mount *m, int fd, struct fail *f);

/* Whether this is an option: "soft", "local_lock=all". */
bool doctor_mount_has(const struct doctor_mount *m, const char *option);

/* The number in option=N, or the fallback; the text in it, or NULL. */
int64_t doctor_mount_number(const struct doctor_mount *m, const char *option,
	int64_t fallback);
const char *doctor_mount_value(const struct doctor_mount *m,
	const char *option);

void doctor_mount_free(struct doctor_mount *m);

#endif
