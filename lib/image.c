/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "image_inside.h"
#include "mem.h"
#include "name.h"
#include "strs.h"

enum { VERSIONS_MOST = 10000 };

const struct image_trait image_traits[IMAGE_KINDS] = {
	[IMAGE_CHROOT] = { "chroot", "", NULL, "chroot", true },
	[IMAGE_LXC] = { "lxc", "", "adtspool-", "lxc --ephemeral", true },
	[IMAGE_PODMAN] = { "podman", "", "localhost/adtspool/", "podman",
	    false },
	[IMAGE_QEMU] = { "qemu", ".img", NULL, "qemu", false },
	[IMAGE_SCHROOT] = { "schroot", "", "adtspool-", "schroot", true },
	[IMAGE_UNSHARE] = { "unshare", ".tar", NULL, "unshare --tarball",
	    false },
};

int
image_kind(const char *virt_server)
{
	for (int i = 0; i < IMAGE_KINDS; i++)
		if (strcmp(image_traits[i].server, virt_server) == 0)
			return i;
	return -1;
}

const char *
image_virt_server(enum image_kind kind)
{
	return image_traits[kind].server;
}

int
image_parse(struct image *i, int64_t *made_s, const char *version)
{
	struct strs part = { 0 };
	int rc = -1;

	strs_split(&part, version, "@");
	if (part.n == 3 && name_suite_ok(part.v[0]) && name_arch_ok(part.v[1])
	    && name_begins_as(part.v[2], "ddddddddTdddddd")) {
		part.v[2][strlen("20261122T160102")] = '\0';
		rc = clock_parse(part.v[2], made_s);
	}
	if (rc == 0) {
		i->suite = mem_dup(part.v[0]);
		i->arch = mem_dup(part.v[1]);
	}
	strs_free(&part);
	return rc;
}

void
image_free(struct image *i)
{
	free((void *)(uintptr_t)i->suite);
	free((void *)(uintptr_t)i->arch);
	*i = (struct image){ 0 };
}

char *
image_name(const struct image *i)
{
	return mem_printf("%s-%s", i->suite, i->arch);
}

char *
image_link(const struct image *i)
{
	return mem_printf("%s-%s%s", i->suite, i->arch,
	    image_traits[i->kind].suffix);
}

int
image_open(const struct conf *c, enum image_kind kind, struct fail *f)
{
	char *path = mem_printf("%s/%s", c->testbeds,
	    image_traits[kind].server);
	int dir = fs_open_dir(AT_FDCWD, path);

	if (dir < 0)
		(void)fail_errno(f, "%s", path);
	free(path);
	return dir;
}

char *
image_newest(int dir, const char *link)
{
	char to[NAME_MAX + 1];
	ssize_t n = readlinkat(dir, link, to, sizeof to);

	/* One that leads elsewhere is not ours. */
	if (n <= 0 || (size_t)n == sizeof to || memchr(to, '/', (size_t)n))
		return NULL;
	return mem_dupn(to, (size_t)n);
}

int
image_old(int dir, const struct image *i, struct strs *versions,
	struct fail *f)
{
	char *link = image_link(i), *newest = image_newest(dir, link);
	struct strs names = { 0 };
	int rc = fs_list(dir, ".", VERSIONS_MOST, &names, f);

	for (size_t k = 0; k < names.n; k++) {
		struct image x = { 0 };
		int64_t made_s;

		if (image_parse(&x, &made_s, names.v[k]) == 0 &&
		    strcmp(x.suite, i->suite) == 0 &&
		    strcmp(x.arch, i->arch) == 0 &&
		    (!newest || strcmp(names.v[k], newest) != 0))
			strs_add(versions, names.v[k]);
		image_free(&x);
	}
	if (versions->n)
		strs_sort(versions);
	strs_free(&names);
	free(newest);
	free(link);
	return rc;
}

void
image_words(const struct conf *c, const struct image *i, struct strs *words)
{
	const struct image_trait *t = &image_traits[i->kind];

	strs_split(words, t->words, " ");
	if (t->prefix)
		strs_addf(words, "%s{suite}-{arch}", t->prefix);
	else
		strs_addf(words, "%s/%s/{suite}-{arch}%s", c->testbeds,
		    t->server, t->suffix);
}

/*
 * Between reading where it leads and the lock, the version may have been
 * removed, or replaced and be about to go.
 */
static char *
hold(int dir, const char *link)
{
	char *version;

	while ((version = image_newest(dir, link))) {
		int fd = openat(dir, version, O_RDONLY | O_NOFOLLOW |
		    O_CLOEXEC);
		bool held = fd >= 0 && flock(fd, LOCK_SH) == 0;
		char *now = image_newest(dir, link);
		bool same = now && strcmp(now, version) == 0;

		free(now);
		if (held && same)
			return version;
		if (fd >= 0)
			(void)close(fd);
		free(version);
		if (same)
			return NULL;	/* it cannot be opened */
	}
	return NULL;
}

/* The name of the symlink that a word means, or NULL. */
static const char *
link_of(const struct image_trait *t, const char *folder, const char *word)
{
	const char *prefix = t->prefix ? t->prefix : folder;
	size_t n = strlen(prefix);

	return strncmp(word, prefix, n) == 0 && word[n] &&
	    !strchr(word + n, '/') ? word + n : NULL;
}

void
image_hold(const struct conf *c, struct strs *argv, struct strs *virt)
{
	int kind = virt->n ? image_kind(virt->v[0]) : -1;
	struct fail none_yet;
	int dir = kind < 0 ? -1 : image_open(c, kind, &none_yet);
	char *folder;

	if (dir < 0)
		return;
	folder = mem_printf("%s/%s/", c->testbeds, virt->v[0]);
	for (size_t i = 1; i < virt->n; i++) {
		const char *link = link_of(&image_traits[kind], folder,
		    virt->v[i]);
		char *version = link ? hold(dir, link) : NULL;
		char **word = &argv->v[argv->n - virt->n + i];

		if (version && !image_traits[kind].prefix) {
			free(virt->v[i]);
			free(*word);
			virt->v[i] = mem_printf("%s%s", folder, version);
			*word = mem_dup(virt->v[i]);
		}
		free(version);
	}
	free(folder);
	(void)close(dir);
}
