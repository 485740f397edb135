/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "buf.h"
#include "doctor_mount.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"

enum { MOUNTINFO_MOST = 64 << 20 };

static bool
is_octal(const char *s)
{
	return s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' &&
	    s[2] >= '0' && s[2] <= '7';
}

/* A copy of n bytes in which \040 and the like are bytes again. */
static char *
unescape(const char *s, size_t n)
{
	char *out = mem_alloc(n + 1), *to = out;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\\' && n - i > 3 && is_octal(s + i + 1)) {
			*to++ = (char)((s[i + 1] - '0') << 6 |
			    (s[i + 2] - '0') << 3 | (s[i + 3] - '0'));
			i += 3;
		} else {
			*to++ = s[i];
		}
	}
	return out;
}

static void
add_options(struct strs *options, const char *s)
{
	struct strs parts = { 0 };

	strs_split(&parts, s, ",");
	for (size_t i = 0; i < parts.n; i++) {
		char *option = unescape(parts.v[i], strlen(parts.v[i]));

		if (!strs_has(options, option))
			strs_add(options, option);
		free(option);
	}
	strs_free(&parts);
}

/* Splits at each blank: an empty field is one, too. */
static void
split(struct strs *fields, const char *line)
{
	const char *end = line + strcspn(line, "\n");

	for (;;) {
		size_t n = strcspn(line, " \n");

		strs_take(fields, mem_dupn(line, n));
		line += n;
		if (line >= end)
			return;
		line++;
	}
}

int
doctor_mount_parse(struct doctor_mount *m, const char *line)
{
	enum { ID, ROOT = 3, POINT, OPTIONS, FIRST_OPTIONAL };
	struct strs f = { 0 };
	size_t dash = FIRST_OPTIONAL;
	char *end;

	*m = (struct doctor_mount){ 0 };
	split(&f, line);
	while (dash < f.n && strcmp(f.v[dash], "-") != 0)
		dash++;
	m->id = strtoull(f.v[ID], &end, 10);
	if (dash + 3 >= f.n || end == f.v[ID] || *end ||
	    f.v[ROOT][0] == '\0' || f.v[POINT][0] != '/' ||
	    f.v[dash + 1][0] == '\0') {
		strs_free(&f);
		return -1;
	}
	m->root = unescape(f.v[ROOT], strlen(f.v[ROOT]));
	m->point = unescape(f.v[POINT], strlen(f.v[POINT]));
	m->type = unescape(f.v[dash + 1], strlen(f.v[dash + 1]));
	m->source = unescape(f.v[dash + 2], strlen(f.v[dash + 2]));
	add_options(&m->options, f.v[OPTIONS]);
	add_options(&m->options, f.v[dash + 3]);
	strs_free(&f);
	return 0;
}

int
doctor_mount_find(struct doctor_mount *m, const char *text, uint64_t id)
{
	*m = (struct doctor_mount){ 0 };
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		if (strtoull(text, NULL, 10) != id ||
		    doctor_mount_parse(m, text) != 0)
			continue;
		if (m->id == id)
			return 0;
		doctor_mount_free(m);
	}
	return -1;
}

static const char *
type_by_magic(unsigned long magic)
{
	static const struct { unsigned long magic; const char *type; } known[]
	    = { { NFS_SUPER_MAGIC, "nfs" }, { CEPH_SUPER_MAGIC, "ceph" },
	    { EXT4_SUPER_MAGIC, "ext4" }, { XFS_SUPER_MAGIC, "xfs" },
	    { BTRFS_SUPER_MAGIC, "btrfs" }, { TMPFS_MAGIC, "tmpfs" },
	    { RAMFS_MAGIC, "ramfs" }, { OVERLAYFS_SUPER_MAGIC, "overlay" },
	    { FUSE_SUPER_MAGIC, "fuse" }, { V9FS_MAGIC, "9p" },
	    { CIFS_SUPER_MAGIC, "cifs" }, { SMB2_SUPER_MAGIC, "cifs" } };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].magic == magic)
			return known[i].type;
	return NULL;
}

int
doctor_mount_of(struct doctor_mount *m, int fd, struct fail *f)
{
	static const char mountinfo[] = "/proc/self/mountinfo";
	const char *type;
	struct buf b = { 0 };
	struct statx x;
	struct statfs fs;
	int rc = -1;

	*m = (struct doctor_mount){ 0 };
	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &x) != 0)
		(void)fail_errno(f, "statx");
	else if (!(x.stx_mask & STATX_MNT_ID))
		(void)fail_set(f, EX_OSERR, "this kernel does not tell which "
		    "mount it is");
	else if (fs_read(AT_FDCWD, mountinfo, MOUNTINFO_MOST, &b, f) == 0)
		rc = doctor_mount_find(m, b.s, x.stx_mnt_id) == 0 ? 0 :
		    fail_set(f, EX_OSERR, "%s: mount %llu is not there",
		    mountinfo, (unsigned long long)x.stx_mnt_id);
	buf_free(&b);
	if (rc == 0 || fstatfs(fd, &fs) != 0)
		return rc;
	type = type_by_magic((unsigned long)fs.f_type);
	if (type)
		m->type = mem_dup(type);
	return -1;
}

bool
doctor_mount_has(const struct doctor_mount *m, const char *option)
{
	return strs_has(&m->options, option);
}

const char *
doctor_mount_value(const struct doctor_mount *m, const char *option)
{
	size_t n = strlen(option);

	for (size_t i = 0; i < m->options.n; i++)
		if (strncmp(m->options.v[i], option, n) == 0 &&
		    m->options.v[i][n] == '=')
			return m->options.v[i] + n + 1;
	return NULL;
}

int64_t
doctor_mount_number(const struct doctor_mount *m, const char *option,
	int64_t fallback)
{
	const char *value = doctor_mount_value(m, option);
	char *end;
	long long n;

	if (!value || !*value)
		return fallback;
	n = strtoll(value, &end, 10);
	return *end ? fallback : n;
}

void
doctor_mount_free(struct doctor_mount *m)
{
	free(m->root);
	free(m->point);
	free(m->type);
	free(m->source);
	strs_free(&m->options);
	*m = (struct doctor_mount){ 0 };
}
