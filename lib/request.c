/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "fail.h"
#include "json.h"
#include "mem.h"
#include "request.h"
#include "request_key.h"
#include "request_read.h"
#include "yaml.h"

/*
 * All of a list's bytes: joined, it is one argument of autopkgtest's, and
 * Linux takes none above 128 KiB (MAX_ARG_STRLEN).
 */
enum { LIST_SIZE_MOST = 100 * 1024 };

static bool
is_text(unsigned char c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= ' ' && c != 0x7f);
}

static int
check_text(const char *name, const char *p, size_t n, struct fail *f)
{
	unsigned line = 1;
	size_t i = 0;

	for (; i < n && is_text((unsigned char)p[i]); i++)
		line += p[i] == '\n';
	if (i == n)
		return 0;
	if (p[i] == '\0')
		(void)fail_set(f, EX_DATAERR, "a NUL byte; a request is text "
		    "(was it copied whole?)");
	else
		(void)fail_set(f, EX_DATAERR, "byte 0x%02x, which no text "
		    "has; a request is YAML or one line",
		    (unsigned)(unsigned char)p[i]);
	return yaml_place(f, name, line);
}

static int
check_whole(const struct request *r, const char *name, struct fail *f)
{
	const struct request_key *k;

	if (!r->package) {
		(void)fail_set(f, EX_DATAERR, "no package; say what to test, "
		    "like \"package: hello\"");
		return yaml_place(f, name, 1);
	}
	for (k = request_keys; k->name; k++) {
		const struct strs *l = request_key_list(r, k);
		size_t size = 0;

		for (size_t i = 0; l && i < l->n; i++)
			size += strlen(l->v[i]) + 1;
		if (size <= LIST_SIZE_MOST)
			continue;
		(void)fail_set(f, EX_DATAERR, "%s: %zu bytes, but at most %d "
		    "fit a command line", k->name, size, LIST_SIZE_MOST);
		return yaml_place(f, name, 1);
	}
	return 0;
}

static int
read_text(struct request *r, const char *name, char *text, struct fail *f)
{
	int status;

	if (!*request_first_line(text)) {
		(void)fail_set(f, EX_DATAERR, "nothing in it; write a package, "
		    "like \"hello\" or \"package: hello\"");
		return yaml_place(f, name, 1);
	}
	if (request_is_map(text))
		status = request_read_map(r, name, text, f);
	else
		status = request_read_line(r, name, text, f);
	return status ? status : check_whole(r, name, f);
}

int
request_parse(struct request *r, const char *name, const char *p, size_t n,
	struct fail *f)
{
	char *text;
	int status;

	*r = (struct request){ .priority = -1 };
	if (n > REQUEST_SIZE_MOST) {
		(void)fail_set(f, EX_DATAERR, "%zu bytes; a request has at "
		    "most %d", n, REQUEST_SIZE_MOST);
		return yaml_place(f, name, 1);
	}
	if (check_text(name, p, n, f) != 0)
		return -1;
	text = mem_dupn(p, n);
	status = read_text(r, name, text, f);
	free(text);
	if (status != 0)
		request_free(r);
	return status;
}

void
request_free(struct request *r)
{
	const struct request_key *k;

	for (k = request_keys; k->name; k++)
		request_key_clear(r, k);
	*r = (struct request){ .priority = -1 };
}

static void
put_text(struct json_writer *w, const char *key, const char *text)
{
	if (text)
		json_put_string(w, key, text);
}

static void
put_list(struct json_writer *w, const char *key, const struct strs *l)
{
	if (l->n)
		json_put_strings(w, key, l);
}

static void
put(struct json_writer *w, const struct request *r,
	const struct request_key *k)
{
	const void *value = (const char *)r + k->at;

	switch (k->shape) {
	case REQUEST_TEXT:
		put_text(w, k->name, *(char *const *)value);
		break;
	case REQUEST_YES_NO:
		if (*(const bool *)value)
			json_put_bool(w, k->name, true);
		break;
	case REQUEST_PRIORITY:
		if (*(const int *)value >= 0)
			json_put_number(w, k->name, *(const int *)value);
		break;
	case REQUEST_TIME:
		if (*(const int64_t *)value)
			json_put_time(w, k->name, *(const int64_t *)value);
		break;
	case REQUEST_LIST:
	case REQUEST_WORDS:
	case REQUEST_PINS:
	default:
		put_list(w, k->name, value);
	}
}

void
request_write(const struct request *r, struct buf *out)
{
	struct json_writer w = { .out = out, .pretty = true };
	const struct request_key *k;

	json_put_object(&w, NULL);
	for (k = request_keys; k->name; k++)
		if (k->role != REQUEST_SYNONYM)
			put(&w, r, k);
	json_put_object_end(&w);
	buf_add(out, "\n");
}

void
request_digest(const struct request *r, char out[DIGEST_ID_MAX])
{
	struct buf b = { 0 };
	struct json_writer w = { .out = &b };
	const struct request_key *k;

	json_put_object(&w, NULL);
	for (k = request_keys; k->name; k++)
		if (k->role == REQUEST_WHAT)
			put(&w, r, k);
	json_put_object_end(&w);
	digest_id(out, b.s, b.len);
	buf_free(&b);
}

int
request_is_public(const struct request *r, const char *name, struct fail *f)
{
	if (r->read_by.n == 0)
		return 0;
	return fail_set(f, EX_DATAERR, "%s: read-by: results can be read by "
	    "everybody here; leave it out to have this one published", name);
}
