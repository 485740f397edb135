/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "fail.h"
#include "json.h"
#include "mem.h"
#include "name.h"
#include "result.h"

static const struct verdict {
	int exit_code;
	const char *status, *message;
} verdicts[] = {
	{ 0, "pass", "All tests passed" },
	{ 2, "pass", "Tests passed, but at least one test skipped" },
	{ 4, "fail", "Tests failed" },
	{ 6, "fail", "Tests failed, and at least one test skipped" },
	{ 8, "neutral", "No tests in this package or all skipped" },
	{ 12, "fail", "Erroneous package" },
	{ 14, "fail", "Erroneous package and at least one test skipped" },
	{ 16, "tmpfail",
	    "Could not run tests due to a temporary testbed failure" },
	{ RESULT_EXIT_REJECTED, "fail", "Never run here" },
};

static const struct verdict *
find(int exit_code)
{
	for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
		if (verdicts[i].exit_code == exit_code)
			return &verdicts[i];
	return NULL;
}

const char *
result_status(int exit_code)
{
	const struct verdict *v = find(exit_code);

	return v ? v->status : "tmpfail";
}

char *
result_message(int exit_code)
{
	const struct verdict *v = find(exit_code);

	if (v)
		return mem_dup(v->message);
	return mem_printf("Unexpected autopkgtest exit code %d", exit_code);
}

static char *
dup_known(const char *text)
{
	return text ? mem_dup(text) : NULL;
}

void
result_begin(struct result *r, const struct token *t, const struct request *q)
{
	struct buf text = { 0 };

	*r = (struct result){ .attempt = t->attempt + 1,
	    .created_s = q->submit_time_s, .package = dup_known(q->package),
	    .suite = dup_known(q->suite), .arch = dup_known(q->arch),
	    .requester = dup_known(q->requester),
	    .worker = dup_known(t->worker) };
	memcpy(r->id, t->id, sizeof r->id);
	strs_add_all(&r->triggers, &q->triggers);
	strs_add_all(&r->read_by, &q->read_by);
	if (q->package)
		request_write(q, &text);
	r->request = text.s;
}

static void
put_times(struct json_writer *w, const struct result *r)
{
	json_put_time(w, "created", r->created_s);
	json_put_time(w, "started", r->started_s);
	json_put_time(w, "finished", r->finished_s);
	if (r->started_s && r->finished_s)
		json_put_number(w, "duration_seconds",
		    r->finished_s - r->started_s);
	else
		json_put_null(w, "duration_seconds");
}

/* Text that is no JSON after all is kept as a string: it may explain a lot. */
static void
put_request(struct json_writer *w, const char *text)
{
	struct json_tree *t;
	struct fail f;

	t = text ? json_tree_parse("request", text, strlen(text), &f) : NULL;
	if (t)
		json_put_tree(w, "request", t);
	else
		json_put_string(w, "request", text);
	json_tree_free(t);
}

void
result_write(const struct result *r, struct buf *out)
{
	struct json_writer w = { .out = out, .pretty = true };

	json_put_object(&w, NULL);
	json_put_string(&w, "id", r->id);
	json_put_string(&w, "package", r->package);
	json_put_string(&w, "suite", r->suite);
	json_put_string(&w, "arch", r->arch);
	json_put_string(&w, "version", r->version);
	json_put_strings(&w, "triggers", &r->triggers);
	json_put_string(&w, "status", r->status);
	json_put_string(&w, "message", r->message);
	if (r->rejected)
		json_put_string(&w, "rejected", r->rejected);
	if (r->failure)
		json_put_string(&w, "failure", r->failure);
	if (r->status)
		json_put_number(&w, "exit_code", r->exit_code);
	else
		json_put_null(&w, "exit_code");
	json_put_number(&w, "attempt", r->attempt);
	json_put_string(&w, "worker", r->worker);
	json_put_string(&w, "requester", r->requester);
	put_times(&w, r);
	json_put_bool(&w, "log_cut", r->log_cut);
	json_put_bool(&w, "artifacts_cut", r->artifacts_cut);
	json_put_strings(&w, "read_by", &r->read_by);
	json_put_strings(&w, "virt_server", &r->virt_server);
	json_put_strings(&w, "command", &r->command);
	put_request(&w, r->request);
	json_put_object_end(&w);
	buf_add(out, "\n");
}

void
result_put_outcome(struct json_writer *w, const struct result *r)
{
	json_put_string(w, "version", r->version);
	json_put_string(w, "status", r->status);
	json_put_number(w, "exit_code", r->exit_code);
	json_put_string(w, "message", r->message);
	if (r->failure)
		json_put_string(w, "failure", r->failure);
	json_put_number(w, "duration", r->finished_s - r->started_s);
	json_put_strings(w, "triggers", &r->triggers);
}

/* What is being read; after the first error nothing more is taken. */
struct source {
	const struct json_tree *tree;
	const char *name;
	struct fail *f;
	int rc;
};

static void
refuse(struct source *in, const char *key, const char *reason)
{
	if (in->rc == 0)
		in->rc = fail_set(in->f, EX_DATAERR, "%s: %s: %s", in->name,
		    key, reason);
}

