/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "fail.h"
#include "fs.h"
#include "mem.h"
#include "name.h"
#include "publish.h"
#include "serve_answer.h"
#include "serve_page.h"
#include "serve_site.h"
#include "serve_tree.h"
#include "serve_url.h"
#include "spool.h"
#include "tree.h"

static void
begin_page(struct serve_answer *a, const char *title)
{
	a->status = 200;
	serve_answer_header(a, "Content-Type", "text/html; charset=UTF-8");
	serve_answer_header(a, "Cache-Control", "no-cache");
	buf_add(&a->text, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"UTF-8\"/>\n<title>");
	serve_url_html(&a->text, title);
	buf_add(&a->text, "</title>\n</head>\n<body>\n<h1>");
	serve_url_html(&a->text, title);
	buf_add(&a->text, "</h1>\n<ul>\n");
}

static void
end_page(struct serve_answer *a)
{
	buf_add(&a->text, "</ul>\n</body>\n</html>\n");
}

/* A link to a path that begins at the page's own. */
static void
put_link(struct buf *b, const char *path, const char *text)
{
	struct strs parts = { 0 };

	strs_split(&parts, path, "/");
	buf_add(b, "<a href=\"./");
	for (size_t i = 0; i < parts.n; i++) {
		buf_add(b, i ? "/" : "");
		serve_url_encode(b, parts.v[i]);
	}
	buf_add(b, path[0] && path[strlen(path) - 1] == '/' ? "/\">" : "\">");
	serve_url_html(b, text);
	buf_add(b, "</a>");
	strs_free(&parts);
}

static void
put_item(struct buf *b, const char *path)
{
	buf_add(b, "<li>");
	put_link(b, path, path);
	buf_add(b, "</li>\n");
}

void
serve_page_redirect(struct serve_answer *a, const char *name)
{
	struct buf to = { 0 };

	buf_add(&to, "./");
	serve_url_encode(&to, name);
	buf_add(&to, "/");
	serve_answer_header(a, "Location", to.s);
	serve_answer_say(a, 301);
	buf_free(&to);
}

void
serve_page_top(struct serve_answer *a, int results,
	const char *const folders[])
{
	begin_page(a, "Test results");
	for (size_t i = 0; folders[i]; i++)
		if (fs_is_dir(results, folders[i])) {
			char *path = mem_printf("data/%s/", folders[i]);

			put_item(&a->text, path);
			free(path);
		}
	end_page(a);
}

/* Links by version are shown as what they lead to. */
static int
keep_name(void *context, const char *name, unsigned char type)
{
	struct strs *names = context;
	bool is_folder = type == DT_DIR ||
	    (type == DT_LNK && publish_run_id_ok(name));

	if (name[0] != '.' && (is_folder || type == DT_REG))
		strs_addf(names, "%s%s", name, is_folder ? "/" : "");
	return names->n == SERVE_PAGE_NAMES_MOST;
}

void
serve_page_folder(struct serve_answer *a, const struct strs *parts, int fd)
{
	char *title = strs_join(parts, "/");
	struct strs names = { 0 };
	struct fail f;

	if (fs_each(fd, ".", keep_name, &names, &f) != 0) {
		serve_answer_fail(a, &f);
	} else {
		begin_page(a, title);
		put_item(&a->text, "../");
		strs_sort(&names);
		for (size_t i = 0; i < names.n; i++)
			put_item(&a->text, names.v[i]);
		end_page(a);
	}
	strs_free(&names);
	free(title);
}

struct package {
	struct serve_answer *a;
	const struct spool *s;
	const char *source, *suite, *arch;
};

static int
put_arch(struct package *p, const char *suite, const char *arch, bool nested)
{
	char path[PUBLISH_PATH_MAX], *link;

	publish_package_path(path, suite, arch, p->source);
	if (!fs_is_dir(p->s->results, path))
		return 0;
	link = nested ? mem_printf("%s/", arch) :
	    mem_printf("%s/%s/", suite, arch);
	put_item(&p->a->text, link);
	free(link);
	return 1;
}

