/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What schroot, lxc and podman have to know of a testbed.  Each reads it when a
 * session or a container begins, so that the next one has the new version.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "image_inside.h"
#include "mem.h"
#include "strs.h"

static const char lxc_folder[] = "/var/lib/lxc";
static const char lxc_default[] = "/etc/lxc/default.conf";
static const char lxc_common[] = "/usr/share/lxc/config/debian.common.conf";
static const char schroot_folder[] = "/etc/schroot/chroot.d";

static int
replace(const char *folder, const char *name, const struct buf *text,
	struct fail *f)
{
	int dir = fs_open_dir(AT_FDCWD, folder), rc;

	if (dir < 0)
		return fail_errno(f, "%s", folder);
	rc = fs_replace(dir, name, text->s, text->len, f);
	(void)close(dir);
	return rc == 0 ? 0 : fail_prefix(f, "%s", folder);
}

static int
enter_schroot(const char *name, const char *path, struct fail *f)
{
	char *file = mem_printf("adtspool-%s", name);
	struct buf b = { 0 };
	int rc;

	buf_addf(&b, "# Written by adtspool testbed; see "
	    "adtspool-testbed(8).\n[%s]\n", file);
	buf_addf(&b, "description=a testbed\ntype=directory\ndirectory=%s\n",
	    path);
	buf_add(&b, "union-type=overlay\nprofile=minimal\nusers=root\n"
	    "root-users=root\nsource-root-users=root\n");
	rc = access(schroot_folder, F_OK) != 0 ? fail_set(f, EX_UNAVAILABLE,
	    "%s: not there; install schroot", schroot_folder) :
	    replace(schroot_folder, file, &b, f);
	buf_free(&b);
	free(file);
	return rc;
}

/* A configuration of this folder's own comes before the host's default. */
static void
say_lxc(const struct conf *c, const char *name, const char *folder,
	struct buf *b)
{
	char *own = mem_printf("%s/lxc/config", c->testbeds);
	bool is_own = access(own, F_OK) == 0;

	buf_add(b, "# Written by adtspool testbed; see adtspool-testbed(8).\n");
	if (access(lxc_common, F_OK) == 0)
		buf_addf(b, "lxc.include = %s\n", lxc_common);
	if (is_own || access(lxc_default, F_OK) == 0)
		buf_addf(b, "lxc.include = %s\n", is_own ? own : lxc_default);
	buf_addf(b, "lxc.rootfs.path = dir:%s/rootfs\nlxc.uts.name = %s\n",
	    folder, name);
	free(own);
}

/* lxc-copy(1) wants a path with the container's name in it. */
static int
lead_lxc(const char *folder, const char *path, struct fail *f)
{
	int dir = fs_open_dir(AT_FDCWD, folder), rc = 0;

	if (dir < 0)
		return fail_errno(f, "%s", folder);
	(void)fs_unlink(dir, "rootfs.new");
	if (fs_symlink(path, dir, "rootfs.new") != 0 ||
	    fs_rename(dir, "rootfs.new", dir, "rootfs") != 0)
		rc = fail_errno(f, "%s/rootfs", folder);
	(void)close(dir);
	return rc;
}

static int
enter_lxc(const struct conf *c, const char *name, const char *path,
	struct fail *f)
{
	char *folder = mem_printf("%s/adtspool-%s", lxc_folder, name);
	struct buf b = { 0 };
	int rc;

	say_lxc(c, name, folder, &b);
	if (access(lxc_folder, F_OK) != 0)
		rc = fail_set(f, EX_UNAVAILABLE, "%s: not there; install lxc",
		    lxc_folder);
	else
		rc = fs_mkdirs(AT_FDCWD, folder, f);
	if (rc == 0)
		rc = replace(folder, "config", &b, f);
	if (rc == 0)
		rc = lead_lxc(folder, path, f);
	buf_free(&b);
	free(folder);
	return rc;
}

static int
podman(const char *verb, const char *from, const char *to, struct fail *f)
{
	struct strs argv = { 0 };
	int rc;

	strs_addf(&argv, "podman");
	strs_split(&argv, verb, " ");
	strs_add(&argv, from);
	if (to)
		strs_add(&argv, to);
	rc = image_run(&argv, NULL, f);
	strs_free(&argv);
	return rc;
}

/* A tag of podman's is [A-Za-z0-9_.-]; its images' names are in lower case. */
static char *
podman_tag(const struct image *i, const char *version)
{
	return mem_printf("%s%s-%s:%s", image_traits[IMAGE_PODMAN].prefix,
	    i->suite, i->arch, strrchr(version, '@') + 1);
}

static int
enter_podman(const struct image *i, const char *path, struct fail *f)
{
	char *tag = podman_tag(i, path);
	char *name = mem_printf("%s%s-%s", image_traits[IMAGE_PODMAN].prefix,
	    i->suite, i->arch);
	char *import = mem_printf("import --quiet --arch=%s", i->arch);
	int rc = podman(import, path, tag, f);

	if (rc == 0)
		rc = podman("tag", tag, name, f);
	free(import);
	free(name);
	free(tag);
	return rc;
}

int
image_enter(const struct conf *c, const struct image *i, const char *version,
	struct fail *f)
{
	char *name = image_name(i);
	char *path = mem_printf("%s/%s/%s", c->testbeds,
	    image_traits[i->kind].server, version);
	int rc = 0;

	if (i->kind == IMAGE_SCHROOT)
		rc = enter_schroot(name, path, f);
	else if (i->kind == IMAGE_LXC)
		rc = enter_lxc(c, name, path, f);
	else if (i->kind == IMAGE_PODMAN)
		rc = enter_podman(i, path, f);
	free(path);
	free(name);
	return rc;
}

void
image_forget(const struct image *i, const char *version)
{
	struct fail unused_anyway;
	char *tag;

	if (i->kind != IMAGE_PODMAN)
		return;
	tag = podman_tag(i, version);
	(void)podman("rmi --force", tag, NULL, &unused_anyway);
	free(tag);
}
