/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "conf.h"
#include "export.h"
#include "fail.h"
#include "fs.h"
#include "json.h"
#include "mem.h"
#include "name.h"
#include "serve_answer.h"
#include "serve_debci.h"
#include "serve_site.h"
#include "serve_tree.h"
#include "spool.h"
#include "strs.h"
#include "tree.h"

enum {
	HEAD_MOST = 4096,		/* what stands before the results */
	CHUNK = 64 << 10,
	RESULT_MOST = 1 << 20,		/* bytes of one */
};

/* Where a suite's results come from: a file, or a text. */
struct source {
	int fd;
	struct buf text;
	size_t at;
	bool ended;
};

struct serve_debci {
	struct serve_site *site;
	struct source *sources;
	size_t n, i;			/* all, and the one being read */
	int64_t since_s, until_s;
	struct buf out;			/* made, and not taken yet */
	size_t out_at;
	bool told, ended, broken;	/* told: a result was */
	/* Of the result that is being read: */
	struct buf result;
	int depth;
	bool in_string, escaped;
	size_t held;
};

/* The members before the results: the text up to them, and an end for it. */
static struct json_tree *
read_head(const struct buf *text, size_t *results_at)
{
	const char *bracket = text->len ?
	    memchr(text->s, '[', text->len) : NULL;
	struct json_tree *t = NULL;
	struct buf head = { 0 };
	struct fail passed;

	if (bracket) {
		*results_at = (size_t)(bracket + 1 - text->s);
		buf_addn(&head, text->s, *results_at);
		buf_add(&head, "]}");
		t = json_tree_parse("debci.json", head.s, head.len, &passed);
	}
	buf_free(&head);
	if (json_tree_kind(json_tree_get(t, "results")) == JSON_KIND_ARRAY)
		return t;
	json_tree_free(t);
	return NULL;
}

static void
add_source(struct serve_debci *d, const struct source *s, int64_t until_s)
{
	d->sources = mem_grow(d->sources, d->n + 1, sizeof *d->sources);
	d->sources[d->n++] = *s;
	if (until_s < d->until_s)
		d->until_s = until_s;
}

/* Whether the text begins as it should, and reaches back as far as it must. */
static bool
take_head(struct serve_debci *d, struct source *s, int64_t since_most_s)
{
	struct json_tree *t = read_head(&s->text, &s->at);
	int64_t until_s = json_tree_get_number(t, "until", 0);
	bool does = t && json_tree_get_number(t, "since", INT64_MAX) <=
	    since_most_s;

	json_tree_free(t);
	if (does)
		add_source(d, s, until_s);
	return does;
}

/* 1 where the suite's file will do, 0, or -1. */
static int
open_file(struct serve_debci *d, const char *suite, struct fail *f)
{
	/* A mirror has nothing that would reach further. */
	int64_t since_most_s = d->site->spool->fd < 0 ? INT64_MAX :
	    d->since_s;
	struct source s = { .fd = -1 };
	struct strs parts = { 0 };
	char head[HEAD_MOST];
	struct stat st;
	ssize_t n;

	strs_add(&parts, "britney");
	strs_add(&parts, suite);
	strs_add(&parts, "debci.json");
	s.fd = serve_tree_file(d->site->spool->results, &parts, &st);
	strs_free(&parts);
	if (s.fd < 0)
		return errno == ENOENT ? 0 : fail_errno(f, "britney/%s/"
		    "debci.json", suite);
	n = read(s.fd, head, sizeof head);
	if (n > 0)
		buf_addn(&s.text, head, (size_t)n);
	if (n > 0 && take_head(d, &s, since_most_s))
		return 1;
	(void)close(s.fd);
	buf_free(&s.text);
	return 0;
}

/* From the tree and the spool; this host may have neither all nor the time. */
static int
make_text(struct serve_debci *d, const char *suite, struct fail *f)
{
	struct export_query q = { suite, "", d->since_s };
	struct serve_site *site = d->site;
	struct source s = { .fd = -1 };
	int rc = serve_site_take_turn(site, f);

	if (rc != 0)
		return -1;
	rc = export_debci(site->conf, site->spool, &q, &s.text, f);
	serve_site_end_turn(site);
	if (rc == 0)
		rc = serve_site_hold(site, &d->held, d->held + s.text.len, f);
	if (rc == 0 && !take_head(d, &s, INT64_MAX))
		rc = fail_set(f, EX_SOFTWARE, "debci.json of %s: no results",
		    suite);
	if (rc != 0)
		buf_free(&s.text);
	return rc;
}

static int
open_suite(struct serve_debci *d, const char *suite, struct fail *f)
{
	int rc = open_file(d, suite, f);

	if (rc != 0 || d->site->spool->fd < 0)
		return rc < 0 ? -1 : 0;
	return make_text(d, suite, f);
}

/* Those with results or a file, and the one that is asked for by default. */
static int
find_suites(const struct serve_site *site, struct strs *suites, struct fail *f)
{
	struct strs files = { 0 };
	int rc = tree_suites(site->spool, suites, f);

	if (rc == 0 && fs_list(site->spool->results, "britney", SIZE_MAX,
	    &files, f) != 0 && f->err != ENOENT)
		rc = -1;
	if (site->spool->fd >= 0)
		strs_add(&files, site->conf->suite);
	for (size_t i = 0; i < files.n; i++)
		if (name_suite_ok(files.v[i]) &&
		    !strs_has(suites, files.v[i]))
			strs_add(suites, files.v[i]);
	strs_free(&files);
	return rc;
}

