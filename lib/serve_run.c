/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "json.h"
#include "result.h"
#include "serve_run.h"

enum { RESULT_SIZE_MOST = 4 << 20 };

/* "-owner-name" of the request's last PPA, as Ubuntu's worker has it. */
static void
add_ppa(struct buf *b, const struct result *r)
{
	struct strs ppas = { 0 };
	struct json_tree *t;
	struct fail passed;

	if (!r->request)
		return;
	t = json_tree_parse("request", r->request, strlen(r->request),
	    &passed);
	json_tree_get_strings(t, "ppas", &ppas);
	if (ppas.n) {
		const char *ppa = ppas.v[ppas.n - 1];

		buf_add(b, "-");
		for (size_t n = strcspn(ppa, ":"); n > 0; n--, ppa++)
			buf_addn(b, *ppa == '/' ? "-" : ppa, 1);
	}
	strs_free(&ppas);
	json_tree_free(t);
}

/*
 * Appends the file's text.  fs_read asks the filesystem afresh each time; what
 * was published never changes, so that a copy of it in memory will do.
 */
static int
read_result(int folder, struct buf *text, struct fail *f)
{
	int fd = fs_open_read(folder, "result.json"), saved;
	char chunk[8192];
	ssize_t n = -1;

	if (fd < 0)
		return fail_errno(f, "result.json");
	while (text->len < RESULT_SIZE_MOST &&
	    (n = read(fd, chunk, sizeof chunk)) > 0)
		buf_addn(text, chunk, (size_t)n);
	saved = n > 0 ? EFBIG : errno;
	(void)close(fd);
	errno = saved;
	return n == 0 ? 0 : fail_errno(f, "result.json");
}

/* What will be the same the next time is no reason to answer nothing at all. */
static bool
may_pass(int err)
{
	return err != ENOENT && err != ELOOP && err != EISDIR && err != EFBIG &&
	    err != ENXIO;
}

int
serve_run_is_listed(int folder, const char *container, const char *path,
	struct fail *f)
{
	struct buf text = { 0 }, name = { 0 };
	bool fits = true;
	struct result r;
	struct fail bad;

	if (read_result(folder, &text, f) != 0) {
		buf_free(&text);
		if (may_pass(f->err))
			return -1;
	}
	buf_addn(&name, path, strcspn(path, "/"));
	if (text.len &&
	    result_read(&r, "result.json", text.s, text.len, &bad) == 0) {
		add_ppa(&name, &r);
		fits = !r.status || strcmp(r.status, "tmpfail") != 0;
		result_free(&r);
	}
	fits = fits && strcmp(name.s, container) == 0;
	buf_free(&text);
	buf_free(&name);
	return fits;
}
