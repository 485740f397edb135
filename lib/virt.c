/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "strs.h"
#include "tool.h"
#include "virt.h"

enum { NOTE_MOST = 4096, SCRATCHES_MOST = 1000, TRIES = 2 };

static const char note_name[] = "virt";

/* A virt server whose testbeds outlive their processes. */
struct lasting {
	const char *server;	/* the first word */
	const char *option, *short_option;	/* that name the testbed */
	enum { NAMED_FIRST, NAMED_LAST } where;	/* of the other words */
	const char *remove;	/* a shell's command for the name in $1 */
};

static const struct lasting lastings[] = {
	{ "schroot", "--session-id", "-s", NAMED_FIRST,
	    "schroot --quiet --end-session --chroot \"session:$1\"" },
	/*
	 * lxc-destroy(1) leaves an ephemeral one to its own end, and cgroups
	 * to a monitor that was killed; of both at once, a folder may stay.
	 */
	{ "lxc", "--name", NULL, NAMED_FIRST,
	    "lxc-stop --quiet --kill --name \"$1\"; "
	    "sed -i /^lxc.ephemeral/d \"/var/lib/lxc/$1/config\" && "
	    "lxc-destroy --quiet --force --name \"$1\"; "
	    "rmdir \"/var/lib/lxc/$1\"; "
	    "find /sys/fs/cgroup -depth -type d -path \"*/lxc.*.$1*\" "
	    "-exec rmdir {} +" },
	/* Its own options would end where the image's name is. */
	{ "podman", "--name", NULL, NAMED_LAST,
	    "podman rm --force --ignore \"$1\"" },
};

static const struct lasting *
find(const char *server)
{
	for (size_t i = 0; i < sizeof lastings / sizeof *lastings; i++)
		if (strcmp(lastings[i].server, server) == 0)
			return &lastings[i];
	return NULL;
}

/* The value of -o VALUE, --option VALUE or --option=VALUE; NULL: none. */
static const char *
name_in(const struct lasting *l, const struct strs *virt)
{
	size_t n = strlen(l->option);

	for (size_t i = 1; i < virt->n; i++) {
		const char *w = virt->v[i];

		if (strncmp(w, l->option, n) == 0 && w[n] == '=')
			return w + n + 1;
		if (i + 1 < virt->n && (strcmp(w, l->option) == 0 ||
		    (l->short_option && strcmp(w, l->short_option) == 0)))
			return virt->v[i + 1];
	}
	return NULL;
}

void
virt_name(struct strs *virt, const char *id, unsigned epoch)
{
	const struct lasting *l = virt->n ? find(virt->v[0]) : NULL;
	struct strs named = { 0 };

	if (!l || name_in(l, virt))
		return;
	strs_add(&named, virt->v[0]);
	if (l->where == NAMED_FIRST)
		strs_addf(&named, "%s=adtspool-%s-%u", l->option, id,
		    epoch);
	for (size_t i = 1; i < virt->n; i++)
		strs_add(&named, virt->v[i]);
	if (l->where == NAMED_LAST)
		strs_addf(&named, "%s=adtspool-%s-%u", l->option, id,
		    epoch);
	strs_free(virt);
	*virt = named;
}

char *
virt_tmp(const struct strs *virt)
{
	const char *last = virt->n ? virt->v[virt->n - 1] : "";

	return virt->n > 1 && strcmp(virt->v[0], "chroot") == 0 &&
	    *last == '/' ? mem_printf("%s/tmp", last) : NULL;
}

int
virt_note(int scratch, const struct strs *virt, struct fail *f)
{
	const struct lasting *l = virt->n ? find(virt->v[0]) : NULL;
	const char *name = l ? name_in(l, virt) : NULL;
	char *note;
	int rc;

	if (!name)
		return 0;
	note = mem_printf("%s %s\n", l->server, name);
	rc = fs_overwrite(scratch, note_name, note, strlen(note), f);
	free(note);
	return rc;
}

static bool
run_shell(const char *command, const char *name)
{
	struct strs argv = { 0 };
	bool well;

	strs_split(&argv, "sh -c", " ");
	strs_add(&argv, command);
	strs_add(&argv, "sh");
	strs_add(&argv, name);
	well = tool_run(&argv, TOOL_TIME_MOST_S);
	strs_free(&argv);
	return well;
}

/* A command, and a path, are made of it. */
static bool
is_name(const char *s)
{
	return *s != '-' && *s != '.' && !s[strspn(s,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    "-._")];
}

/*
 * podman has to find out first that a container is not running any more, and
 * fails meanwhile.
 */
static void
clean_noted(int scratch)
{
	struct strs words = { 0 };
	struct buf b = { 0 };
	const struct lasting *l;
	struct fail f;

	if (fs_read(scratch, note_name, NOTE_MOST, &b, &f) == 0 && b.s)
		strs_split(&words, b.s, " \n");
	l = words.n == 2 && is_name(words.v[1]) ? find(words.v[0]) : NULL;
	for (int i = 0; l && i < TRIES; i++)
		if (run_shell(l->remove, words.v[1]))
			break;
	strs_free(&words);
	buf_free(&b);
}

void
virt_clean(const char *scratch)
{
	int dir = fs_open_dir(AT_FDCWD, scratch);

	if (dir < 0)
		return;
	clean_noted(dir);
	(void)close(dir);
}

void
virt_clean_all(const char *folder)
{
	int dir = fs_open_dir(AT_FDCWD, folder);
	struct strs names = { 0 };
	struct fail f;

	if (dir < 0)
		return;
	(void)fs_list(dir, ".", SCRATCHES_MOST, &names, &f);
	for (size_t i = 0; i < names.n; i++) {
		int scratch = fs_open_dir(dir, names.v[i]);

		if (scratch < 0)
			continue;
		clean_noted(scratch);
		(void)close(scratch);
	}
	strs_free(&names);
	(void)close(dir);
}
