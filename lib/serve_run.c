/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "json.h"
#include "result.h"
#include "serve_run.h"

enum { RESULT_SIZE_MOST = 4 << 20 };

/* "-owner-name" of the last of the request's PPAs, as Ubuntu's worker has it. */
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

/* What will be the same the next time is no reason to answer nothing at all. */
static bool
may_pass(int err)
{
	return err != ENOENT && err != ELOOP && err != EINVAL && err != EFBIG;
}

int
serve_run_is_listed(int folder, const char *container, const char *path,
	struct fail *f)
{
	struct buf text = { 0 }, name = { 0 };
	bool fits = true;
	struct result r;
	struct fail bad;

	if (fs_read(folder, "result.json", RESULT_SIZE_MOST, &text, f) != 0 &&
	    may_pass(f->err)) {
		buf_free(&text);
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
