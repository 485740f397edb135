/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "describe.h"
#include "fail.h"
#include "fs.h"
#include "json.h"
#include "mem.h"
#include "spool.h"
#include "strs.h"
#include "tree.h"

enum { RUNS_MOST = 5, WHY_SIZE_MOST = 65536 };

int
describe_run(const struct conf *c, const struct spool *s,
	const struct found *found, struct result *r,
	char run_id[PUBLISH_RUN_ID_MAX], struct fail *f)
{
	struct request q;
	int rc;

	*r = (struct result){ 0 };
	run_id[0] = '\0';
	if (found->state != FIND_DONE)
		return 0;
	rc = find_read(c, s, found, &q, f);
	if (rc == 0)
		rc = find_run(s, &q, found->token.id, run_id, f);
	if (rc == 0 && run_id[0])
		rc = tree_result(s, q.suite, q.arch, q.package, run_id, r, f);
	request_free(&q);
	return rc;
}

/* Why it was refused; "" where it was not, or nothing tells. */
static void
read_why(const struct spool *s, const struct found *found, struct buf *why)
{
	char *path = mem_printf("%s/%s.why", found->queue, found->path);
	struct fail passed;

	buf_add(why, "");
	if (found->state == FIND_BAD)
		(void)fs_read(s->fd, path, WHY_SIZE_MOST, why, &passed);
	free(path);
}

static void
print_result(const struct result *r, const char *run_id, struct buf *out)
{
	char package[PUBLISH_PATH_MAX], span[CLOCK_TEXT_MAX];

	publish_package_path(package, r->suite, r->arch, r->package);
	clock_format_span(span, r->finished_s - r->started_s);
	buf_addf(out, "result:   %s, exit %d (%s)\n", r->status, r->exit_code,
	    r->message);
	buf_addf(out, "version:  %s\n", r->version ? r->version : "unknown");
	buf_addf(out, "took:     %s on %s, attempt %u\n", span, r->worker,
	    r->attempt);
	buf_addf(out, "run:      %s/%s\n", package, run_id);
}

static void
print_request(const struct found *found, const struct request *q,
	const char *why, struct buf *out)
{
	char *triggers = strs_join(&q->triggers, " ");

	buf_addf(out, "request:  %s\n", found->token.id);
	if (q->package)
		buf_addf(out, "package:  %s in %s on %s\n", q->package,
		    q->suite, q->arch);
	if (q->triggers.n)
		buf_addf(out, "triggers: %s\n", triggers);
	if (q->requester)
		buf_addf(out, "from:     %s\n", q->requester);
	buf_addf(out, "state:    %s (%s/%s)\n", find_word(found->state),
	    found->queue, found->path);
	if (found->token.worker[0] && found->state != FIND_DONE)
		buf_addf(out, "worker:   %s, attempt %u\n", found->token.worker,
		    found->token.attempt + 1);
	if (why[0])
		buf_addf(out, "why:      %s", why);
	free(triggers);
}

static void
put_request(struct json_writer *w, const struct found *found,
	const struct request *q, const char *why)
{
	json_put_string(w, "id", found->token.id);
	json_put_string(w, "state", find_word(found->state));
	json_put_string(w, "queue", found->queue);
	json_put_string(w, "path", found->path);
	json_put_string(w, "package", q->package);
	json_put_string(w, "suite", q->suite);
	json_put_string(w, "arch", q->arch);
	json_put_strings(w, "triggers", &q->triggers);
	json_put_string(w, "requester", q->requester);
	json_put_string(w, "worker", found->token.worker[0] ?
	    found->token.worker : NULL);
	json_put_number(w, "attempt", found->token.attempt + 1);
	json_put_string(w, "why", why[0] ? why : NULL);
}

static void
put_result(struct json_writer *w, const struct result *r, const char *run_id)
{
	json_put_string(w, "run_id", run_id);
	json_put_string(w, "suite", r->suite);
	json_put_string(w, "arch", r->arch);
	json_put_string(w, "package", r->package);
	result_put_outcome(w, r);
}

int
describe_request(const struct conf *c, const struct spool *s,
	const struct found *found, bool json, struct buf *out,
	struct fail *f)
{
	struct json_writer w = { .out = out, .pretty = true };
	char run_id[PUBLISH_RUN_ID_MAX] = "";
	struct result r = { 0 };
	struct request q = { 0 };
	struct buf why = { 0 };
	struct fail passed;
	int rc;

	/* A refused one may be no request at all. */
	(void)find_read(c, s, found, &q, &passed);
	read_why(s, found, &why);
	rc = describe_run(c, s, found, &r, run_id, f);
	if (rc == 0 && !json) {
		print_request(found, &q, why.s, out);
		if (run_id[0])
			print_result(&r, run_id, out);
	} else if (rc == 0) {
		json_put_object(&w, NULL);
		put_request(&w, found, &q, why.s);
		if (run_id[0]) {
			json_put_object(&w, "result");
			put_result(&w, &r, run_id);
			json_put_object_end(&w);
		}
		json_put_object_end(&w);
		buf_add(out, "\n");
	}
	request_free(&q);
	result_free(&r);
	buf_free(&why);
	return rc;
}

struct package_view {
	const struct spool *s;
	const char *package;
	bool json;
	struct json_writer w;
	size_t runs;
};

static void
show_run(struct package_view *v, const char *suite, const char *arch,
	const char *run_id)
{
	struct result r;
	struct fail passed;

	if (tree_result(v->s, suite, arch, v->package, run_id, &r,
	    &passed) == 0) {
		v->runs++;
		if (v->json) {
			json_put_object(&v->w, NULL);
			put_result(&v->w, &r, run_id);
			json_put_object_end(&v->w);
		} else {
			buf_addf(v->w.out, "%s  %-20s %-8s %-7s %3d  %s\n",
			    run_id, suite, arch, r.status, r.exit_code,
			    r.version ? r.version : "-");
		}
	}
	result_free(&r);
}

static int
show_suite(struct package_view *v, const char *suite, struct fail *f)
{
	struct strs archs = { 0 };
	int rc = tree_archs(v->s, suite, &archs, f);

	for (size_t i = 0; rc == 0 && i < archs.n; i++) {
		struct strs runs = { 0 };

		rc = tree_runs(v->s, suite, archs.v[i], v->package, &runs, f);
		for (size_t k = 0; rc == 0 && k < RUNS_MOST && k < runs.n; k++)
			show_run(v, suite, archs.v[i],
			    runs.v[runs.n - 1 - k]);
		strs_free(&runs);
	}
	strs_free(&archs);
	return rc;
}

int
describe_package(const struct spool *s, const char *package, bool json,
	struct buf *out, struct fail *f)
{
	struct package_view v = { .s = s, .package = package, .json = json,
	    .w = { .out = out, .pretty = true } };
	struct strs suites = { 0 };
	int rc = tree_suites(s, &suites, f);

	if (json)
		json_put_array(&v.w, NULL);
	for (size_t i = 0; rc == 0 && i < suites.n; i++)
		rc = show_suite(&v, suites.v[i], f);
	if (json) {
		json_put_array_end(&v.w);
		buf_add(out, "\n");
	} else if (rc == 0 && v.runs == 0) {
		rc = fail_set(f, EX_NOINPUT, "%s: no results in %s", package,
		    s->results_path);
	}
	strs_free(&suites);
	return rc;
}
