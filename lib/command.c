/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "command.h"
#include "conf.h"
#include "enqueue.h"
#include "fail.h"
#include "find.h"
#include "fs.h"
#include "image.h"
#include "mem.h"
#include "policy.h"
#include "request.h"
#include "run.h"
#include "spool.h"
#include "strs.h"
#include "testbed.h"

/* A request, and as what it would be claimed. */
struct subject {
	struct request request;
	struct token token;
	char queue[NAME_QUEUE_MAX + 1];
};

static void
add_word(struct buf *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-";

	if (out->len)
		buf_add(out, " ");
	if (*word && !word[strspn(word, plain)]) {
		buf_add(out, word);
		return;
	}
	buf_add(out, "'");
	for (; *word; word++)
		if (*word == '\'')
			buf_add(out, "'\\''");
		else
			buf_addn(out, word, 1);
	buf_add(out, "'");
}

/* Its queue, where the path leads into one of the spool's. */
static void
queue_of_path(const struct spool *s, const char *path,
	char queue[NAME_QUEUE_MAX + 1])
{
	char *whole = realpath(path, NULL), *top = realpath(s->path, NULL);
	size_t n = top ? strlen(top) : 0;

	queue[0] = '\0';
	if (whole && top && strncmp(whole, top, n) == 0 && whole[n] == '/') {
		char *name = whole + n + 1;

		name[strcspn(name, "/")] = '\0';
		if (name_queue_ok(name))
			(void)snprintf(queue, NAME_QUEUE_MAX + 1, "%s", name);
	}
	free(whole);
	free(top);
}

/* Where it says: <arch>.<class> where there is such a queue, or <arch>. */
static void
queue_of_request(const struct spool *s, const struct request *r,
	char queue[NAME_QUEUE_MAX + 1])
{
	(void)snprintf(queue, NAME_QUEUE_MAX + 1, "%s", r->arch);
	if (r->class) {
		char *name = mem_printf("%s.%s", r->arch, r->class);

		if (name_queue_ok(name) && fs_is_dir(s->fd, name))
			(void)snprintf(queue, NAME_QUEUE_MAX + 1, "%s", name);
		free(name);
	}
}

static int
complete(const struct conf *c, const struct spool *s, const char *path,
	struct subject *j, struct fail *f)
{
	struct request *r = &j->request;
	char arch[NAME_ARCH_MAX + 1] = "";

	queue_of_path(s, path, j->queue);
	if (j->queue[0])
		queue_arch(arch, j->queue);
	else
		enqueue_host_arch(arch);
	if (!r->suite)
		r->suite = mem_dup(c->suite);
	if (!r->arch && !arch[0])
		return fail_set(f, EX_DATAERR, "%s: which architecture? say "
		    "arch in it", path);
	if (!r->arch)
		r->arch = mem_dup(arch);
	if (!j->queue[0])
		queue_of_request(s, r, j->queue);
	return 0;
}

static int
read_file(const struct conf *c, const struct spool *s, const char *path,
	struct subject *j, struct fail *f)
{
	const char *base = strrchr(path, '/');
	struct buf b = { 0 };
	int rc;

	buf_add(&b, "");
	rc = fs_read(AT_FDCWD, path, REQUEST_SIZE_MOST, &b, f);
	if (rc == 0)
		rc = request_parse(&j->request, path, b.s, b.len, f);
	if (rc == 0)
		rc = complete(c, s, path, j, f);
	/* What was not submitted has no id yet. */
	if (token_parse(&j->token, base ? base + 1 : path) != 0)
		(void)snprintf(j->token.id, sizeof j->token.id, "ID");
	buf_free(&b);
	return rc;
}

static int
find_it(const struct conf *c, const struct spool *s, const char *id,
	struct subject *j, struct fail *f)
{
	struct found found;

	if (find_request(s, id, &found, f) != 0)
		return -1;
	if (found.state == FIND_NOWHERE)
		return fail_set(f, EX_NOINPUT, "%s: there is no such request "
		    "in %s", id, s->path);
	j->token = found.token;
	(void)snprintf(j->queue, sizeof j->queue, "%s", found.queue);
	return find_read(c, s, &found, &j->request, f);
}

/* A path is looked for here, and then below the spool. */
static int
find_subject(const struct conf *c, const struct spool *s, const char *what,
	struct subject *j, struct fail *f)
{
	char *below;
	int rc;

	if (token_id_ok(what))
		return find_it(c, s, what, j, f);
	rc = read_file(c, s, what, j, f);
	if (rc == 0 || f->status != EX_NOINPUT || what[0] == '/')
		return rc;
	below = mem_printf("%s/%s", s->path, what);
	rc = read_file(c, s, below, j, f);
	free(below);
	return rc;
}

static void
tell(const struct conf *c, struct subject *j,
	const struct policy_verdict *v, struct buf *out)
{
	struct strs argv = { 0 }, virt = { 0 };
	struct testbed t = { .conf = c, .request = &j->request, .verdict = v,
	    .id = j->token.id };
	char *scratch;
	struct buf line = { 0 };

	/* A dropped file is given its first epoch before it runs. */
	if (j->token.epoch == TOKEN_EPOCH_DROPPED)
		j->token.epoch++;
	(void)snprintf(j->token.worker, sizeof j->token.worker, "%s",
	    c->worker);
	scratch = run_scratch(c, &j->token);
	t.scratch = scratch;
	t.epoch = j->token.epoch;
	testbed_command(&t, &argv, &virt);
	image_hold(c, &argv, &virt);
	for (size_t i = 0; i < argv.n; i++)
		add_word(&line, argv.v[i]);
	buf_addf(out, "%s\n", line.s);
	buf_free(&line);
	strs_free(&argv);
	strs_free(&virt);
	free(scratch);
}

int
command_tell(const struct conf *c, const struct spool *s,
	const char *what, struct buf *out, struct fail *f)
{
	struct policy *p = policy_open(c, f);
	struct subject j = { .queue = "" };
	struct policy_verdict v = { 0 };
	int rc = p ? find_subject(c, s, what, &j, f) : -1;

	if (rc == 0) {
		policy_judge(p, &j.request, j.queue, &v);
		if (v.never)
			rc = fail_set(f, EX_UNAVAILABLE, "%s is never run "
			    "here: %s (%s)", j.request.package, v.never,
			    v.never_place);
		else
			tell(c, &j, &v, out);
	}
	policy_verdict_free(&v);
	request_free(&j.request);
	policy_close(p);
	return rc;
}
