/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "fail.h"
#include "mem.h"
#include "serve_answer.h"
#include "serve_debci.h"
#include "serve_metrics.h"
#include "serve_page.h"
#include "serve_route.h"
#include "serve_site.h"
#include "serve_swift.h"
#include "serve_tree.h"
#include "serve_url.h"
#include "spool.h"
#include "status.h"

/* The folders of RESULTS that are for readers. */
static const char *const folders[] = { "autopkgtest", "britney", "by-version",
	"feeds", "manifests", "packages", "status", NULL };

struct way {
	struct serve_site *site;
	const struct serve_request *r;
	struct serve_url *u;
	struct serve_answer *a;
};

static bool
is_part(const struct serve_url *u, size_t i, const char *text)
{
	return i < u->parts.n && strcmp(u->parts.v[i], text) == 0;
}

/* Takes the first n parts away. */
static void
shift(struct serve_url *u, size_t n)
{
	struct strs rest = { 0 };

	for (size_t i = n; i < u->parts.n; i++)
		strs_add(&rest, u->parts.v[i]);
	strs_free(&u->parts);
	u->parts = rest;
}

static void
set_time(struct serve_answer *a, int64_t s)
{
	char text[CLOCK_TEXT_MAX];

	clock_format(text, SERVE_FILE_TIME, s);
	serve_answer_header(a, "Last-Modified", text);
}

static void
set_type(struct serve_answer *a, const char *name)
{
	struct serve_type t = serve_file_type(name);

	serve_answer_header(a, "Content-Type", t.type);
	serve_answer_header(a, "Content-Security-Policy", "sandbox");
	if (t.gzip)
		serve_answer_header(a, "Content-Encoding", "gzip");
	if (t.keep)
		serve_answer_header(a, "Content-Disposition", "attachment");
}

static void
set_range(struct serve_answer *a, const struct serve_part *part, int64_t size)
{
	char *text = part->status == 206 ?
	    mem_printf("bytes %" PRId64 "-%" PRId64 "/%" PRId64, part->first,
	    part->first + part->size - 1, size) :
	    mem_printf("bytes */%" PRId64, size);

	serve_answer_header(a, "Content-Range", text);
	free(text);
}

/* Takes fd over. */
static void
answer_file(struct way *w, int fd, const struct stat *st)
{
	const struct strs *parts = &w->u->parts;
	struct serve_answer *a = w->a;
	char etag[SERVE_ETAG_MAX];
	struct serve_part part;

	serve_file_etag(etag, parts, st);
	part = serve_file_part(&w->r->conditions, etag, st->st_mtim.tv_sec,
	    st->st_size);
	a->status = part.status;
	serve_answer_header(a, "ETag", etag);
	serve_answer_header(a, "Accept-Ranges", "bytes");
	serve_answer_header(a, "Cache-Control", etag[0] == '"' ?
	    "public, max-age=86400, immutable" : "no-cache");
	set_time(a, st->st_mtim.tv_sec);
	if (part.status == 206 || part.status == 416)
		set_range(a, &part, st->st_size);
	if (part.status == 416)
		serve_answer_say(a, 416);
	else if (part.status != 304)
		set_type(a, parts->v[parts->n - 1]);
	if (part.size > 0) {
		a->fd = fd;
		a->first = part.first;
		a->size = part.size;
	} else {
		(void)close(fd);
	}
}

static void
answer_errno(struct way *w)
{
	struct fail f;

	(void)fail_errno(&f, "%s", w->r->target);
	serve_answer_fail(w->a, &f);
}

static bool
is_for_readers(const char *folder)
{
	for (size_t i = 0; folders[i]; i++)
		if (strcmp(folders[i], folder) == 0)
			return true;
	return false;
}

static void
answer_folder(struct way *w)
{
	struct strs *parts = &w->u->parts;
	int fd = serve_tree_folder(w->site->spool->results, parts, parts->n);

	if (fd < 0)
		answer_errno(w);
	else if (!w->u->slash)
		serve_page_redirect(w->a, parts->v[parts->n - 1]);
	else
		serve_page_folder(w->a, parts, fd);
	if (fd >= 0)
		(void)close(fd);
}