/* NULL where it is absent, null, or of another kind, which is refused. */
static const struct json_tree *
take(struct source *in, const char *key, enum json_kind kind,
	const char *reason)
{
	const struct json_tree *t = json_tree_get(in->tree, key);

	if (in->rc != 0 || !t || json_tree_kind(t) == JSON_KIND_NULL)
		return NULL;
	if (json_tree_kind(t) == kind)
		return t;
	refuse(in, key, reason);
	return NULL;
}

static void
take_text(struct source *in, const char *key, char **out)
{
	const struct json_tree *t = take(in, key, JSON_KIND_STRING,
	    "must be a string");

	if (t)
		*out = mem_dup(json_tree_string(t));
}

static void
take_name(struct source *in, const char *key, char **out,
	bool (*ok)(const char *))
{
	take_text(in, key, out);
	if (!*out)
		refuse(in, key, "is missing");
	else if (!ok(*out))
		refuse(in, key, "is not a name that can be one");
}

static void
take_id(struct source *in, char out[TOKEN_ID_MAX])
{
	char *id = NULL;

	take_text(in, "id", &id);
	if (id && token_id_ok(id))
		memcpy(out, id, TOKEN_ID_MAX);
	else if (id && id[0])
		refuse(in, "id", "is not a request's id");
	free(id);
}

static void
take_strings(struct source *in, const char *key, struct strs *out)
{
	static const char reason[] = "must be a list of strings";
	const struct json_tree *t = take(in, key, JSON_KIND_ARRAY, reason);

	json_tree_get_strings(t ? in->tree : NULL, key, out);
	if (out->n != json_tree_length(t))
		refuse(in, key, reason);
}

static int64_t
take_number(struct source *in, const char *key, int64_t most)
{
	int64_t n;

	if (!take(in, key, JSON_KIND_NUMBER, "must be a number"))
		return 0;
	n = json_tree_get_number(in->tree, key, 0);
	if (n >= 0 && n <= most)
		return n;
	refuse(in, key, "is out of range");
	return 0;
}

static int64_t
take_time(struct source *in, const char *key)
{
	static const char reason[] =
	    "must be a time like 2026-11-22T16:01:02Z";
	const struct json_tree *t = take(in, key, JSON_KIND_STRING, reason);
	int64_t s = 0;

	if (t && clock_parse(json_tree_string(t), &s) != 0)
		refuse(in, key, reason);
	return s;
}

static bool
take_bool(struct source *in, const char *key)
{
	return take(in, key, JSON_KIND_BOOL, "must be true or false") &&
	    json_tree_get_bool(in->tree, key, false);
}

static char *
take_request(struct source *in)
{
	const struct json_tree *t = json_tree_get(in->tree, "request");
	struct buf b = { 0 };
	struct json_writer w = { .out = &b };

	if (json_tree_kind(t) == JSON_KIND_STRING)
		return mem_dup(json_tree_string(t));
	if (json_tree_kind(t) > JSON_KIND_NULL)
		json_put_tree(&w, NULL, t);
	return b.s;
}

static bool
status_ok(const char *s)
{
	for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
		if (strcmp(verdicts[i].status, s) == 0)
			return true;
	return false;
}

static void
take_all(struct source *in, struct result *r)
{
	take_id(in, r->id);
	take_name(in, "package", &r->package, name_source_ok);
	take_name(in, "suite", &r->suite, name_suite_ok);
	take_name(in, "arch", &r->arch, name_arch_ok);
	take_text(in, "version", &r->version);
	if (r->version && !name_version_ok(r->version))
		refuse(in, "version", "is not a package's version");
	take_strings(in, "triggers", &r->triggers);
	take_name(in, "status", &r->status, status_ok);
	take_text(in, "message", &r->message);
	take_text(in, "rejected", &r->rejected);
	take_text(in, "failure", &r->failure);
	r->exit_code = (int)take_number(in, "exit_code", INT_MAX);
	r->attempt = (unsigned)take_number(in, "attempt", UINT_MAX);
	take_text(in, "worker", &r->worker);
	take_text(in, "requester", &r->requester);
	r->created_s = take_time(in, "created");
	r->started_s = take_time(in, "started");
	r->finished_s = take_time(in, "finished");
	r->log_cut = take_bool(in, "log_cut");
	r->artifacts_cut = take_bool(in, "artifacts_cut");
	take_strings(in, "read_by", &r->read_by);
	take_strings(in, "virt_server", &r->virt_server);
	take_strings(in, "command", &r->command);
	r->request = take_request(in);
}

int
result_read(struct result *r, const char *name, const char *p, size_t n,
	struct fail *f)
{
	struct json_tree *t = json_tree_parse(name, p, n, f);
	struct source in = { .tree = t, .name = name, .f = f };

	*r = (struct result){ 0 };
	if (!t)
		return -1;
	if (json_tree_kind(t) != JSON_KIND_OBJECT)
		in.rc = fail_set(f, EX_DATAERR, "%s:1: must be an object",
		    name);
	take_all(&in, r);
	json_tree_free(t);
	if (in.rc != 0)
		result_free(r);
	return in.rc;
}

void
result_free(struct result *r)
{
	free(r->package);
	free(r->suite);
	free(r->arch);
	free(r->version);
	strs_free(&r->triggers);
	free(r->requester);
	free(r->worker);
	free(r->status);
	free(r->message);
	free(r->rejected);
	free(r->failure);
	strs_free(&r->command);
	strs_free(&r->virt_server);
	strs_free(&r->read_by);
	free(r->request);
	*r = (struct result){ 0 };
}