struct serve_debci *
serve_debci_open(struct serve_site *site, const char *suite, int64_t since_s,
	struct fail *f)
{
	struct serve_debci *d = mem_alloc(sizeof *d);
	struct strs suites = { 0 };
	int rc;

	*d = (struct serve_debci){ .site = site, .since_s = since_s,
	    .until_s = clock_now_s() };
	if (d->until_s - since_s > SERVE_DEBCI_WINDOW_MOST_S)
		d->since_s = d->until_s - SERVE_DEBCI_WINDOW_MOST_S;
	rc = find_suites(site, &suites, f);
	if (rc == 0 && suite[0] && !strs_has(&suites, suite)) {
		errno = ENOENT;
		rc = fail_errno(f, "suite");
	}
	for (size_t i = 0; rc == 0 && i < suites.n; i++)
		if (!suite[0] || strcmp(suite, suites.v[i]) == 0)
			rc = open_suite(d, suites.v[i], f);
	strs_free(&suites);
	if (rc == 0) {
		buf_addf(&d->out, "{\n  \"until\": %lld,\n  \"since\": %lld,"
		    "\n  \"results\": [", (long long)d->until_s,
		    (long long)d->since_s);
		return d;
	}
	serve_debci_close(d);
	return NULL;
}

void
serve_debci_close(struct serve_debci *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->n; i++) {
		if (d->sources[i].fd >= 0)
			(void)close(d->sources[i].fd);
		buf_free(&d->sources[i].text);
	}
	serve_site_release(d->site, &d->held);
	free(d->sources);
	buf_free(&d->out);
	buf_free(&d->result);
	free(d);
}

/* Adds the result that was read, unless it is older than what is asked for. */
static void
add_result(struct serve_debci *d)
{
	struct fail passed;
	struct json_tree *t = json_tree_parse("result", d->result.s,
	    d->result.len, &passed);
	const char *updated = json_tree_get_string(t, "updated_at");
	int64_t updated_s;
	bool is_pending = json_tree_kind(json_tree_get(t, "status")) ==
	    JSON_KIND_NULL;

	d->broken = d->broken || !t;
	if (t && (is_pending || (updated && clock_parse(updated, &updated_s)
	    == 0 && updated_s >= d->since_s))) {
		buf_add(&d->out, d->told ? ",\n    " : "\n    ");
		buf_addn(&d->out, d->result.s, d->result.len);
		d->told = true;
	}
	json_tree_free(t);
	buf_reset(&d->result);
}

/* A byte between the brackets of the results; false at the second one. */
static bool
take_byte(struct serve_debci *d, char c)
{
	if (d->depth == 0 && c == ']')
		return false;
	if (d->depth > 0 || c == '{')
		buf_addn(&d->result, &c, 1);
	if (d->in_string) {
		d->in_string = d->escaped || c != '"';
		d->escaped = !d->escaped && c == '\\';
	} else if (c == '"') {
		d->in_string = true;
	} else if (c == '{' || c == '[') {
		d->depth++;
	} else if (c == '}' || c == ']') {
		if (--d->depth == 0)
			add_result(d);
	}
	d->broken = d->broken || d->depth < 0 || d->result.len > RESULT_MOST;
	return true;
}

/* Goes on reading a source, until there is something to send or it ends. */
static void
take_some(struct serve_debci *d, struct source *s)
{
	while (s->at < s->text.len && !s->ended && !d->broken &&
	    d->out.len < CHUNK)
		s->ended = !take_byte(d, s->text.s[s->at++]);
}

static void
refill(struct serve_debci *d, struct source *s)
{
	char chunk[CHUNK / 4];
	ssize_t n = s->fd < 0 ? 0 : read(s->fd, chunk, sizeof chunk);

	if (n > 0) {
		buf_reset(&s->text);
		buf_addn(&s->text, chunk, (size_t)n);
		s->at = 0;
	} else if (n == 0 || errno != EINTR) {
		d->broken = true;	/* its end was not seen */
	}
}

static void
make_more(struct serve_debci *d)
{
	buf_reset(&d->out);
	d->out_at = 0;
	while (!d->broken && d->i < d->n && d->out.len < CHUNK) {
		struct source *s = &d->sources[d->i];

		take_some(d, s);
		if (s->ended)
			d->i++;
		else if (s->at == s->text.len)
			refill(d, s);
	}
	if (!d->broken && d->i == d->n && !d->ended) {
		buf_add(&d->out, "\n  ]\n}\n");
		d->ended = true;
	}
}

ssize_t
serve_debci_read(struct serve_debci *d, char *p, size_t n)
{
	if (d->out_at == d->out.len && !d->ended)
		make_more(d);
	if (d->broken)
		return SERVE_BODY_BROKEN;
	if (d->out_at == d->out.len)
		return SERVE_BODY_END;
	if (n > d->out.len - d->out_at)
		n = d->out.len - d->out_at;
	memcpy(p, d->out.s + d->out_at, n);
	d->out_at += n;
	return (ssize_t)n;
}
