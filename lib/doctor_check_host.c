/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a worker needs of its host; who only submits can do without. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "conf.h"
#include "doctor_look.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "sandbox.h"

enum { SUBIDS_MOST = 1 << 20 };

/* Wall clocks name runs and buckets: one before this was never set. */
static const int64_t sane_s = 1700000000;

/* The path that execvp(3) would take; NULL.  free() it. */
static char *
find_program(const char *name)
{
	const char *path = getenv("PATH");
	struct strs dirs = { 0 };
	char *found = NULL;

	if (strchr(name, '/'))
		return access(name, X_OK) == 0 ? mem_dup(name) : NULL;
	strs_split(&dirs, path ? path : "/usr/bin:/bin", ":");
	for (size_t i = 0; !found && i < dirs.n; i++) {
		found = mem_printf("%s/%s", dirs.v[i], name);
		if (access(found, X_OK) != 0) {
			free(found);
			found = NULL;
		}
	}
	strs_free(&dirs);
	return found;
}

/* autopkgtest does not tell its version, but the package does; "" else. */
static void
package_version(char *out, size_t room)
{
	FILE *in = popen("dpkg-query -W -f '${Version}' autopkgtest "
	    "2>/dev/null", "re");

	out[0] = '\0';
	if (!in)
		return;
	if (!fgets(out, (int)room, in))
		out[0] = '\0';
	(void)pclose(in);
}

/* Whether the command is autopkgtest's own, or something else's words. */
static bool
check_autopkgtest(struct doctor *d)
{
	const char *name = d->conf->autopkgtest.v[0];
	char *path = find_program(name), version[64];
	bool own = path && strcmp(path, "/usr/bin/autopkgtest") == 0;

	package_version(version, sizeof version);
	if (!path)
		doctor_say(d->report, DOCTOR_WARN, "autopkgtest",
		    "apt-get install autopkgtest", "%s: not there: a worker "
		    "cannot run tests", name);
	else
		doctor_say(d->report, DOCTOR_OK, "autopkgtest", NULL, "%s%s%s",
		    path, own && version[0] ? ", version " : "",
		    own ? version : "");
	free(path);
	return own;
}

static bool
has_line_for(const char *file, const char *user)
{
	struct strs lines = { 0 };
	struct buf b = { 0 };
	struct fail f;
	bool found = false;
	size_t n = strlen(user);

	if (fs_read(AT_FDCWD, file, SUBIDS_MOST, &b, &f) == 0)
		strs_split(&lines, b.s, "\n");
	for (size_t i = 0; i < lines.n; i++)
		found = found || (strncmp(lines.v[i], user, n) == 0 &&
		    lines.v[i][n] == ':');
	strs_free(&lines);
	buf_free(&b);
	return found;
}

static void
check_subids(struct doctor *d)
{
	const struct passwd *p = getpwuid(geteuid());
	char uid[24], *newuidmap = find_program("newuidmap"), *cure;
	const char *user;

	(void)snprintf(uid, sizeof uid, "%lu", (unsigned long)geteuid());
	user = p ? p->pw_name : uid;
	cure = mem_printf("usermod --add-subuids 100000-165535 "
	    "--add-subgids 100000-165535 %s", user);
	if (!newuidmap)
		doctor_say(d->report, DOCTOR_WARN, "virt-server",
		    "apt-get install uidmap", "newuidmap: not there: "
		    "autopkgtest-virt-unshare cannot make testbeds");
	if ((!has_line_for("/etc/subuid", user) &&
	    !has_line_for("/etc/subuid", uid)) ||
	    (!has_line_for("/etc/subgid", user) &&
	    !has_line_for("/etc/subgid", uid)))
		doctor_say(d->report, DOCTOR_WARN, "virt-server", cure,
		    "%s: has no line in /etc/subuid and /etc/subgid: "
		    "autopkgtest-virt-unshare cannot make testbeds", user);
	free(cure);
	free(newuidmap);
}

/* As autopkgtest looks for it. */
static void
check_virt_server(struct doctor *d)
{
	static const char prefix[] = "autopkgtest-virt-";
	const char *word = d->conf->virt_server.v[0];
	char *name, *path;

	if (strchr(word, '{'))
		return;
	name = mem_printf("%s%s", strchr(word, '/') || strncmp(word, prefix,
	    sizeof prefix - 1) == 0 ? "" : prefix, word);
	path = find_program(name);
	if (path)
		doctor_say(d->report, DOCTOR_OK, "virt-server", NULL, "%s",
		    path);
	else
		doctor_say(d->report, DOCTOR_WARN, "virt-server", "install "
		    "it, or let virt-server be another", "%s: not there: a "
		    "worker cannot make testbeds", name);
	if (path && strstr(name, "virt-unshare"))
		check_subids(d);
	free(name);
	free(path);
}

static void
check_isolation(struct doctor *d)
{
	bool isolated;
	struct fail f;

	if (sandbox_choose(d->conf, &isolated, &f) != 0)
		doctor_say(d->report, DOCTOR_WARN, "isolation", "let workers "
		    "be root, or isolate: auto", "%s: a worker does not start",
		    f.text);
	else
		doctor_say(d->report, DOCTOR_OK, "isolation", NULL, "%s",
		    isolated ? "each test has namespaces of its own" :
		    "tests have no namespaces, but are ended with all that "
		    "they started");
}

static void
check_clock(struct doctor *d)
{
	struct timex t = { 0 };
	int state = adjtimex(&t);

	if (clock_now_s() < sane_s)
		doctor_say(d->report, DOCTOR_BAD, "clock", "set the clock",
		    "this host's clock was never set: runs are named by it");
	else if (state < 0 || state == TIME_ERROR || (t.status & STA_UNSYNC))
		doctor_say(d->report, DOCTOR_NOTE, "clock", NULL, "nothing "
		    "keeps this host's clock right, or the kernel is not told "
		    "so: runs are named by it, and nothing else");
	else
		doctor_say(d->report, DOCTOR_OK, "clock", NULL, "this host's "
		    "clock is kept right");
}

static bool
can_be_made(const struct conf *c)
{
	int fd = doctor_open_scratch(c);
	bool can = fd >= 0 && faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) == 0;

	if (fd >= 0)
		(void)close(fd);
	return can;
}

void
doctor_check_scratch(struct doctor *d)
{
	const char *path = d->conf->scratch;
	struct stat st;

	if (fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		int err = errno;
		bool fine = err == ENOENT && can_be_made(d->conf);

		doctor_say(d->report, fine ? DOCTOR_OK : DOCTOR_WARN,
		    "scratch", fine ? NULL : "let scratch be where this user "
		    "may make it", "scratch: %s: %s", path, fine ? "to be "
		    "made by the worker" : err == ENOENT ? "cannot be made" :
		    strerror(err));
	} else if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & (S_IWGRP | S_IWOTH))) {
		doctor_say(d->report, DOCTOR_WARN, "scratch", "let it be a "
		    "directory of the worker's user, with mode 755", "scratch: "
		    "%s: is not this user's alone: a worker of this user does "
		    "not start", path);
	} else {
		doctor_say(d->report, DOCTOR_OK, "scratch", NULL, "scratch: "
		    "%s: is this user's alone", path);
	}
}

void
doctor_check_host(struct doctor *d)
{
	if (check_autopkgtest(d))
		check_virt_server(d);
	check_isolation(d);
	check_clock(d);
}