/* The suites and architectures with results of it; how many there are. */
static int
put_archs(struct package *p, struct fail *f)
{
	struct strs suites = { 0 };
	int rc = 0, n = 0;

	if (p->suite)
		strs_add(&suites, p->suite);
	else
		rc = tree_suites(p->s, &suites, f);
	for (size_t i = 0; rc == 0 && i < suites.n; i++) {
		struct strs archs = { 0 };

		rc = tree_archs(p->s, suites.v[i], &archs, f);
		for (size_t k = 0; rc == 0 && k < archs.n; k++)
			n += put_arch(p, suites.v[i], archs.v[k], p->suite);
		strs_free(&archs);
	}
	strs_free(&suites);
	return rc == 0 ? n : -1;
}

static void
put_run(struct package *p, const char *folder, const char *run_id)
{
	static const char *const files[] = { "log.gz", "artifacts.tar.gz",
	    "result.json" };
	struct buf *b = &p->a->text;
	struct fail passed;
	struct result r;

	if (tree_result(p->s, p->suite, p->arch, p->source, run_id, &r,
	    &passed) == 0) {
		char *triggers = strs_join(&r.triggers, " ");

		buf_addf(b, "<li>%s ", run_id);
		serve_url_html(b, r.version ? r.version : "?");
		buf_add(b, " <strong>");
		serve_url_html(b, r.status ? r.status : "?");
		buf_add(b, "</strong> ");
		serve_url_html(b, triggers);
		for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
			char *path = mem_printf("../../../../../data/%s/%s/%s",
			    folder, run_id, files[i]);

			buf_add(b, " ");
			put_link(b, path, files[i]);
			free(path);
		}
		buf_add(b, "</li>\n");
		free(triggers);
	}
	result_free(&r);
}

/* The newest first; how many there are. */
static int
put_runs(struct package *p, struct fail *f)
{
	char folder[PUBLISH_PATH_MAX];
	struct strs runs = { 0 };
	int n = -1;

	publish_package_path(folder, p->suite, p->arch, p->source);
	if (tree_runs(p->s, p->suite, p->arch, p->source, &runs, f) == 0)
		for (n = 0; n < (int)runs.n && n < SERVE_PAGE_RUNS_MOST; n++)
			put_run(p, folder, runs.v[runs.n - 1 - (size_t)n]);
	strs_free(&runs);
	return n;
}

static bool
parts_ok(const struct strs *parts)
{
	char prefix[5];

	if (parts->n < 3 || parts->n > 5 || !name_source_ok(parts->v[2]))
		return false;
	name_pool_prefix(prefix, parts->v[2]);
	return strcmp(prefix, parts->v[1]) == 0 &&
	    (parts->n < 4 || name_suite_ok(parts->v[3])) &&
	    (parts->n < 5 || name_arch_ok(parts->v[4]));
}

void
serve_page_package(struct serve_answer *a, struct serve_site *site,
	const struct serve_url *u)
{
	const struct strs *parts = &u->parts;
	struct package p = { .a = a, .s = site->spool };
	struct fail f;
	char *title;
	int n;

	if (!parts_ok(parts)) {
		serve_answer_say(a, 404);
		return;
	}
	if (!u->slash) {
		serve_page_redirect(a, parts->v[parts->n - 1]);
		return;
	}
	p.source = parts->v[2];
	p.suite = parts->n > 3 ? parts->v[3] : NULL;
	p.arch = parts->n > 4 ? parts->v[4] : NULL;
	title = mem_printf("%s%s%s%s%s", p.source, p.suite ? " " : "",
	    p.suite ? p.suite : "", p.arch ? " " : "",
	    p.arch ? p.arch : "");
	begin_page(a, title);
	n = p.arch ? put_runs(&p, &f) : put_archs(&p, &f);
	end_page(a);
	free(title);
	if (n > 0)
		return;
	serve_answer_free(a);
	serve_answer_init(a, site);
	if (n < 0)
		serve_answer_fail(a, &f);
	else
		serve_answer_say(a, 404);
}
