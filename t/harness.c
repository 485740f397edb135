/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "conf.h"
#include "fail.h"
#include "fs.h"
#include "harness.h"
#include "spool.h"
#include "strs.h"
#include "token.h"

static char dir[64];
static int dirfd_ = -1;

static void
set_up(void)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(dir, sizeof dir, "%.40s/adtspool-XXXXXX",
	    tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	dirfd_ = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(dirfd_, 0);
}

static void
tear_down(void)
{
	struct fail f;

	(void)close(dirfd_);
	ck_assert_int_eq(fs_remove_tree(AT_FDCWD, dir, &f), 0);
}

bool
harness_can_mount(void)
{
	return geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

const char *
harness_dir(void)
{
	return dir;
}

int
harness_dirfd(void)
{
	return dirfd_;
}

void
harness_write(const char *path, const char *text)
{
	char parent[4096];
	const char *slash = strrchr(path, '/');
	struct fail f;

	if (slash) {
		(void)snprintf(parent, sizeof parent, "%.*s",
		    (int)(slash - path), path);
		ck_assert_int_eq(fs_mkdirs(dirfd_, parent, &f), 0);
	}
	(void)fs_unlink(dirfd_, path);
	ck_assert_msg(fs_write_new(dirfd_, path, text, strlen(text), &f) == 0,
	    "%s", f.text);
}

const char *
harness_read(const char *path)
{
	static struct buf b;
	struct fail f;

	buf_reset(&b);
	ck_assert_msg(fs_read(dirfd_, path, 1 << 26, &b, &f) == 0, "%s",
	    f.text);
	return b.s;
}

const char *
harness_path(const char *path)
{
	static char room[4][512];
	static unsigned turn;
	char *to = room[turn++ % 4];

	(void)snprintf(to, sizeof room[0], "%s/%s", dir, path);
	return to;
}

bool
harness_exists(const char *path)
{
	struct stat st;

	return fstatat(dirfd_, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static struct spool spool;
static struct queue queues[8];
static unsigned n_queues;

const struct spool *
harness_spool(const char *queue_names)
{
	const char *path = harness_path("spool");
	const char *results = harness_path("results");
	struct strs names = { 0 };
	struct fail f;

	while (n_queues)
		queue_close(&queues[--n_queues]);
	if (spool.path)
		spool_close(&spool);
	strs_split(&names, queue_names, " ");
	ck_assert_msg(spool_init(path, results, &names, &f) == 0, "%s",
	    f.text);
	ck_assert_msg(spool_open(&spool, path, results, &f) == 0, "%s",
	    f.text);
	strs_free(&names);
	return &spool;
}

const struct queue *
harness_queue(const char *name)
{
	struct queue *q = &queues[n_queues];
	struct fail f;

	ck_assert_uint_lt(n_queues, sizeof queues / sizeof *queues);
	ck_assert_msg(queue_open(q, &spool, name, &f) == 0, "%s", f.text);
	n_queues++;
	return q;
}

const struct conf *
harness_conf(const char *more_lines)
{
	static struct conf c;
	char text[2048];
	struct fail f;

	(void)snprintf(text, sizeof text, "spool: spool\nresults: results\n"
	    "suite: unstable\nworker: here\nscratch: scratch\n%s",
	    more_lines);
	harness_write("adtspool.yaml", text);
	conf_free(&c);
	ck_assert_msg(conf_read(&c, harness_path("adtspool.yaml"), &f) == 0,
	    "%s", f.text);
	return &c;
}

static struct {
	const char *text;
	size_t n;
	char last[1024];
} tokens;

static int
count_token(const char *path, const struct stat *st, int type, struct FTW *at)
{
	const char *name = path + at->base, *below = path + strlen(dir) + 7;
	size_t label = strcspn(tokens.text, ",");
	struct token t;

	(void)st;
	if (type != FTW_F || strstr(below, "/tmp/") ||
	    token_parse(&t, name) != 0)
		return 0;
	/* A random id may contain anything: only the field that is meant. */
	if (!tokens.text[label] ? strcmp(t.id, tokens.text) != 0 :
	    label && (strlen(t.label) != label ||
	    strncmp(t.label, tokens.text, label) != 0))
		return 0;
	tokens.n++;
	(void)snprintf(tokens.last, sizeof tokens.last, "%s", below);
	return 0;
}

size_t
harness_tokens(const char *text)
{
	tokens.text = text;
	tokens.n = 0;
	(void)nftw(harness_path("spool"), count_token, 8, FTW_PHYS);
	return tokens.n;
}

const char *
harness_token(const char *text)
{
	size_t n = harness_tokens(text);

	ck_assert_msg(n == 1, "%zu tokens of %s", n, text);
	return tokens.last;
}

int
main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	Suite *s = suite_create(name ? name + 1 : argv[0]);
	TCase *tc = tcase_create("all");
	SRunner *r = srunner_create(s);
	int failed;

	(void)argc;
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 60);
	add_tests(tc);
	suite_add_tcase(s, tc);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
