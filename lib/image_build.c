/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The programs that make testbeds, and how they are called. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "image_inside.h"
#include "mem.h"
#include "strs.h"

enum { NOT_STARTED = 127 };

/* What is to be run, and more of its environment. */
struct call {
	struct strs argv, env;
};

static void
become(const struct strs *argv, const struct strs *env, pid_t parent)
{
	int null = open("/dev/null", O_RDONLY);

	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent || null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		_exit(NOT_STARTED);
	for (size_t i = 0; env && i < env->n; i++)
		(void)putenv(env->v[i]);
	(void)execvp(argv->v[0], argv->v);
	_exit(NOT_STARTED);
}

int
image_run(const struct strs *argv, const struct strs *env, struct fail *f)
{
	pid_t self = getpid(), pid = fork();
	const char *name = argv->v[0];
	int status;

	if (pid == 0)
		become(argv, env, self);
	if (pid < 0)
		return fail_errno(f, "%s", name);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail_errno(f, "%s", name);
	if (WIFSIGNALED(status))
		return fail_set(f, EX_TEMPFAIL, "%s: killed by signal %d; "
		    "what it said is above", name, WTERMSIG(status));
	if (WEXITSTATUS(status) == NOT_STARTED)
		return fail_set(f, EX_UNAVAILABLE, "%s: cannot be started; "
		    "install the package that has it", name);
	if (WEXITSTATUS(status) != 0)
		return fail_set(f, EX_TEMPFAIL, "%s: ended with %d; what it "
		    "said is above", name, WEXITSTATUS(status));
	return 0;
}

static char *
fill_in(const char *text, const struct image *i)
{
	const struct buf_blank suite = { "{suite}", i->suite };
	struct buf b = { 0 };

	buf_fill_in(&b, text, &suite, 1);
	return b.s;
}

/* An archive's address stands for its binary and its source packages. */
static void
add_mirrors(const struct conf *c, const struct image *i, struct strs *argv)
{
	for (size_t k = 0; k < c->mirror.n; k++) {
		char *m = fill_in(c->mirror.v[k], i);

		if (strstr(m, "://") && !strchr(m, ' ')) {
			strs_addf(argv, "deb %s %s main", m, i->suite);
			strs_addf(argv, "deb-src %s %s main", m, i->suite);
		} else {
			strs_add(argv, m);
		}
		free(m);
	}
}

/* Who names a variant means what is in it, too. */
static void
add_variant(const struct conf *c, struct strs *argv)
{
	for (size_t i = 0; i < c->mmdebstrap.n; i++)
		if (strncmp(c->mmdebstrap.v[i], "--variant", 9) == 0)
			return;
	strs_add(argv, "--variant=apt");
	strs_add(argv, "--include=dpkg-dev,procps,ca-certificates");
}

/* It brings the package lists along, or the first test could not install. */
static void
bootstrap(const struct conf *c, const struct image *i, const char *path,
	struct call *call)
{
	struct strs *argv = &call->argv;
	bool is_folder = i->kind == IMAGE_CHROOT || i->kind == IMAGE_SCHROOT ||
	    i->kind == IMAGE_LXC;

	strs_add_all(argv, &c->mmdebstrap);
	strs_addf(argv, "--architectures=%s", i->arch);
	strs_addf(argv, "--format=%s", is_folder ? "directory" : "tar");
	add_variant(c, argv);
	strs_add(argv, "--skip=cleanup/apt/lists");
	strs_add(argv, "--customize-hook=[ -e \"$1/etc/hosts\" ] || "
	    "echo 127.0.0.1 localhost >\"$1/etc/hosts\"");
	if (i->kind == IMAGE_LXC) {
		strs_add(argv, "--include=init");
		strs_add(argv, "--customize-hook="
		    "/usr/share/autopkgtest/setup-commands/setup-testbed");
		strs_add(&call->env, "AUTOPKGTEST_KEEP_APT_SOURCES=yes");
	}
	strs_add(argv, i->suite);
	strs_add(argv, path);
	add_mirrors(c, i, argv);
}

/* Of the first mirror: the program takes an address alone. */
static char *
address(const struct conf *c, const struct image *i)
{
	char *m = fill_in(c->mirror.v[0], i);
	char *at = strstr(m, "://"), *from = at, *end;

	if (!at) {
		free(m);
		return NULL;
	}
	while (from > m && from[-1] != ' ')
		from--;
	end = from + strcspn(from, " ");
	at = mem_dupn(from, (size_t)(end - from));
	free(m);
	return at;
}

/*
 * The image's own sources are the archive's, where debootstrap would leave out
 * those of source packages.
 */
static int
build_qemu(const struct conf *c, const struct image *i, const char *path,
	struct call *call, struct fail *f)
{
	char *mirror = address(c, i);

	if (!mirror) {
		(void)fail_set(f, EX_CONFIG, "%s: mirror: autopkgtest-build-"
		    "qemu(1) wants the address of an archive first, like "
		    "http://deb.debian.org/debian", c->file);
		return -1;
	}
	strs_add(&call->argv, "autopkgtest-build-qemu");
	strs_addf(&call->argv, "--architecture=%s", i->arch);
	strs_addf(&call->argv, "--mirror=%s", mirror);
	strs_add(&call->argv, i->suite);
	strs_add(&call->argv, path);
	strs_addf(&call->env, "AUTOPKGTEST_APT_SOURCES=deb %s %s main\n"
	    "deb-src %s %s main", mirror, i->suite, mirror, i->suite);
	free(mirror);
	return 0;
}

/* Much of what builders call is not where cron looks for programs. */
static void
add_path(struct strs *env)
{
	const char *path = getenv("PATH");

	strs_addf(env, "PATH=%s:/usr/sbin:/sbin", path && *path ? path :
	    "/usr/local/bin:/usr/bin:/bin");
}

/* vmdb2 has packages configured in the image with the same TMPDIR. */
static void
add_tmp(const struct image *i, const char *tmp, struct strs *env)
{
	strs_addf(env, "TMPDIR=%s", i->kind == IMAGE_QEMU ? "/tmp" : tmp);
}

int
image_build(const struct conf *c, const struct image *i, const char *path,
	const char *tmp, struct fail *f)
{
	struct call call = { 0 };
	int rc = 0;

	add_tmp(i, tmp, &call.env);
	strs_add(&call.env, "DEBIAN_FRONTEND=noninteractive");
	add_path(&call.env);
	if (i->kind == IMAGE_QEMU)
		rc = build_qemu(c, i, path, &call, f);
	else
		bootstrap(c, i, path, &call);
	if (rc == 0)
		rc = image_run(&call.argv, &call.env, f);
	if (rc == 0 && access(path, F_OK) != 0)
		rc = fail_set(f, EX_SOFTWARE, "%s: was not made, though its "
		    "builder ended well", path);
	strs_free(&call.argv);
	strs_free(&call.env);
	return rc;
}
