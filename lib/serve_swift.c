/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "buf.h"
#include "clock.h"
#include "fail.h"
#include "json.h"
#include "serve_answer.h"
#include "serve_file.h"
#include "serve_list.h"
#include "serve_site.h"
#include "serve_swift.h"
#include "serve_url.h"
#include "spool.h"

static const char begin[] = "autopkgtest-";

struct listing {
	struct serve_answer *a;
	struct serve_site *site;
	struct json_writer *json;	/* NULL: plain */
	bool full;			/* of the memory that there is */
	struct fail *f;
};

bool
serve_swift_is_container(const char *part)
{
	return strncmp(part, begin, sizeof begin - 1) == 0;
}

bool
serve_swift_has(struct serve_answer *a, struct serve_site *site,
	const char *container)
{
	struct fail f = { 0 };
	int there = serve_list_has(site->spool->results,
	    container + sizeof begin - 1, &f);

	if (there < 0)
		serve_answer_fail(a, &f);
	else if (there == 0)
		serve_answer_say(a, 401);
	return there > 0;
}

bool
serve_swift_has_suite(const char *container, const char *suite)
{
	const char *name = container + sizeof begin - 1;
	size_t n = strlen(suite);

	return strncmp(name, suite, n) == 0 && (!name[n] || name[n] == '-');
}

/* As Swift has it, but for the MD5 that it knows and we do not. */
static void
put_json(struct json_writer *w, const struct serve_item *item)
{
	char changed[CLOCK_TEXT_MAX];
	struct stat st;

	if (!item->is_prefix &&
	    fstatat(item->folder, item->file, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	json_put_object(w, NULL);
	if (item->is_prefix) {
		json_put_string(w, "subdir", item->name);
	} else {
		clock_format(changed, "%Y-%m-%dT%H:%M:%S.000000",
		    st.st_mtim.tv_sec);
		json_put_string(w, "name", item->name);
		json_put_number(w, "bytes", st.st_size);
		json_put_string(w, "last_modified", changed);
		json_put_string(w, "content_type",
		    serve_file_type(item->file).type);
	}
	json_put_object_end(w);
}

static int
put_item(void *context, const struct serve_item *item)
{
	struct listing *l = context;

	if (l->json) {
		put_json(l->json, item);
	} else {
		buf_add(&l->a->text, item->name);
		buf_add(&l->a->text, "\n");
	}
	l->full = serve_site_hold(l->site, &l->a->held, l->a->text.len,
	    l->f) != 0;
	return l->full;
}

static int
list(struct serve_answer *a, struct serve_site *site,
	const struct serve_query *q, bool json, struct fail *f)
{
	struct json_writer w = { .out = &a->text };
	struct listing l = { .a = a, .site = site, .json = json ? &w : NULL,
	    .f = f };
	int rc;

	if (json)
		json_put_array(&w, NULL);
	rc = serve_list(site->spool->results, q, put_item, &l, f);
	if (json)
		json_put_array_end(&w);
	return l.full ? -1 : rc;
}

/* Swift passes over what is no number. */
static bool
read_limit(const char *text, size_t *limit)
{
	size_t digits = strspn(text, "0123456789");

	*limit = SERVE_LIST_MOST;
	if (digits && !text[digits])
		*limit = digits > 9 ? SIZE_MAX : strtoul(text, NULL, 10);
	return *limit <= SERVE_LIST_MOST;
}

void
serve_swift_list(struct serve_answer *a, struct serve_site *site,
	const char *container, const struct serve_url *u)
{
	const char *delimiter = serve_url_value(u, "delimiter");
	bool json = strcmp(serve_url_value(u, "format"), "json") == 0;
	struct serve_query q = {
		.container = container + sizeof begin - 1,
		.prefix = serve_url_value(u, "prefix"),
		.marker = serve_url_value(u, "marker"),
		.end_marker = serve_url_value(u, "end_marker"),
		.delimiter = delimiter[0],
		.until_ms = clock_boot_ms() + SERVE_SWIFT_TIME_S * 1000,
	};
	struct fail f = { 0 };

	if (!serve_swift_has(a, site, container))
		return;
	if (strlen(delimiter) > 1 ||
	    !read_limit(serve_url_value(u, "limit"), &q.limit)) {
		serve_answer_say(a, 412);
		return;
	}
	if (list(a, site, &q, json, &f) != 0) {
		serve_answer_fail(a, &f);
		return;
	}
	a->status = a->text.len ? 200 : 204;
	serve_answer_header(a, "Content-Type", json ? "application/json" :
	    "text/plain; charset=utf-8");
	serve_answer_header(a, "Cache-Control", "no-cache");
}