static void
answer_tree(struct way *w)
{
	struct strs *parts = &w->u->parts;
	struct stat st;
	int fd;

	if (parts->n == 0) {
		serve_page_top(w->a, w->site->spool->results, folders);
		return;
	}
	if (!is_for_readers(parts->v[0])) {
		serve_answer_say(w->a, 404);
		return;
	}
	serve_tree_resolve(w->site->spool->results, parts);
	if (w->u->slash) {
		answer_folder(w);
		return;
	}
	fd = serve_tree_file(w->site->spool->results, parts, &st);
	if (fd >= 0)
		answer_file(w, fd, &st);
	else if (errno == ENOENT)
		answer_folder(w);
	else
		answer_errno(w);
}

/* The parts begin with the container. */
static void
answer_swift(struct way *w)
{
	struct strs *parts = &w->u->parts;
	struct stat st;
	int fd;

	if (parts->n == 1) {
		serve_swift_list(w->a, w->site, parts->v[0], w->u);
		return;
	}
	if (!serve_swift_has(w->a, w->site, parts->v[0]))
		return;
	if (parts->n != 7 || w->u->slash ||
	    !serve_swift_has_suite(parts->v[0], parts->v[1])) {
		serve_answer_say(w->a, 404);
		return;
	}
	free(parts->v[0]);
	parts->v[0] = mem_dup("autopkgtest");
	fd = serve_tree_file(w->site->spool->results, parts, &st);
	if (fd >= 0)
		answer_file(w, fd, &st);
	else
		answer_errno(w);
}

static void
answer_debci(struct way *w)
{
	const char *since = serve_url_value(w->u, "since");
	int64_t since_s = clock_now_s() - SERVE_DEBCI_WINDOW_S;
	struct fail f = { 0 };

	if (since[0] && (clock_parse(since, &since_s) != 0)) {
		serve_answer_say(w->a, 400);
		return;
	}
	w->a->debci = serve_debci_open(w->site,
	    serve_url_value(w->u, "suite"), since_s, &f);
	if (!w->a->debci) {
		serve_answer_fail(w->a, &f);
		return;
	}
	w->a->status = 200;
	serve_answer_header(w->a, "Content-Type", "application/json");
	serve_answer_header(w->a, "Cache-Control", "no-cache");
}

static void
answer_status(struct way *w)
{
	struct status st = { 0 };
	struct fail f = { 0 };
	int rc;

	if (w->site->spool->fd < 0) {
		serve_answer_say(w->a, 404);
		return;
	}
	rc = serve_site_take_turn(w->site, &f);
	if (rc == 0) {
		rc = status_read(w->site->spool, &st, &f);
		serve_site_end_turn(w->site);
	}
	if (rc != 0) {
		serve_answer_fail(w->a, &f);
	} else {
		status_text(&st, &w->a->text);
		w->a->status = 200;
		serve_answer_header(w->a, "Content-Type",
		    "text/plain; charset=UTF-8");
		serve_answer_header(w->a, "Cache-Control", "no-cache");
	}
	status_free(&st);
}

static void
find_way(struct way *w)
{
	struct serve_url *u = w->u;

	if (is_part(u, 0, "v1") && u->parts.n > 2)
		shift(u, 2);
	else if (is_part(u, 0, "results") && u->parts.n > 1 &&
	    serve_swift_is_container(u->parts.v[1]))
		shift(u, 1);
	if (u->parts.n && serve_swift_is_container(u->parts.v[0])) {
		answer_swift(w);
	} else if (is_part(u, 0, "data")) {
		shift(u, 1);
		answer_tree(w);
	} else if (is_part(u, 0, "packages")) {
		serve_page_package(w->a, w->site, u);
	} else if (is_part(u, 0, "api") && is_part(u, 1, "v1") &&
	    is_part(u, 2, "test") && u->parts.n == 3) {
		answer_debci(w);
	} else if ((is_part(u, 0, "status") && is_part(u, 1, "pending") &&
	    u->parts.n == 2) || (is_part(u, 0, "running") &&
	    u->parts.n == 1)) {
		answer_status(w);
	} else if (is_part(u, 0, "metrics") && u->parts.n == 1) {
		serve_metrics(w->a, w->site);
	} else {
		answer_tree(w);
	}
}

void
serve_route(struct serve_site *site, const struct serve_request *r,
	struct serve_answer *a)
{
	struct serve_url u = { 0 };
	struct way w = { site, r, &u, a };
	struct fail f;

	serve_answer_init(a, site);
	if (strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0)
		serve_answer_say(a, 405);
	else if (serve_url_parse(&u, r->target, &f) != 0)
		serve_answer_say(a, 400);
	else
		find_way(&w);
	serve_url_free(&u);
}
