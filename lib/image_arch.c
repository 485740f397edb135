/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "enqueue.h"
#include "fail.h"
#include "fs.h"
#include "image_inside.h"
#include "mem.h"

enum { ENTRY_MOST = 4096 };

/* binfmt_misc's entries are called as qemu-user calls the processor. */
static const struct { const char *arch, *qemu; } processors[] = {
	{ "amd64", "x86_64" }, { "arm64", "aarch64" }, { "armel", "arm" },
	{ "armhf", "arm" }, { "i386", "i386" }, { "loong64", "loongarch64" },
	{ "mips64el", "mips64el" }, { "mipsel", "mipsel" },
	{ "ppc64el", "ppc64le" }, { "riscv64", "riscv64" },
	{ "s390x", "s390x" },
};

/* What a processor runs beside its own. */
static const struct { const char *host, *arch; } also[] = {
	{ "amd64", "i386" }, { "arm64", "armhf" }, { "arm64", "armel" },
	{ "armhf", "armel" },
};

static bool
is_native(const char *arch)
{
	char host[NAME_ARCH_MAX + 1];

	enqueue_host_arch(host);
	if (strcmp(host, arch) == 0)
		return true;
	for (size_t i = 0; i < sizeof also / sizeof *also; i++)
		if (strcmp(also[i].host, host) == 0 &&
		    strcmp(also[i].arch, arch) == 0)
			return true;
	return false;
}

static const char *
processor(const char *arch)
{
	for (size_t i = 0; i < sizeof processors / sizeof *processors; i++)
		if (strcmp(processors[i].arch, arch) == 0)
			return processors[i].qemu;
	return arch;
}

int
image_arch_ok(const char *arch, struct fail *f)
{
	struct buf b = { 0 };
	struct fail gone;
	char *entry;
	bool ok;

	if (is_native(arch))
		return 0;
	entry = mem_printf("/proc/sys/fs/binfmt_misc/qemu-%s",
	    processor(arch));
	ok = fs_read(AT_FDCWD, entry, ENTRY_MOST, &b, &gone) == 0 && b.s &&
	    strncmp(b.s, "enabled", strlen("enabled")) == 0;
	if (!ok)
		(void)fail_set(f, EX_UNAVAILABLE, "%s: this host cannot run "
		    "its programs: no enabled %s; install qemu-user-static "
		    "and binfmt-support", arch, entry);
	buf_free(&b);
	free(entry);
	return ok ? 0 : -1;
}
